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
	p.teams = slices.DeleteFunc(p.teams, func(t exchange.Team) bool { return t.Request != p.req.ID })
	return err
}
