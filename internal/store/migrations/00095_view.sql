-- +goose Up
-- Working table: views of the board that somebody saved for themselves. They name no household.
CREATE TABLE board_view (
	id      TEXT PRIMARY KEY,
	account TEXT NOT NULL,
	name    TEXT NOT NULL,
	view    TEXT NOT NULL,
	area    TEXT NOT NULL,
	band    TEXT NOT NULL,
	age     TEXT NOT NULL,
	opens   INTEGER NOT NULL -- 1: the board opens with it
) WITHOUT ROWID;
CREATE INDEX board_view_account ON board_view (account);
