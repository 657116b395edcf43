-- +goose Up
-- Working table of a centre that compares for others: which questions it has met, who asked each, and when it compared it.
CREATE TABLE twin_seen (
	question TEXT NOT NULL PRIMARY KEY,
	asker    TEXT NOT NULL,
	compared INTEGER NOT NULL -- 0: not yet
) WITHOUT ROWID;
CREATE INDEX twin_seen_asker ON twin_seen (asker, compared);
