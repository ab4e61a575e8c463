-- What version 2 has beside the tables of version 1.

-- Scopes in which nothing is allowed and nothing starts.
CREATE TABLE holds (
    level  TEXT NOT NULL,
    name   TEXT NOT NULL,  -- empty for the level of everything
    why    TEXT,
    PRIMARY KEY (level, name)
) WITHOUT ROWID;

-- By the index of the decision's receipt that asks.
CREATE TABLE approvals (
    idx       INTEGER PRIMARY KEY,
    id        BLOB    NOT NULL UNIQUE,
    run       TEXT    NOT NULL,
    request   BLOB    NOT NULL,  -- the signed envelope
    args      BLOB    NOT NULL,
    redeemed  INTEGER NOT NULL
);
CREATE INDEX approvals_of_run ON approvals (run);

CREATE TABLE answers (
    approval  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    at        INTEGER NOT NULL,  -- their order
    grant_    BLOB    NOT NULL,  -- the signed envelope
    PRIMARY KEY (approval, name)
) WITHOUT ROWID;

CREATE TABLE codes (
    approval  INTEGER NOT NULL,
    name      TEXT    NOT NULL,
    digest    BLOB    NOT NULL,
    attempts  INTEGER NOT NULL,
    PRIMARY KEY (approval, name)
) WITHOUT ROWID;

CREATE TABLE budgets (
    level         TEXT    NOT NULL,
    name          TEXT    NOT NULL,  -- empty for the level all, * for each of the level
    unit          TEXT    NOT NULL,  -- calls, tokens, or a currency
    span          TEXT    NOT NULL,  -- empty for good, else fixed or sliding and its seconds
    cap           INTEGER NOT NULL,
    mode          TEXT    NOT NULL,
    default_cost  INTEGER,
    PRIMARY KEY (level, name, unit, span)
) WITHOUT ROWID;

CREATE TABLE accounts (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,  -- never used again: reservations name it
    level   TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    unit    TEXT    NOT NULL,
    span    TEXT    NOT NULL,
    held    INTEGER NOT NULL,
    debt    INTEGER NOT NULL,
    newest  INTEGER NOT NULL,  -- the number of the newest slot of the window
    slots   TEXT    NOT NULL,  -- what was used in each, the newest first
    UNIQUE (level, name, unit, span)
);

CREATE TABLE reservations (
    id        TEXT    PRIMARY KEY,
    body      BLOB    NOT NULL,
    owner     BLOB    NOT NULL,  -- the writer
    state     INTEGER NOT NULL,  -- 0 held, 1 settled, 2 charged in full, 3 released
    tokens    INTEGER,           -- what it was settled with
    micro     INTEGER,
    currency  TEXT,
    holds     TEXT    NOT NULL,  -- account:amount of each on its path
    ended_at  INTEGER
) WITHOUT ROWID;
CREATE INDEX held_reservations ON reservations (owner) WHERE state = 0;
CREATE INDEX ended_reservations ON reservations (ended_at) WHERE state <> 0;

CREATE TABLE rates (
    key  TEXT    PRIMARY KEY,
    tat  INTEGER NOT NULL  -- microseconds since 1970
) WITHOUT ROWID;
CREATE INDEX rates_by_time ON rates (tat);
