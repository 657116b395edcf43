package adoption

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Return is what a centre learns that was thought to be destroyed and works again: who went on with its records, how they
// stand now, and what became of what it wrote meanwhile.
type Return struct {
	Warrant
	Requests []Moved
	Open     int // needs that wait, or are on a run of theirs
	Done     int
	Stopped  int
	Written  []Written // what we wrote that is not the record's
}

// Moved is a request that another centre went on with.
type Moved struct {
	ID   request.ID
	Ref  id.Ref
	Open int // needs that are not closed
}

// Written is a change that we wrote when the record was no longer ours.
type Written struct {
	exchange.Proposal
	Request  request.ID
	Resolved bool
	Accepted bool
}

// Returns returns what became of our records by each warrant that let another centre go on with them and did, the newest
// first.
func Returns(ctx context.Context, db *store.DB) ([]Return, error) {
	all, err := Warrants(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Return
	for _, w := range all {
		if w.From != db.Centre() {
			continue
		}
		r, err := returned(ctx, db, w)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func returned(ctx context.Context, db *store.DB, w Warrant) (Return, error) {
	out := Return{Warrant: w}
	d, err := db.Decider(ctx)
	if err != nil {
		return out, err
	}
	records, err := gone(ctx, db)
	if err != nil {
		return out, err
	}
	for _, g := range records {
		dec, err := d.Of(ctx, ledger.ID(g.record))
		if err != nil {
			return out, err
		}
		if dec.Claim.Warrant != w.Number {
			continue
		}
		if err := out.count(ctx, db, g, dec); err != nil {
			return out, err
		}
	}
	slices.SortStableFunc(out.Requests, func(a, b Moved) int { return b.Open - a.Open })
	return out, nil
}

type goneRecord struct {
	record id.ID
	kind   string
}

// gone lists what was ours and is not: requests first.
func gone(ctx context.Context, db *store.DB) ([]goneRecord, error) {
	return store.All(ctx, db, func(row *sql.Rows, v *goneRecord) error {
		var raw []byte
		err := row.Scan(&raw, &v.kind)
		if err == nil {
			v.record = id.ID(raw)
		}
		return err
	}, `SELECT DISTINCT h.record, r.kind FROM record_held h JOIN record r ON r.id=h.record WHERE h.former=1 AND h.owner<>$1
		AND r.kind IN ('request','need','household','word','callback') ORDER BY r.kind<>'request', r.kind, h.record`, ledgerID(db))
}

func ledgerID(db *store.DB) []byte { c := db.Centre(); return c[:] }

func (r *Return) count(ctx context.Context, db *store.DB, g goneRecord, d *ledger.Decision) error {
	var about request.ID
	switch g.kind {
	case "request":
		q, err := request.Kind.Get(ctx, db, g.record)
		if err != nil {
			return err
		}
		r.Requests, about = append(r.Requests, Moved{ID: q.ID, Ref: q.Ref}), q.ID
	case "need":
		n, err := request.NeedKind.Get(ctx, db, g.record)
		if err != nil {
			return err
		}
		about = n.Request
		switch n.Status {
		case request.Done:
			r.Done++
		case request.Cancelled:
			r.Stopped++
		default:
			r.Open++
			if i := slices.IndexFunc(r.Requests, func(m Moved) bool { return m.ID == n.Request }); i >= 0 {
				r.Requests[i].Open++
			}
		}
	}
	for _, p := range d.Proposals {
		if p.Lane.Centre != ledger.ID(db.Centre()) {
			continue
		}
		v := Written{Proposal: exchange.ProposalOf(d, &p), Request: about, Resolved: p.Resolved, Accepted: p.Accepted}
		if i := slices.IndexFunc(r.Requests, func(m Moved) bool { return m.ID == about }); i >= 0 {
			v.Ref = r.Requests[i].Ref
		}
		r.Written = append(r.Written, v)
	}
	return nil
}

// Tally counts what became of what we wrote.
func (r *Return) Tally() (waits, accepted, declined int) {
	for _, w := range r.Written {
		switch {
		case !w.Resolved:
			waits++
		case w.Accepted:
			accepted++
		default:
			declined++
		}
	}
	return waits, accepted, declined
}

// Split is a centre whose records two others went on with, on both sides of a broken line, and who has them by the rules:
// the one with the higher warrant.
type Split struct {
	Of     id.ID
	Winner Warrant
	Others []Warrant
}

// Splits returns the centres that more than one other went on with.
func Splits(ctx context.Context, db *store.DB) ([]Split, error) {
	all, err := Warrants(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []Split
	for _, w := range all { // the highest number first
		switch i := slices.IndexFunc(out, func(s Split) bool { return s.Of == w.From }); {
		case i < 0:
			out = append(out, Split{Of: w.From, Winner: w})
		case !slices.ContainsFunc(append(out[i].Others, out[i].Winner), func(o Warrant) bool { return o.To == w.To }):
			out[i].Others = append(out[i].Others, w)
		}
	}
	return slices.DeleteFunc(out, func(s Split) bool { return len(s.Others) == 0 }), nil
}

// Ended returns the centres that key-holders have ended.
func Ended(ctx context.Context, db *store.DB) (map[id.ID]time.Time, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	said, err := store.Declared(ctx, db, ledger.KindRevocation)
	if err != nil {
		return nil, err
	}
	out := map[id.ID]time.Time{}
	for _, k := range said {
		var r ledger.Revocation
		if k.Fields.Into(&r) == nil && d.Directory.Revoked(r.Centre) && out[id.ID(r.Centre)].IsZero() {
			out[id.ID(r.Centre)] = clock(&k.Entry)
		}
	}
	return out, nil
}
