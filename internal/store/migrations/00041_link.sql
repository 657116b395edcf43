-- +goose Up
-- Working table: how another centre is reached over a network, and how that went.
CREATE TABLE exchange_link (
	centre  BLOB PRIMARY KEY, -- ours too: how others reach us
	address TEXT NOT NULL DEFAULT '', -- host:port
	tried   INTEGER NOT NULL DEFAULT 0,
	reached INTEGER NOT NULL DEFAULT 0, -- when an exchange that we began was last whole
	came    INTEGER NOT NULL DEFAULT 0, -- when one that they began was
	failed  INTEGER NOT NULL DEFAULT 0, -- how often in a row
	fault   TEXT NOT NULL DEFAULT '' -- why: a message key
) WITHOUT ROWID;
-- Working table: entries that a centre sent and that no signature covers yet. Another centre's do not mix with them.
CREATE TABLE exchange_staged (
	peer        BLOB NOT NULL,
	centre      BLOB NOT NULL,
	incarnation INTEGER NOT NULL,
	class       TEXT NOT NULL,
	seq         INTEGER NOT NULL,
	hash        BLOB NOT NULL,
	raw         BLOB NOT NULL,
	sealed      BLOB,
	key         BLOB,
	PRIMARY KEY (peer, centre, incarnation, class, seq)
) WITHOUT ROWID;
