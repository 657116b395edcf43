package match_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

// give hands a record over, as any program could that makes entries of its own.
func give(ctx context.Context, tx *store.Tx, rid, to id.ID) error {
	d, err := tx.Decide(ctx, rid)
	if err != nil {
		return err
	}
	return exchange.Claim(ctx, tx, d, d.Next(ledger.ID(to)))
}

func (o *office) questions(tb testing.TB) (out []id.ID) {
	tb.Helper()
	all, err := store.All(tb.Context(), o.DB, func(r *sql.Rows, v *twin.QuestionID) error { return r.Scan(v) }, "SELECT id FROM twin_question ORDER BY id")
	if err != nil {
		tb.Fatal(err)
	}
	for _, q := range all {
		out = append(out, q.ID)
	}
	return out
}

// TestAnswersThatCannotBeAreRefusedInWords: the comparing centre, or one that was never asked, answers garbage, names records that do not exist, our
// own, or a third centre's, and floods. Nothing of it counts; the good answer beside it does; nothing breaks.
func TestAnswersThatCannotBeAreRefusedInWords(t *testing.T) {
	a, b, m := network(t)
	x := a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	y := b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	round(t, m, a, b)
	bring(t, b, a)
	q := a.questions(t)[0]
	put := func(from *office, change func(v *twin.Answer)) {
		t.Helper()
		from.write(t, func(ctx context.Context, tx *store.Tx) error {
			v := &twin.Answer{Question: q, Other: id.ID{9}, Pair: tx.NewID(), Centre: b.Centre(), Theirs: y.Household.ID, By: []string{twin.ByPhone}, AsOf: tx.Now}
			v.ID.ID = tx.NewID()
			change(v)
			return errors.Join(tx.Put(ctx, v), give(ctx, tx, v.ID.ID, a.Centre()))
		})
		bring(t, from, a)
	}
	want := map[string]int{}
	for _, c := range []struct {
		fault  string
		from   *office
		change func(v *twin.Answer)
	}{
		{"match.fault_garbled", m, func(v *twin.Answer) { v.By = []string{"<script>"} }},
		{"match.fault_garbled", m, func(v *twin.Answer) { v.Pair = id.ID{} }},
		{"match.fault_unknown", m, func(v *twin.Answer) { v.Theirs = id.ID{1, 2, 3} }},
		{"match.fault_own", m, func(v *twin.Answer) { v.Centre, v.Theirs = a.Centre(), x.Household.ID }},
		{"match.fault_centre", m, func(v *twin.Answer) { v.Centre = id.ID{7} }},
		{"match.fault_elsewhere", m, func(v *twin.Answer) { v.Centre = m.Centre() }},
		{"match.fault_stranger", b, func(*twin.Answer) {}},
	} {
		put(c.from, c.change)
		want[c.fault]++
	}
	put(m, func(v *twin.Answer) { v.Question = id.ID{5} }) // a question that nobody asked: it stands nowhere
	good, bad := a.pairs(t)
	got := map[string]int{}
	for _, p := range bad {
		got[p.Fault]++
		if _, err := match.Find(t.Context(), a.DB, p.ID); !errs.Is(err, errs.NotFound) {
			t.Error("a refused pair can be linked:", p.Fault, err)
		}
	}
	if len(good) != 1 || len(got) != len(want) {
		t.Errorf("%d count; refused %v, want %v", len(good), got, want)
	}
	for fault, n := range want {
		if got[fault] != n {
			t.Errorf("%s: %d, want %d", fault, got[fault], n)
		}
	}
	r, err := match.Tell(t.Context(), a.DB)
	if err != nil || r.Refused != len(bad) || len(r.Troubles) != 1 || r.Troubles[0].What != match.Answers {
		t.Errorf("%+v %v", r, err)
	}
	for range 60 { // more than any page shows
		put(m, func(*twin.Answer) {})
	}
	if one, err := match.Of(t.Context(), a.DB, x.Household); err != nil || len(one) > 20 {
		t.Errorf("%d pairs of one household are shown: %v", len(one), err)
	}
	same(t, a, b, m)
}

// TestQuestionsThatCannotBeComparedStandAside: too many tokens, tokens of another length, and a household that is not the
// asker's. The one that compares goes on with the others, and says how many.
func TestQuestionsThatCannotBeComparedStandAside(t *testing.T) {
	a, b, m := network(t)
	x := a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	b.write(t, func(ctx context.Context, tx *store.Tx) error {
		var many [][]byte
		for i := range twin.MaxTokens + 1 {
			many = append(many, bytes.Repeat([]byte{byte(i)}, twin.TokenSize))
		}
		for _, phones := range [][][]byte{many, {[]byte("short")}, nil} {
			v := &twin.Question{Household: id.ID{1}, Print: secret.Print(), Phones: phones, At: tx.Now}
			v.ID.ID = tx.NewID()
			if err := errors.Join(tx.Put(ctx, v), give(ctx, tx, v.ID.ID, m.Centre())); err != nil {
				return err
			}
		}
		v := &twin.Question{Household: x.Household.ID, Print: secret.Print(), Phones: [][]byte{secret.Phone("87010000001")}, At: tx.Now} // as if it were its own
		v.ID.ID = tx.NewID()
		return errors.Join(tx.Put(ctx, v), give(ctx, tx, v.ID.ID, m.Centre()))
	})
	bring(t, b, m)
	r, err := match.Tell(t.Context(), m.DB)
	if err != nil || r.Odd != 3 || len(r.Troubles) != 1 || r.Troubles[0].What != match.Questions {
		t.Errorf("%+v %v", r, err)
	}
	a.work(t)
	bring(t, a, m)
	m.work(t)
	bring(t, m, a)
	_, bad := a.pairs(t)
	if len(bad) != 1 || bad[0].Fault != "match.fault_here" && bad[0].Fault != "match.fault_elsewhere" && bad[0].Fault != "match.fault_unknown" {
		t.Errorf("%+v", bad)
	}
	same(t, a, b, m)
}

// TestOrderAndRepetition: old sticks after new ones, and twice, change nothing and answer nothing twice.
func TestOrderAndRepetition(t *testing.T) {
	a, b, m := network(t)
	a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	a.work(t)
	b.work(t)
	first, second := bring(t, a, m), bring(t, b, m)
	m.work(t)
	for _, s := range []string{second, first, second} {
		if _, err := exchange.ReadBundle(t.Context(), m.DB, s); err != nil {
			t.Fatal(err)
		}
		m.work(t)
	}
	if n := count(t, m, "SELECT count(*) FROM twin_answer"); n != 2 {
		t.Error("answers:", n)
	}
	bring(t, m, a)
	a.work(t)
	a.work(t)
	if n := count(t, a, "SELECT count(*) FROM twin_question"); n != 1 {
		t.Error("questions:", n)
	}
	same(t, a, b, m)
}

// TestWhoComparesHasNoKey, whichever way round it is set up; and who is set up asks nobody that does not offer.
func TestWhoComparesHasNoKey(t *testing.T) {
	a, b, m := network(t)
	a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	refused := func(o *office, key string, do func(ctx context.Context, tx *store.Tx) error) {
		t.Helper()
		err := o.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return do(t.Context(), tx) })
		e, ok := errors.AsType[*errs.Error](err)
		if !ok || e.Key != key {
			t.Errorf("%v, want %s", err, key)
		}
	}
	refused(m, "match.compares", func(ctx context.Context, tx *store.Tx) error { return match.UseKey(ctx, tx, secret) })
	refused(m, "match.compares", func(ctx context.Context, tx *store.Tx) error { return match.Use(ctx, tx, a.Centre()) })
	refused(a, "match.own", func(ctx context.Context, tx *store.Tx) error { return match.Use(ctx, tx, a.Centre()) })
	refused(a, "match.limit", func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, -1) })
	a.write(t, func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, 5) })
	if a.knows(t, secret[:]) {
		t.Error("a centre that compares has kept its key")
	}
	b.write(t, func(ctx context.Context, tx *store.Tx) error { return match.Use(ctx, tx, a.Centre()) })
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	b.work(t) // it has not heard yet that A offers
	if n := count(t, b, "SELECT count(*) FROM twin_question"); n != 0 {
		t.Error("a centre that does not offer was asked:", n)
	}
	same(t, a, b, m)
}

// TestWhatIsOverIsAskedNoMore: seven days after the last need was closed, and when the household changes hands or its
// telephone. What was said of a pair stays said when it is found again.
func TestWhatIsOverIsAskedNoMore(t *testing.T) {
	a, b, m := network(t)
	x := a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	round(t, m, a, b)
	bring(t, b, a)
	good, _ := a.pairs(t)
	a.say(t, good[0].ID, twin.Different)
	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, x.Household.ID)
		if err != nil {
			return err
		}
		h.Phones = append(h.Phones, "+77010000009")
		return tx.Put(ctx, h)
	})
	round(t, m, a, b)
	again, _ := a.pairs(t)
	if len(again) != 1 || again[0].ID != good[0].ID || again[0].Standing() != match.Apart {
		t.Errorf("people are asked again: %+v", again)
	}
	a.write(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, x.ID, b.Centre(), "area")
		return err
	})
	a.work(t)
	if n := len(a.questions(t)); n != 0 {
		t.Error("what was handed over is asked for:", n)
	}
	b.now = b.now.Add(8 * 24 * time.Hour)
	b.work(t)
	if n := len(b.questions(t)); n != 1 {
		t.Error("what is still open is asked for no more:", n)
	}
	same(t, a, b, m)
}
