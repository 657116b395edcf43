// Package sheet is what a crew carries: the run's sheet on paper with its packing list, and the same on its phone. It
// changes nothing.
package sheet

import (
	"context"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/way"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
)

// Link returns the address of a run's field page, or "" where no phone could open it.
type Link func(ctx context.Context, rid run.ID) (string, error)

// Write writes the run sheets of a day as one PDF, each in its crew's language and followed by its packing
// list, and the whole day's packing last; of the runs with these numbers only, where any are given, and then without the
// day's packing. link may be nil.
func Write(ctx context.Context, r store.Reader, w io.Writer, day, now time.Time, lang i18n.Lang, link Link, g Ground, only ...int) error {
	c, err := centre.Get(ctx, r)
	if err != nil {
		return err
	}
	runs, err := run.OfDay(ctx, r, day.Format(time.DateOnly))
	if err != nil {
		return err
	}
	of := len(runs)
	runs = slices.DeleteFunc(runs, func(s run.State) bool {
		return s.Step == run.Void || len(only) > 0 && !slices.Contains(only, s.Number)
	})
	rules, err := rule.Between(ctx, r, day, day.AddDate(0, 0, 2))
	if err != nil {
		return err
	}
	o := &office{r: r, c: c, rules: rules, day: day, link: link, ground: g, paths: map[bool]*way.Paths{}}
	var parts []print.Part
	total := print.DayPackingInput{Centre: c.Name, Date: day}
	for _, s := range runs {
		more, load, err := o.run(ctx, &s, of)
		if err != nil {
			return err
		}
		parts = append(parts, more...)
		total.Runs = append(total.Runs, load)
	}
	if len(parts) > 0 && len(only) == 0 {
		parts = append(parts, print.DayPacking(lang, total))
	}
	return print.Write(w, print.Info{Title: day.Format(time.DateOnly), Created: now, Duplex: true}, parts...)
}

// office is what all sheets of a day have in common.
type office struct {
	r      store.Reader
	c      *centre.Centre
	rules  []rule.Rule
	day    time.Time
	link   Link
	ground Ground
	paths  map[bool]*way.Paths // for who has a pass or none
}

// run is the paper of one of so many runs: its sheet and what is packed for each trip.
func (o *office) run(ctx context.Context, s *run.State, of int) ([]print.Part, print.DayRun, error) {
	cr, err := crew.Kind.Get(ctx, o.r, s.Crew)
	if err != nil {
		return nil, print.DayRun{}, err
	}
	sh, load, err := lay(ctx, o.r, o.c, cr, s, cr.Lang, o.day)
	if err != nil {
		return nil, print.DayRun{}, err
	}
	pass := cr.Pass != ""
	if o.paths[pass] == nil {
		o.paths[pass] = o.ground.pathsOf(o.c, o.rules, o.day, pass)
	}
	o.ground.ways(&sh, s, o.c, o.paths[pass], cr.Lang)
	sh.Number, sh.Of = s.Number, of
	if o.link != nil {
		if sh.URL, err = o.link(ctx, s.ID); err != nil {
			return nil, print.DayRun{}, err
		}
	}
	sh.Rules = curfews(o.c, o.rules, o.day, cr.Lang)
	parts := []print.Part{print.RunSheet(cr.Lang, sh)}
	for _, trip := range packed(load, s.Stops, o.day) {
		parts = append(parts, print.PackingList(cr.Lang, trip))
	}
	return parts, print.DayRun{Crew: sh.Crew, Depart: sh.Depart, Items: items(load.Loads)}, nil
}

// packed parts a run's load where the crew loads again: each trip is packed from a list of its own, by the time at which the
// crew leaves the last door of the one before.
func packed(load print.PackingInput, stops []run.Stop, day time.Time) []print.PackingInput {
	var out []print.PackingInput
	var before run.Stop
	for i, s := range stops {
		if i == 0 || s.Trip != before.Trip {
			t := load
			if t.Loads = nil; i > 0 {
				t.LoadAt, t.Depart = at(day, before.Leave), time.Time{}
			}
			out = append(out, t)
		}
		last := &out[len(out)-1]
		last.Loads, before = append(last.Loads, load.Loads[i]), s
	}
	for i := range out {
		out[i].Trip, out[i].Trips = i+1, len(out)
	}
	return out
}

// curfews says which curfews hold at the centre on a day.
func curfews(c *centre.Centre, rules []rule.Rule, day time.Time, lang i18n.Lang) []string {
	var out []string
	for _, rl := range rules {
		if rl.Kind == rule.Curfew && rl.From.Before(day.AddDate(0, 0, 1)) && (len(dispatch.Areas(c)) == 0 || rl.Area == "" || rl.Area == c.Area) {
			out = append(out, rl.Kind.Name(lang)+" "+rl.Window())
		}
	}
	return out
}

// Of returns what the sheet of a run says, in a language of the reader's choice: the crew's phone shows the same in
// the same order.
func Of(ctx context.Context, r store.Reader, s *run.State, lang i18n.Lang, g Ground) (print.RunSheetInput, error) {
	c, err := centre.Get(ctx, r)
	if err != nil {
		return print.RunSheetInput{}, err
	}
	cr, err := crew.Kind.Get(ctx, r, s.Crew)
	if err != nil {
		return print.RunSheetInput{}, err
	}
	day, err := time.ParseInLocation(time.DateOnly, s.Day, c.Location())
	if err != nil {
		return print.RunSheetInput{}, err
	}
	in, _, err := lay(ctx, r, c, cr, s, lang, day)
	if err != nil || g.Roads == nil {
		return in, err
	}
	rules, err := rule.Between(ctx, r, day, day.AddDate(0, 0, 2))
	if err != nil {
		return in, err
	}
	g.Map = nil // a phone shows no sketch
	g.ways(&in, s, c, g.pathsOf(c, rules, day, cr.Pass != ""), lang)
	return in, nil
}

// lay puts what is known of a run on its sheet and its packing list, but for the ways.
func lay(ctx context.Context, r store.Reader, c *centre.Centre, cr *crew.Crew, s *run.State, lang i18n.Lang, day time.Time) (print.RunSheetInput, print.PackingInput, error) {
	no := strconv.Itoa(cr.Number)
	in := print.RunSheetInput{Centre: c.Name, Date: day, Ref: s.Day + "/" + strconv.Itoa(s.Number), Crew: no, Vehicle: cr.Vehicle, Plate: cr.Plate, Pass: cr.Pass,
		Depart: at(day, s.Depart), HomeBy: at(day, s.Back), Phone: c.Phone.String(), Blank: 3, Start: &print.Point{Lat: c.Lat, Lon: c.Lon}}
	load := print.PackingInput{Centre: c.Name, Date: day, Crew: no, Vehicle: cr.Vehicle, Plate: cr.Plate, Depart: in.Depart, LoadAt: in.Depart.Add(-20 * time.Minute)}
	for _, m := range cr.Members {
		switch m.Role {
		case "driver":
			in.Driver = string(m.Name)
		case "navigator":
			in.Navigator = string(m.Name)
		default:
			in.Others = append(in.Others, string(m.Name))
		}
	}
	for t := in.Depart.Add(run.CheckEvery); t.Before(in.HomeBy); t = t.Add(run.CheckEvery) {
		in.Checks = append(in.Checks, t)
	}
	for i, st := range s.Stops {
		p, err := paperStop(ctx, r, st, lang, day)
		if err != nil {
			return in, load, err
		}
		if i > 0 && st.Trip != s.Stops[i-1].Trip {
			p.Note = strings.TrimSpace(cr.Lang.T("plan.load_again") + " " + p.Note)
		}
		if cr.Posts {
			p.Kind, in.Kind = print.Posts, print.Posts
		}
		in.Stops = append(in.Stops, p)
		load.Loads = append(load.Loads, print.Load{Stop: i + 1, Ref: p.Ref, Items: p.Items})
	}
	return in, load, nil
}

func paperStop(ctx context.Context, r store.Reader, st run.Stop, lang i18n.Lang, day time.Time) (print.Stop, error) {
	q, err := request.Kind.Get(ctx, r, st.Request)
	if err != nil {
		return print.Stop{}, err
	}
	h, err := household.Kind.Get(ctx, r, q.Household.ID)
	if err != nil {
		return print.Stop{}, err
	}
	p := print.Stop{Ref: q.Ref.String(), At: at(day, st.Arrive), Address: h.Door(), Entrance: h.Entrance, Floor: h.Floor,
		Code: h.Code, Name: string(h.Head), Note: string(q.Note)}
	if h.Address == "" {
		p.Address = lang.T("dispatch.erased")
	}
	if len(h.Phones) > 0 {
		p.Phone = h.Phones[0].String()
	}
	if h.Where != nil {
		p.Where = &print.Point{Lat: h.Where.Lat, Lon: h.Where.Lon}
		if h.Where.Rough {
			p.Note = strings.TrimSpace(lang.T("where.sheet") + " " + p.Note)
		}
	}
	p.Care = cares(h, lang)
	for _, nid := range st.Needs {
		n, err := request.NeedKind.Get(ctx, r, nid)
		if err != nil {
			return p, err
		}
		if n.What == "" {
			continue // erased with its household
		}
		p.Items = append(p.Items, item(n, lang))
	}
	return p, nil
}

// item is a need as it is packed and handed over: its kind, for a detail alone names nothing ("with a prescription"), and
// what is said of it, so that the brand of an insulin is not left to memory. What is of no kind has its words for a name.
func item(n *request.Need, lang i18n.Lang) print.Item {
	i := print.Item{Name: lang.T("what." + string(n.What)), Quantity: n.Count, Says: n.Says()} // i18n: what.*
	if n.What == request.Other && i.Says != "" {
		i.Name, i.Says = i.Says, ""
	}
	return i
}

// cares is what matters at a door, in words.
func cares(h *household.Household, lang i18n.Lang) []string {
	var out []string
	for _, c := range h.Cares {
		if c == household.OnlyLang {
			out = append(out, lang.T("dispatch.only_lang", "lang", h.Lang.Name()))
			continue
		}
		out = append(out, lang.T("care."+string(c))) // i18n: care.*
	}
	return out
}

// items are those of all loads.
func items(loads []print.Load) []print.Item {
	var out []print.Item
	for _, l := range loads {
		out = append(out, l.Items...)
	}
	return out
}

func at(day time.Time, seconds int32) time.Time { return day.Add(time.Duration(seconds) * time.Second) }
