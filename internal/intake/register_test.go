package intake_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/names"
)

// book is a centre with invented households and a register of them.
type book struct {
	*store.DB
	t   testing.TB
	reg *intake.Register
}

func openBook(tb testing.TB) *book {
	tb.Helper()
	db := open(tb)
	return &book{DB: db, t: tb, reg: intake.NewRegister(db)}
}

func (b *book) write(fn func(ctx context.Context, tx *store.Tx) error) {
	b.t.Helper()
	ctx := b.t.Context()
	if err := b.Write(ctx, id.New(time.UnixMilli(1)), func(tx *store.Tx) error { return fn(ctx, tx) }); err != nil {
		b.t.Fatal(err)
	}
}

func (b *book) home(name contact.Name, phone contact.Phone, address contact.Address, flat string) household.ID {
	b.t.Helper()
	h := &household.Household{Head: name, Address: address, Flat: flat}
	if phone != "" {
		h.Phones = []contact.Phone{phone}
	}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		h.ID.ID = tx.NewID()
		return tx.Put(ctx, h)
	})
	return h.ID
}

func (b *book) crowd(n int) {
	b.t.Helper()
	given := []string{"Айдар", "Серік", "Гүлнар", "Динара", "Мария", "Олег", "Ержан", "Әсел", "Тимур", "Жанна"}
	family := []string{"Үлгібаев", "Сынақов", "Ойданов", "Мысалова", "Пробный", "Образцова", "Тестов", "Байқауова"}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		for i := range n {
			h := &household.Household{ID: household.ID{ID: tx.NewID()}, Head: contact.Name(family[i/10%len(family)] + " " + given[i%10]),
				Phones: []contact.Phone{contact.Phone(fmt.Sprintf("+7701%07d", i*7919))}, Address: contact.Address(fmt.Sprintf("%d-көше %d", i%40+1, i/40+1))}
			if err := tx.Put(ctx, h); err != nil {
				return err
			}
		}
		return nil
	})
}

func (b *book) matches(a intake.Asked) []intake.Match {
	b.t.Helper()
	m, err := intake.Matches(b.t.Context(), b, b.reg, a, b.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *book) build() {
	b.t.Helper()
	if err := b.reg.Build(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
}

func TestTheSameHouseholdHoweverItIsSpelled(t *testing.T) {
	b := openBook(t)
	b.crowd(400)
	saule := b.home("Ахметова Сәуле Қайратқызы", "+77015551234", "Достық даңғылы, 125", "12")
	b.build()
	for what, c := range map[string]struct {
		asked intake.Asked
		sure  bool
	}{
		"phone and door":         {intake.Asked{Name: "Ахметова Сауле", Phone: "+77015551234", Address: "пр. Достык 125", Flat: "12"}, true},
		"passport Latin":         {intake.Asked{Name: "Saule Akhmetova", Phone: "+77015551234"}, true},
		"a daughter on the line": {intake.Asked{Name: "Айгерім", Phone: "+77015551234", Address: "Dostyk ave 125", Flat: "12"}, true},
		"the phone alone":        {intake.Asked{Phone: "+77015551234"}, false},
		"a digit wrong":          {intake.Asked{Name: "Сәуле Ахметова", Phone: "+77015551284"}, false},
		"a letter wrong":         {intake.Asked{Address: "Достек даңғылы 125"}, false},
	} {
		got := b.matches(c.asked)
		if len(got) == 0 || got[0].Household.ID != saule {
			t.Errorf("%s: not found", what)
			continue
		}
		if got[0].Sure != c.sure && what != "a digit wrong" {
			t.Errorf("%s: sure is %v, because %+v", what, got[0].Sure, got[0].Why)
		}
		if len(got[0].Why) == 0 {
			t.Errorf("%s: no reason is given", what)
		}
	}
	for what, asked := range map[string]intake.Asked{
		"another house":   {Address: "Достық даңғылы 127"},
		"a surname alone": {Name: "Ахметова"},
		"nobody":          {Name: "Қолдан Жасалған", Phone: "+77059998877"},
	} {
		for _, m := range b.matches(asked) {
			if m.Household.ID == saule && m.Sure {
				t.Errorf("%s is sure to be her, because %+v", what, m.Why)
			}
		}
	}
}

func TestTheRegisterFollowsWhatIsWritten(t *testing.T) {
	b := openBook(t)
	b.crowd(50)
	b.build()
	asked := intake.Asked{Name: "Kairat Nurpeisov", Phone: "+77770001122"}
	if n := len(b.matches(asked)); n != 0 {
		t.Fatal(n, "before anybody called")
	}
	h := b.home("Қайрат Нұрпейісов", "+77770001122", "Абай 44", "")
	if got := b.matches(asked); len(got) != 1 || got[0].Household.ID != h || !got[0].Sure {
		t.Fatalf("%+v", got)
	}
	named, err := b.reg.Named(t.Context(), "Nurpeisov Qairat", 10)
	if err != nil || !slices.Contains(named, h) {
		t.Fatal(named, err)
	}
	b.write(func(ctx context.Context, tx *store.Tx) error { return tx.Erase(ctx, h.ID) })
	if got := b.matches(asked); len(got) != 0 {
		t.Fatal("an erased household is shown")
	}
	if named, err = b.reg.Named(t.Context(), "Nurpeisov Qairat", 10); err != nil || slices.Contains(named, h) {
		t.Fatal("an erased household stays in the register", err)
	}
}

func TestLinkedRecordsStandTogether(t *testing.T) {
	b := openBook(t)
	b.crowd(50)
	x, y := b.home("Сәуле Ойдан", "+77015550001", "Абай 44", "3"), b.home("Saule Oidan", "+77015550001", "Abai 44", "3")
	b.build()
	asked := intake.Asked{Phone: "+77015550001"}
	if got := b.matches(asked); len(got) != 2 {
		t.Fatal(len(got))
	}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		return household.Judge(ctx, tx, household.Verdict{A: x.ID, B: y.ID, Says: household.Same})
	})
	if got := b.matches(asked); len(got) != 1 || len(got[0].Linked) != 1 {
		t.Fatalf("%+v", got)
	}
	asked.Not = []household.ID{x}
	if got := b.matches(asked); len(got) != 0 {
		t.Fatal("said to be different, and its other record is shown")
	}
}

func TestTheRegisterSeesAListOnlyWhole(t *testing.T) {
	db := open(t)
	reg := intake.NewRegister(db)
	if err := reg.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	finds := func() int {
		m, err := intake.Matches(t.Context(), db, reg, intake.Asked{Phone: "+77012000101"}, db.Now()) // one digit off
		if err != nil {
			t.Fatal(err)
		}
		return len(m)
	}
	res := load(t, db, intake.Requests, many(450), intake.Options{Progress: func(done, _ int) {
		if n := finds(); n != 0 {
			t.Errorf("after %d rows %d are found", done, n)
		}
	}})
	if finds() == 0 {
		t.Error("a list that was taken is not found")
	}
	undo(t, db, res)
	if n := finds(); n != 0 {
		t.Errorf("after undo %d are found", n)
	}
}

// TestAListIsNotMissedByWhoTypesOn searches with a request that has ended, as a browser does with each key pressed.
func TestAListIsNotMissedByWhoTypesOn(t *testing.T) {
	db := open(t)
	reg := intake.NewRegister(db)
	if err := reg.Build(t.Context()); err != nil {
		t.Fatal(err)
	}
	load(t, db, intake.Households, "name,phone,address\nҮлгі Ойдан,8 701 200 00 00,Абай 1\n", intake.Options{})
	aborted, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := reg.Named(aborted, "Ойдан", 5); err == nil {
		t.Fatal("a search that was broken off found an end")
	}
	if found, err := reg.Named(t.Context(), "Ойдан", 5); err != nil || len(found) != 1 {
		t.Errorf("of the list %d are found, %v", len(found), err)
	}
}

func TestEveryReasonHasWords(t *testing.T) {
	for _, m := range names.Messages() {
		if !i18n.Has("why." + m) {
			t.Errorf("no words for %s", m)
		}
	}
}

func TestTheQueueAsksEachPairOnceAndSomeTwice(t *testing.T) {
	b := openBook(t)
	for i := range 12 { // twelve households, each called twice under two spellings
		phone := contact.Phone(fmt.Sprintf("+770155500%02d", i))
		address := contact.Address(fmt.Sprintf("Абай көшесі %d", i+1))
		b.home(contact.Name("Ойдан Айгүл"), phone, address, "3")
		b.home(contact.Name("Oidan Aigul"), phone, address, "3")
	}
	b.build()
	one, two := id.New(time.UnixMilli(1)), id.New(time.UnixMilli(2))
	clear := func(who id.ID, says household.Says) (asked, second int) {
		t.Helper()
		for {
			q, err := b.reg.Next(t.Context(), b, who, b.Now())
			if err != nil {
				t.Fatal(err)
			}
			if q == nil {
				return asked, second
			}
			asked++
			if q.Second {
				second++
			}
			if asked > 500 {
				t.Fatal("the queue has no end")
			}
			err = b.Write(t.Context(), who, func(tx *store.Tx) error {
				return b.reg.Answer(t.Context(), tx, household.Verdict{A: q.A.ID.ID, B: q.B.ID.ID, Says: says})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	asked, second := clear(one, household.Different)
	if asked < 12 || second != 0 {
		t.Fatalf("%d pairs asked, %d of them for a second look", asked, second)
	}
	if again, _ := clear(one, household.Same); again != 0 {
		t.Fatalf("%d pairs asked again", again)
	}
	again, second := clear(two, household.Different)
	if again != second || again == 0 || again == asked {
		t.Fatalf("the second person is asked %d of %d, %d as a second look", again, asked, second)
	}
	all, err := household.Opinions(t.Context(), b)
	if err != nil {
		t.Fatal(err)
	}
	if g := household.Agree(all); g.Pairs != again || g.Agreed != again {
		t.Errorf("%+v", g)
	}
}

func TestDecisionsTeachTheWeightsWithinBounds(t *testing.T) {
	b := openBook(t)
	before, err := intake.Learnt(t.Context(), b)
	if err != nil || before != names.DefaultWeights() {
		t.Fatal("weights were learnt from nothing", err)
	}
	for i := range 40 { // at this centre one phone serves a whole village: the phone proves nothing
		x := b.home(contact.Name(fmt.Sprintf("Үлгі %d", i)), "+77015550000", contact.Address(fmt.Sprintf("Абай %d", i)), "")
		y := b.home(contact.Name(fmt.Sprintf("Сынақ %d", i)), "+77015550000", contact.Address(fmt.Sprintf("Сатпаев %d", i)), "")
		b.write(func(ctx context.Context, tx *store.Tx) error {
			return b.reg.Judge(ctx, tx, household.Verdict{A: x.ID, B: y.ID, Says: household.Different})
		})
	}
	after, err := intake.Learnt(t.Context(), b)
	if err != nil || after.Phone >= before.Phone || after.Phone < before.Phone-4 {
		t.Errorf("the phone weighed %.1f bits and now %.1f, %v", before.Phone, after.Phone, err)
	}
}
