-- +goose Up
-- A sealed part may come after its entry, when this centre became entitled to it: numbered in the order in which those came.
ALTER TABLE ledger_body ADD COLUMN late INTEGER NOT NULL DEFAULT 0;
CREATE INDEX ledger_body_late ON ledger_body (late) WHERE late>0;
-- Entries whose sealed parts this centre may have and has not: projected.
CREATE TABLE record_want (
	hash   BLOB PRIMARY KEY, -- of the entry
	record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX record_want_record ON record_want (record);
-- Who has to destroy what an erasure reaches, and who has said that it is done: projected.
CREATE TABLE record_asked (
	record    BLOB NOT NULL,
	centre    BLOB NOT NULL,
	batch     BLOB NOT NULL,    -- the write that erased
	erased    INTEGER NOT NULL, -- when
	confirmed INTEGER NOT NULL, -- when the centre said so; 0: not yet
	PRIMARY KEY (record, centre)
) WITHOUT ROWID;
CREATE INDEX record_asked_batch ON record_asked (batch);
-- Working table: records about which this centre has something to do or to say: destroy, confirm, offer again.
CREATE TABLE exchange_due (record BLOB PRIMARY KEY) WITHOUT ROWID;
-- Working table: entries whose sealed parts another centre last asked for.
CREATE TABLE exchange_want (
	centre BLOB NOT NULL,
	hash   BLOB NOT NULL,
	PRIMARY KEY (centre, hash)
) WITHOUT ROWID;
-- The two projected tables are filled at the next opening.
DELETE FROM ledger_self WHERE key='projected';
