-- +goose Up
-- Working table: the certificate that the pages are served under on the office's network. It can be made anew at any
-- time by the centre's authority, which is a record.
CREATE TABLE certificate (
	id     INTEGER PRIMARY KEY CHECK (id = 1),
	cert   BLOB NOT NULL, -- DER
	key    BLOB NOT NULL, -- PKCS #8
	issuer BLOB NOT NULL  -- the authority's certificate, DER
);
