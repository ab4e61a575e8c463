-- What a mailbox keeps (docs/spec/mailbox.md). Counters change in the transaction that changes what they count.
CREATE TABLE totals (one INTEGER PRIMARY KEY CHECK (one = 1), agents INTEGER NOT NULL, frames INTEGER NOT NULL, bytes INTEGER NOT NULL);
INSERT INTO totals VALUES (1, 0, 0, 0);

-- place: the last one that was given.
CREATE TABLE agents (
  id INTEGER PRIMARY KEY,
  did TEXT NOT NULL UNIQUE,
  bundle BLOB NOT NULL,
  bundle_exp INTEGER NOT NULL,
  place INTEGER NOT NULL,
  frames INTEGER NOT NULL DEFAULT 0,
  frame_bytes INTEGER NOT NULL DEFAULT 0,
  keys INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX agents_by_end ON agents (bundle_exp);

-- The envelope goes when it is given; the id stays until the key has ended.
CREATE TABLE one_time_keys (
  agent INTEGER NOT NULL,
  id TEXT NOT NULL,
  digest BLOB NOT NULL,
  exp INTEGER NOT NULL,
  envelope BLOB
);
CREATE UNIQUE INDEX keys_by_id ON one_time_keys (agent, id);
CREATE INDEX keys_by_end ON one_time_keys (exp);
CREATE INDEX keys_that_wait ON one_time_keys (agent, exp) WHERE envelope IS NOT NULL;

CREATE TABLE taken (agent INTEGER NOT NULL, requester TEXT NOT NULL, at INTEGER NOT NULL);
CREATE INDEX taken_by_requester ON taken (agent, requester, at);
CREATE INDEX taken_by_time ON taken (at);

-- Who has frames in a queue, and how many.
CREATE TABLE senders (id INTEGER PRIMARY KEY, agent INTEGER NOT NULL, did TEXT NOT NULL, frames INTEGER NOT NULL);
CREATE UNIQUE INDEX senders_by_did ON senders (agent, did);

CREATE TABLE frames (
  id INTEGER PRIMARY KEY,
  agent INTEGER NOT NULL,
  place INTEGER NOT NULL,
  sender INTEGER NOT NULL,
  hash BLOB NOT NULL,
  received INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  bytes BLOB NOT NULL
);
CREATE UNIQUE INDEX frames_by_place ON frames (agent, place);
CREATE UNIQUE INDEX frames_by_hash ON frames (sender, hash);
CREATE INDEX frames_by_end ON frames (expires);

-- Requests that were signed in the future of the mailbox's clock.
CREATE TABLE made (agent BLOB NOT NULL, nonce BLOB NOT NULL, iat INTEGER NOT NULL);
