// Package run is one outing of a crew: its ordered stops, when it is checked, and what came of each stop.
// What happened is told by facts (Outcome, Check), which are added and never changed.
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

type runKind struct{}

type outcomeKind struct{}

type checkKind struct{}

// ID names a run.
type ID = id.Of[runKind]

// Stop is one address of a run, in order. Times are seconds from the day's midnight.
type Stop struct {
	Request id.ID   `cbor:"1,keyasint"`
	Needs   []id.ID `cbor:"2,keyasint"`
	Arrive  int32   `cbor:"3,keyasint"`
	Leave   int32   `cbor:"4,keyasint"`
}

// Run is one outing.
type Run struct {
	ID     ID
	Number int    `coord:"number"` // of its sheet, from 1, counted over the day
	Crew   id.ID  `coord:"crew"`
	CrewNo int    `coord:"crew_no"`
	Day    string `coord:"day"` // 2022-01-12
	Depart int32  `coord:"depart"`
	Back   int32  `coord:"back"`
	Stops  []Stop `coord:"stops"`
}

// Kind is how runs are written.
var Kind = store.Define(store.Spec[Run]{
	Name: "run", Schema: 1, Tables: []string{"run", "run_stop"},
	DDL: `CREATE TABLE run (id TEXT PRIMARY KEY, number INTEGER NOT NULL, crew TEXT NOT NULL, crew_no INTEGER NOT NULL, day TEXT NOT NULL,
	depart INTEGER NOT NULL, back INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX run_day ON run (day);
CREATE TABLE run_stop (run TEXT NOT NULL, seq INTEGER NOT NULL, request TEXT NOT NULL, PRIMARY KEY (run, seq)) WITHOUT ROWID;
CREATE INDEX run_stop_request ON run_stop (request);
`,
	Project: func(ctx context.Context, tx *store.Tx, r *Run) error {
		if _, err := tx.Exec(ctx, `INSERT INTO run (id, number, crew, crew_no, day, depart, back) VALUES ($1,$2,$3,$4,$5,$6,$7)
			ON CONFLICT (id) DO UPDATE SET depart=$6, back=$7`, r.ID, r.Number, r.Crew, r.CrewNo, r.Day, r.Depart, r.Back); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM run_stop WHERE run=$1", r.ID); err != nil {
			return err
		}
		for i, s := range r.Stops {
			if _, err := tx.Exec(ctx, "INSERT INTO run_stop (run, seq, request) VALUES ($1,$2,$3)", r.ID, i+1, s.Request); err != nil {
				return err
			}
		}
		return nil
	},
	Subjects: func(r *Run) []id.ID {
		out := make([]id.ID, 0, len(r.Stops))
		for _, s := range r.Stops {
			out = append(out, s.Request)
		}
		return out
	},
})

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

// Outcome is the fact of what came of a stop.
type Outcome struct {
	ID      id.Of[outcomeKind]
	Run     id.ID        `coord:"run"`
	Stop    int          `coord:"stop"` // from 1
	Request id.ID        `coord:"request"`
	Result  Result       `coord:"result"`
	At      time.Time    `coord:"at"`
	Note    contact.Note `body:"note"`
}

// OutcomeKind is how outcomes are written.
var OutcomeKind = store.Define(store.Spec[Outcome]{
	Name: "outcome", Schema: 1, Fact: true, Tables: []string{"outcome"},
	DDL: `CREATE TABLE outcome (id TEXT PRIMARY KEY, run TEXT NOT NULL, stop INTEGER NOT NULL, result TEXT NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX outcome_run ON outcome (run);
`,
	Project: func(ctx context.Context, tx *store.Tx, o *Outcome) error {
		_, err := tx.Exec(ctx, "INSERT INTO outcome (id, run, stop, result, at) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING",
			o.ID, o.Run, o.Stop, string(o.Result), store.Micro(o.At))
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
)

// Check is the fact that a run went out, was heard of, or is home.
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

// CheckEvery is how often a crew that is out must be heard of.
const CheckEvery = 2 * time.Hour

// State is a run as it stands: what was planned and what is known.
type State struct {
	Run
	Step    Step      // the last one; "" means still here
	Heard   time.Time // when it was last heard of
	Results map[int]Result
}

// Due is when a run that is out must next be heard of: two hours after the last time, at the latest when it
// should be home. midnight is its day's, in the centre's zone.
func (s *State) Due(midnight time.Time) time.Time {
	home := midnight.Add(time.Duration(s.Back) * time.Second)
	if next := s.Heard.Add(CheckEvery); next.Before(home) {
		return next
	}
	return home
}

// OfDay returns the runs of a day by their number; an empty day means every run.
func OfDay(ctx context.Context, r store.Reader, day string) ([]State, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT id FROM run WHERE $1='' OR day=$1 ORDER BY day, number", day)
	if err != nil {
		return nil, err
	}
	out := make([]State, 0, len(ids))
	for _, rid := range ids {
		s, err := Get(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		out = append(out, *s)
	}
	return out, nil
}

// Get returns a run as it stands.
func Get(ctx context.Context, r store.Reader, rid ID) (*State, error) {
	rec, err := Kind.Get(ctx, r, rid.ID)
	if err != nil {
		return nil, err
	}
	s := &State{Run: *rec, Results: map[int]Result{}}
	type fact struct {
		stop   int
		result Result
		step   Step
		at     int64
		id     id.ID // in the order in which they were told: what is told later corrects what was told before
	}
	facts, err := store.All(ctx, r, func(row *sql.Rows, f *fact) error { return row.Scan(&f.stop, &f.result, &f.step, &f.at, &f.id) },
		`SELECT stop, result, '', at, id FROM outcome WHERE run=$1 UNION ALL SELECT 0, '', step, at, id FROM run_check WHERE run=$1 ORDER BY 5`, rid)
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		if when := store.At(f.at); when.After(s.Heard) {
			s.Heard = when
		}
		if f.stop > 0 {
			s.Results[f.stop] = f.result
			continue
		}
		s.Step = f.step
	}
	return s, nil
}

// OutcomesOf returns the outcomes that tell of a request.
func OutcomesOf(ctx context.Context, r store.Reader, request id.ID) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		"SELECT o.id FROM outcome o JOIN run_stop s ON s.run=o.run AND s.seq=o.stop WHERE s.request=$1", request)
}

// OfCrew returns the run that a crew is on: its last one of the day that is not home; where all are home the
// last, for what came of its stops may be typed in from paper afterwards.
func OfCrew(ctx context.Context, r store.Reader, day string, crewNo int) (*State, error) {
	runs, err := OfDay(ctx, r, day)
	if err != nil {
		return nil, err
	}
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].CrewNo == crewNo && runs[i].Step != Home {
			return &runs[i], nil
		}
	}
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].CrewNo == crewNo {
			return &runs[i], nil
		}
	}
	return nil, errs.New(errs.NotFound, "run.no_crew", "n", crewNo)
}
