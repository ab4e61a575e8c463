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
