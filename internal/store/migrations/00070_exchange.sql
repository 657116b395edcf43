-- +goose Up
-- Another centre's lane is signed where it ended when it was sent; while it is taken in, its end is before that.
ALTER TABLE ledger_lane ADD COLUMN signed INTEGER NOT NULL DEFAULT 0;
-- Another centre may have sealed what it wrote of a record under a key of its own.
ALTER TABLE ledger_body ADD COLUMN key BLOB;
-- Records about which more than this centre has written: projected. A record that is not here is ours alone.
CREATE TABLE record_held (
	record    BLOB PRIMARY KEY,
	owner     BLOB NOT NULL,
	held_by   BLOB NOT NULL,    -- the claim that the owner holds it by
	former    INTEGER NOT NULL, -- it is, or was once, ours
	made      INTEGER NOT NULL, -- it began here
	proposals INTEGER NOT NULL, -- that wait for a person
	waiting   INTEGER NOT NULL, -- entries that cannot be placed yet
	lacking   INTEGER NOT NULL  -- sealed parts that are not here
) WITHOUT ROWID;
CREATE INDEX record_held_proposals ON record_held (record) WHERE proposals>0;
-- Working table: how much of which lanes another centre last said that it has.
CREATE TABLE exchange_peer (
	centre   BLOB PRIMARY KEY,
	vector   BLOB NOT NULL, -- CBOR
	heard    INTEGER NOT NULL,
	told     INTEGER NOT NULL -- when something was last made ready for it
) WITHOUT ROWID;
