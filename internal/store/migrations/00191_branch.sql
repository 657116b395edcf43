-- +goose NO TRANSACTION
-- +goose Up
-- A lane that was forked has a row for each of its branches: the one that came here first, and those that part from another.
-- A table cannot lose a constraint: it is made anew. Doing this again after it was stopped is right.
PRAGMA foreign_keys=OFF;
DROP TABLE IF EXISTS ledger_lane_anew;
BEGIN;
CREATE TABLE ledger_lane_anew (
	id          INTEGER PRIMARY KEY,
	centre      BLOB NOT NULL,
	incarnation INTEGER NOT NULL,
	class       TEXT NOT NULL,
	seq         INTEGER NOT NULL,
	hash        BLOB NOT NULL,
	signature   BLOB NOT NULL,
	signed      INTEGER NOT NULL DEFAULT 0,
	branch      INTEGER NOT NULL DEFAULT 0,
	root_seq    INTEGER NOT NULL DEFAULT 0, -- the entry from which the branch parts; 0: the lane's beginning
	root        BLOB NOT NULL DEFAULT (zeroblob(32)),
	UNIQUE (centre, incarnation, class, branch)
);
INSERT INTO ledger_lane_anew (id, centre, incarnation, class, seq, hash, signature, signed)
	SELECT id, centre, incarnation, class, seq, hash, signature, signed FROM ledger_lane;
DROP TABLE ledger_lane;
ALTER TABLE ledger_lane_anew RENAME TO ledger_lane;
COMMIT;
PRAGMA foreign_keys=ON;
