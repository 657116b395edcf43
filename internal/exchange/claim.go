package exchange

import (
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// handOver gives a record to another centre, with what is sealed of it. Only its owner can. why is a word of the
// program's, not of a person's: everybody may read it.
func handOver(ctx context.Context, tx *store.Tx, rid id.ID, to ledger.ID, why string) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	switch d.Owner {
	case to:
		return nil
	case ledger.ID(tx.Centre()):
		return claim(ctx, tx, d, to, why)
	}
	return tx.Elsewhere(ctx, d.Owner)
}

// recall takes a record back that was ours.
func recall(ctx context.Context, tx *store.Tx, rid id.ID, why string) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	if d.Owner == ledger.ID(tx.Centre()) {
		return nil
	}
	if !slices.Contains(d.Former, ledger.ID(tx.Centre())) {
		return tx.Elsewhere(ctx, d.Owner)
	}
	return claim(ctx, tx, d, ledger.ID(tx.Centre()), why)
}

// giveBack returns a record to the centre that gave it.
func giveBack(ctx context.Context, tx *store.Tx, rid id.ID, why string) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	if d.Owner != ledger.ID(tx.Centre()) || len(d.Former) < 2 || d.By == ledger.ID(tx.Centre()) {
		return errs.New(errs.Conflict, "store.nobody_gave")
	}
	return claim(ctx, tx, d, d.By, why)
}

func claim(ctx context.Context, tx *store.Tx, d *ledger.Decision, to ledger.ID, why string) error {
	c := d.Next(to)
	c.Reason = why
	return Claim(ctx, tx, d, c)
}

// Claim writes who has a record from now on, with all that is sealed of it as it was decided, unless some of that is not
// here: then what was sealed before goes on counting.
func Claim(ctx context.Context, tx *store.Tx, d *ledger.Decision, c ledger.Claim) error {
	fields, err := ledger.FieldsOf(c)
	if err != nil {
		return err
	}
	var parcel ledger.Fields
	if len(d.Missing) == 0 {
		if parcel, err = ledger.Pack(d.Fields); err != nil {
			return err
		}
	}
	e := &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: d.Record, Kind: d.Kind, Op: ledger.Own, Base: d.Heads, Fields: fields}
	if err := tx.Append(ctx, e, parcel); err != nil {
		return err
	}
	_, err = tx.Refold(ctx, d.Record)
	return err
}

// resolve answers a proposal: accepted, its fields become the record's by our own word.
func resolve(ctx context.Context, tx *store.Tx, rid id.ID, proposal ledger.Hash, accept bool) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	if d.Owner != ledger.ID(tx.Centre()) {
		return tx.Elsewhere(ctx, d.Owner)
	}
	at := slices.IndexFunc(d.Proposals, func(p ledger.Proposal) bool { return p.Hash == proposal && !p.Resolved })
	if at < 0 {
		return errs.New(errs.Conflict, "store.resolved")
	}
	p := d.Proposals[at]
	if accept && p.Op == ledger.Erase {
		return tx.Erase(ctx, rid)
	}
	if accept && p.Body != nil && p.Opened == nil { // it would be answered without what it says
		return errs.New(errs.Conflict, "exchange.sealed_away")
	}
	fields, err := ledger.FieldsOf(ledger.Resolution{Proposals: []ledger.Hash{proposal}, Accepted: accept})
	if err != nil {
		return err
	}
	under := d.Under
	e := func(op ledger.Op, f ledger.Fields) *ledger.Entry {
		return &ledger.Entry{Lane: ledger.Lane{Class: ledger.Coord}, Record: d.Record, Kind: d.Kind, Schema: p.Schema, Op: op, Base: d.Heads, Claim: &under, Fields: f}
	}
	if accept && len(p.Would) > 0 {
		if err := tx.AppendChange(ctx, *e(ledger.Put, nil), p.Would); err != nil {
			return err
		}
	}
	if err := tx.Append(ctx, e(ledger.Resolve, fields), nil); err != nil {
		return err
	}
	_, err = tx.Refold(ctx, d.Record)
	return err
}
