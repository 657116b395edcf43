package holders_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// agreed are centres that go by the same key-holders.
func agreed(t *testing.T, names ...string) (all []*store.DB, h ledger.Holders, three []holders.Secret) {
	t.Helper()
	three = papers(t)
	h, err := holders.Of(three...)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		db := open(t, name)
		for _, o := range all {
			pair(t, db, o)
		}
		if err := holders.Say(t.Context(), db, store.Actor{}, h); err != nil {
			t.Fatal(err)
		}
		all = append(all, db)
	}
	return all, h, three
}

func goesBy(t *testing.T, db *store.DB, want ledger.Holders) {
	t.Helper()
	got, err := holders.Ours(t.Context(), db)
	if err != nil || got.Anchor().Digest() != want.Anchor().Digest() {
		t.Errorf("%s goes by other key-holders: %v", db.Centre(), err)
	}
	if before, after, err := db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("a rebuild is not equal:", err)
	}
}

// ended has two of the papers end a centre, at another.
func ended(t *testing.T, at, who *store.DB, h ledger.Holders, signers ...holders.Secret) error {
	t.Helper()
	s, err := holders.Prepare(t.Context(), at, who.Centre(), at.Centre(), true, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range signers {
		if err := s.Sign(h, p); err != nil {
			return err
		}
	}
	return holders.Publish(t.Context(), at, store.Actor{}, s)
}

func revoked(t *testing.T, at, who *store.DB) bool {
	t.Helper()
	d, err := at.Decider(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d.Directory.Revoked(ledger.ID(who.Centre()))
}

// TestKeyHoldersAreRenewed: one of three has lost the paper. Two sign with a fresh one who the three are; a centre that was
// away learns it by whoever it meets, what was signed before goes on counting, and the lost paper signs nothing any more.
func TestKeyHoldersAreRenewed(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б", "Оқу В", "Оқу Г")
	a, b, away, lost := all[0], all[1], all[2], all[3]
	carry(t, lost, a)
	if err := ended(t, a, lost, h, three[0], three[2]); err != nil {
		t.Fatal(err)
	}
	fresh := papers(t)[0]
	place, err := holders.Which(h, three[2])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := holders.Instead(h, place, fresh)
	if err != nil {
		t.Fatal(err)
	}
	r, err := holders.Renew(t.Context(), a, keys)
	if err != nil {
		t.Fatal(err)
	}
	if leaves, comes := r.Leaves(h); !slices.Equal(leaves, []int{place}) || len(comes) != 1 || len(r.Keeps) != 2 {
		t.Error("what it says:", leaves, len(comes), len(r.Keeps))
	}
	if err := r.Sign(t.Context(), a, three[0]); err != nil {
		t.Fatal(err)
	}
	if err := r.Sign(t.Context(), a, three[0]); !errs.Is(err, errs.Conflict) {
		t.Error("one paper signs twice:", err)
	}
	if err := r.Sign(t.Context(), a, papers(t)[0]); !errs.Is(err, errs.Denied) {
		t.Error("a stranger's paper signs:", err)
	}
	if err := holders.PublishRenewal(t.Context(), a, store.Actor{}, r); !errs.Is(err, errs.Invalid) {
		t.Error("one paper renews:", err)
	}
	text, err := r.Text()
	if err != nil || strings.Contains(text, fresh.Printed()[:5]) {
		t.Fatal("the text:", err)
	}
	got, err := holders.ReadRenewal(text) // the second holder sits elsewhere
	if err != nil {
		t.Fatal(err)
	}
	if err := got.Sign(t.Context(), b, three[1]); !errs.Is(err, errs.Conflict) {
		t.Error("it keeps what is not known where it is signed:", err)
	}
	carry(t, a, b)
	if err := got.Sign(t.Context(), b, three[1]); err != nil || !got.Whole(h) {
		t.Fatal(err)
	}
	for range 2 { // the second time changes nothing
		if err := holders.PublishRenewal(t.Context(), b, store.Actor{}, got); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, b, a)
	carry(t, a, away) // who never met B
	next := holders.With(keys)
	for _, db := range []*store.DB{a, b, away} {
		goesBy(t, db, next)
		if offers, err := holders.Offers(t.Context(), db); err != nil || len(offers) != 0 {
			t.Errorf("%d offers where all agree: %v", len(offers), err)
		}
	}
	for _, db := range []*store.DB{a, away} {
		if !revoked(t, db, lost) {
			t.Error("what the old ones ended began again")
		}
	}
	if err := ended(t, b, away, next, three[0], three[2]); !errs.Is(err, errs.Denied) {
		t.Error("the lost paper signs:", err)
	}
	if err := ended(t, b, away, next, three[0], fresh); err != nil || !revoked(t, b, away) {
		t.Error("the fresh paper does not sign:", err)
	}
}

// TestAThiefDoesNotRenew: one paper, with papers that he printed himself, is not enough, neither for us nor for who reads it.
func TestAThiefDoesNotRenew(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б")
	a, b := all[0], all[1]
	own := papers(t)
	r, err := holders.Renew(t.Context(), a, [][]byte{own[0].Public(), own[1].Public(), three[0].Public()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []holders.Secret{three[0], own[0], own[1]} {
		if err := r.Sign(t.Context(), a, p); err != nil {
			t.Fatal(err)
		}
	}
	if old, fresh := r.Signed(h); old != 1 || fresh != 3 || r.Whole(h) {
		t.Error("signed by", old, fresh)
	}
	if err := holders.PublishRenewal(t.Context(), a, store.Actor{}, r); !errs.Is(err, errs.Invalid) {
		t.Error("a thief renews:", err)
	}
	fields, err := ledger.FieldsOf(r.Holders)
	if err != nil {
		t.Fatal(err)
	}
	err = a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { // past the program
		return tx.Append(t.Context(), &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(a.Centre()), Kind: ledger.KindHolders, Op: ledger.Declare, Fields: fields}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	goesBy(t, a, h)
	goesBy(t, b, h)
}

// TestOneSetForTwo: two centres made key-holders each for itself. Each sees the other's; one takes over the other's while
// nothing hangs on its own, and otherwise two of its own and two of the others sign that it does.
func TestOneSetForTwo(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Г")
	a, lost := all[0], all[1]
	b := open(t, "Оқу Б")
	pair(t, a, b)
	theirs := papers(t)
	other, err := holders.Of(theirs...)
	if err != nil {
		t.Fatal(err)
	}
	if err := holders.Say(t.Context(), b, store.Actor{}, other); err != nil {
		t.Fatal(err)
	}
	carry(t, b, a)
	carry(t, lost, a)
	offer := func() holders.Offer {
		t.Helper()
		offers, err := holders.Offers(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(offers, func(o holders.Offer) bool { return o.From.Name == "Оқу Б" })
		if i < 0 || !slices.Equal(holders.Words(i18n.KK, offers[i].Holders), holders.Words(i18n.KK, other)) {
			t.Fatal("it is not offered:", offers)
		}
		return offers[i]
	}
	if o := offer(); o.Hangs != 0 {
		t.Error("something hangs on key-holders who signed nothing")
	}
	if err := ended(t, a, lost, h, three[0], three[1]); err != nil {
		t.Fatal(err)
	}
	o := offer()
	if o.Hangs != 2 {
		t.Errorf("%d hang on ours, and not the permission and the ending", o.Hangs)
	}
	if err := holders.Replace(t.Context(), a, store.Actor{}, o); !errs.Is(err, errs.Conflict) {
		t.Error("what they signed ceases to count:", err)
	}
	r, err := holders.Renew(t.Context(), a, o.Keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []holders.Secret{three[0], three[2], theirs[1]} {
		if err := r.Sign(t.Context(), a, p); err != nil || r.Whole(h) {
			t.Fatal("three are enough:", err)
		}
	}
	if err := r.Sign(t.Context(), a, theirs[0]); err != nil || !r.Whole(h) {
		t.Fatal(err)
	}
	if err := holders.PublishRenewal(t.Context(), a, store.Actor{}, r); err != nil {
		t.Fatal(err)
	}
	goesBy(t, a, other)
	if !revoked(t, a, lost) {
		t.Error("it counts no longer")
	}
	carry(t, a, b)
	if !revoked(t, b, lost) {
		t.Error("it does not count for those who sign from now on")
	}
}

// TestTakingOverAnothersSet: while nothing was signed, words are enough.
func TestTakingOverAnothersSet(t *testing.T) {
	a, b := open(t, "Оқу А"), open(t, "Оқу Б")
	pair(t, a, b)
	for _, db := range []*store.DB{a, b} {
		h, err := holders.Of(papers(t)...)
		if err == nil {
			err = holders.Say(t.Context(), db, store.Actor{}, h)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	offers, err := holders.Offers(t.Context(), b)
	if err != nil || len(offers) != 1 {
		t.Fatal(offers, err)
	}
	if err := holders.Replace(t.Context(), b, store.Actor{}, offers[0]); err != nil {
		t.Fatal(err)
	}
	goesBy(t, b, offers[0].Holders)
}

// TestABadRenewal: what is not one is said so, whatever it is.
func TestABadRenewal(t *testing.T) {
	all, _, _ := agreed(t, "Оқу А")
	own := papers(t)
	r, err := holders.Renew(t.Context(), all[0], [][]byte{own[0].Public(), own[1].Public(), own[2].Public()})
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.Text()
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []string{"", "{", `{"jumyla":"statement","format":1}`, strings.Replace(text, `"format": 1`, `"format": 2`, 1), text[:len(text)/2],
		strings.Replace(text, `"keys": [`, `"keys": ["AAAA",`, 1), strings.Repeat(" ", 140_000) + text} {
		if _, err := holders.ReadRenewal(wrong); !errs.Is(err, errs.Invalid) {
			t.Errorf("%.40q: %v", wrong, err)
		}
	}
	if _, err := holders.Renew(t.Context(), all[0], [][]byte{own[0].Public(), own[0].Public(), own[2].Public()}); !errs.Is(err, errs.Invalid) {
		t.Error("one paper stands for two:", err)
	}
}
