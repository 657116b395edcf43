-- +goose Up
-- Working table: needs to which two centres' crews may have gone, until somebody has rung and says what came of it.
CREATE TABLE exchange_team (
	need   BLOB NOT NULL,
	centre BLOB NOT NULL, -- the other one
	how    TEXT NOT NULL, -- "recall", "adopt", "both"
	at     INTEGER NOT NULL,
	rung   INTEGER NOT NULL DEFAULT 0, -- when somebody said that it is settled; 0: not yet
	PRIMARY KEY (need, centre)
) WITHOUT ROWID;
