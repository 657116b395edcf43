package run

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type outcomeKind struct{}

type checkKind struct{}

// OutcomeID names an outcome.
type OutcomeID = id.Of[outcomeKind]

// Result is what came of a stop.
type Result string

// The results, in the order of the keys 1 to 5.
const (
	Delivered    Result = "delivered"
	Partly       Result = "partly"
	Nobody       Result = "nobody"
	Refused      Result = "refused"
	WrongAddress Result = "wrong_address"
)

// What is told of a stop otherwise than from its door.
const (
	GivenBack Result = "given_back" // nobody knows: its needs are to be planned again
	Withdrawn Result = "withdrawn"  // what was told before was a slip: nothing is known yet
)

// Results returns the results by their keys: Results()[0] is key 1.
func Results() []Result { return []Result{Delivered, Partly, Nobody, Refused, WrongAddress} }

// ParseResult reads a result's name or its key.
func ParseResult(s string) (Result, error) {
	for i, r := range Results() {
		if s == string(r) || s == string(rune('1'+i)) {
			return r, nil
		}
	}
	return "", errs.New(errs.Invalid, "run.result")
}

// Outcome is the fact of what came of a stop, or of a door that was not on the sheet.
type Outcome struct {
	ID      OutcomeID
	Run     id.ID        `coord:"run"`
	Stop    int          `coord:"stop"` // from 1; 0 for a door that was not on the sheet
	Request id.ID        `coord:"request"`
	Result  Result       `coord:"result"`
	At      time.Time    `coord:"at"`
	Note    contact.Note `body:"note"`
}

// OutcomeKind is how outcomes are written.
var OutcomeKind = store.Define(store.Spec[Outcome]{
	Name: "outcome", Schema: 1, Fact: true, Tables: []string{"outcome"},
	DDL: `CREATE TABLE outcome (id TEXT PRIMARY KEY, run TEXT NOT NULL, stop INTEGER NOT NULL, request TEXT NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX outcome_run ON outcome (run);
CREATE INDEX outcome_request ON outcome (request);
CREATE INDEX outcome_at ON outcome (at);
`,
	Project: func(ctx context.Context, tx *store.Tx, o *Outcome) error {
		_, err := tx.Exec(ctx, "INSERT INTO outcome (id, run, stop, request, result, at) VALUES ($1,$2,$3,$4,$5,$6) ON CONFLICT DO NOTHING",
			o.ID, o.Run, o.Stop, o.Request, string(o.Result), store.Micro(o.At))
		return err
	},
	Subjects: func(o *Outcome) []id.ID { return []id.ID{o.Request, o.Run} },
})

// Step is what a check says of a run.
type Step string

// The steps.
const (
	Out  Step = "out"
	Seen Step = "seen" // rang, all is well
	Home Step = "home"
	// The sheet has been counted back and destroyed: what it says has been typed in.
	SheetBack Step = "sheet_back"
	// The run was called off before it left.
	Void Step = "void"
)

// Check is the fact that a run went out, was heard of, is home, was called off, or that its sheet is back.
type Check struct {
	ID   id.Of[checkKind]
	Run  id.ID     `coord:"run"`
	Step Step      `coord:"step"`
	At   time.Time `coord:"at"`
}

// CheckKind is how checks are written.
var CheckKind = store.Define(store.Spec[Check]{
	Name: "check", Schema: 1, Fact: true, Tables: []string{"run_check"},
	DDL: `CREATE TABLE run_check (id TEXT PRIMARY KEY, run TEXT NOT NULL, step TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX run_check_run ON run_check (run);
`,
	Project: func(ctx context.Context, tx *store.Tx, c *Check) error {
		_, err := tx.Exec(ctx, "INSERT INTO run_check (id, run, step, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING", c.ID, c.Run, string(c.Step), store.Micro(c.At))
		return err
	},
	Subjects: func(c *Check) []id.ID { return []id.ID{c.Run} },
})

// OutcomesOf returns the outcomes that tell of a request, oldest first.
func OutcomesOf(ctx context.Context, r store.Reader, request id.ID) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		"SELECT id FROM outcome WHERE request=$1 ORDER BY id", request)
}

// Told returns everything that was told of a run, in the order in which it was told.
func Told(ctx context.Context, r store.Reader, rid ID) ([]Outcome, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) }, "SELECT id FROM outcome WHERE run=$1 ORDER BY id", rid)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, 0, len(ids))
	for _, v := range ids {
		o, err := OutcomeKind.Get(ctx, r, v)
		if err != nil {
			return nil, err
		}
		out = append(out, *o)
	}
	return out, nil
}

// Last returns what was told last of a stop (from 1), or NotFound.
func Last(ctx context.Context, r store.Reader, rid ID, stop int) (*Outcome, error) {
	v, err := store.One[id.ID](ctx, r, "outcome", "SELECT id FROM outcome WHERE run=$1 AND stop=$2 ORDER BY id DESC LIMIT 1", rid, stop)
	if err != nil {
		return nil, err
	}
	return OutcomeKind.Get(ctx, r, v)
}
