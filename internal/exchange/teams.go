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
	ByTheirs   = "theirs" // the other one planned or brought what is ours, and we have not yet
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

// Rang says that somebody has rung and settled a warning.
func Rang(ctx context.Context, tx *store.Tx, need, other id.ID) error {
	tx.Touch("need")
	_, err := tx.Exec(ctx, "UPDATE exchange_team SET rung=$1 WHERE need=$2 AND centre=$3 AND rung=0", store.Micro(tx.Now), need[:], other[:])
	return err
}

// noteTeams looks for needs that another centre planned or brought although they are ours, or we although they are
// another's: after what others wrote was taken in. Both sides find it.
func noteTeams(ctx context.Context, db *store.DB) error {
	us := db.Centre()
	needs, err := store.All(ctx, db, func(row *sql.Rows, v *id.ID) error {
		var raw []byte
		err := row.Scan(&raw)
		if err == nil {
			*v = id.ID(raw)
		}
		return err
	}, `SELECT h.record FROM record_held h WHERE h.former=1 AND h.proposals>0 AND EXISTS (SELECT 1 FROM record r WHERE r.id=h.record AND r.kind='need') ORDER BY h.record`)
	if err != nil || len(needs) == 0 {
		return err
	}
	decider, err := db.Decider(ctx)
	if err != nil {
		return err
	}
	var all []foundTeam
	for _, need := range needs {
		d, err := decider.Of(ctx, ledger.ID(need))
		if err != nil {
			return err
		}
		for _, p := range d.Proposals {
			if f, ok := teamOf(us, d, &p); ok {
				all = append(all, f)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return db.Write(ctx, store.Actor{}, func(tx *store.Tx) error {
		for _, f := range all {
			if err := TwoTeams(ctx, tx, f.need, f.other, f.how); err != nil {
				return err
			}
		}
		return nil
	})
}

type foundTeam struct {
	need, other id.ID
	how         string
}

// teamOf says whom a proposal about a need warns us of.
func teamOf(us id.ID, d *ledger.Decision, p *ledger.Proposal) (foundTeam, bool) {
	f := foundTeam{id.ID(d.Record), id.ID(p.Lane.Centre), ByTheirs}
	ours := f.other == us
	if p.Resolved || !went(p.Fields) || !ours && d.Owner != ledger.ID(us) {
		return f, false
	}
	if ours {
		f.other = id.ID(d.Owner)
	}
	if ours || went(d.Fields[ledger.Coord]) {
		f.how = ByBoth
	}
	return f, true
}

// went reports whether fields of a need say that a crew is to bring it, or has.
func went(f ledger.Fields) bool {
	s := request.Status(text(f["status"]))
	return s == request.Planned || s == request.Done
}

// CountTeams returns how many warnings nobody has settled.
func CountTeams(ctx context.Context, r store.Reader) (int, error) {
	return store.One[int](ctx, r, "teams", "SELECT count(*) FROM exchange_team WHERE rung=0")
}
