// Package report says how the centre stands, in numbers and in what was said, for those who take over and
// those who are asked for help. It names no household and puts no area or person above another.
package report

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
)

// Situation is how the centre stands at a moment.
type Situation struct {
	Centre   *centre.Centre
	At       time.Time     // in the centre's zone, as all times here
	Rules    []rule.Rule   // in force
	Coming   []rule.Rule   // these begin within a day
	Tally    request.Tally // New counts from Since
	Since    time.Time     // the last note between shifts, or midnight
	Last     *centre.ShiftNote
	Notes    []centre.ShiftNote     // newest first
	Out      []Out                  // not home yet
	Home     int                    // today's runs that came home
	Here     int                    // today's runs that have not left
	Outcomes map[run.Result]int     // told today
	Changed  map[run.Result]int     // told from Since on
	Said     []Said                 // today, of what was not delivered
	Open     *request.Survey        // what waits, as Tally.Waiting does, by urgency, age and area
	Calls    int                    // who wait to be called back
	Quality  map[request.Answer]int // said on today's quality calls
	CallsAt  time.Time              // since when the first of them waits; zero where nobody does
	Silent   int                    // stops of runs that are home of which nobody has said what came
	Sheets   int                    // sheets of runs that are home that were not counted back
	Stock    map[string]supply.Count
}

// Out is a crew on its way.
type Out struct {
	Crew int
	Due  time.Time // when it must be heard of
	Late bool
}

// Said is what was told of a stop that was not delivered. Hidden means that the words name the household and
// are left out.
type Said struct {
	At     time.Time
	Crew   int
	Result run.Result
	Text   contact.Note
	Hidden bool
}

// limits of what stands on one page.
const (
	maxNotes = 3
	maxSaid  = 12
	maxQueue = 5000
)

// ahead is how soon a rule begins that is told of before it holds.
const ahead = 24 * time.Hour

// Now gathers the situation; all is what is open. NotFound before set-up.
func Now(ctx context.Context, r store.Reader, all *request.Backlog, now time.Time) (*Situation, error) {
	c, err := centre.Get(ctx, r)
	if err != nil {
		return nil, err
	}
	now = now.In(c.Location())
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, c.Location())
	s := &Situation{Centre: c, At: now, Since: midnight, Outcomes: map[run.Result]int{}, Changed: map[run.Result]int{}}
	if err := s.rules(ctx, r); err != nil {
		return nil, err
	}
	if s.Notes, err = centre.Notes(ctx, r, maxNotes); err != nil {
		return nil, fmt.Errorf("read notes: %w", err)
	}
	if len(s.Notes) > 0 {
		s.Last = &s.Notes[0]
		s.Since = s.Last.At.In(c.Location())
	}
	if s.Tally, err = request.Count(ctx, r, s.Since); err != nil {
		return nil, fmt.Errorf("count requests: %w", err)
	}
	if err := s.runs(ctx, r, midnight); err != nil {
		return nil, err
	}
	if err := s.outcomes(ctx, r, midnight); err != nil {
		return nil, err
	}
	return s, s.waiting(ctx, r, all)
}

// rules tells those that hold from those that whoever takes over will still see begin.
func (s *Situation) rules(ctx context.Context, r store.Reader) error {
	all, err := rule.Between(ctx, r, s.At, s.At.Add(ahead))
	for _, v := range all {
		if v.From.After(s.At) {
			s.Coming = append(s.Coming, v)
		} else {
			s.Rules = append(s.Rules, v)
		}
	}
	return err
}

// waiting gathers what waits, and what there is to bring.
func (s *Situation) waiting(ctx context.Context, r store.Reader, all *request.Backlog) error {
	var err error
	if s.Open, err = all.Waiting().Survey(ctx, r, request.Filter{View: "open"}); err != nil {
		return err
	}
	queue, err := request.Queue(ctx, r, s.At, maxQueue)
	if err != nil {
		return fmt.Errorf("read call-backs: %w", err)
	}
	if s.Calls = len(queue); s.Calls > 0 {
		s.CallsAt = queue[0].At
	}
	midnight := time.Date(s.At.Year(), s.At.Month(), s.At.Day(), 0, 0, 0, 0, s.At.Location())
	if s.Quality, err = request.AnswersSince(ctx, r, midnight); err != nil {
		return fmt.Errorf("read quality calls: %w", err)
	}
	sheets, err := run.SheetsOut(ctx, r)
	if err != nil {
		return fmt.Errorf("read sheets: %w", err)
	}
	s.Sheets = len(sheets)
	for _, v := range sheets {
		s.Silent += len(v.Silent())
	}
	s.Stock, err = supply.Latest(ctx, r)
	return err
}

// runs counts today's runs, and finds who is out, also those who left yesterday.
func (s *Situation) runs(ctx context.Context, r store.Reader, midnight time.Time) error {
	for _, day := range []time.Time{midnight.AddDate(0, 0, -1), midnight} {
		runs, err := run.OfDay(ctx, r, day.Format(time.DateOnly))
		if err != nil {
			return fmt.Errorf("read runs: %w", err)
		}
		for _, v := range runs {
			today := day.Equal(midnight)
			switch {
			case v.Step == run.Void:
			case v.UnderWay():
				due := v.Due(day).In(s.At.Location())
				s.Out = append(s.Out, Out{Crew: v.CrewNo, Due: due, Late: s.At.After(due)})
			case today && v.Step == run.Home:
				s.Home++
			case today:
				s.Here++
			}
		}
	}
	return nil
}

func (s *Situation) outcomes(ctx context.Context, r store.Reader, midnight time.Time) error {
	from := midnight
	if s.Since.Before(from) {
		from = s.Since
	}
	all, err := run.Since(ctx, r, from)
	if err != nil {
		return fmt.Errorf("read outcomes: %w", err)
	}
	for _, o := range all {
		if !o.At.Before(s.Since) {
			s.Changed[o.Result]++
		}
		if o.At.Before(midnight) {
			continue
		}
		s.Outcomes[o.Result]++
		if o.Note == "" || o.Result == run.Delivered {
			continue
		}
		said, err := s.said(ctx, r, o)
		if err != nil {
			return err
		}
		s.Said = append(s.Said, said)
	}
	s.Said = s.Said[max(0, len(s.Said)-maxSaid):]
	return nil
}

func (s *Situation) said(ctx context.Context, r store.Reader, o run.Outcome) (Said, error) {
	out := Said{At: o.At.In(s.At.Location()), Result: o.Result, Text: o.Note}
	v, err := run.Kind.Get(ctx, r, o.Run)
	if err != nil {
		return out, fmt.Errorf("read run: %w", err)
	}
	out.Crew = v.CrewNo
	q, err := request.Kind.Get(ctx, r, o.Request)
	if err == nil {
		var h *household.Household
		if h, err = household.Kind.Get(ctx, r, q.Household.ID); err == nil {
			out.Hidden = names(string(o.Note), h)
		}
	}
	if errs.Is(err, errs.NotFound) {
		out.Hidden, err = true, nil // whom it may name can no longer be told
	}
	if out.Hidden {
		out.Text = ""
	}
	return out, err
}

// names reports whether a text tells who the household is: a word of its name, a longer word of its address, or
// anything as long as a phone.
func names(text string, h *household.Household) bool {
	said := strings.Fields(contact.Fold(text))
	return shares(said, string(h.Head), 3) || shares(said, string(h.Address), 4) || len(contact.Digits(text)) >= 5
}

// shares reports whether something said begins as a word of the text does; least is the shortest
// word that counts. Its last two letters are left out, for they change with the case.
func shares(said []string, text string, least int) bool {
	for word := range strings.FieldsSeq(contact.Fold(text)) {
		stem := []rune(word)
		if len(stem) < least {
			continue
		}
		for _, w := range said {
			if strings.HasPrefix(w, string(stem[:max(3, len(stem)-2)])) {
				return true
			}
		}
	}
	return false
}
