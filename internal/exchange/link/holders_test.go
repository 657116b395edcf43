package link

import (
	"crypto/rand"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// keyHolders prints three papers.
func keyHolders(t *testing.T) (ledger.Holders, []holders.Secret) {
	t.Helper()
	var papers []holders.Secret
	for range holders.Count {
		s, err := holders.NewSecret(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		papers = append(papers, s)
	}
	h, err := holders.Of(papers...)
	if err != nil {
		t.Fatal(err)
	}
	return h, papers
}

func (o *office) holders(t *testing.T, h ledger.Holders) {
	t.Helper()
	if err := holders.Say(t.Context(), o.db, store.Actor{}, h); err != nil {
		t.Fatal(err)
	}
}

// TestARenewalIsLearnt: the key-holders are renewed while a centre is away. When it calls, or is called, it learns that by
// the exchange itself, follows, and what waits goes on in the same call.
func TestARenewalIsLearnt(t *testing.T) {
	for _, who := range []string{"it calls", "it is called"} {
		t.Run(who, func(t *testing.T) {
			a, away := paired(t)
			h, papers := keyHolders(t)
			a.holders(t, h)
			away.holders(t, h)
			a.exchange(t, away)
			fresh, err := holders.NewSecret(rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			keys, err := holders.Instead(h, 1, fresh)
			if err != nil {
				t.Fatal(err)
			}
			r, err := holders.Renew(t.Context(), a.db, keys)
			if err == nil {
				err = r.Sign(t.Context(), a.db, papers[0])
			}
			if err == nil {
				err = r.Sign(t.Context(), a.db, papers[2])
			}
			if err == nil {
				err = holders.PublishRenewal(t.Context(), a.db, store.Actor{}, r)
			}
			if err != nil {
				t.Fatal(err)
			}
			a.handOver(t, a.call(t, 472190, 1), away)
			from, to := away, a
			if who == "it is called" {
				from, to = a, away
			}
			from.exchange(t, to)
			got, err := holders.Ours(t.Context(), away.db)
			if err != nil || got.Anchor().Digest() != r.Anchor().Digest() {
				t.Error("who was away goes by the old ones:", err)
			}
			if n, err := store.One[int](t.Context(), away.db, "requests", "SELECT count(*) FROM request_row"); err != nil || n != 1 {
				t.Errorf("%d requests came with it: %v", n, err)
			}
			a.sound(t)
			away.sound(t)
		})
	}
}

// TestOtherKeyHolders: two centres with key-holders of their own exchange nothing but what tells of that. Each sees the
// other's then, and once one has taken over the other's, all goes on.
func TestOtherKeyHolders(t *testing.T) {
	a, b := paired(t)
	for _, o := range []*office{a, b} {
		h, _ := keyHolders(t)
		o.holders(t, h)
	}
	a.handOver(t, a.call(t, 472190, 1), b)
	if _, err := a.x.Exchange(t.Context(), b.db.Centre()); !errs.Is(err, errs.Denied) {
		t.Fatal("they exchange:", err)
	}
	us := a.db.Centre()
	if n, err := store.One[int](t.Context(), b.db, "lanes", "SELECT count(*) FROM ledger_lane WHERE centre=$1 AND class<>'dir'", us[:]); err != nil || n != 0 {
		t.Errorf("%d lanes came that are not dir: %v", n, err)
	}
	for _, o := range []*office{a, b} {
		if offers, err := holders.Offers(t.Context(), o.db); err != nil || len(offers) != 1 {
			t.Fatalf("%d offers: %v", len(offers), err)
		}
	}
	offers, err := holders.Offers(t.Context(), b.db)
	if err == nil {
		err = holders.Replace(t.Context(), b.db, store.Actor{}, offers[0])
	}
	if err != nil {
		t.Fatal(err)
	}
	if p := a.exchange(t, b); p.Sent == 0 {
		t.Error("nothing went after they agreed")
	}
	a.sound(t)
	b.sound(t)
}
