-- +goose Up
-- Working table: centres of whose incarnations, cuts or warrants something new was learnt; what they wrote is yet to be
-- decided anew. A rebuild decides everything.
CREATE TABLE exchange_again (
	centre BLOB PRIMARY KEY,
	n      INTEGER NOT NULL -- the entry that told of it
) WITHOUT ROWID;
