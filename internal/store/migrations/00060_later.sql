-- +goose Up
-- Working table: pairs of households that somebody wants to look at later.
CREATE TABLE household_later (
	a       TEXT NOT NULL,
	b       TEXT NOT NULL,
	account TEXT NOT NULL,
	until   INTEGER NOT NULL,
	PRIMARY KEY (a, b, account)
) WITHOUT ROWID;
