-- +goose Up
-- What a centre that had a record before asks its owner: to have it forgotten. Projected.
CREATE TABLE record_plea (
	record   BLOB NOT NULL,
	batch    BLOB NOT NULL,    -- the write that asked
	centre   BLOB NOT NULL,    -- who asks
	asked    INTEGER NOT NULL, -- when
	declined INTEGER NOT NULL, -- when the owner declined it; 0: it waits
	PRIMARY KEY (record, batch)
) WITHOUT ROWID;
CREATE INDEX record_plea_batch ON record_plea (batch);
-- The table is filled at the next opening.
DELETE FROM ledger_self WHERE key='projected';
