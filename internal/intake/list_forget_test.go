package intake_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// TestErasingDestroysTheListsFile erases one household of a list, and looks for its name in every table.
func TestErasingDestroysTheListsFile(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Requests, "name;phone;address;what is needed\nҰмытылған Бір;8 701 555 12 34;ул. Абая, 10;нан 2\n", intake.Options{})
	other := load(t, db, intake.Requests, "name;phone;address;what is needed\nҚалған Екі;8 701 555 12 35;ул. Абая, 12;нан 2\n", intake.Options{})
	if in := tablesWith(t, db, "Ұмытылған"); len(in) == 0 {
		t.Fatal("nothing to forget")
	}
	q, err := request.Kind.Get(t.Context(), db, res.Made[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *store.Tx) error {
		if err := tx.Erase(t.Context(), q.ID.ID); err != nil {
			return err
		}
		return tx.Erase(t.Context(), q.Household.ID)
	})
	if in := tablesWith(t, db, "Ұмытылған"); len(in) != 0 {
		t.Error("the name is still in", in)
	}
	if _, err := list.Content(t.Context(), db, listID(t, res)); !errs.Is(err, errs.Conflict) {
		t.Error("the file:", err)
	}
	if b, err := list.Content(t.Context(), db, listID(t, other)); err != nil || !bytes.Contains(b, []byte("Қалған")) {
		t.Error("another list's file went too:", err)
	}
}

// tablesWith returns the columns of the database in which a text stands.
func tablesWith(t *testing.T, db *store.DB, text string) []string {
	t.Helper()
	type column struct{ table, name string }
	all, err := store.All(t.Context(), db, func(r *sql.Rows, v *column) error { return r.Scan(&v.table, &v.name) },
		"SELECT m.name, c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type='table'")
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
	var out []string
	for _, c := range all {
		found, err := store.One[bool](t.Context(), db, "text", fmt.Sprintf(`SELECT EXISTS (SELECT 1 FROM "%s" WHERE instr(CAST("%s" AS BLOB), CAST($1 AS BLOB))>0)`, c.table, c.name), text)
		if err != nil {
			t.Fatal(c, err)
		}
		if found {
			out = append(out, c.table+"."+c.name)
		}
	}
	return out
}
