// Package list is the lists that come in: who sent one, how its columns were read, how far it has come. What a
// list brings bears its ID, and stays hidden until the list is whole, and again once it is taken back. It
// does not know what its rows say.
package list

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type kind struct{}

// ID names a list.
type ID = id.Of[kind]

// State is where a list stands.
type State string

// The states. Only what a Taken list has brought is seen.
const (
	Taking  State = "taking"  // part of it may be there, or it broke off
	Taken   State = "taken"   // whole
	Undoing State = "undoing" // on its way out
	Undone  State = "undone"  // gone, but for what somebody had worked on
)

// List is a list that was taken, or begun.
type List struct {
	ID      ID
	What    string    `coord:"what"` // what its rows are: "requests"
	State   State     `coord:"state"`
	By      id.ID     `coord:"by"` // who took it; zero for the command line
	At      time.Time `coord:"at"`
	Rows    int       `coord:"rows"`
	Taken   int       `coord:"taken"`
	Same    int       `coord:"same"` // of those taken, possibly known already
	Skipped int       `coord:"skipped"`
	Refused int       `coord:"refused"`
	Stayed  int       `coord:"stayed"` // rows that undoing left, because somebody had worked on them
	Sender  string    `local:"sender"`
	File    string    `local:"file"`
	Sum     string    `local:"sum"` // SHA-256 of the file
}

// HiddenDDL makes the table that Shown asks. Every noun that rows may become has it before its own tables.
const HiddenDDL = "CREATE TABLE IF NOT EXISTS list_hidden (list TEXT PRIMARY KEY) WITHOUT ROWID;\n"

// Shown is the condition on a row with a column list that what it belongs to is whole, or that it came otherwise.
const Shown = "list NOT IN (SELECT list FROM list_hidden)"

// Kind is how lists are written.
var Kind = store.Define(store.Spec[List]{
	Name: "list", Schema: 1, Tables: []string{"list", "list_hidden"},
	DDL: HiddenDDL + `CREATE TABLE list (id TEXT PRIMARY KEY, what TEXT NOT NULL, state TEXT NOT NULL, sum TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX list_sum ON list (sum, what);
`,
	Project: func(ctx context.Context, tx *store.Tx, l *List) error {
		if _, err := tx.Exec(ctx, `INSERT INTO list (id, what, state, sum) VALUES ($1,$2,$3,$4)
			ON CONFLICT (id) DO UPDATE SET state=$3, sum=$4`, l.ID, l.What, string(l.State), l.Sum); err != nil {
			return err
		}
		q := "INSERT INTO list_hidden (list) VALUES ($1) ON CONFLICT DO NOTHING"
		if l.State == Taken {
			q = "DELETE FROM list_hidden WHERE list=$1"
		}
		_, err := tx.Exec(ctx, q, l.ID)
		return err
	},
})

// Hide keeps what bears the list's ID from being seen in a trial, which is then taken back.
func Hide(ctx context.Context, tx *store.Tx, lid ID) error {
	_, err := tx.Exec(ctx, "INSERT INTO list_hidden (list) VALUES ($1) ON CONFLICT DO NOTHING", lid)
	return err
}

// BySum returns the lists made of the very same file for the same kind of rows, newest first, but for those that
// were taken back.
func BySum(ctx context.Context, r store.Reader, what, sum string) ([]List, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT id FROM list WHERE sum=$1 AND what=$2 AND state IN ('taking','taken') ORDER BY id DESC", sum, what)
	if err != nil {
		return nil, err
	}
	return gather(ctx, r, ids)
}

// Recent returns the lists that were begun last, newest first.
func Recent(ctx context.Context, r store.Reader, limit int) ([]List, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) }, "SELECT id FROM list ORDER BY id DESC LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	return gather(ctx, r, ids)
}

func gather(ctx context.Context, r store.Reader, ids []ID) ([]List, error) {
	out := make([]List, 0, len(ids))
	for _, lid := range ids {
		l, err := Kind.Get(ctx, r, lid.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, *l)
	}
	return out, nil
}
