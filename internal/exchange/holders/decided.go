package holders

import (
	"bytes"
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Decision is what key-holders decided, as people speak of it.
type Decision struct {
	Name     ledger.Hash
	Kind     string // ledger.KindWarrant, KindRevocation or KindReadmission
	From, To id.ID  // whose centre; who goes on, of a permission

	Kept bool // a renewal keeps it

	from, to string // their names as they are known here
	number   uint64
	keptBy   []ledger.Hash
}

// Words are the decision in words.
func (d Decision) Words(lang i18n.Lang) string {
	called := func(name string, c id.ID) string {
		if name == "" {
			return lang.T("holders.centre_unknown", "mark", c.String()[:8])
		}
		return name
	}
	switch d.Kind {
	case ledger.KindWarrant:
		return lang.T("holders.dec_warrant", "from", called(d.from, d.From), "to", called(d.to, d.To))
	case ledger.KindRevocation:
		return lang.T("holders.dec_revocation", "from", called(d.from, d.From))
	}
	return lang.T("holders.dec_readmission", "from", called(d.from, d.From))
}

func decision(ctx context.Context, r store.Reader, s ledger.Signed) Decision {
	out := Decision{Name: s.Name, Kind: s.Entry.Kind, Kept: !s.Own && !s.Before, keptBy: s.KeptBy}
	var w ledger.Warrant
	var v ledger.Revocation
	var again ledger.Readmission
	switch {
	case out.Kind == ledger.KindWarrant && s.Entry.Fields.Into(&w) == nil:
		out.From, out.To, out.number = id.ID(w.From), id.ID(w.To), w.Number
	case out.Kind == ledger.KindRevocation && s.Entry.Fields.Into(&v) == nil:
		out.From = id.ID(v.Centre)
	case s.Entry.Fields.Into(&again) == nil:
		out.From = id.ID(again.Centre)
	}
	out.from, out.to = name(ctx, r, out.From), name(ctx, r, out.To)
	return out
}

// decisions are those of which f says so.
func decisions(ctx context.Context, db *store.DB, f func(ledger.Signed) bool) (out []Decision, err error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	for _, s := range d.Directory.Statements() {
		if f(s) {
			out = append(out, decision(ctx, db, s))
		}
	}
	return out, nil
}

// Lapsed are the permissions that those before our key-holders signed and that count no longer: whoever renewed had not heard
// of them, or left them out. Signed again they count as before.
func Lapsed(ctx context.Context, db *store.DB) ([]Decision, error) {
	return decisions(ctx, db, func(s ledger.Signed) bool { return s.Entry.Kind == ledger.KindWarrant && !s.Counts })
}

// EndedBefore are the centres that those before our key-holders ended, and not two of themselves: they may let them work again.
func EndedBefore(ctx context.Context, db *store.DB) ([]Decision, error) {
	return decisions(ctx, db, func(s ledger.Signed) bool { return s.Entry.Kind == ledger.KindRevocation && s.Counts && !s.Own })
}

// Again writes down a permission that counts no longer, to be signed once more: its number stays, so what hangs on it does too.
func Again(ctx context.Context, db *store.DB, from, to id.ID) (*Statement, error) {
	all, err := Lapsed(ctx, db)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b Decision) int { return bytes.Compare(a.Name[:], b.Name[:]) })
	var out *Statement
	for _, d := range all {
		if d.From == from && d.To == to && (out == nil || d.number > out.Number) {
			out = &Statement{From: from, To: to, Number: d.number}
		}
	}
	if out == nil {
		return nil, errs.New(errs.NotFound, "holders.no_lapsed")
	}
	return out, nil
}

// Readmit writes down that a centre works again that those before our key-holders ended. Two old papers, one lost and one
// stolen, could end any: its people and two of three undo that, also where a renewal kept it meanwhile.
func Readmit(ctx context.Context, db *store.DB, centre id.ID) (*Statement, error) {
	all, err := EndedBefore(ctx, db)
	if err != nil {
		return nil, err
	}
	out := &Statement{From: centre}
	for _, d := range all {
		if d.From == centre {
			out.Annuls = append(out.Annuls, d.Name)
			out.KeptBy = append(out.KeptBy, d.keptBy...)
		}
	}
	slices.SortFunc(out.KeptBy, func(a, b ledger.Hash) int { return bytes.Compare(a[:], b[:]) })
	out.KeptBy = slices.Compact(out.KeptBy)
	if len(out.Annuls) == 0 {
		return nil, errs.New(errs.NotFound, "holders.no_ending")
	}
	return out, nil
}
