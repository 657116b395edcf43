-- +goose Up
-- The ledger: lanes, entries in the order in which they arrived here, bodies and keys beside the chain.
CREATE TABLE ledger_lane (
	id          INTEGER PRIMARY KEY,
	centre      BLOB NOT NULL,
	incarnation INTEGER NOT NULL,
	class       TEXT NOT NULL,
	seq         INTEGER NOT NULL,
	hash        BLOB NOT NULL,
	signature   BLOB NOT NULL,
	UNIQUE (centre, incarnation, class)
);
CREATE TABLE ledger_entry (
	n      INTEGER PRIMARY KEY,
	lane   INTEGER NOT NULL REFERENCES ledger_lane (id),
	seq    INTEGER NOT NULL,
	hash   BLOB NOT NULL,
	record BLOB NOT NULL,
	raw    BLOB NOT NULL,
	UNIQUE (lane, seq)
);
CREATE INDEX ledger_entry_record ON ledger_entry (record);
CREATE TABLE ledger_body (
	hash   BLOB PRIMARY KEY, -- of the entry
	record BLOB NOT NULL,
	sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX ledger_body_record ON ledger_body (record);
CREATE TABLE ledger_key (
	record BLOB PRIMARY KEY,
	key    BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE ledger_self (
	key   TEXT PRIMARY KEY,
	value BLOB NOT NULL
) WITHOUT ROWID;

-- What every record says now, by class: projected, built anew by rebuild.
CREATE TABLE record (
	id     BLOB NOT NULL,
	class  TEXT NOT NULL,
	kind   TEXT NOT NULL,
	head   BLOB NOT NULL,
	fields BLOB NOT NULL,
	PRIMARY KEY (id, class)
) WITHOUT ROWID;
-- Which records tell of another record: projected.
CREATE TABLE record_subject (
	subject BLOB NOT NULL,
	record  BLOB NOT NULL,
	PRIMARY KEY (subject, record)
) WITHOUT ROWID;
