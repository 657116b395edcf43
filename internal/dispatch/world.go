package dispatch

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/route"
)

// maxStops is how many requests one plan weighs, the most urgent first; the next plan takes the others.
const maxStops = 1500

// Stop is a request on a route, with what is brought.
type Stop struct {
	Request   *request.Request
	Household *household.Household
	Needs     []request.Need

	points int // of urgency
}

// Units is what the stop's needs take of a vehicle, in load units.
func (s *Stop) Units() int { return boxes(s.Needs) }

// boxes is the room that needs take in a vehicle, in load units.
func boxes(needs []request.Need) int {
	units := 0
	for _, n := range needs {
		per := 1
		if n.What == request.Basket || n.What == request.Water {
			per = perBox
		}
		units += per * n.Count
	}
	return units
}

// heavy reports whether one person alone cannot bring it up: more than two baskets to where nobody carries, or
// no lift goes.
func (s *Stop) heavy() bool {
	return s.Units() > 2*perBox && (s.Household.Has(household.CannotCarry) || s.Household.Has(household.NoLift))
}

// World is everything that a day's plan depends on, as it stood at a moment. It is not changed once it is
// gathered, and may be shared.
type World struct {
	Day    time.Time // midnight in the centre's zone
	Centre *centre.Centre
	Crews  []crew.Crew // who may be planned: not ended, not void, not out
	Rules  []rule.Rule // of the day and the next
	Stops  []Stop      // ready, the most urgent first
	ByRoad bool        // travel is by roads, not by straight lines
	Steps  int64       // of the solver; 0 for as many as a good plan of a day needs

	refuse []Refusal        // what nobody could bring
	stopAt map[id.ID]int    // by request
	crewAt map[id.ID]int    // by crew
	can    map[id.ID]uint64 // what a crew's members can do, by crew
	travel []route.Travel   // between the centre (0) and the stops (from 1): for who has no pass, for who has one
	free   route.Travel     // the same if no zone were closed
	closed map[bool][]shut  // zones that the stops lie in, by whether a crew has a pass

	borders []border // of rules on entry and exit
}

// Gather reads what a plan of a day (midnight in the centre's zone) depends on. Requests in keep stand first
// when stock is promised: they are in a plan already.
func Gather(ctx context.Context, r store.Reader, ways Ways, day, now time.Time, keep []id.ID) (*World, error) {
	w := &World{Day: day, stopAt: map[id.ID]int{}, crewAt: map[id.ID]int{}}
	var err error
	if w.Centre, err = centre.Get(ctx, r); err != nil {
		return nil, err
	}
	all, err := crew.List(ctx, r)
	if err != nil {
		return nil, err
	}
	busy, err := crewsOut(ctx, r, day)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if !c.Void() && !busy[c.Number] {
			w.crewAt[c.ID.ID] = len(w.Crews)
			w.Crews = append(w.Crews, c)
		}
	}
	if err := w.able(ctx, r); err != nil {
		return nil, err
	}
	if w.Rules, err = rule.Between(ctx, r, day, day.AddDate(0, 0, 2)); err != nil {
		return nil, err
	}
	if err := w.ready(ctx, r, now, keep); err != nil {
		return nil, err
	}
	places := []household.Point{{Lat: w.Centre.Lat, Lon: w.Centre.Lon}}
	for i := range w.Stops {
		places = append(places, *w.Stops[i].Household.Where)
	}
	if err := w.layOut(ctx, ways, places); err != nil {
		return nil, err
	}
	w.closed = map[bool][]shut{true: w.closures(true), false: w.closures(false)}
	if slices.ContainsFunc(w.Rules, func(r rule.Rule) bool { return r.Kind == rule.EntryExit }) {
		areas, err := area.Load(ctx, r)
		if err != nil {
			return nil, err
		}
		w.borders = w.bordersOf(areas)
	}
	return w, nil
}

// layOut finds the ways between the centre and the stops, around the zones that are closed to who has a pass or none.
func (w *World) layOut(ctx context.Context, ways Ways, places []household.Point) (err error) {
	if w.free, err = ways.Between(ctx, w.Day, places); err != nil {
		return err
	}
	_, w.ByRoad = w.free.(*byRoad)
	for _, pass := range []bool{false, true} {
		zones := rule.Zones(w.Rules, Areas(w.Centre), pass, w.Day, w.Day.AddDate(0, 0, 2))
		travel := w.free
		if w.ByRoad && len(zones) > 0 {
			if travel, err = ways.Between(ctx, w.Day, places, zones...); err != nil {
				return err
			}
		}
		w.travel = append(w.travel, travel)
	}
	return nil
}

// travelOf is the place in World.travel of a crew's ways.
func travelOf(c *crew.Crew) int {
	if c.Pass != "" {
		return 1
	}
	return 0
}

func crewsOut(ctx context.Context, r store.Reader, day time.Time) (map[int]bool, error) {
	nos, err := store.All(ctx, r, func(row *sql.Rows, n *int) error { return row.Scan(n) },
		`SELECT crew_no FROM run WHERE day=$1 AND coalesce((SELECT c.step FROM run_check c WHERE c.run=run.id AND c.step<>'sheet_back' ORDER BY c.id DESC LIMIT 1), '')
			NOT IN ('home','void')`, day.Format(time.DateOnly))
	out := map[int]bool{}
	for _, n := range nos {
		out[n] = true
	}
	return out, err
}

// ready fills in the stops: requests with open needs, those of keep first, then the most urgent, each only as
// far as it is checked, has a place, and the stock still holds what it asks for.
func (w *World) ready(ctx context.Context, r store.Reader, now time.Time, keep []id.ID) error {
	rows, err := request.Board(ctx, r, request.Filter{View: "open", Limit: 5000})
	if err != nil {
		return err
	}
	kept := make(map[id.ID]bool, len(keep))
	for _, k := range keep {
		kept[k] = true
	}
	var all []Stop
	for _, row := range rows {
		s, err := stop(ctx, r, row)
		if err != nil {
			return err
		}
		if len(s.Needs) > 0 {
			s.points, _ = request.Urgency(s.Needs, s.Household, now.Sub(s.Request.At), s.Request.Calls)
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, func(a, b Stop) int {
		if ka, kb := kept[a.Request.ID.ID], kept[b.Request.ID.ID]; ka != kb {
			if ka {
				return -1
			}
			return 1
		}
		return b.points - a.points
	})
	left, err := Available(ctx, r)
	if err != nil {
		return err
	}
	baskets, err := basketRule(ctx, r, w.Centre, w.Day)
	if err != nil {
		return err
	}
	w.promise(all, left, baskets)
	return nil
}

// promise gives each stop what the stock still holds, and refuses the others with the reason.
func (w *World) promise(all []Stop, left map[string]int, baskets *request.Baskets) {
	for _, s := range all {
		key, args := refusal(s, left)
		if key == "" && len(w.Stops) == maxStops {
			key, args = "dispatch.later", []any{"n", maxStops}
		}
		if key != "" {
			w.refuse = append(w.refuse, Refusal{Stop: s, Key: key, Args: args})
			continue
		}
		if !w.granted(baskets, &s) {
			continue
		}
		for _, n := range s.Needs {
			left[string(n.What)] -= n.Count
		}
		w.stopAt[s.Request.ID.ID] = len(w.Stops)
		w.Stops = append(w.Stops, s)
	}
}

func stop(ctx context.Context, r store.Reader, row request.Row) (s Stop, err error) {
	if s.Request, err = request.Kind.Get(ctx, r, row.ID.ID); err != nil {
		return s, err
	}
	if s.Household, err = household.Kind.Get(ctx, r, row.Household.ID); err != nil {
		return s, err
	}
	needs, err := request.Needs(ctx, r, row.ID)
	for _, n := range needs {
		if n.Status == request.Open && n.What != request.Message {
			s.Needs = append(s.Needs, n)
		}
	}
	return s, err
}

func refusal(s Stop, left map[string]int) (key string, args []any) {
	switch {
	case !s.Request.Plannable():
		return "dispatch.unverified", nil
	case s.Household.Where == nil:
		return "dispatch.no_place", nil
	}
	want := map[request.What]int{}
	for _, n := range s.Needs {
		want[n.What] += n.Count
	}
	for _, n := range s.Needs {
		if n.What.Counted() && want[n.What] > left[string(n.What)] {
			return "dispatch.stock", []any{"item", n.What, "left", max(left[string(n.What)], 0)}
		}
	}
	return "", nil
}

// Stop returns a ready stop by its request; false where there is none.
func (w *World) Stop(request id.ID) (*Stop, bool) {
	i, ok := w.stopAt[request]
	if !ok {
		return nil, false
	}
	return &w.Stops[i], true
}

// Crew returns a crew that may be planned; false where there is none.
func (w *World) Crew(c id.ID) (*crew.Crew, bool) {
	i, ok := w.crewAt[c]
	if !ok {
		return nil, false
	}
	return &w.Crews[i], true
}

// Areas returns the areas whose rules bind a centre: its own where that is one that rules are written for,
// else none, which means every rule counts.
func Areas(c *centre.Centre) []string {
	if !rule.KnownArea(c.Area) {
		return nil
	}
	return []string{c.Area}
}

func at(day time.Time, seconds int32) time.Time { return day.Add(time.Duration(seconds) * time.Second) }
