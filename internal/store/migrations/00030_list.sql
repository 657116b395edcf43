-- +goose Up
-- Working tables of lists that come in; their progress stands in job.

-- The file as it came, for as long as it may be read again.
CREATE TABLE list_file (
	list    TEXT PRIMARY KEY,
	content BLOB NOT NULL
);
-- What becomes, or became, of each row.
CREATE TABLE list_row (
	list   TEXT NOT NULL,
	row    INTEGER NOT NULL, -- as the spreadsheet shows it
	status TEXT NOT NULL,    -- taken, skipped, refused, stayed, gone
	field  TEXT NOT NULL,    -- what is refused in it
	reason TEXT NOT NULL,    -- a message key
	args   TEXT NOT NULL,    -- its name, value pairs as JSON
	says   TEXT NOT NULL,    -- what it would become, until it has
	record TEXT NOT NULL,    -- what it became
	ref    TEXT NOT NULL,
	same   INTEGER NOT NULL, -- it may be somebody who is known
	twin   TEXT NOT NULL,    -- the household that it may be
	PRIMARY KEY (list, row)
) WITHOUT ROWID;
CREATE INDEX list_row_status ON list_row (list, status, row);
