package holders_test

import (
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// oldPapersEnd has papers of whom the key-holders were before end a centre, as whoever found them would: past the program.
func oldPapersEnd(t *testing.T, at, who *store.DB, papers ...holders.Secret) {
	t.Helper()
	r := ledger.Revocation{Centre: ledger.ID(who.Centre())}
	for _, p := range papers {
		if err := r.Sign(p.Key()); err != nil {
			t.Fatal(err)
		}
	}
	fields, err := ledger.FieldsOf(r)
	if err == nil {
		err = at.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			return tx.Append(t.Context(), &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: r.Centre, Kind: ledger.KindRevocation, Op: ledger.Declare, Fields: fields}, nil)
		})
	}
	if err == nil {
		err = at.Settle(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// readmit has two of the key-holders let a centre work again.
func readmit(t *testing.T, at, who *store.DB, h ledger.Holders, signers ...holders.Secret) {
	t.Helper()
	s, err := holders.Readmit(t.Context(), at, who.Centre())
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
}

// TestAReadmissionOutlivesARenewalThatHadNotHeard: one lost and one stolen paper of before end a centre, which is let work again;
// elsewhere another paper is changed before that is heard. The false ending does not become the new ones' own by it: they undo
// it too, whether the readmission still counts by them or not.
func TestAReadmissionOutlivesARenewalThatHadNotHeard(t *testing.T) {
	for _, stays := range []bool{true, false} {
		all, h, three := agreed(t, "Оқу А", "Оқу Б", "Оқу В")
		a, b, well := all[0], all[1], all[2]
		carry(t, well, a)
		first, fresh := lostPaper(t, a, h, three)
		publish(t, a, first)
		carry(t, a, b)
		oldPapersEnd(t, a, well, three[2], three[0])
		carry(t, a, b)
		if !revoked(t, a, well) || !revoked(t, b, well) {
			t.Fatal("old papers end nobody: what is tried here?")
		}
		leaves := three[0]
		if !stays { // one who signed the readmission leaves
			leaves = fresh
		}
		readmit(t, a, well, first.Holders, fresh, three[1])
		if revoked(t, a, well) {
			t.Fatal("it is not readmitted")
		}
		place, err := holders.Which(first.Holders, leaves)
		if err != nil {
			t.Fatal(err)
		}
		last := papers(t)[0]
		keys, err := holders.Instead(first.Holders, place, last)
		if err != nil {
			t.Fatal(err)
		}
		sign := []holders.Secret{three[1], fresh}
		if !stays {
			sign[1] = three[0]
		}
		second := signed(t, b, keys, sign...)
		if len(second.Keeps) != 0 {
			t.Errorf("it keeps %d, and only those before signed it", len(second.Keeps))
		}
		publish(t, b, second)
		carry(t, b, a)
		carry(t, a, b)
		if !stays {
			if !revoked(t, a, well) || !revoked(t, b, well) {
				t.Error("a readmission counts by one of the key-holders")
			}
			readmit(t, b, well, second.Holders, last, three[1])
			carry(t, b, a)
		}
		for _, db := range []*store.DB{a, b} {
			goesBy(t, db, second.Holders)
			if revoked(t, db, well) {
				t.Error("it is ended again")
			}
		}
	}
}

// TestNobodyKeepsWhatOldPapersEnded: a renewal that keeps such an ending is neither signed nor published here, whoever wrote it.
func TestNobodyKeepsWhatOldPapersEnded(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б")
	a, well := all[0], all[1]
	carry(t, well, a)
	first, fresh := lostPaper(t, a, h, three)
	publish(t, a, first)
	oldPapersEnd(t, a, well, three[2], three[0])
	old, err := holders.EndedBefore(t.Context(), a)
	if err != nil || len(old) != 1 {
		t.Fatal(old, err)
	}
	place, err := holders.Which(first.Holders, three[0])
	if err != nil {
		t.Fatal(err)
	}
	keys, err := holders.Instead(first.Holders, place, papers(t)[0])
	if err != nil {
		t.Fatal(err)
	}
	r, err := holders.Renew(t.Context(), a, keys)
	if err != nil {
		t.Fatal(err)
	}
	r.Keeps = append(r.Keeps, old[0].Name)
	if err := r.Sign(t.Context(), a, fresh); !errs.Is(err, errs.Conflict) {
		t.Error("it is signed:", err)
	}
	for _, p := range []holders.Secret{fresh, three[1]} { // by a program that signs anything
		if err := r.Holders.Sign(p.Key()); err != nil {
			t.Fatal(err)
		}
	}
	if err := holders.PublishRenewal(t.Context(), a, store.Actor{}, r); !errs.Is(err, errs.Conflict) {
		t.Error("it is published:", err)
	}
}

// TestAnEndingThatIsKeptIsUndone: another program let a renewal keep what old papers ended, and it is published. Two of those of now
// still let the centre work again, for all, also after the next renewal; what they ended themselves stays so.
func TestAnEndingThatIsKeptIsUndone(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу Б", "Оқу В")
	a, b, well := all[0], all[1], all[2]
	carry(t, well, a)
	first, fresh := lostPaper(t, a, h, three)
	publish(t, a, first)
	oldPapersEnd(t, a, well, three[2], three[0])
	old, err := holders.EndedBefore(t.Context(), a)
	if err != nil || len(old) != 1 {
		t.Fatal(old, err)
	}
	last := papers(t)
	keys, err := holders.Instead(first.Holders, 0, last[0])
	if err != nil {
		t.Fatal(err)
	}
	second := holders.With(keys)
	past(t, a, first.Holders, second, []ledger.Hash{old[0].Name}, three[1], fresh, last[0])
	carry(t, a, b)
	for _, db := range []*store.DB{a, b} {
		goesBy(t, db, second)
		if !revoked(t, db, well) {
			t.Fatal("nothing is kept: what is tried here?")
		}
	}
	readmit(t, b, well, second, three[1], last[0])
	carry(t, b, a)
	for _, db := range []*store.DB{a, b} {
		goesBy(t, db, second)
		if revoked(t, db, well) {
			t.Error("it stays ended")
		}
	}
	if keys, err = holders.Instead(second, 1, last[1]); err != nil {
		t.Fatal(err)
	}
	third := signed(t, a, keys, slices.Concat(last[:2], []holders.Secret{fresh})...)
	publish(t, a, third)
	carry(t, a, b)
	if revoked(t, a, well) || revoked(t, b, well) {
		t.Error("the next renewal ends it again")
	}
	if err := ended(t, a, well, third.Holders, last[0], last[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := holders.Readmit(t.Context(), a, well.Centre()); !errs.Is(err, errs.NotFound) || !revoked(t, a, well) {
		t.Error("what they ended themselves is undone:", err)
	}
}

// TestAnEndingFromTheBeginning: nothing that a centre wrote counts, where it stands neither. The tables are as a rebuild makes them.
func TestAnEndingFromTheBeginning(t *testing.T) {
	all, h, three := agreed(t, "Оқу А", "Оқу ұры")
	a, thief := all[0], all[1]
	carry(t, thief, a)
	s, err := holders.Prepare(t.Context(), a, thief.Centre(), a.Centre(), true, time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || len(s.Cut) != 0 {
		t.Fatal(s, err)
	}
	for _, p := range three[:2] {
		if err := s.Sign(h, p); err != nil {
			t.Fatal(err)
		}
	}
	if err := holders.Publish(t.Context(), a, store.Actor{}, s); err != nil {
		t.Fatal(err)
	}
	goesBy(t, a, h)
}
