package list

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

type readingKind struct{}

// Reading is how a sender's lists of one kind are read: which heading is which field. It never leaves the centre.
type Reading struct {
	ID        id.Of[readingKind]
	Sender    string            `local:"sender"`
	What      string            `local:"what"`
	Signature string            `local:"signature"` // of the headings that it was last made for
	Fields    map[string]string `local:"fields"`    // folded heading → field; "" for a column that is left out
}

// ReadingKind is how readings are written.
var ReadingKind = store.Define(store.Spec[Reading]{
	Name: "reading", Schema: 1, Tables: []string{"reading"},
	DDL: `CREATE TABLE reading (id TEXT PRIMARY KEY, sender_key TEXT NOT NULL, sender TEXT NOT NULL, what TEXT NOT NULL, signature TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX reading_sender ON reading (sender_key, what);
CREATE INDEX reading_signature ON reading (signature, what);
`,
	Project: func(ctx context.Context, tx *store.Tx, v *Reading) error {
		_, err := tx.Exec(ctx, `INSERT INTO reading (id, sender_key, sender, what, signature) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (id) DO UPDATE SET sender_key=$2, sender=$3, what=$4, signature=$5`, v.ID, contact.Fold(v.Sender), v.Sender, v.What, v.Signature)
		return err
	},
})

// Senders returns everybody who has sent a list, by name.
func Senders(ctx context.Context, r store.Reader) ([]string, error) {
	return store.All(ctx, r, func(row *sql.Rows, s *string) error { return row.Scan(s) },
		"SELECT max(sender) FROM reading WHERE sender_key<>'' GROUP BY sender_key ORDER BY sender_key")
}

// Remembered returns how a list of this layout was read before: by the same sender, or else by anybody's list
// with the same headings. ok is false where neither is known.
func Remembered(ctx context.Context, r store.Reader, sender, what, signature string) (v Reading, ok bool, err error) {
	var rid id.ID
	err = r.QueryRow(ctx, `SELECT id FROM reading WHERE what=$1 AND (sender_key=$2 AND sender_key<>'' OR signature=$3)
		ORDER BY (sender_key=$2 AND sender_key<>'') DESC, id DESC LIMIT 1`, what, contact.Fold(sender), signature).Scan(&rid)
	if errors.Is(err, sql.ErrNoRows) {
		return v, false, nil
	}
	if err != nil {
		return v, false, err
	}
	found, err := ReadingKind.Get(ctx, r, rid)
	if err != nil {
		return v, false, err
	}
	return *found, true, nil
}

// Remember keeps how a sender's list was read, for the next one. Lists that nobody named are remembered by
// their headings.
func Remember(ctx context.Context, tx *store.Tx, sender, what string, m tabular.Mapping) error {
	v := Reading{Sender: sender, What: what, Signature: m.Signature, Fields: map[string]string{}}
	err := tx.QueryRow(ctx, `SELECT id FROM reading WHERE what=$1 AND sender_key=$2 AND ($2<>'' OR signature=$3)`,
		what, contact.Fold(sender), m.Signature).Scan(&v.ID)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		v.ID.ID = tx.NewID()
	case err != nil:
		return err
	default:
		old, err := ReadingKind.Get(ctx, tx, v.ID.ID)
		if err != nil {
			return err
		}
		v.Fields = old.Fields
	}
	for _, c := range m.Columns {
		if c.Heading != "" {
			v.Fields[contact.Fold(c.Heading)] = c.Field
		}
	}
	return tx.Put(ctx, &v)
}

// Apply puts what is remembered in place of what was suggested, column by column; fields that the kind of list
// no longer has are passed over. It returns how many columns it knew.
func (v *Reading) Apply(m *tabular.Mapping, known func(field string) bool) int {
	n := 0
	for i, c := range m.Columns {
		field, ok := v.Fields[contact.Fold(c.Heading)]
		if !ok || c.Heading == "" || field != "" && !known(field) {
			continue
		}
		m.Columns[i].Field, m.Columns[i].Confidence = field, 1
		n++
	}
	return n
}
