package household

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type verdictKind struct{}

// VerdictID names a verdict.
type VerdictID = id.Of[verdictKind]

// Says is what somebody said of two records.
type Says string

// What can be said.
const (
	Same      Says = "same"      // one household twice: linked, and each record stays as it is
	Different Says = "different" // two households: not asked again
	Undone    Says = "undone"    // what was said before was a mistake: nothing is known again
)

// Verdict is the fact that a named person said whether two records are one household. The last one of a pair
// holds; those before it stay. Linking copies nothing from one record to the other, so that taking it back
// leaves both as they were, and a record that is not to be kept is erased without its twin.
type Verdict struct {
	ID     VerdictID
	A      id.ID        `coord:"a"` // the smaller of the two
	B      id.ID        `coord:"b"`
	Says   Says         `coord:"says"`
	By     id.ID        `coord:"by"`
	At     time.Time    `coord:"at"`
	Bits   int          `audit:"bits" was:"coord"`  // what the evidence weighed at that time, in tenths of a bit; 0 where nobody weighed
	Marks  []string     `audit:"marks" was:"coord"` // how each part compared then, "phone=same": the weights are learnt from them; they name nobody
	Second bool         `coord:"second"`            // given without knowing of the first: it measures agreement and changes nothing
	Why    contact.Note `body:"why"`
}

// VerdictKind is how verdicts are written.
var VerdictKind = store.Define(store.Spec[Verdict]{
	Name: "household_verdict", Schema: 1, Fact: true, Tables: []string{"household_verdict", "household_tie"},
	DDL: `CREATE TABLE household_verdict (id TEXT PRIMARY KEY, a TEXT NOT NULL, b TEXT NOT NULL, says TEXT NOT NULL, account TEXT NOT NULL, at INTEGER NOT NULL,
	bits INTEGER NOT NULL, marks TEXT NOT NULL, second INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX household_verdict_pair ON household_verdict (a, b);
CREATE INDEX household_verdict_b ON household_verdict (b);
CREATE TABLE household_tie (one TEXT NOT NULL, other TEXT NOT NULL, says TEXT NOT NULL, verdict TEXT NOT NULL, PRIMARY KEY (one, other)) WITHOUT ROWID;
CREATE INDEX household_tie_says ON household_tie (says);
`,
	Project:  projectVerdict,
	Subjects: func(v *Verdict) []id.ID { return []id.ID{v.A, v.B} },
})

// projectVerdict keeps every verdict, and of each pair the last one, once in each direction.
func projectVerdict(ctx context.Context, tx *store.Tx, v *Verdict) error {
	if _, err := tx.Exec(ctx, `INSERT INTO household_verdict (id, a, b, says, account, at, bits, marks, second) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING`,
		v.ID, v.A, v.B, string(v.Says), v.By, store.Micro(v.At), v.Bits, strings.Join(v.Marks, " "), v.Second); err != nil || v.Second {
		return err
	}
	for _, d := range [][2]id.ID{{v.A, v.B}, {v.B, v.A}} {
		if _, err := tx.Exec(ctx, `INSERT INTO household_tie (one, other, says, verdict) VALUES ($1,$2,$3,$4)
			ON CONFLICT (one, other) DO UPDATE SET says=$3, verdict=$4 WHERE household_tie.verdict<$4`, d[0], d[1], string(v.Says), v.ID); err != nil {
			return err
		}
	}
	return nil
}

// Judge writes what tx.Actor says of two records. Linking what somebody has said to be different, be it by way
// of a third record, is a Conflict: that is to be taken back first.
func Judge(ctx context.Context, tx *store.Tx, v Verdict) error {
	if tx.Actor.IsZero() {
		return errs.New(errs.Denied, "household.nobody_said")
	}
	if v.A == v.B || v.Says != Same && v.Says != Different && v.Says != Undone {
		return errs.New(errs.Invalid, "error.invalid")
	}
	if len([]rune(v.Why)) > 1000 {
		return errs.New(errs.Invalid, "error.too_long")
	}
	for _, h := range []id.ID{v.A, v.B} {
		if _, err := Kind.Get(ctx, tx, h); err != nil {
			return err
		}
	}
	if v.A.String() > v.B.String() {
		v.A, v.B = v.B, v.A
	}
	if !v.Second {
		if err := whole(ctx, tx, v); err != nil {
			return err
		}
	}
	v.ID, v.By, v.At = store.NewID[verdictKind](tx), tx.Actor, tx.Now
	if err := tx.Put(ctx, &v); err != nil {
		return fmt.Errorf("judge: %w", err)
	}
	return nil
}

// whole answers for a verdict that cannot stand beside those before it: two that are different in one set.
func whole(ctx context.Context, r store.Reader, v Verdict) error {
	if v.Says == Undone {
		return nil
	}
	a, err := linkedBut(ctx, r, ID{ID: v.A}, v)
	if err != nil {
		return err
	}
	if v.Says == Different {
		if slices.Contains(a, ID{ID: v.B}) {
			return errs.New(errs.Conflict, "household.linked_by_third")
		}
		return nil
	}
	b, err := linkedBut(ctx, r, ID{ID: v.B}, v)
	if err != nil {
		return err
	}
	for _, x := range a {
		for _, y := range b {
			if x.ID == v.A && y.ID == v.B {
				continue // what v itself says anew
			}
			if said, err := Said(ctx, r, x, y); err != nil || said == Different {
				return orConflict(err, "household.said_different")
			}
		}
	}
	return nil
}

func orConflict(err error, key string) error {
	if err != nil {
		return err
	}
	return errs.New(errs.Conflict, key)
}

// Said returns the last word on two records; "" where nobody has said anything that still holds.
func Said(ctx context.Context, r store.Reader, a, b ID) (Says, error) {
	said, err := store.One[Says](ctx, r, "verdict", "SELECT says FROM household_tie WHERE one=$1 AND other=$2", a, b)
	if errs.Is(err, errs.NotFound) || said == Undone {
		return "", nil
	}
	return said, err
}

// Holds reports whether v is the last word on its pair.
func Holds(ctx context.Context, r store.Reader, v *Verdict) (bool, error) {
	last, err := store.One[VerdictID](ctx, r, "verdict", "SELECT verdict FROM household_tie WHERE one=$1 AND other=$2", v.A, v.B)
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return last == v.ID, err
}

// Linked returns the records that are the same household as h by what people said, h first.
func Linked(ctx context.Context, r store.Reader, h ID) ([]ID, error) {
	return linkedBut(ctx, r, h, Verdict{})
}

// linkedBut is Linked without what was said of one pair before.
func linkedBut(ctx context.Context, r store.Reader, h ID, but Verdict) ([]ID, error) {
	others, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		`WITH RECURSIVE linked(id) AS (SELECT $1 UNION SELECT t.other FROM household_tie t JOIN linked ON t.one=linked.id
			WHERE t.says='same' AND NOT (t.one=$2 AND t.other=$3 OR t.one=$3 AND t.other=$2))
		SELECT id FROM linked WHERE id<>$1 ORDER BY id`, h, but.A.String(), but.B.String())
	return append([]ID{h}, others...), err
}

// Ties are all the records that are linked, each with the one that stands for its set.
func Ties(ctx context.Context, r store.Reader) (map[ID]ID, error) {
	pairs, err := store.All(ctx, r, func(row *sql.Rows, v *[2]ID) error { return row.Scan(&v[0], &v[1]) },
		"SELECT one, other FROM household_tie WHERE says='same' AND one<other ORDER BY one, other")
	if err != nil {
		return nil, err
	}
	root := map[ID]ID{}
	var find func(ID) ID
	find = func(h ID) ID {
		up, ok := root[h]
		if !ok || up == h {
			return h
		}
		top := find(up)
		root[h] = top
		return top
	}
	for _, p := range pairs {
		a, b := find(p[0]), find(p[1])
		root[a], root[b], root[p[1]] = a, a, a
	}
	for h := range root {
		root[h] = find(h)
	}
	return root, nil
}

// VerdictsOf returns what was said of a record, newest first.
func VerdictsOf(ctx context.Context, r store.Reader, h ID) ([]VerdictID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *VerdictID) error { return row.Scan(v) },
		"SELECT id FROM household_verdict WHERE a=$1 UNION SELECT id FROM household_verdict WHERE b=$1 ORDER BY id DESC", h)
}
