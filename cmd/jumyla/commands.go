package main

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/web/office"
)

type initCmd struct {
	Name  string  `required:"" help:"The centre's name."`
	Area  string  `help:"Its region, or city that counts as one, in any of the three languages or as a code (almaty-city, abai-region). Not given: that of --town."`
	Own   bool    `name:"own-area" help:"--area is one of your own that the program does not know; the rules of every area bind the centre."`
	Town  string  `help:"The town in whose middle crews start, where --lat and --lon do not say it exactly."`
	Zone  string  `default:"Asia/Almaty" help:"Its time zone."`
	Admin string  `required:"" help:"The first coordinator's name."`
	Lat   float64 `help:"Where crews start, degrees north; the middle of --town, or of a town that --area names, where it is not given."`
	Lon   float64 `help:"Where crews start, degrees east."`
	Phone string  `help:"The centre's telephone."`
}

// Run makes a centre whose passphrase is also its first coordinator's.
func (c *initCmd) Run(e *env) error {
	s, err := e.secret()
	if err != nil {
		return err
	}
	cfg, err := e.config()
	if err != nil {
		return err
	}
	served, err := c.serves(e.lang)
	if err != nil {
		return err
	}
	in := office.SetUpInput{Coordinator: contact.Name(c.Admin), Lang: e.lang, Passphrase: s.Passphrase}
	in.Centre = centre.Centre{Name: c.Name, Area: served, Zone: c.Zone, Langs: []string{"kk", "ru", "en"}, Lat: c.Lat, Lon: c.Lon, FirstSteps: true}
	if !in.Centre.Placed() {
		t, ok := centre.TownOf(cmp.Or(c.Town, strings.TrimSuffix(c.Area, "-city")))
		if !ok && c.Town != "" {
			return errs.New(errs.Invalid, "centre.coordinates")
		}
		if ok {
			in.Centre.Lat, in.Centre.Lon = t.Lat, t.Lon
		}
	}
	if c.Phone != "" {
		p, ok := contact.ParsePhone(c.Phone)
		if !ok {
			return errs.New(errs.Invalid, "error.phone")
		}
		in.Centre.Phone = p
	}
	if s.Passphrase == "" {
		return errs.New(errs.Denied, "store.secret_missing")
	}
	db, err := store.Create(e.ctx, cfg, s)
	if err != nil {
		return err
	}
	err = db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return in.Apply(e.ctx, tx, cfg.KDF) })
	if err != nil {
		return errors.Join(err, db.Discard())
	}
	if err := db.Close(); err != nil {
		return err
	}
	return e.say(map[string]string{"data": e.cli.Data}, "%s", e.cli.Data)
}

// serves is the code of the centre's area, or its people's words for one of their own.
func (c *initCmd) serves(lang i18n.Lang) (string, error) {
	code, ok := office.Area(c.Area, c.Town, c.Own)
	switch {
	case !ok:
		return "", errs.New(errs.Invalid, "office.area_unknown_said", "area", c.Area, "areas", office.NearArea(lang, c.Area))
	case code == "":
		return "", errs.New(errs.Invalid, "office.area_missing")
	}
	return code, nil
}

type serveCmd struct {
	Listen string `default:"127.0.0.1:8080" help:"Address; with :8080 the office's network too, encrypted."`
	Peers  string `help:"Address at which other centres may call this one, as :7443; off where it is not given." placeholder:"ADDR"`
	Copy   string `help:"Folder on another device for the second copy; kept for the next start." placeholder:"DIR"`
}

// Run serves until the program is told to stop.
func (c *serveCmd) Run(e *env) error {
	s, err := e.secret()
	if err != nil {
		return err
	}
	now, err := e.clock()
	if err != nil {
		return err
	}
	return app.Serve(e.ctx, app.Options{Dir: e.cli.Data, Listen: c.Listen, Secret: s, Log: e.log, Now: now, KDF: kdf(), Copy: c.Copy, Peers: c.Peers, Gone: func() { os.Exit(0) },
		Ready:  func(addr string) { fmt.Fprintf(e.out, "http://%s\n", addr) },
		Called: func(addr string) { fmt.Fprintf(e.out, "%s\n", e.lang.T("link.listens", "addr", addr)) }})
}

type rulesCmd struct {
	Preset struct {
		Name string `arg:"" help:"almaty-2022-01"`
	} `cmd:"" help:"Put a preset in force."`
}

// Run puts the preset in force; doing it again changes nothing.
func (c *rulesCmd) Run(e *env) error {
	rules, err := rule.Preset(c.Preset.Name)
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return rule.Apply(e.ctx, tx, rules) })
		if err != nil {
			return err
		}
		return e.say(map[string]int{"rules": len(rules)}, "%s", e.lang.T("cli.rules", "n", len(rules)))
	})
}

type checkCmd struct {
	Ref string `arg:"" help:"The request's number, with its check digit."`
	By  string `required:"" enum:"phone,list,visit" help:"phone, list or visit."`
}

// Run records that a request was checked.
func (c *checkCmd) Run(e *env) error {
	ref, err := id.ParseRef(c.Ref)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "app.ref")
	}
	return e.with(func(db *store.DB) error {
		err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error {
			q, err := request.ByRef(e.ctx, tx, ref)
			if err != nil {
				return err
			}
			return request.Check(e.ctx, tx, q, request.Verification(c.By))
		})
		if err != nil {
			return err
		}
		return e.say(map[string]string{"ref": ref.String(), "verified": c.By}, "%s", e.lang.T("cli.checked", "ref", ref, "how", e.lang.T("verified."+c.By))) // i18n: verified.*
	})
}

type stockCmd struct {
	Set struct {
		Item  string `arg:"" help:"basket, bread, baby_food …"`
		Count int    `arg:"" help:"How many there are."`
	} `cmd:"" help:"Set what was counted."`
}

// Run keeps a count.
func (c *stockCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error { return supply.Set(e.ctx, tx, c.Set.Item, c.Set.Count) })
		if err != nil {
			return err
		}
		return e.say(map[string]int{c.Set.Item: c.Set.Count}, "%s", e.lang.T("cli.counted", "item", supply.ItemName(e.lang, c.Set.Item), "n", c.Set.Count))
	})
}

// day reads a date in the centre's zone.
func day(e *env, db *store.DB, text string) (time.Time, error) {
	c, err := centre.Get(e.ctx, db)
	if err != nil {
		return time.Time{}, err
	}
	return c.Day(text)
}

type planCmd struct {
	Date  string `required:"" help:"The day: 2022-01-12."`
	Crews []int  `help:"Only these crews take part: 1,2." placeholder:"N,…"`
	Issue bool   `help:"Make the runs."`
}

type planOut struct {
	Runs      []runOut       `json:"runs"`
	Unplanned []unplannedOut `json:"unplanned"`
}

type runOut struct {
	Run    int       `json:"run"`
	Crew   int       `json:"crew"`
	Depart string    `json:"depart"`
	Back   string    `json:"back"`
	Stops  []stopOut `json:"stops"`
}

type stopOut struct {
	Seq    int    `json:"seq"`
	Ref    string `json:"ref"`
	Arrive string `json:"arrive"`
	Leave  string `json:"leave"`
}

type unplannedOut struct {
	Ref    string `json:"ref"`
	Reason string `json:"reason"`
}

// Run plans a day.
func (c *planCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		d, err := day(e, db, c.Date)
		if err != nil {
			return err
		}
		ways, err := app.Ways(e.cli.Data)
		if err != nil {
			return err
		}
		p, err := dispatch.Plan(e.ctx, db, ways, d, db.Now().In(d.Location()), c.Crews...)
		if err != nil {
			return err
		}
		var issued []run.Run
		if c.Issue {
			err = db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) (err error) {
				issued, err = dispatch.Issue(e.ctx, tx, p)
				return err
			})
			if err != nil {
				return err
			}
		}
		out := shape(e, p, issued)
		return e.say(out, "%s", planText(e.lang, out))
	})
}

func shape(e *env, p *dispatch.Proposal, issued []run.Run) planOut {
	out := planOut{Runs: []runOut{}, Unplanned: []unplannedOut{}}
	hm := func(s int32) string { return p.Day.Add(time.Duration(s) * time.Second).Format("15:04") }
	for i, rt := range p.Routes {
		r := runOut{Run: i + 1, Crew: p.Crews[rt.Vehicle].Number, Depart: hm(rt.Depart), Back: hm(rt.Back)}
		if i < len(issued) {
			r.Run = issued[i].Number
		}
		for _, s := range rt.Stops {
			if stop, ok := p.StopOf(s); ok {
				r.Stops = append(r.Stops, stopOut{Seq: len(r.Stops) + 1, Ref: stop.Request.Ref.String(), Arrive: hm(s.Arrive), Leave: hm(s.Leave)})
			}
		}
		out.Runs = append(out.Runs, r)
	}
	for _, u := range p.Unplanned {
		out.Unplanned = append(out.Unplanned, unplannedOut{Ref: u.Stop.Request.Ref.String(), Reason: u.Text(e.lang)})
	}
	return out
}

// planText says how many runs there are, when each goes and comes home, and of each request that is left out why.
func planText(lang i18n.Lang, p planOut) string {
	var b strings.Builder
	b.WriteString(lang.T("cli.planned", "runs", len(p.Runs), "left", len(p.Unplanned)))
	for _, r := range p.Runs {
		b.WriteString("\n" + lang.T("cli.run", "run", r.Run, "crew", r.Crew, "depart", r.Depart, "back", r.Back, "stops", len(r.Stops)))
	}
	for _, u := range p.Unplanned {
		b.WriteString("\n" + u.Ref + ": " + u.Reason)
	}
	return b.String()
}

type sheetsCmd struct {
	Date string `required:"" help:"The day: 2022-01-12."`
	Out  string `short:"o" required:"" help:"The PDF to write."`
}

// Run writes the sheets; it changes nothing in the data.
func (c *sheetsCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		d, err := day(e, db, c.Date)
		if err != nil {
			return err
		}
		ground, err := app.Ground(e.cli.Data)
		if err != nil {
			return err
		}
		f, err := os.Create(c.Out)
		if err != nil {
			return usage.NoWrite(err, c.Out)
		}
		err = sheet.Write(e.ctx, db, f, d, db.Now(), e.lang, nil, ground)
		if err = errors.Join(err, f.Close()); err != nil {
			return errors.Join(err, os.Remove(c.Out))
		}
		return e.say(map[string]string{"file": c.Out}, "%s", c.Out)
	})
}

type outcomeCmd struct {
	Crew   int    `required:"" help:"The crew's number."`
	Stop   int    `required:"" help:"The stop's number."`
	Result string `arg:"" enum:"delivered,partly,nobody,refused,wrong_address" help:"delivered, partly, nobody, refused or wrong_address."`
	At     string `help:"When: 15:30, today at the centre."`
	Note   string `help:"What the crew said."`
}

// Run records what came of a stop.
func (c *outcomeCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		own, err := centre.Get(e.ctx, db)
		if err != nil {
			return err
		}
		when := db.Now().In(own.Location())
		if c.At != "" {
			t, err := time.Parse("15:04", c.At)
			if err != nil {
				return errs.Wrap(errs.Invalid, err, "app.date")
			}
			when = time.Date(when.Year(), when.Month(), when.Day(), t.Hour(), t.Minute(), 0, 0, own.Location())
		}
		err = db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error {
			s, err := run.OfCrew(e.ctx, tx, when.Format(time.DateOnly), c.Crew)
			if err != nil {
				return err
			}
			return dispatch.Report(e.ctx, tx, s.ID, c.Stop, run.Result(c.Result), when.UTC(), contact.Note(c.Note))
		})
		if err != nil {
			return err
		}
		return e.say(map[string]any{"crew": c.Crew, "stop": c.Stop, "result": c.Result}, "%s",
			e.lang.T("cli.outcome", "crew", c.Crew, "stop", c.Stop, "result", e.lang.T("outcome."+c.Result))) // i18n: outcome.*
	})
}
