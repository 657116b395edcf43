package exchange

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// How two centres' crews may come to go to one home.
const (
	ByRecall   = "recall" // it was taken back while the other centre had it on a run
	ByAdoption = "adopt"  // its centre was destroyed while it had it on a run
	ByBoth     = "both"   // both planned it, or brought it, while neither knew of the other
)

// TwoTeams keeps that two centres' crews may go, or have gone, to the home of a need. It is shown until somebody has rung.
func TwoTeams(ctx context.Context, tx *store.Tx, need, other id.ID, how string) error {
	if other == tx.Centre() {
		return nil
	}
	tx.Touch("need")
	_, err := tx.Exec(ctx, "INSERT INTO exchange_team (need, centre, how, at) VALUES ($1,$2,$3,$4) ON CONFLICT DO NOTHING",
		need[:], other[:], how, store.Micro(tx.Now))
	return err
}

// Team is a warning that two centres' crews may have gone to one home.
type Team struct {
	Need    request.NeedID
	Request request.ID
	Ref     id.Ref
	Other   id.ID
	Centre  string // the other one's name
	How     string
	At      time.Time
}

// Teams returns the warnings that nobody has settled, the latest first.
func Teams(ctx context.Context, r store.Reader) ([]Team, error) {
	out, err := store.All(ctx, r, func(row *sql.Rows, v *Team) error {
		var need, other []byte
		var at int64
		err := row.Scan(&need, &other, &v.How, &at)
		if err == nil {
			v.Need.ID, v.Other, v.At = id.ID(need), id.ID(other), store.At(at)
		}
		return err
	}, "SELECT need, centre, how, at FROM exchange_team WHERE rung=0 ORDER BY at DESC, need")
	if err != nil {
		return nil, err
	}
	for i := range out {
		t := &out[i]
		n, err := request.NeedKind.Get(ctx, r, t.Need.ID)
		if err != nil {
			return nil, err
		}
		q, err := request.Kind.Get(ctx, r, n.Request.ID)
		if err != nil {
			return nil, err
		}
		t.Request, t.Ref = q.ID, q.Ref
		if p, err := store.Peer(ctx, r, ledger.ID(t.Other)); err == nil {
			t.Centre = p.Name
		}
	}
	return out, nil
}
