package holders_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// signed is a renewal with signatures.
func signed(t *testing.T, at *store.DB, keys [][]byte, signers ...holders.Secret) *holders.Renewal {
	t.Helper()
	r, err := holders.Renew(t.Context(), at, keys)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range signers {
		if err := r.Sign(t.Context(), at, p); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// lostPaper puts a fresh paper in the place of the third, by the two others.
func lostPaper(t *testing.T, at *store.DB, h ledger.Holders, three []holders.Secret) (*holders.Renewal, holders.Secret) {
	t.Helper()
	fresh := papers(t)[0]
	place, err := holders.Which(h, three[2])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := holders.Instead(h, place, fresh)
	if err != nil {
		t.Fatal(err)
	}
	return signed(t, at, keys, three[0], three[1]), fresh
}

func publish(t *testing.T, at *store.DB, r *holders.Renewal) {
	t.Helper()
	if err := holders.PublishRenewal(t.Context(), at, store.Actor{}, r); err != nil {
		t.Fatal(err)
	}
}

// saidOf counts what stands of key-holders in a centre's own lane.
func saidOf(t *testing.T, db *store.DB) (n int) {
	t.Helper()
	said, err := store.Declared(t.Context(), db, ledger.KindHolders)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range said {
		if k.Lane.Centre == ledger.ID(db.Centre()) {
			n++
		}
	}
	return n
}

// past writes a renewal into a centre's lane that the program would not let through.
func past(t *testing.T, at *store.DB, from, to ledger.Holders, keeps []ledger.Hash, signers ...holders.Secret) {
	t.Helper()
	digest := from.Anchor().Digest()
	h := ledger.Holders{Keys: to.Keys, Need: to.Need, Renews: &digest, Keeps: keeps}
	for _, p := range signers {
		if err := h.Sign(p.Key()); err != nil {
			t.Fatal(err)
		}
	}
	fields, err := ledger.FieldsOf(h)
	if err == nil {
		err = at.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return tx.Append(t.Context(), &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(at.Centre()), Kind: ledger.KindHolders, Op: ledger.Declare, Fields: fields}, nil)
		})
	}
	if err == nil {
		_, err = exchange.Follow(t.Context(), at)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestALostPaperIsFound: the three of before cannot be named again, and where a program lets it through all centres end at the
// same three, and none writes about it for ever.
func TestALostPaperIsFound(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б")
	a, b := all[0], all[1]
	r, _ := lostPaper(t, a, h, three)
	publish(t, a, r)
	if _, err := holders.Renew(t.Context(), a, h.Keys); !errs.Is(err, errs.Conflict) {
		t.Error("the three of before are named again:", err)
	}
	past(t, a, r.Holders, h, nil, three[0], three[1])
	for range 3 {
		carry(t, a, b)
		carry(t, b, a)
	}
	for _, db := range all {
		if n := saidOf(t, db); n > 4 {
			t.Errorf("%d words of key-holders in one lane", n)
		}
	}
	ours, err := holders.Ours(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	goesBy(t, a, ours)
	goesBy(t, b, ours)
}

// TestChangesThatCross: two centres have each signed that the other's three are the key-holders. All end at the same three, also
// one that came late and one that took over either by words. A fresh paper ends it that the others may still say who is next.
func TestChangesThatCross(t *testing.T) {
	a, b, c := open(t, "Оқу А"), open(t, "Оқу Б"), open(t, "Оқу В")
	pair(t, a, b)
	pair(t, c, b)
	sets, secrets := make([]ledger.Holders, 2), make([][]holders.Secret, 2)
	for i, db := range []*store.DB{a, b} {
		secrets[i] = papers(t)
		h, err := holders.Of(secrets[i]...)
		if err == nil {
			err = holders.Say(t.Context(), db, store.Actor{}, h)
		}
		if err != nil {
			t.Fatal(err)
		}
		sets[i] = h
	}
	if err := holders.Say(t.Context(), c, store.Actor{}, sets[0]); err != nil {
		t.Fatal(err)
	}
	four := []holders.Secret{secrets[0][0], secrets[0][1], secrets[1][0], secrets[1][1]}
	ra, rb := signed(t, a, sets[1].Keys, four...), signed(t, b, sets[0].Keys, four...)
	publish(t, a, ra)
	publish(t, b, rb)
	for range 3 {
		carry(t, a, b)
		carry(t, b, a)
		carry(t, b, c)
		carry(t, c, b)
	}
	ours, err := holders.Ours(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*store.DB{a, b, c} {
		goesBy(t, db, ours)
		if n := saidOf(t, db); n > 3 {
			t.Errorf("%d words of key-holders in one lane", n)
		}
		if offers, err := holders.Offers(t.Context(), db); err != nil || len(offers) > 0 {
			t.Error("they agree, and it says that they do not:", offers, err)
		}
	}
	beside := func(n int) {
		t.Helper()
		for _, db := range []*store.DB{a, b, c} {
			if sets, err := holders.Beside(t.Context(), db); err != nil || len(sets) != n {
				t.Errorf("%d sets beside it, not %d: %v", len(sets), n, err)
			}
		}
	}
	beside(1)
	mine := secrets[0]
	if ours.Anchor().Digest() == sets[1].Anchor().Digest() {
		mine = secrets[1]
	}
	last, _ := lostPaper(t, a, ours, mine)
	publish(t, a, last)
	carry(t, a, b)
	carry(t, b, c)
	for _, db := range []*store.DB{a, b, c} {
		goesBy(t, db, last.Holders)
	}
	beside(0)
}

// TestBothTakeOverTheOthers: by words two centres swap. Both pages then say the same: who goes back and who waits.
func TestBothTakeOverTheOthers(t *testing.T) {
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
	carry(t, b, a)
	offer := func(db *store.DB) holders.Offer {
		t.Helper()
		offers, err := holders.Offers(t.Context(), db)
		if err != nil || len(offers) != 1 {
			t.Fatal(offers, err)
		}
		return offers[0]
	}
	oa, ob := offer(a), offer(b)
	if oa.Swapped || ob.Swapped {
		t.Error("they have not swapped yet")
	}
	for db, o := range map[*store.DB]holders.Offer{a: oa, b: ob} {
		if err := holders.Replace(t.Context(), db, store.Actor{}, o); err != nil {
			t.Fatal(err)
		}
	}
	carry(t, a, b)
	carry(t, b, a)
	oa, ob = offer(a), offer(b)
	if !oa.Swapped || !ob.Swapped || oa.Waits == ob.Waits {
		t.Fatalf("swapped %v %v, waits %v %v", oa.Swapped, ob.Swapped, oa.Waits, ob.Waits)
	}
	for db, o := range map[*store.DB]holders.Offer{a: oa, b: ob} { // both press again
		if err := holders.Replace(t.Context(), db, store.Actor{}, o); o.Waits != errs.Is(err, errs.Conflict) {
			t.Error("waits", o.Waits, err)
		}
	}
	ours, err := holders.Ours(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	goesBy(t, b, ours)
}

// TestNothingIsSignedBlind: whoever prepares a renewal puts into it what nobody here knows, or leaves out what counts. The first
// is neither signed nor published, the second is said in words, and an ended centre does not come back by it.
func TestNothingIsSignedBlind(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б", "Оқу жәбірленген", "Оқу ұры")
	a, b, victim, thief := all[0], all[1], all[2], all[3]
	carry(t, thief, a)
	carry(t, victim, a)
	if err := ended(t, a, thief, h, three[0], three[2]); err != nil {
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
	reading, err := r.Read(t.Context(), a)
	if err != nil || len(reading.Keeps) != 2 || reading.Unknown != 0 || len(reading.Lost) != 0 {
		t.Fatalf("%+v %v", reading, err)
	}
	for _, d := range reading.Keeps {
		if words := d.Words(i18n.EN); !strings.Contains(words, "Оқу ұры") {
			t.Error("what it keeps is called", words)
		}
	}
	w := ledger.Warrant{Number: 77, From: ledger.ID(victim.Centre()), To: ledger.ID(b.Centre())}
	fields, err := ledger.FieldsOf(w)
	if err != nil {
		t.Fatal(err)
	}
	e := &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(victim.Centre()), Kind: ledger.KindWarrant, Op: ledger.Declare, Fields: fields}
	name, _ := ledger.Statement(e)
	if err := b.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Append(t.Context(), e, nil) }); err != nil {
		t.Fatal(err)
	}
	honest := slices.Clone(r.Keeps)
	r.Keeps = []ledger.Hash{name, name}
	for _, known := range []string{"not known here", "known, and signed by nobody"} {
		if err := r.Sign(t.Context(), a, three[0]); !errs.Is(err, errs.Conflict) {
			t.Error("signed blind, ", known, err)
		}
		if reading, err := r.Read(t.Context(), a); err != nil || reading.Unknown != 2 {
			t.Errorf("%+v %v", reading, err)
		}
		carry(t, b, a)
	}
	for _, p := range three[:2] { // by a program that signs anything
		if err := r.Holders.Sign(p.Key()); err != nil {
			t.Fatal(err)
		}
	}
	if err := holders.PublishRenewal(t.Context(), a, store.Actor{}, r); !errs.Is(err, errs.Conflict) {
		t.Error("published blind:", err)
	}

	r = &holders.Renewal{Holders: r.Holders}
	r.Keeps, r.Signatures = nil, nil
	if reading, err = r.Read(t.Context(), a); err != nil || len(reading.Lost) != 1 || reading.Lost[0].Kind != ledger.KindWarrant {
		t.Errorf("what is left out: %+v of %d, %v", reading.Lost, len(honest), err)
	}
	for _, p := range three[:2] {
		if err := r.Sign(t.Context(), a, p); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, a, r)
	if !revoked(t, a, thief) {
		t.Error("who was ended is back, for the renewal did not name it")
	}
	lapsed, err := holders.Lapsed(t.Context(), a)
	if err != nil || len(lapsed) != 1 || lapsed[0].From != thief.Centre() {
		t.Fatal("what counts no longer:", lapsed, err)
	}
	signAgain(t, a, lapsed[0], r.Holders, three[0], fresh)
}

func signAgain(t *testing.T, at *store.DB, d holders.Decision, h ledger.Holders, signers ...holders.Secret) {
	t.Helper()
	s, err := holders.Again(t.Context(), at, d.From, d.To)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range signers {
		if err := s.Sign(h, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := holders.Publish(t.Context(), at, store.Actor{}, s); err != nil {
		t.Fatal(err)
	}
	dir, err := at.Decider(t.Context())
	if err != nil || !dir.Directory.Warranted(s.Number, ledger.ID(d.From), ledger.ID(d.To)) {
		t.Error("signed again it does not count:", err)
	}
	if left, err := holders.Lapsed(t.Context(), at); err != nil || len(left) > 0 {
		t.Error("it still counts no longer:", left, err)
	}
}

// TestAnEndingOutlivesARenewal: a renewal written where the ending was not known yet does not bring anybody back. If two old papers
// ended a centre that is well, those of now let it work again.
func TestAnEndingOutlivesARenewal(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б", "Оқу ұры", "Оқу Г")
	a, b, thief, well := all[0], all[1], all[2], all[3]
	carry(t, thief, a)
	if err := ended(t, a, thief, h, three[0], three[2]); err != nil {
		t.Fatal(err)
	}
	r, fresh := lostPaper(t, b, h, three) // has heard of nothing
	publish(t, b, r)
	carry(t, b, a)
	goesBy(t, a, r.Holders)
	if !revoked(t, a, thief) {
		t.Error("who was ended is back by a renewal")
	}
	carry(t, a, b)
	if !revoked(t, b, thief) {
		t.Error("where it was renewed the ending does not count")
	}

	s, err := holders.Prepare(t.Context(), b, well.Centre(), id.ID{}, true, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []holders.Secret{three[2], three[0]} { // the lost one, and one that was stolen
		if err := s.Sign(h, p); err != nil {
			t.Fatal(err)
		}
	}
	fields, err := ledger.FieldsOf(ledger.Revocation{Centre: ledger.ID(s.From), Cut: s.Cut, Signatures: s.Revocations})
	if err == nil {
		err = a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return tx.Append(t.Context(), &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(s.From), Kind: ledger.KindRevocation, Op: ledger.Declare, Fields: fields}, nil)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	carry(t, a, b)
	if !revoked(t, b, well) {
		t.Fatal("it does not count, and needs no undoing")
	}
	before, err := holders.EndedBefore(t.Context(), b)
	if err != nil || len(before) != 2 {
		t.Fatal(before, err)
	}
	again, err := holders.Readmit(t.Context(), b, well.Centre())
	if err != nil {
		t.Fatal(err)
	}
	if err := again.Sign(r.Holders, three[2]); !errs.Is(err, errs.Denied) {
		t.Error("the lost paper signs:", err)
	}
	text, err := again.Text()
	if err == nil {
		again, err = holders.Read(text)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []holders.Secret{fresh, three[1]} {
		if err := again.Sign(r.Holders, p); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := holders.Publish(t.Context(), b, store.Actor{}, again); err != nil {
			t.Fatal(err)
		}
	}
	if revoked(t, b, well) || !revoked(t, b, thief) {
		t.Error("the wrong one works again")
	}
	carry(t, b, a)
	if revoked(t, a, well) {
		t.Error("elsewhere it is ended still")
	}
	goesBy(t, a, r.Holders) // and a rebuild is equal
}
