// Package run is one outing of a crew: its ordered stops, when it is checked, and what came of each stop.
// What happened is told by facts (Outcome, Check), which are added and never changed.
package run

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

type runKind struct{}

// ID names a run.
type ID = id.Of[runKind]

// Stop is one address of a run, in order. Times are seconds from the day's midnight.
type Stop struct {
	Request id.ID   `cbor:"1,keyasint"`
	Needs   []id.ID `cbor:"2,keyasint"`
	Arrive  int32   `cbor:"3,keyasint"`
	Leave   int32   `cbor:"4,keyasint"`
	Trip    int     `cbor:"5,keyasint,omitempty"` // from 0; where it grows, the crew loads again at the centre before
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
	Stops  []Stop `audit:"stops" was:"coord"` // who is reached when: nobody else's concern
}

// Kind is how runs are written.
var Kind = store.Define(store.Spec[Run]{
	Name: "run", Schema: 1, Tables: []string{"run", "run_stop"},
	DDL: `CREATE TABLE run (id TEXT PRIMARY KEY, number INTEGER NOT NULL, crew TEXT NOT NULL, crew_no INTEGER NOT NULL, day TEXT NOT NULL,
	depart INTEGER NOT NULL, back INTEGER NOT NULL) WITHOUT ROWID; -- another crew may take it before it leaves
CREATE INDEX run_day ON run (day);
CREATE TABLE run_stop (run TEXT NOT NULL, seq INTEGER NOT NULL, request TEXT NOT NULL, PRIMARY KEY (run, seq)) WITHOUT ROWID;
CREATE INDEX run_stop_request ON run_stop (request);
`,
	Project: func(ctx context.Context, tx *store.Tx, r *Run) error {
		if _, err := tx.Exec(ctx, `INSERT INTO run (id, number, crew, crew_no, day, depart, back) VALUES ($1,$2,$3,$4,$5,$6,$7)
			ON CONFLICT (id) DO UPDATE SET crew=$3, crew_no=$4, depart=$6, back=$7`, r.ID, r.Number, r.Crew, r.CrewNo, r.Day, r.Depart, r.Back); err != nil {
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

// How often a crew that is out must be heard of: until it should be home, and after.
const (
	CheckEvery = 2 * time.Hour
	LateEvery  = 30 * time.Minute
)

// State is a run as it stands: what was planned and what is known.
type State struct {
	Run

	Step    Step      // the last one; "" means still here
	Heard   time.Time // when it was last heard of
	Home    time.Time // when it came home; zero where it has not
	Sheet   time.Time // when its sheet was counted back; zero where it was not
	Results map[int]Result
	Extra   int // outcomes of doors that were not on the sheet
}

// UnderWay reports whether the crew is out.
func (s *State) UnderWay() bool { return s.Step == Out || s.Step == Seen }

// Silent returns the stops (from 1) of which nothing has been told.
func (s *State) Silent() []int {
	var out []int
	for i := range s.Stops {
		if s.Results[i+1] == "" {
			out = append(out, i+1)
		}
	}
	return out
}

// Due is when a run that is out must next be heard of: two hours after the last time, at the latest when it
// should be home; one that rang later than that, half an hour after. midnight is its day's, in the centre's zone.
func (s *State) Due(midnight time.Time) time.Time {
	home := midnight.Add(time.Duration(s.Back) * time.Second)
	if s.Heard.After(home) {
		return s.Heard.Add(LateEvery)
	}
	if next := s.Heard.Add(CheckEvery); next.Before(home) {
		return next
	}
	return home
}

// OfDay returns the runs of a day by their number, also those that were called off.
func OfDay(ctx context.Context, r store.Reader, day string) ([]State, error) {
	return several(ctx, r, "day=$1", day)
}

// Unfinished returns the runs of every day that have neither come home nor been called off, oldest first.
func Unfinished(ctx context.Context, r store.Reader) ([]State, error) {
	return several(ctx, r, `$1='' AND coalesce((SELECT c.step FROM run_check c WHERE c.run=run.id AND c.step<>'sheet_back' ORDER BY c.id DESC LIMIT 1), '')
		NOT IN ('home','void')`, "")
}

// Names reports whether any run has ever been given to the crew, also one that was called off.
func Names(ctx context.Context, r store.Reader, crew id.ID) (bool, error) {
	n, err := store.One[int](ctx, r, "runs", "SELECT count(*) FROM run WHERE crew=$1", crew)
	return n > 0, err
}

// SheetsOut returns the runs that are home and whose sheet has not been counted back, oldest first.
func SheetsOut(ctx context.Context, r store.Reader) ([]State, error) {
	return several(ctx, r, `$1='' AND NOT EXISTS (SELECT 1 FROM run_check c WHERE c.run=run.id AND c.step='sheet_back')
		AND (SELECT c.step FROM run_check c WHERE c.run=run.id ORDER BY c.id DESC LIMIT 1)='home'`, "")
}

func several(ctx context.Context, r store.Reader, where, arg string) ([]State, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *ID) error { return row.Scan(v) },
		"SELECT id FROM run WHERE "+where+" ORDER BY day, number", arg)
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
		if f.step != "" {
			s.stepped(f.step, store.At(f.at))
		} else {
			s.told(f.stop, f.result, store.At(f.at))
		}
	}
	return s, nil
}

func (s *State) stepped(step Step, at time.Time) {
	if step == SheetBack {
		s.Sheet = at
		return
	}
	s.Step = step
	if step == Home {
		s.Home = at
	} else {
		s.Home = time.Time{}
	}
	if at.After(s.Heard) {
		s.Heard = at
	}
}

func (s *State) told(stop int, result Result, at time.Time) {
	switch {
	case stop == 0 && result == Withdrawn:
		s.Extra--
		return
	case stop == 0:
		s.Extra++
	case result == Withdrawn:
		delete(s.Results, stop)
		return
	default:
		s.Results[stop] = result
	}
	if result != GivenBack && at.After(s.Heard) { // what nobody knows was not heard from the crew
		s.Heard = at
	}
}

// OfCrew returns the run that a crew is on: its last one of the day that is not home; where all are home the
// last, for what came of its stops may be typed in from paper afterwards.
func OfCrew(ctx context.Context, r store.Reader, day string, crewNo int) (*State, error) {
	runs, err := OfDay(ctx, r, day)
	if err != nil {
		return nil, err
	}
	var last *State
	for i := range runs {
		s := &runs[i]
		if s.CrewNo != crewNo || s.Step == Void {
			continue
		}
		if last == nil || s.Step != Home || last.Step == Home {
			last = s
		}
	}
	if last == nil {
		return nil, errs.New(errs.NotFound, "run.no_crew", "n", crewNo)
	}
	return last, nil
}
