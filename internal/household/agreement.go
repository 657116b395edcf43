package household

import (
	"context"
	"database/sql"
	"time"

	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
)

// Opinion is one verdict of a pair as the queue needs it.
type Opinion struct {
	A, B   id.ID
	Says   Says
	By     id.ID
	Second bool
}

// Opinions returns every verdict in the order in which they were given.
func Opinions(ctx context.Context, r store.Reader) ([]Opinion, error) {
	return store.All(ctx, r, func(row *sql.Rows, v *Opinion) error { return row.Scan(&v.A, &v.B, &v.Says, &v.By, &v.Second) },
		"SELECT a, b, says, account, second FROM household_verdict ORDER BY id")
}

// Agreement is how far two people who did not know of each other said the same of the same pairs.
type Agreement struct {
	Pairs  int
	Agreed int
	Kappa  float64   // Cohen's: 1 is always, 0 is as often as by chance; 0 where nobody could differ
	Open   []Opinion // second looks that say otherwise, and nobody has decided since
}

// Agree measures the agreement of second looks with what was said before them.
func Agree(all []Opinion) Agreement {
	type key struct{ a, b id.ID }
	first := map[key]Opinion{}
	open := map[key]Opinion{}
	var g Agreement
	var cells [2][2]float64
	for _, o := range all {
		k := key{o.A, o.B}
		if !o.Second {
			first[k] = o
			delete(open, k)
			continue
		}
		before, ok := first[k]
		if !ok || before.Says == Undone || before.By == o.By {
			continue
		}
		g.Pairs++
		cells[side(before.Says)][side(o.Says)]++
		if before.Says == o.Says {
			g.Agreed++
		} else {
			open[k] = o
		}
	}
	for _, o := range all {
		k := key{o.A, o.B}
		if w, ok := open[k]; ok && w == o {
			g.Open = append(g.Open, o)
			delete(open, k)
		}
	}
	g.Kappa = kappa(cells)
	return g
}

func side(s Says) int {
	if s == Same {
		return 1
	}
	return 0
}

// kappa is Cohen's (1960): agreement beyond what two would reach by chance with how often each says what.
func kappa(c [2][2]float64) float64 {
	n := c[0][0] + c[0][1] + c[1][0] + c[1][1]
	if n == 0 {
		return 0
	}
	observed := (c[0][0] + c[1][1]) / n
	chance := ((c[0][0]+c[0][1])*(c[0][0]+c[1][0]) + (c[1][0]+c[1][1])*(c[0][1]+c[1][1])) / (n * n)
	if chance == 1 {
		return 0
	}
	return (observed - chance) / (1 - chance)
}

// Later puts a pair off for tx.Actor until a time.
func Later(ctx context.Context, tx *store.Tx, a, b id.ID, until time.Time) error {
	if a.String() > b.String() {
		a, b = b, a
	}
	_, err := tx.Exec(ctx, `INSERT INTO household_later (a, b, account, until) VALUES ($1,$2,$3,$4)
		ON CONFLICT (a, b, account) DO UPDATE SET until=excluded.until`, a, b, tx.Actor.String(), store.Micro(until))
	return err
}

// PutOff returns the pairs that an account looks at later than now.
func PutOff(ctx context.Context, r store.Reader, account id.ID, now time.Time) (map[[2]id.ID]bool, error) {
	pairs, err := store.All(ctx, r, func(row *sql.Rows, v *[2]id.ID) error { return row.Scan(&v[0], &v[1]) },
		"SELECT a, b FROM household_later WHERE account=$1 AND until>$2", account.String(), store.Micro(now))
	out := map[[2]id.ID]bool{}
	for _, p := range pairs {
		out[p] = true
	}
	return out, err
}
