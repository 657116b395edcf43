package centre

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type noteKind struct{}

// ShiftNote is the fact of what one shift hands over to the next.
type ShiftNote struct {
	ID   id.Of[noteKind]
	Text contact.Note `body:"text"`
	Ask  contact.Note `body:"ask"` // what the centre asks of others; may be empty
	By   id.ID        `coord:"by"`
	At   time.Time    `coord:"at"`
}

// MaxNote is the length of each text of a note, in characters.
const MaxNote = 2000

// NoteKind is how notes between shifts are written.
var NoteKind = store.Define(store.Spec[ShiftNote]{
	Name: "shift_note", Schema: 1, Fact: true, Tables: []string{"shift_note"},
	DDL: `CREATE TABLE shift_note (id TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX shift_note_at ON shift_note (at);
`,
	Project: func(ctx context.Context, tx *store.Tx, n *ShiftNote) error {
		_, err := tx.Exec(ctx, "INSERT INTO shift_note (id, at) VALUES ($1,$2) ON CONFLICT DO NOTHING", n.ID, store.Micro(n.At))
		return err
	},
})

// Leave writes a note as tx.Actor's; it sets ID, By and At. An Invalid error names the fields text and ask.
func Leave(ctx context.Context, tx *store.Tx, n *ShiftNote) error {
	f := errs.Fields{}
	f.Check(strings.TrimSpace(string(n.Text)) != "", "text", "error.required")
	f.Check(len([]rune(n.Text)) <= MaxNote, "text", "error.too_long")
	f.Check(len([]rune(n.Ask)) <= MaxNote, "ask", "error.too_long")
	if err := f.Err(); err != nil {
		return err
	}
	n.ID, n.By, n.At = store.NewID[noteKind](tx), tx.Actor, tx.Now
	return tx.Put(ctx, n)
}

// Notes returns the last notes between shifts, newest first.
func Notes(ctx context.Context, r store.Reader, limit int) ([]ShiftNote, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		"SELECT id FROM shift_note ORDER BY at DESC, id DESC LIMIT $1", limit)
	if err != nil {
		return nil, err
	}
	out := make([]ShiftNote, 0, len(ids))
	for _, rid := range ids {
		n, err := NoteKind.Get(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		out = append(out, *n)
	}
	return out, nil
}
