-- +goose Up
-- Who is erased is looked for in the lists that named them, at each erasure.
CREATE INDEX list_row_record ON list_row (record);
CREATE INDEX list_row_twin ON list_row (twin);
