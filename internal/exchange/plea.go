package exchange

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/sight"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Plea is what a centre that had records before asks the one that has them: to forget a household. It is one act there.
type Plea struct {
	ID       id.ID     `json:"plea"`
	By       id.ID     `json:"by"` // who asks
	Of       id.ID     `json:"of"` // who has the records, and answers
	Ours     bool      `json:"ours"`
	At       time.Time `json:"at"`       // as the clock of whoever asks had it
	Declined time.Time `json:"declined"` // zero: it was not
	Refs     []id.Ref  `json:"refs"`     // of the requests that it is about
	Open     []id.Ref  `json:"open"`     // of those for which something is still to be brought or somebody to be called, as far as is known here
	Newer    bool      `json:"newer"`    // who asks had not seen all that was asked for since: a person of ours decides, also when everything was brought
	Heard    time.Time `json:"heard"`    // as of when it is known what who answers has; zero: never, or it is us

	records  []id.ID
	requests []request.ID
}

// About reports whether a plea is about a request.
func (p Plea) About(rid request.ID) bool { return slices.Contains(p.requests, rid) }

// Place returns a request by which the plea is answered.
func (p Plea) Place() (request.ID, bool) {
	if len(p.requests) == 0 {
		return request.ID{}, false
	}
	return p.requests[0], true
}

// Waits reports whether nobody has answered it yet.
func (p Plea) Waits() bool { return p.Declined.IsZero() }

// Pleas returns what we asked others to forget, and what others ask us, the newest first. One that was carried out is none
// any more: it is an erasure.
func Pleas(ctx context.Context, r store.Reader) ([]Plea, error) {
	us, err := store.One[[]byte](ctx, r, "centre", "SELECT value FROM ledger_self WHERE key='centre'")
	if err != nil {
		return nil, err
	}
	type row struct {
		plea   Plea
		record id.ID
	}
	rows, err := store.All(ctx, r, func(s *sql.Rows, v *row) error {
		var batch, record, by, of []byte
		var at, declined int64
		err := s.Scan(&batch, &record, &by, &of, &at, &declined)
		if err == nil {
			v.record, v.plea = id.ID(record), Plea{ID: id.ID(batch), By: id.ID(by), Of: id.ID(of), Ours: id.ID(of) == id.ID(us), At: store.At(at), Declined: store.At(declined)}
		}
		return err
	}, `SELECT p.batch, p.record, p.centre, h.owner, p.asked, p.declined FROM record_plea p JOIN record_held h ON h.record=p.record
		WHERE p.centre=$1 OR h.owner=$1 ORDER BY p.asked DESC, p.batch, h.owner, p.declined>0, p.record`, us)
	if err != nil {
		return nil, err
	}
	out := []Plea{}
	for _, v := range rows {
		last := len(out) - 1
		if last < 0 || out[last].ID != v.plea.ID || out[last].Of != v.plea.Of || out[last].Waits() != v.plea.Waits() {
			out = append(out, v.plea)
			last++
		}
		out[last].records = append(out[last].records, v.record)
	}
	for i := range out {
		if err := out[i].look(ctx, r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// CountPleas counts what others ask us to forget and nobody has answered.
func CountPleas(ctx context.Context, r store.Reader) (int, error) {
	return store.One[int](ctx, r, "pleas", `SELECT count(DISTINCT p.batch) FROM record_plea p JOIN record_held h ON h.record=p.record
		WHERE p.declined=0 AND h.owner=(SELECT value FROM ledger_self WHERE key='centre')`)
}

// look finds the requests that a plea is about, with all of their households: one household is forgotten whole.
func (p *Plea) look(ctx context.Context, r store.Reader) (err error) {
	for _, rid := range p.records {
		all, err := requestsOf(ctx, r, rid)
		if err != nil {
			return err
		}
		for _, v := range all {
			if !slices.Contains(p.requests, v) {
				p.requests = append(p.requests, v)
			}
		}
	}
	for _, v := range p.requests {
		q, err := request.Kind.Get(ctx, r, v.ID)
		if err != nil {
			return err
		}
		needs, err := request.AllNeeds(ctx, r, v)
		if err != nil {
			return err
		}
		promised, err := request.Promised(ctx, r, v)
		if err != nil {
			return err
		}
		if p.Refs = append(p.Refs, q.Ref); promised || slices.ContainsFunc(needs, waits) {
			p.Open = append(p.Open, q.Ref)
		}
	}
	if p.Ours {
		p.Newer, err = p.unseen(ctx, r)
		return err
	}
	s, err := stateOf(ctx, r, ledger.ID(p.Of))
	p.Heard = s.Heard
	return err
}

// unseen reports whether anything was asked for in what a plea is about that who asks had not seen.
func (p *Plea) unseen(ctx context.Context, r store.Reader) (bool, error) {
	if !p.Waits() {
		return false, nil
	}
	records, err := p.about(ctx, r)
	if err != nil {
		return false, err
	}
	return sight.Asked{By: p.By, Batch: p.ID, Of: p.records}.Unseen(ctx, r, records)
}

// about are the records by which a household asks for anything: it, its requests, their needs, and the calls promised to it.
func (p *Plea) about(ctx context.Context, r store.Reader) ([]id.ID, error) {
	out := slices.Clone(p.records)
	for _, rid := range p.requests {
		q, err := request.Kind.Get(ctx, r, rid.ID)
		if err != nil {
			return nil, err
		}
		_, all, err := Together(ctx, r, q)
		if err != nil {
			return nil, err
		}
		calls, err := request.CallbacksOf(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		for _, v := range append(all, calls...) {
			if !slices.Contains(out, v) {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

// requestsOf returns the requests of the household that a record is, or is about.
func requestsOf(ctx context.Context, r store.Reader, rid id.ID) ([]request.ID, error) {
	var kind string
	err := r.QueryRow(ctx, "SELECT kind FROM record WHERE id=$1 LIMIT 1", rid[:]).Scan(&kind)
	if err != nil {
		return nil, ignore(err, sql.ErrNoRows)
	}
	hid := household.ID{ID: rid}
	if kind == request.NeedKind.Name() {
		n, err := request.NeedKind.Get(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		kind, rid = request.Kind.Name(), n.Request.ID
	}
	switch kind {
	case request.Kind.Name():
		q, err := request.Kind.Get(ctx, r, rid)
		if err != nil {
			return nil, err
		}
		hid = q.Household
	case household.Kind.Name():
	default:
		return nil, nil // it goes with the rest
	}
	return request.OfHousehold(ctx, r, hid)
}

func ignore(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// lastPlea returns when we last asked for a record to be forgotten, and when that was declined.
func lastPlea(ctx context.Context, r store.Reader, rid id.ID) (asked, declined time.Time, err error) {
	var at, no int64
	err = r.QueryRow(ctx, `SELECT asked, declined FROM record_plea WHERE record=$1
		AND centre=(SELECT value FROM ledger_self WHERE key='centre') ORDER BY asked DESC, batch DESC LIMIT 1`, rid[:]).Scan(&at, &no)
	return store.At(at), store.At(no), ignore(err, sql.ErrNoRows)
}

// Asks reports whether a person has to decide, or to bring what is open first.
func (p Plea) Asks() bool { return p.Newer || len(p.Open) > 0 }

// Heed carries out what others ask us to forget, where nothing is still to be done and who asks had seen all that was; the rest
// waits for a person, or for the outcome. It returns how many pleas it carried out.
func Heed(ctx context.Context, db *store.DB) (int, error) {
	all, err := Pleas(ctx, db)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range all {
		if !p.Ours || !p.Waits() || p.Asks() {
			continue
		}
		err := db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
			if p, err = pleaOf(ctx, tx, p.ID); err != nil || p.Asks() {
				return err
			}
			return p.erase(ctx, tx)
		})
		if errs.Is(err, errs.NotFound) { // somebody answered meanwhile
			continue
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// pleaOf returns a plea that waits for us.
func pleaOf(ctx context.Context, r store.Reader, plea id.ID) (Plea, error) {
	all, err := Pleas(ctx, r)
	if err != nil {
		return Plea{}, err
	}
	if i := slices.IndexFunc(all, func(p Plea) bool { return p.Ours && p.Waits() && p.ID == plea }); i >= 0 {
		return all[i], nil
	}
	return Plea{}, errs.Missing("plea")
}

// Agree has a household forgotten as another centre asks, though something is still to be done for it: that is called off. While a
// crew is to go there it is a Conflict.
func Agree(ctx context.Context, tx *store.Tx, plea id.ID) error {
	p, err := pleaOf(ctx, tx, plea)
	if err != nil {
		return answered(err)
	}
	for _, rid := range p.requests {
		calls, err := request.CallbacksOf(ctx, tx, rid)
		for _, v := range calls {
			err = errors.Join(err, request.Drop(ctx, tx, v))
		}
		if err != nil {
			return err
		}
		needs, err := request.AllNeeds(ctx, tx, rid)
		if err != nil {
			return err
		}
		for _, n := range needs {
			if n.Status == request.Planned {
				return errs.New(errs.Conflict, "exchange.on_run")
			}
			if n.Status != request.Open {
				continue
			}
			n.Stand(request.Cancelled, id.ID{}, tx.Now, tx.Now)
			if err := tx.Put(ctx, &n); err != nil {
				return err
			}
		}
	}
	return p.erase(ctx, tx)
}

// Decline keeps a household that another centre asks us to forget: its people told us so since. Who asked sees it.
func Decline(ctx context.Context, tx *store.Tx, plea id.ID) error {
	p, err := pleaOf(ctx, tx, plea)
	if err != nil {
		return answered(err)
	}
	for _, rid := range p.records {
		d, err := tx.Decide(ctx, rid)
		if err != nil {
			return err
		}
		for _, v := range d.Proposals {
			if v.Op != ledger.Erase || v.Resolved || v.Batch.Tx != ledger.ID(plea) {
				continue
			}
			if err := resolve(ctx, tx, rid, v.Hash, false); err != nil {
				return err
			}
		}
	}
	return nil
}

// answered is the Conflict of who answers what was answered already.
func answered(err error) error {
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "store.resolved")
	}
	return err
}

// erase erases what a plea is about, and what of its households is ours beside it.
func (p Plea) erase(ctx context.Context, tx *store.Tx) error {
	all := slices.Clone(p.records)
	for _, rid := range p.requests {
		q, err := request.Kind.Get(ctx, tx, rid.ID)
		if err != nil {
			return err
		}
		_, with, err := Together(ctx, tx, q)
		if err != nil {
			return err
		}
		for _, v := range with {
			if h, err := store.Held(ctx, tx, v); err != nil {
				return err
			} else if h.Ours && !slices.Contains(all, v) {
				all = append(all, v)
			}
		}
	}
	for _, v := range all {
		if err := tx.Erase(ctx, v); err != nil {
			return err
		}
	}
	return nil
}
