-- +goose Up
-- Working tables: outside the ledger and the state hash, kept by rebuild.

-- Tokens of forms already carried out, so that a double click does nothing twice.
CREATE TABLE once (
	token  TEXT PRIMARY KEY,
	result TEXT NOT NULL,
	at     INTEGER NOT NULL
) WITHOUT ROWID;
-- What somebody is typing, saved each second.
CREATE TABLE draft (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	form    TEXT NOT NULL,
	body    TEXT NOT NULL,
	at      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX draft_account ON draft (account, at);
-- Who is working on what just now, until when.
CREATE TABLE lease (
	what    TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	until   INTEGER NOT NULL
) WITHOUT ROWID;
-- Signed-in browsers.
CREATE TABLE session (
	token   BLOB PRIMARY KEY, -- SHA-256 of the cookie
	account TEXT NOT NULL,
	created INTEGER NOT NULL,
	seen    INTEGER NOT NULL,
	locked  INTEGER NOT NULL DEFAULT 0,
	data    TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
-- Long work with its progress, resumable.
CREATE TABLE job (
	id       TEXT PRIMARY KEY,
	kind     TEXT NOT NULL,
	account  TEXT NOT NULL,
	state    TEXT NOT NULL,
	done     INTEGER NOT NULL DEFAULT 0,
	total    INTEGER NOT NULL DEFAULT 0,
	body     BLOB NOT NULL,
	error    TEXT NOT NULL DEFAULT '',
	at       INTEGER NOT NULL
) WITHOUT ROWID;
