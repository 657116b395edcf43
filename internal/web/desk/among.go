package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/store"
)

// among adds how the request stands among centres: which other one has it, and whether two crews may have gone there.
func (d *Desk) among(ctx context.Context, p *requestPage) error {
	h, err := store.Held(ctx, d.db, p.req.ID.ID)
	if err != nil {
		return err
	}
	if !h.Ours {
		name, err := exchange.NameOf(ctx, d.db, h.Owner)
		if err != nil {
			return err
		}
		p.away = cmp.Or(name, p.lang.T("network.unknown"))
	}
	p.teams, err = exchange.Teams(ctx, d.db)
	if err != nil {
		return err
	}
	p.teams = slices.DeleteFunc(p.teams, func(t exchange.Team) bool { return t.Request != p.req.ID })
	p.pleas, err = d.pleas(ctx)
	p.pleas = slices.DeleteFunc(p.pleas, func(v plea) bool { return !v.About(p.req.ID) })
	return err
}

// plea is what another centre asks us to forget, and a person has to answer.
type plea struct {
	exchange.Plea
	centre string // who asks
}

// pleas returns those that wait for a person of ours.
func (d *Desk) pleas(ctx context.Context) ([]plea, error) {
	if n, err := exchange.CountPleas(ctx, d.db); err != nil || n == 0 { // as nearly always
		return nil, err
	}
	all, err := exchange.Pleas(ctx, d.db)
	if err != nil {
		return nil, err
	}
	var out []plea
	for _, v := range all {
		if !v.Ours || !v.Waits() || !v.Asks() {
			continue
		}
		name, err := exchange.NameOf(ctx, d.db, v.By)
		if err != nil {
			return nil, err
		}
		out = append(out, plea{v, name})
	}
	return out, nil
}
