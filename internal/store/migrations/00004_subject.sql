-- +goose Up
-- A record's subjects are written anew at each change: found by the record, not by reading the whole table.
CREATE INDEX record_subject_record ON record_subject (record);
