package match_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
)

// history is a random one: two centres take calls of few telephones, forget households and ask a third one, which compares and
// may lie; a fourth carries. Sticks come late, twice, in another order, or never.
type history struct {
	*rand.Rand

	a, b, m, c *office
	sticks     []stick
	families   []*family
	steps      []string
	lied       int
}

// stick is one that was written, and may be read at any time.
type stick struct {
	to   *office
	file string
}

// family is a household at one of the two, with the number that it rang from.
type family struct {
	at     *office
	of     *request.Request
	phone  int
	erased bool
}

const telephones = 4

func number(i int) string { return fmt.Sprintf("8701000%04d", 1000+i) }

func play(tb testing.TB, seed uint64, steps int) *history {
	tb.Helper()
	h := &history{Rand: rand.New(rand.NewPCG(seed, 1))}
	h.a, h.b, h.m = network(tb)
	h.c = open(tb, "Жол")
	know(tb, h.a, h.b, h.m, h.c)
	for range steps {
		h.step(tb)
	}
	return h
}

func (h *history) step(tb testing.TB) {
	tb.Helper()
	asks := []*office{h.a, h.b}[h.IntN(2)]
	all := []*office{h.a, h.b, h.m, h.c}
	switch n := h.IntN(20); {
	case n < 4:
		i := h.IntN(telephones)
		ref := id.Ref(fmt.Sprintf("%06d", 100000+len(h.families)))
		q := asks.call(tb, ref, fmt.Sprintf("Ойдан%s Біреу", strings.Repeat("а", len(h.families)+1)), number(i), fmt.Sprintf("Оқу көшесі %d", len(h.families)+1))
		h.families = append(h.families, &family{at: asks, of: q, phone: i})
		h.said("call %d of %d at %s", len(h.families), i, h.name(asks))
	case n < 6 && len(h.families) > 0:
		h.erase(tb, h.families[h.IntN(len(h.families))])
	case n < 7:
		h.lie(tb)
	case n < 11:
		o := all[h.IntN(3)]
		o.work(tb)
		h.said("%s works", h.name(o))
	case n < 16:
		from, to := all[h.IntN(4)], all[h.IntN(4)]
		if from == to {
			return
		}
		w, err := exchange.WriteBundle(tb.Context(), from.DB, to.Centre(), from.stick)
		if err != nil {
			tb.Fatal(err)
		}
		h.sticks = append(h.sticks, stick{to, w.Files[0]})
		h.said("stick %d from %s to %s", len(h.sticks), h.name(from), h.name(to))
	case len(h.sticks) > 0: // late, again, or after a newer one
		i := h.IntN(len(h.sticks))
		if _, err := exchange.ReadBundle(tb.Context(), h.sticks[i].to.DB, h.sticks[i].file); err != nil {
			tb.Fatal(err)
		}
		h.said("stick %d is read", i+1)
	}
}

func (h *history) erase(tb testing.TB, f *family) {
	tb.Helper()
	if f.erased {
		return
	}
	f.at.write(tb, func(ctx context.Context, tx *store.Tx) error { return tx.Erase(ctx, f.of.Household.ID) })
	f.erased = true
	h.said("household %d is forgotten", slices.Index(h.families, f)+1)
}

// lie has the comparing centre name a household of the other's that nobody asks about, as an honest answer would be written. It
// knows no telephone and chooses blindly.
func (h *history) lie(tb testing.TB) {
	tb.Helper()
	qs := h.m.questions(tb)
	if len(qs) == 0 {
		return
	}
	q := qs[h.IntN(len(qs))]
	h.m.write(tb, func(ctx context.Context, tx *store.Tx) error {
		d, err := tx.Decide(ctx, q)
		if err != nil || len(d.Former) == 0 {
			return err
		}
		v := &twin.Answer{Question: q, Other: tx.NewID(), Pair: tx.NewID(), Centre: h.c.Centre(), Theirs: tx.NewID(), By: []string{twin.ByPhone}, AsOf: tx.Now}
		v.ID.ID = tx.NewID()
		if err := tx.Put(ctx, v); err != nil {
			return err
		}
		return give(ctx, tx, v.ID.ID, id.ID(d.Former[0]))
	})
	h.lied++
	h.said("the comparing centre lies")
}

// heal lets everybody hear of everything. deaf is who does nothing meanwhile; nil where all do.
func (h *history) heal(tb testing.TB, deaf *office) {
	tb.Helper()
	for range 3 {
		for _, o := range []*office{h.a, h.b, h.m, h.c} {
			if o != h.c && o != deaf {
				o.work(tb)
			}
			for _, to := range []*office{h.a, h.b, h.m, h.c} {
				if to != o {
					bring(tb, o, to)
				}
			}
		}
	}
}

// broken says which promises of matching do not hold: both that ask see the same pairs, those that share a telephone and are
// remembered; nobody but they and who compares has a token, who compares has no key, and of who was forgotten there is none.
func (h *history) broken(tb testing.TB) (out []string) {
	tb.Helper()
	want := map[string]bool{}
	for _, f := range h.families {
		for _, o := range h.families {
			if f.at == h.a && o.at == h.b && f.phone == o.phone && !f.erased && !o.erased {
				want[f.of.Household.String()+" "+o.of.Household.String()] = true
			}
		}
	}
	ids := map[string][]id.ID{}
	for _, o := range []*office{h.a, h.b} {
		good, _ := o.pairs(tb)
		got := map[string]bool{}
		for _, p := range good {
			key := p.Ours.String() + " " + p.Theirs.String()
			if o == h.b {
				key = p.Theirs.String() + " " + p.Ours.String()
			}
			got[key] = true
			ids[key] = append(ids[key], p.ID)
		}
		if !maps.Equal(got, want) {
			out = append(out, fmt.Sprintf("%s sees %d pairs, there are %d", h.name(o), len(got), len(want)))
		}
	}
	for _, v := range ids {
		if len(v) == 2 && v[0] != v[1] {
			out = append(out, "the two name one pair differently")
		}
	}
	for i := range telephones {
		out = append(out, h.whoHas(tb, i)...)
	}
	for _, o := range []*office{h.m, h.c} {
		if o.knows(tb, secret[:]) {
			out = append(out, h.name(o)+" has the key")
		}
	}
	return out
}

// whoHas holds each centre to who may have a telephone's token, and a telephone.
func (h *history) whoHas(tb testing.TB, i int) (out []string) {
	tb.Helper()
	token := secret.Phone(number(i))
	for _, o := range []*office{h.a, h.b, h.m, h.c} {
		rang := slices.ContainsFunc(h.families, func(f *family) bool { return f.phone == i && !f.erased && (f.at == o || o == h.m) })
		if has := o.knows(tb, token); has && !rang {
			out = append(out, fmt.Sprintf("%s has a token of telephone %d", h.name(o), i))
		}
		if o == h.a || o == h.b {
			continue
		}
		if plain := []byte(number(i)[1:]); o.holds(tb, plain) || bytes.Contains(o.opened(tb), plain) {
			out = append(out, fmt.Sprintf("%s has telephone %d", h.name(o), i))
		}
	}
	return out
}

func (h *history) name(o *office) string {
	return map[*office]string{h.a: "A", h.b: "B", h.m: "who compares", h.c: "who carries"}[o]
}

func (h *history) said(format string, args ...any) {
	h.steps = append(h.steps, fmt.Sprintf(format, args...))
}

// TestHistoriesOfMatching plays random histories to their end, and holds the promises of matching to each.
func TestHistoriesOfMatching(t *testing.T) {
	pairs, lies, erased := 0, 0, 0
	for seed := range uint64(6) {
		h := play(t, seed, 60)
		h.heal(t, nil)
		if bad := h.broken(t); len(bad) > 0 {
			t.Errorf("seed %d: %s, after\n%s", seed, strings.Join(bad, "; "), strings.Join(h.steps, "\n"))
		}
		same(t, h.a, h.b, h.m)
		good, _ := h.a.pairs(t)
		pairs, lies = pairs+len(good), lies+h.lied
		for _, f := range h.families {
			if f.erased {
				erased++
			}
		}
	}
	if pairs == 0 || lies == 0 || erased == 0 {
		t.Errorf("%d pairs, %d lies, %d forgotten: the histories prove nothing", pairs, lies, erased)
	}
}

// TestBrokenMatchingIsSeen breaks what matching promises, one thing at a time: the promises must be seen not to hold.
func TestBrokenMatchingIsSeen(t *testing.T) {
	found := func(t *testing.T) *history {
		t.Helper()
		h := play(t, 1, 0)
		for _, o := range []*office{h.a, h.b} {
			q := o.call(t, id.Ref(fmt.Sprintf("%06d", 200000+len(h.families))), "Ойдан Біреу", number(0), "Оқу көшесі 1")
			h.families = append(h.families, &family{at: o, of: q})
		}
		h.heal(t, nil)
		if bad := h.broken(t); len(bad) > 0 {
			t.Fatal("it is broken before anything is:", bad)
		}
		return h
	}
	for name, c := range map[string]struct {
		how  func(h *history)
		want string
	}{
		"who asked takes nothing back":  {func(h *history) { h.erase(t, h.families[0]); h.heal(t, h.a) }, "token"},
		"who compares destroys nothing": {func(h *history) { h.erase(t, h.families[0]); h.heal(t, h.m) }, "B sees 1 pairs"},
		"a third centre is told a token": {func(h *history) {
			h.c.write(t, func(ctx context.Context, tx *store.Tx) error {
				return tx.Put(ctx, &twin.Question{ID: twin.QuestionID{ID: tx.NewID()}, Household: tx.NewID(), Phones: [][]byte{secret.Phone(number(0))}, At: tx.Now})
			})
		}, "who carries has a token"},
		"who compares is told the key": {func(h *history) {
			h.m.write(t, func(ctx context.Context, tx *store.Tx) error {
				return tx.Put(ctx, &twin.Key{ID: twin.KeyID{ID: tx.NewID()}, For: "ask", Secret: secret[:], At: tx.Now})
			})
		}, "who compares has the key"},
		"a pair that is none": {func(h *history) { h.families[1].phone = 1 }, "there are 0"},
		"a pair that is missed": {func(h *history) {
			q := h.b.call(t, "300000", "Басқа Ойдан", number(0), "Оқу көшесі 2")
			h.families = append(h.families, &family{at: h.b, of: q})
		}, "there are 2"},
	} {
		t.Run(name, func(t *testing.T) {
			h := found(t)
			c.how(h)
			if bad := strings.Join(h.broken(t), "; "); !strings.Contains(bad, c.want) {
				t.Errorf("nobody sees it: %q", bad)
			}
		})
	}
}
