-- +goose Up
-- Working table: each version of a day's plan while it is made and changed by hand, to go back to. Ids only.
CREATE TABLE plan_step (
	day     TEXT NOT NULL,
	version INTEGER NOT NULL,
	undo    INTEGER NOT NULL, -- the version before the change; 0: it cannot be taken back
	op      TEXT NOT NULL,
	body    TEXT NOT NULL,
	account TEXT,
	at      INTEGER NOT NULL,
	PRIMARY KEY (day, version)
) WITHOUT ROWID;
