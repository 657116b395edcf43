package exchange

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Passing is a record that went from one centre's hands into another's, or back.
type Passing struct {
	At     time.Time
	Actor  id.ID // who did it, where that was here
	By, To id.ID // the centre that wrote it, and the one that has the record since
	Why    string
}

// Passings returns how a record went from hand to hand, oldest first: what its history (store.History) leaves out.
func Passings(ctx context.Context, r store.Reader, rid id.ID) ([]Passing, error) {
	raws, err := store.All(ctx, r, func(row *sql.Rows, v *[]byte) error { return row.Scan(v) }, "SELECT raw FROM ledger_entry WHERE record=$1 ORDER BY n", rid[:])
	if err != nil {
		return nil, err
	}
	var out []Passing
	for _, raw := range raws {
		e, err := ledger.Decode(raw)
		if err != nil {
			return nil, err
		}
		var c ledger.Claim
		if e.Op != ledger.Own || e.Fields.Into(&c) != nil {
			continue // one that cannot be read has no effect either
		}
		out = append(out, Passing{At: time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).UTC(), Actor: id.ID(e.Actor),
			By: id.ID(e.Lane.Centre), To: id.ID(c.Owner), Why: c.Reason})
	}
	return out, nil
}
