// Package adoption goes on with the records of a centre that is destroyed, when two of the three key-holders have let it,
// and tells the centre that comes back what became of them. Whose a record is the ledger decides; people, crews and stock
// of the other centre stay its own.
package adoption

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// kinds are the records that are adopted, in this order: what serves people. Who helps, and with what, stays whose it was.
func kinds() []string { return []string{"household", "request", "need", "word", "callback"} }

// perWrite is how many records are adopted in one write: others must be able to write meanwhile.
const perWrite = 50

// Warrant is one that counts.
type Warrant struct {
	Number   uint64
	From, To id.ID
	At       time.Time // when it was written down, by the clock of who did
}

// Warrants returns the warrants that enough key-holders have signed, the newest number first.
func Warrants(ctx context.Context, db *store.DB) ([]Warrant, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	said, err := store.Declared(ctx, db, ledger.KindWarrant)
	if err != nil {
		return nil, err
	}
	var out []Warrant
	for _, k := range said {
		var w ledger.Warrant
		if k.Fields.Into(&w) != nil || !d.Directory.Warranted(w.Number, w.From, w.To) {
			continue
		}
		v := Warrant{Number: w.Number, From: id.ID(w.From), To: id.ID(w.To), At: clock(&k.Entry)}
		if !slices.ContainsFunc(out, func(o Warrant) bool { return o.Number == v.Number && o.From == v.From && o.To == v.To }) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b Warrant) int { return cmp.Compare(b.Number, a.Number) })
	return out, nil
}

func clock(e *ledger.Entry) time.Time {
	return time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).UTC()
}

// Stock is what there is of a centre to go on with, as far as it has come here.
type Stock struct {
	Requests int
	Open     int // needs that nobody has planned
	Planned  int // needs on a run of theirs: a crew may have gone
	Closed   int // needs that are done or cancelled
	Named    int // households whose names and addresses are here
	Nameless int // households of which only kind, urgency and area are here
	Until    time.Time
}

// Look counts what a centre's records are here. Nothing is written.
func Look(ctx context.Context, db *store.DB, from id.ID) (Stock, error) {
	var s Stock
	err := db.QueryRow(ctx, `SELECT count(*) FROM request_elsewhere WHERE owner=$1`, from).Scan(&s.Requests)
	if err != nil {
		return s, fmt.Errorf("count requests: %w", err)
	}
	err = db.QueryRow(ctx, `SELECT coalesce(sum(status='open'),0), coalesce(sum(status='planned'),0), coalesce(sum(status IN ('done','cancelled')),0)
		FROM need_elsewhere WHERE owner=$1`, from).Scan(&s.Open, &s.Planned, &s.Closed)
	if err != nil {
		return s, fmt.Errorf("count needs: %w", err)
	}
	err = db.QueryRow(ctx, `SELECT coalesce(sum(named),0), coalesce(sum(1-named),0) FROM (
		SELECT EXISTS (SELECT 1 FROM record b WHERE b.id=h.record AND b.class='body') AS named
		FROM record_held h WHERE h.owner=$1 AND EXISTS (SELECT 1 FROM record r WHERE r.id=h.record AND r.kind='household'))`, from[:]).Scan(&s.Named, &s.Nameless)
	if err != nil {
		return s, fmt.Errorf("count households: %w", err)
	}
	s.Until, err = lastOf(ctx, db, from)
	return s, err
}

// lastOf is when a centre wrote what is the last of it here, by its clock.
func lastOf(ctx context.Context, r store.Reader, centre id.ID) (time.Time, error) {
	raws, err := store.All(ctx, r, func(row *sql.Rows, v *[]byte) error { return row.Scan(v) },
		`SELECT e.raw FROM ledger_lane l JOIN ledger_entry e ON e.lane=l.id AND e.seq=l.seq WHERE l.centre=$1`, centre[:])
	if err != nil {
		return time.Time{}, err
	}
	var last time.Time
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil {
			return last, err
		}
		if at := clock(&e); at.After(last) {
			last = at
		}
	}
	return last, nil
}

// Adopted is what one adoption took.
type Adopted struct {
	Requests int `json:"requests"`
	Records  int `json:"records"`
	Out      int `json:"out"` // needs that were on a run of theirs, open again here: a crew may have gone
}

// Adopt makes a centre's records ours, by the highest warrant that lets us. It may be broken off and done again, and done
// again when more of theirs has come: it goes on with what is left.
func Adopt(ctx context.Context, db *store.DB, actor store.Actor, from id.ID) (Adopted, error) {
	var out Adopted
	all, err := Warrants(ctx, db)
	if err != nil {
		return out, err
	}
	i := slices.IndexFunc(all, func(w Warrant) bool { return w.From == from && w.To == db.Centre() })
	if i < 0 {
		return out, errs.New(errs.Denied, "adopt.no_warrant")
	}
	if err := db.Settle(ctx); err != nil {
		return out, err
	}
	for _, kind := range kinds() {
		records, err := owned(ctx, db, from, kind)
		if err != nil {
			return out, err
		}
		for part := range slices.Chunk(records, perWrite) {
			var n Adopted
			err := db.Write(ctx, actor, func(tx *store.Tx) (err error) {
				n, err = adopt(ctx, tx, all[i], kind, part)
				return err
			})
			if err != nil {
				return out, fmt.Errorf("adopt %s: %w", kind, err)
			}
			out.Requests, out.Records, out.Out = out.Requests+n.Requests, out.Records+n.Records, out.Out+n.Out
		}
	}
	return out, nil
}

// owned returns a centre's records of a kind, as far as they are here.
func owned(ctx context.Context, r store.Reader, centre id.ID, kind string) ([]id.ID, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *id.ID) error {
		var raw []byte
		err := row.Scan(&raw)
		if err == nil {
			*v = id.ID(raw)
		}
		return err
	}, "SELECT h.record FROM record_held h WHERE h.owner=$1 AND EXISTS (SELECT 1 FROM record r WHERE r.id=h.record AND r.kind=$2) ORDER BY h.record", centre[:], kind)
}

// adopt claims a few records. One that a higher warrant has moved already stays where it is.
func adopt(ctx context.Context, tx *store.Tx, w Warrant, kind string, records []id.ID) (out Adopted, err error) {
	for _, rid := range records {
		d, err := tx.Decide(ctx, rid)
		if err != nil {
			return out, err
		}
		if d.Owner != ledger.ID(w.From) || d.Claim.Warrant >= w.Number {
			continue
		}
		c := d.Next(ledger.ID(tx.Centre()))
		c.Warrant, c.Reason = w.Number, "adopt"
		if err := exchange.Claim(ctx, tx, d, c); err != nil {
			return out, err
		}
		out.Records++
		switch kind {
		case "request":
			out.Requests++
		case "need":
			reopened, err := reopen(ctx, tx, rid, w)
			if err != nil {
				return out, err
			}
			if reopened {
				out.Out++
			}
		}
	}
	return out, nil
}

// reopen makes a need that stood on a run of theirs open: nobody here ends that run. That a crew may have gone is kept.
func reopen(ctx context.Context, tx *store.Tx, rid id.ID, w Warrant) (bool, error) {
	n, err := request.NeedKind.Get(ctx, tx, rid)
	if err != nil || n.Status != request.Planned {
		return false, err
	}
	n.Stand(request.Open, id.ID{}, tx.Now, tx.Now)
	if err := tx.Put(ctx, n); err != nil {
		return false, err
	}
	return true, exchange.TwoTeams(ctx, tx, rid, w.From, exchange.ByAdoption)
}
