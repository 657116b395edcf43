package volunteer

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type verdictKind struct{}

// VerdictID names a verdict.
type VerdictID = id.Of[verdictKind]

// Says is what somebody said of two entries.
type Says string

// What can be said.
const (
	Same      Says = "same"      // one person twice: one entry leaves the list, and neither is changed otherwise
	Different Says = "different" // two people: not asked again
	Undone    Says = "undone"    // what was said before was a mistake
)

// Verdict is the fact that a named person said whether two entries are one volunteer. The last one of a pair holds.
// Nothing is copied from one entry to the other, least of all that a document was seen: taking it back
// leaves both as they were.
type Verdict struct {
	ID   VerdictID
	A    id.ID     `coord:"a"` // the smaller of the two
	B    id.ID     `coord:"b"`
	Says Says      `coord:"says"`
	Gone id.ID     `coord:"gone"` // the entry that left the list by it; zero where it had left before
	By   id.ID     `coord:"by"`
	At   time.Time `coord:"at"`
}

// VerdictKind is how verdicts are written.
var VerdictKind = store.Define(store.Spec[Verdict]{
	Name: "volunteer_verdict", Schema: 1, Fact: true, Tables: []string{"volunteer_verdict"},
	DDL: `CREATE TABLE volunteer_verdict (a TEXT NOT NULL, b TEXT NOT NULL, says TEXT NOT NULL, gone TEXT NOT NULL, verdict TEXT NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX volunteer_verdict_gone ON volunteer_verdict (gone) WHERE gone<>'';
`,
	Project: func(ctx context.Context, tx *store.Tx, v *Verdict) error {
		_, err := tx.Exec(ctx, `INSERT INTO volunteer_verdict (a, b, says, gone, verdict) VALUES ($1,$2,$3,$4,$5)
			ON CONFLICT (a, b) DO UPDATE SET says=$3, gone=$4, verdict=$5 WHERE volunteer_verdict.verdict<$5`, v.A, v.B, string(v.Says), v.Gone.String(), v.ID)
		return err
	},
	Subjects: func(v *Verdict) []id.ID { return []id.ID{v.A, v.B} },
})

// Stays says that two entries are one person, of which the first stays in the list and the other leaves it.
func Stays(ctx context.Context, tx *store.Tx, stays, goes ID) error {
	return judge(ctx, tx, stays, goes, Same)
}

// Differ says that two entries are two people.
func Differ(ctx context.Context, tx *store.Tx, a, b ID) error { return judge(ctx, tx, a, b, Different) }

// Undo takes back what was said of two entries: the one that left the list by it is there again.
func Undo(ctx context.Context, tx *store.Tx, a, b ID) error { return judge(ctx, tx, a, b, Undone) }

func judge(ctx context.Context, tx *store.Tx, stays, goes ID, says Says) error {
	switch {
	case tx.Actor.IsZero():
		return errs.New(errs.Denied, "volunteer.seen_nobody")
	case stays == goes:
		return errs.New(errs.Invalid, "error.invalid")
	}
	other, err := Kind.Get(ctx, tx, stays.ID)
	if err != nil {
		return err
	}
	gone, err := Kind.Get(ctx, tx, goes.ID)
	if err != nil {
		return err
	}
	if says == Same && other.Ended {
		return errs.New(errs.Conflict, "volunteer.twin_gone")
	}
	before, err := saidOf(ctx, tx, stays, goes)
	if err != nil {
		return err
	}
	if err := restore(ctx, tx, before.Gone); err != nil {
		return err
	}
	v := Verdict{ID: store.NewID[verdictKind](tx), A: stays.ID, B: goes.ID, Says: says, By: tx.Actor, At: tx.Now}
	if says == Same && (!gone.Ended || before.Gone == gone.ID.ID) {
		gone.Ended, v.Gone = true, gone.ID.ID
		if err := tx.Put(ctx, gone); err != nil {
			return err
		}
	}
	if v.A.String() > v.B.String() {
		v.A, v.B = v.B, v.A
	}
	if err := tx.Put(ctx, &v); err != nil {
		return fmt.Errorf("judge volunteers: %w", err)
	}
	return nil
}

// restore puts an entry back into the list that a verdict had taken from it.
func restore(ctx context.Context, tx *store.Tx, gone id.ID) error {
	if gone.IsZero() {
		return nil
	}
	v, err := Kind.Get(ctx, tx, gone)
	if err != nil {
		return err
	}
	v.Ended = false
	return tx.Put(ctx, v)
}

// saidOf returns the last word on two entries; a zero verdict where there is none.
func saidOf(ctx context.Context, r store.Reader, a, b ID) (Verdict, error) {
	if a.String() > b.String() {
		a, b = b, a
	}
	vid, err := store.One[VerdictID](ctx, r, "verdict", "SELECT verdict FROM volunteer_verdict WHERE a=$1 AND b=$2", a, b)
	if errs.Is(err, errs.NotFound) {
		return Verdict{}, nil
	}
	if err != nil {
		return Verdict{}, err
	}
	v, err := VerdictKind.Get(ctx, r, vid.ID)
	if err != nil {
		return Verdict{}, err
	}
	return *v, nil
}

// Verdicts returns the pairs of which somebody said something that still holds, the smaller identity first.
func Verdicts(ctx context.Context, r store.Reader) (map[[2]ID]Says, error) {
	type row struct {
		a, b ID
		says Says
	}
	all, err := store.All(ctx, r, func(s *sql.Rows, v *row) error { return s.Scan(&v.a, &v.b, &v.says) }, "SELECT a, b, says FROM volunteer_verdict WHERE says<>'undone'")
	out := make(map[[2]ID]Says, len(all))
	for _, v := range all {
		out[[2]ID{v.a, v.b}] = v.says
	}
	return out, err
}

// TwinOf returns the entry that stayed when v left the list because both are one person; a zero ID where it left otherwise.
func TwinOf(ctx context.Context, r store.Reader, v ID) (ID, error) {
	twin, err := store.One[ID](ctx, r, "verdict", "SELECT CASE a WHEN $1 THEN b ELSE a END FROM volunteer_verdict WHERE gone=$1", v)
	if errs.Is(err, errs.NotFound) {
		return ID{}, nil
	}
	return twin, err
}
