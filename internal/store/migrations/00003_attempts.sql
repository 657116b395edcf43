-- +goose Up
-- Working table: sign-ins tried in vain, by the SHA-256 of the name that was typed.
CREATE TABLE sign_failure (
	name BLOB NOT NULL,
	at   INTEGER NOT NULL
);
CREATE INDEX sign_failure_name ON sign_failure (name, at);
