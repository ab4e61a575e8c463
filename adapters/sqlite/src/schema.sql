-- The log and the state of one directory: version 1 without its latch. Later versions have files of their own.

CREATE TABLE head (
    one         INTEGER PRIMARY KEY CHECK (one = 1),
    size        INTEGER NOT NULL,
    peaks       BLOB    NOT NULL,  -- roots of the complete subtrees, the largest first
    newest_iat  INTEGER NOT NULL
);
INSERT INTO head VALUES (1, 0, x'', 0);

CREATE TABLE checkpoint (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    size  INTEGER NOT NULL,
    note  TEXT    NOT NULL
);

CREATE TABLE receipts (
    idx        INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    body       BLOB    NOT NULL,  -- canonical JSON
    signature  BLOB               -- absent where the log signs
);

-- Erasable: what the commitments in the receipts hide.
CREATE TABLE bodies (
    idx    INTEGER PRIMARY KEY,
    key    BLOB NOT NULL,
    value  BLOB
);

-- Roots of complete subtrees above the leaves; a leaf is computed from its receipt's id.
CREATE TABLE nodes (
    level  INTEGER NOT NULL,
    idx    INTEGER NOT NULL,
    hash   BLOB    NOT NULL,
    PRIMARY KEY (level, idx)
) WITHOUT ROWID;

CREATE TABLE runs (
    run   TEXT PRIMARY KEY,
    boot  BLOB,  -- the writer that holds it
    last  BLOB   -- its last durable receipt
) WITHOUT ROWID;

-- By the index of the decision's receipt, so that new rows go to the end of the table and of its
-- indexes: by its id each would dirty three pages of its own.
CREATE TABLE calls (
    idx         INTEGER PRIMARY KEY,
    run         TEXT    NOT NULL,
    call        TEXT    NOT NULL,
    binding     BLOB    NOT NULL,
    tool_calls  INTEGER NOT NULL,  -- what it was reserved
    tokens      INTEGER NOT NULL,
    micro       INTEGER NOT NULL,
    boot        BLOB    NOT NULL,
    claimed_by  TEXT,    -- the run that will name it in a gap
    open        INTEGER NOT NULL
);
CREATE INDEX calls_of_run ON calls (run);
CREATE INDEX open_calls ON calls (boot) WHERE open = 1;
