package match_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/ledger"
)

const passphrase = "төрт сөз жеткілікті"

// office is a centre with a clock of its own.
type office struct {
	*store.DB

	now   time.Time
	stick string
}

func open(tb testing.TB, name string) *office {
	tb.Helper()
	o := &office{now: time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC), stick: tb.TempDir()}
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "centre"), KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return o.now },
		Kinds: []store.Registered{centre.Kind, household.Kind, request.Kind, request.NeedKind, request.CallbackKind, twin.QuestionKind, twin.AnswerKind, twin.WordKind, twin.SettingKind, twin.TallyKind, twin.KeyKind}},
		store.Secret{Passphrase: passphrase})
	if err != nil {
		tb.Fatal(err)
	}
	o.DB = db
	tb.Cleanup(func() { _ = db.Close() })
	o.write(tb, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	return o
}

func (o *office) write(tb testing.TB, fn func(ctx context.Context, tx *store.Tx) error) {
	tb.Helper()
	if err := o.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(tb.Context(), tx) }); err != nil {
		tb.Fatal(err)
	}
}

func know(tb testing.TB, all ...*office) {
	tb.Helper()
	for _, of := range all {
		raw, err := exchange.Card(tb.Context(), of.DB, store.Actor{})
		if err != nil {
			tb.Fatal(err)
		}
		card, err := exchange.ReadCard(raw)
		if err != nil {
			tb.Fatal(err)
		}
		for _, at := range all {
			if at == of {
				continue
			}
			if err := exchange.Pair(tb.Context(), at.DB, store.Actor{}, card); err != nil {
				tb.Fatal(err)
			}
		}
	}
}

// call takes a call of an invented household.
func (o *office) call(tb testing.TB, ref id.Ref, head, phone, address string) *request.Request {
	tb.Helper()
	p, ok := contact.ParsePhone(phone)
	if !ok {
		tb.Fatal(phone)
	}
	h := &household.Household{Head: contact.Name(head), Phones: []contact.Phone{p}, Address: contact.Address(address), Keep: true}
	q, n := &request.Request{Ref: ref, At: o.now, Calls: 1}, &request.Need{What: request.Basket, Class: "basket", Count: 1, Status: request.Open}
	o.write(tb, func(ctx context.Context, tx *store.Tx) error {
		h.ID.ID, q.ID.ID, n.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, n.Request = h.ID, q.ID
		return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, n))
	})
	return q
}

// bring carries a stick from one centre to another, and returns what lay on it.
func bring(tb testing.TB, from, to *office) string {
	tb.Helper()
	w, err := exchange.WriteBundle(tb.Context(), from.DB, to.Centre(), from.stick)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := exchange.ReadBundle(tb.Context(), to.DB, w.Files[0]); err != nil {
		tb.Fatal(err)
	}
	return w.Files[0]
}

// round lets everybody do what is to be done, and carries sticks to the middle and back.
func round(tb testing.TB, middle *office, all ...*office) {
	tb.Helper()
	for range 2 {
		for _, o := range all {
			o.work(tb)
			bring(tb, o, middle)
		}
		middle.work(tb)
		for _, o := range all {
			bring(tb, middle, o)
			o.work(tb)
		}
	}
}

func (o *office) work(tb testing.TB) {
	tb.Helper()
	if err := match.Work(tb.Context(), o.DB); err != nil {
		tb.Fatal(err)
	}
}

func (o *office) pairs(tb testing.TB) (good, bad []match.Pair) {
	tb.Helper()
	good, bad, err := match.Pairs(tb.Context(), o.DB)
	if err != nil {
		tb.Fatal(err)
	}
	return good, bad
}

// same proves that a centre's tables follow from its ledger.
func same(tb testing.TB, all ...*office) {
	tb.Helper()
	for _, o := range all {
		if _, err := o.Verify(tb.Context()); err != nil {
			tb.Error(err)
		}
		if before, after, err := o.Rebuild(tb.Context()); err != nil || before != after {
			tb.Error("the tables are not what the ledger says:", before, after, err)
		}
	}
}

// secret is the key of the centres that ask, in tests.
var secret = match.Key{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}

// network is two centres that ask and one that compares.
func network(tb testing.TB) (a, b, m *office) {
	tb.Helper()
	a, b, m = open(tb, "Талғар"), open(tb, "Есік"), open(tb, "Салыстыру")
	know(tb, a, b, m)
	m.write(tb, func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, match.UsualLimit) })
	a.ask(tb, m)
	b.ask(tb, m)
	bring(tb, m, a)
	bring(tb, m, b)
	return a, b, m
}

// ask lets a centre ask another.
func (o *office) ask(tb testing.TB, m *office) {
	tb.Helper()
	o.write(tb, func(ctx context.Context, tx *store.Tx) error {
		return errors.Join(match.Use(ctx, tx, m.Centre()), match.UseKey(ctx, tx, secret))
	})
}

// holds reports whether bytes stand anywhere in a centre's database, in whatever table.
func (o *office) holds(tb testing.TB, what []byte) bool {
	tb.Helper()
	tables, err := store.All(tb.Context(), o.DB, func(r *sql.Rows, v *string) error { return r.Scan(v) }, "SELECT name FROM sqlite_master WHERE type='table'")
	if err != nil {
		tb.Fatal(err)
	}
	if len(tables) < 20 {
		tb.Fatal("few tables were looked at:", tables)
	}
	for _, t := range tables {
		if o.holdsIn(tb, t, what) {
			return true
		}
	}
	return false
}

func (o *office) holdsIn(tb testing.TB, table string, what []byte) bool {
	tb.Helper()
	rows, err := o.Query(tb.Context(), "SELECT * FROM "+table)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		tb.Fatal(err)
	}
	for rows.Next() {
		row := make([]sql.RawBytes, len(columns))
		into := make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		if err := rows.Scan(into...); err != nil {
			tb.Fatal(err)
		}
		if slices.ContainsFunc(row, func(c sql.RawBytes) bool { return bytes.Contains(c, what) }) {
			return true
		}
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return false
}

// opened returns the sealed parts that a centre has and can open, so that bytes can be looked for in them.
func (o *office) opened(tb testing.TB) (all []byte) {
	tb.Helper()
	rows, err := store.All(tb.Context(), o.DB, func(r *sql.Rows, v *[2][]byte) error { return r.Scan(&v[0], &v[1]) },
		"SELECT b.sealed, coalesce(b.key, k.key) FROM ledger_body b LEFT JOIN ledger_key k ON k.record=b.record")
	if err != nil {
		tb.Fatal(err)
	}
	for _, r := range rows {
		f, err := ledger.Unseal(r[1], r[0])
		if err != nil {
			tb.Fatal(err)
		}
		raw, err := ledger.Marshal(f)
		if err != nil {
			tb.Fatal(err)
		}
		all = append(all, raw...)
	}
	return all
}

func (o *office) knows(tb testing.TB, token []byte) bool {
	tb.Helper()
	return o.holds(tb, token) || bytes.Contains(o.opened(tb), token)
}

// TestTheSameCallerOfTwoHotlines: two centres learn of it, each where the other's request stands; linking is told to both,
// and undone by either; no record is changed by it.
func TestTheSameCallerOfTwoHotlines(t *testing.T) {
	a, b, m := network(t)
	x := a.call(t, "472190", "Ойдан Шығарылған", "8 (701) 000-00-01", "Оқу көшесі 1")
	a.call(t, "111111", "Басқа Ойдан", "8 701 000 00 02", "Оқу көшесі 2")
	y := b.call(t, "583201", "Шыгарылган О.", "+7 701 0000001", "ул. Учебная 7")
	round(t, m, a, b)
	bring(t, a, b)
	bring(t, b, a)

	for _, c := range []struct {
		at     *office
		ours   *request.Request
		theirs *request.Request
		name   string
	}{{a, x, y, "Есік"}, {b, y, x, "Талғар"}} {
		good, bad := c.at.pairs(t)
		if len(good) != 1 || len(bad) != 0 {
			t.Fatalf("%+v %+v", good, bad)
		}
		p := good[0]
		if p.Ours != c.ours.Household || p.Theirs != c.theirs.Household || p.Name != c.name || len(p.By) != 1 || p.By[0] != twin.ByPhone || p.Standing() != match.Open {
			t.Errorf("%+v", p)
		}
		if len(p.At) != 1 || p.At[0].Ref != c.theirs.Ref || len(p.At[0].Needs) != 1 || p.At[0].Needs[0].Class != "basket" {
			t.Errorf("%+v", p.At)
		}
	}
	if n, err := match.Waiting(t.Context(), a.DB); err != nil || n != 1 {
		t.Error(n, err)
	}
	good, _ := a.pairs(t)
	before, err := household.Kind.Get(t.Context(), a.DB, x.Household.ID)
	if err != nil {
		t.Fatal(err)
	}
	a.say(t, good[0].ID, twin.Same)
	if n, err := match.Waiting(t.Context(), a.DB); err != nil || n != 0 {
		t.Error(n, err)
	}
	bring(t, a, m) // what was said travels by whoever meets
	bring(t, m, b)
	theirs, _ := b.pairs(t)
	if theirs[0].They == nil || theirs[0].They.Says != twin.Same || theirs[0].Standing() != match.Open {
		t.Errorf("the other side is to look itself: %+v", theirs[0])
	}
	b.say(t, theirs[0].ID, twin.Different)
	bring(t, b, a)
	if good, _ = a.pairs(t); good[0].Standing() != match.Disputed {
		t.Error(good[0].Standing())
	}
	b.say(t, theirs[0].ID, twin.Undone)
	bring(t, b, a)
	if good, _ = a.pairs(t); good[0].Standing() != match.Linked {
		t.Error(good[0].Standing())
	}
	a.say(t, good[0].ID, twin.Undone)
	if good, _ = a.pairs(t); good[0].Standing() != match.Open {
		t.Error(good[0].Standing())
	}
	after, err := household.Kind.Get(t.Context(), a.DB, x.Household.ID)
	if err != nil || after.Head != before.Head || len(after.Phones) != len(before.Phones) {
		t.Error("linking changed a record:", after, err)
	}
	same(t, a, b, m)
}

func (o *office) say(tb testing.TB, pair id.ID, says twin.Says) {
	tb.Helper()
	p, err := match.Find(tb.Context(), o.DB, pair)
	if err != nil {
		tb.Fatal(err)
	}
	o.write(tb, func(ctx context.Context, tx *store.Tx) error { return match.Say(ctx, tx, p, says) })
}

// TestNobodyElseReadsAToken looks for the bytes themselves, in every table and in every sealed part that can be opened: the
// two that are to have them have, and a third centre, which met both and carried for them, has not. The one that compares
// has the tokens and not the key; the key stands in no lane that leaves.
func TestNobodyElseReadsAToken(t *testing.T) {
	a, b, m := network(t)
	c := open(t, "Бөтен")
	know(t, a, c)
	know(t, m, c)
	know(t, b, c)
	a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	token := secret.Phone("8 701 000 00 01")
	var sticks []string
	for range 2 {
		for _, o := range []*office{a, b} {
			o.work(t)
			sticks = append(sticks, bring(t, o, m), bring(t, o, c))
		}
		m.work(t)
		for _, o := range []*office{a, b, c} {
			sticks = append(sticks, bring(t, m, o))
		}
		sticks = append(sticks, bring(t, c, a), bring(t, c, b), bring(t, c, m))
	}
	if good, _ := a.pairs(t); len(good) != 1 {
		t.Fatal("nothing was found, so nothing is proved:", good)
	}
	for name, has := range map[*office]bool{a: true, b: true, m: true, c: false} {
		if name.knows(t, token) != has {
			t.Errorf("a centre holds the token: %v, want %v", !has, has)
		}
	}
	for name, has := range map[*office]bool{a: true, b: true, m: false, c: false} {
		if name.knows(t, secret[:]) != has {
			t.Errorf("a centre holds the key: %v, want %v", !has, has)
		}
	}
	for _, s := range sticks {
		raw, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(raw, token) || bytes.Contains(raw, secret[:]) {
			t.Error("a stick holds it in the clear:", s)
		}
	}
	same(t, a, b, c, m)
}

// TestWhoIsErasedIsForgottenByThoseThatCompare: the tokens go, and what was answered at both sides.
func TestWhoIsErasedIsForgottenByThoseThatCompare(t *testing.T) {
	a, b, m := network(t)
	x := a.call(t, "472190", "Ойдан Шығарылған", "87010000001", "Оқу көшесі 1")
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000001", "ул. Учебная 7")
	round(t, m, a, b)
	token := secret.Phone("87010000001")
	if good, _ := b.pairs(t); len(good) != 1 || !m.knows(t, token) {
		t.Fatal("nothing was found, so nothing is proved")
	}
	a.write(t, func(ctx context.Context, tx *store.Tx) error { return tx.Erase(ctx, x.Household.ID) })
	a.work(t)
	if good, _ := a.pairs(t); len(good) != 0 || a.knows(t, token) {
		t.Error("who was erased is asked for:", good)
	}
	round(t, m, a, b)
	if good, bad := b.pairs(t); len(good)+len(bad) != 0 {
		t.Error("the other centre still reads of them:", good, bad)
	}
	if n, err := store.One[int](t.Context(), m.DB, "tokens", "SELECT count(*) FROM twin_token"); err != nil || n != 2 { // B's phone and door
		t.Error(n, err)
	}
	pending, err := match.Unconfirmed(t.Context(), a.DB)
	if err != nil || pending != 0 {
		t.Error("not confirmed:", pending, err)
	}
	b.write(t, func(ctx context.Context, tx *store.Tx) error { // nobody asks any more: all goes
		return match.Use(ctx, tx, id.ID{})
	})
	round(t, m, a, b)
	if m.knows(t, token) || b.knows(t, token) {
		t.Error("tokens outlive the questions")
	}
	same(t, a, b, m)
}

// TestTheLimitHoldsAndIsTold: what is beyond it waits, is told to who asked, and is compared a day later; taking questions
// back and asking anew does not get round it.
func TestTheLimitHoldsAndIsTold(t *testing.T) {
	a, b, m := network(t)
	m.write(t, func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, 3) })
	b.call(t, "583201", "Шыгарылган Ойдан", "87010000005", "ул. Учебная 7")
	for i, ref := range []id.Ref{"472191", "472192", "472193", "472194", "472195"} {
		a.call(t, ref, "Ойдан Шығарылған", "8701000000"+string(rune('1'+i)), "Оқу көшесі "+string(rune('1'+i)))
	}
	a.work(t) // before it hears of the limit
	if n := count(t, a, "SELECT count(*) FROM twin_question"); n != 5 {
		t.Fatal(n)
	}
	round(t, m, a, b)
	tally, err := twin.TallyOf(t.Context(), a.DB, m.Centre(), a.Centre())
	if err != nil || tally.Compared != 3 || tally.Waiting != 2 {
		t.Errorf("%+v %v", tally, err)
	}
	a.write(t, func(ctx context.Context, tx *store.Tx) error { return match.Use(ctx, tx, id.ID{}) })
	a.work(t)
	a.ask(t, m)
	round(t, m, a, b)
	if n := count(t, m, "SELECT count(*) FROM twin_seen WHERE compared>0 AND asker='"+a.Centre().String()+"'"); n != 3 {
		t.Error("asking anew got round the limit:", n)
	}
	a.now, b.now, m.now = a.now.Add(25*time.Hour), b.now.Add(25*time.Hour), m.now.Add(25*time.Hour)
	round(t, m, a, b)
	if n := count(t, m, "SELECT count(*) FROM twin_seen WHERE compared>0 AND asker='"+a.Centre().String()+"'"); n < 3 {
		t.Error("a day later nothing more was compared:", n)
	}
	same(t, a, b, m)
}

func count(tb testing.TB, o *office, query string) int {
	tb.Helper()
	n, err := store.One[int](tb.Context(), o.DB, "count", query)
	if err != nil {
		tb.Fatal(err)
	}
	return n
}
