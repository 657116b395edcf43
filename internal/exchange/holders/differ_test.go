package holders_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// TestCrossedAndRenewedTwice: changes crossed, and one of the two sets was renewed once more elsewhere, which was mended. Whoever has
// heard all goes by the same set, in whatever order it came.
func TestCrossedAndRenewedTwice(t *testing.T) {
	secrets := make([][]holders.Secret, 3)
	for i := range secrets {
		secrets[i] = papers(t)
	}
	set := func(p []holders.Secret) ledger.Holders {
		h, err := holders.Of(p...)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	digest := func(p []holders.Secret) []byte { d := set(p).Anchor().Digest(); return d[:] }
	slices.SortFunc(secrets, func(x, y []holders.Secret) int { return bytes.Compare(digest(x), digest(y)) })
	const low, mid, high = 0, 1, 2
	p, y, q := open(t, "Оқу П"), open(t, "Оқу Ы"), open(t, "Оқу Қ")
	all := []*store.DB{p, y, q}
	pair(t, p, y)
	pair(t, p, q)
	pair(t, y, q)
	everybody := func() {
		for range 4 {
			for _, from := range all {
				for _, to := range all {
					if from != to {
						carry(t, from, to)
					}
				}
			}
		}
	}
	for i, s := range []int{high, mid, high} {
		if err := holders.Say(t.Context(), all[i], store.Actor{}, set(secrets[s])); err != nil {
			t.Fatal(err)
		}
	}
	everybody()
	change := func(at *store.DB, from, to int) *holders.Renewal {
		return signed(t, at, set(secrets[to]).Keys, secrets[from][0], secrets[from][1], secrets[to][0], secrets[to][1])
	}
	across, back, twice := change(p, high, mid), change(y, mid, high), change(q, high, low)
	publish(t, p, across)
	publish(t, y, back)
	publish(t, q, twice)
	publish(t, q, change(q, low, mid))
	everybody()
	for _, db := range all {
		goesBy(t, db, set(secrets[low]))
		if offers, err := holders.Offers(t.Context(), db); err != nil || len(offers) != 0 {
			t.Errorf("%d offers where all agree: %v", len(offers), err)
		}
	}
}
