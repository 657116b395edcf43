// Package rule keeps the rules of the moment as data, each with its source: curfew, closed zones, limits on
// entering and leaving, on gatherings, and who is exempt. It answers one question, may this crew be there
// then, and says why not in words. Rules come from outside and change; nothing here is built in but presets.
package rule

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // a zone's past is known on a laptop without it, too

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

type kind struct{}

// ID is a rule's identity.
type ID = id.Of[kind]

// Kind is what a rule is about.
type Kind string

// The kinds of rules.
const (
	Curfew     Kind = "curfew"      // nobody may be outside in the window
	ClosedZone Kind = "closed_zone" // nobody may be inside: the polygon, or the whole area where there is none
	EntryExit  Kind = "entry_exit"  // the area may not be entered or left in the window
	Gathering  Kind = "gathering"   // no more than Limit people may be called together
	Exemption  Kind = "exemption"   // in its area and window the other kinds bind nobody, or nobody with a pass
)

// Rule is one rule: what, where, when, and who says so.
type Rule struct {
	ID         ID
	Kind       Kind         `dir:"kind"`
	Area       string       `dir:"area"`        // "almaty-city"; "" everywhere
	From       time.Time    `dir:"from"`        // it holds from here …
	To         time.Time    `dir:"to"`          // … until before here; zero is open
	Start      int          `dir:"start"`       // window of each day, minutes from midnight in Zone …
	End        int          `dir:"end"`         // … past midnight where not after Start; 0, 0 is all day
	PassExempt bool         `dir:"pass_exempt"` // who has a pass may
	Zone       string       `dir:"zone"`        // IANA: "Asia/Almaty"
	Limit      int          `dir:"limit"`       // of a gathering: how many people may be called together
	Polygon    [][2]float64 `dir:"polygon"`     // of a closed zone: latitude, longitude of each corner
	Source     string       `dir:"source"`      // who ordered it and where that was read
	Superseded id.ID        `dir:"superseded"`  // the rule that took its place: this one no longer holds
	Ended      bool         `dir:"ended"`       // taken back, as if it had never been
}

// Record is how rules stand in the ledger.
var Record = store.Define(store.Spec[Rule]{
	Name: "rule", Schema: 1, Tables: []string{"rule"},
	DDL: `CREATE TABLE rule (id TEXT PRIMARY KEY, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL, holds INTEGER NOT NULL);
	CREATE INDEX rule_valid ON rule (holds, valid_from);`,
	Project: func(ctx context.Context, tx *store.Tx, r *Rule) error {
		holds := 0
		if !r.Ended && r.Superseded.IsZero() {
			holds = 1
		}
		_, err := tx.Exec(ctx, `INSERT INTO rule (id, valid_from, valid_to, holds) VALUES ($1,$2,$3,$4)
			ON CONFLICT (id) DO UPDATE SET valid_from=$2, valid_to=$3, holds=$4`,
			r.ID, store.Micro(r.From), store.Micro(r.To), holds)
		return err
	},
})

// InForce returns the rules that hold at a moment, oldest first. A curfew is in force by day, too: when it binds is its
// window.
func InForce(ctx context.Context, r store.Reader, at time.Time) ([]Rule, error) {
	return Between(ctx, r, at, at.Add(time.Microsecond))
}

// Between returns the rules that hold at some moment from from until before to, oldest first.
func Between(ctx context.Context, r store.Reader, from, to time.Time) ([]Rule, error) {
	ids, err := store.All(ctx, r, func(row *sql.Rows, v *id.ID) error { return row.Scan(v) },
		`SELECT id FROM rule WHERE holds=1 AND valid_from < $1 AND (valid_to = 0 OR valid_to > $2) ORDER BY valid_from, id`,
		store.Micro(to), store.Micro(from))
	if err != nil {
		return nil, fmt.Errorf("list rules: %w", err)
	}
	out := make([]Rule, 0, len(ids))
	for _, rid := range ids {
		v, err := Record.Get(ctx, r, rid)
		if err != nil {
			return nil, fmt.Errorf("list rules: %w", err)
		}
		out = append(out, *v)
	}
	return out, nil
}

// Validate returns an Invalid error that names each field at fault.
func (r *Rule) Validate() error {
	f := errs.Fields{}
	f.Check(slices.Contains([]Kind{Curfew, ClosedZone, EntryExit, Gathering, Exemption}, r.Kind), "kind", "error.required")
	f.Check(!r.From.IsZero(), "from", "error.required")
	f.Check(r.To.IsZero() || r.To.After(r.From), "to", "rule.ends_first")
	f.Check(r.Start >= 0 && r.Start <= day && r.End >= 0 && r.End <= day, "start", "rule.window")
	_, err := location(r.Zone)
	f.Check(err == nil, "zone", "rule.zone")
	f.Check(strings.TrimSpace(r.Source) != "", "source", "error.required")
	f.Check(r.Limit >= 0, "limit", "rule.limit")
	f.Check(len(r.Polygon) == 0 || len(r.Polygon) >= 3 && r.Kind == ClosedZone, "polygon", "rule.polygon")
	return f.Err()
}

func location(zone string) (*time.Location, error) {
	if zone == "" || zone == "Local" { // the machine's own is nobody's rule
		return nil, errs.New(errs.Invalid, "rule.zone")
	}
	return time.LoadLocation(zone)
}

// Apply writes rules. One with an ID is written as it is; one without is new, and has an ID that follows
// from what it says, so that applying it again changes nothing, also when it was ended meanwhile.
func Apply(ctx context.Context, tx *store.Tx, rules []Rule) error {
	for _, r := range rules {
		if err := r.Validate(); err != nil {
			return fmt.Errorf("apply rule: %w", err)
		}
		if r.ID.IsZero() {
			rid, err := derive(tx.Centre(), r)
			if err != nil {
				return fmt.Errorf("apply rule: %w", err)
			}
			_, err = Record.Get(ctx, tx, rid.ID)
			if err == nil {
				continue
			}
			if !errs.Is(err, errs.NotFound) {
				return err
			}
			r.ID = rid
		}
		if err := tx.Put(ctx, &r); err != nil {
			return err
		}
	}
	return nil
}

// derive returns the identity that follows from what a rule of a centre's says: two centres' rules are two records.
func derive(centre id.ID, r Rule) (ID, error) {
	raw, err := ledger.Marshal([]any{centre, r.Kind, r.Area, r.From, r.To, r.Start, r.End, r.PassExempt, r.Zone, r.Limit, r.Polygon, r.Source})
	if err != nil {
		return ID{}, err
	}
	sum := sha256.Sum256(raw)
	v, err := id.From(r.From, io.LimitReader(strings.NewReader(string(sum[:])), int64(len(sum))))
	return ID{ID: v}, err
}
