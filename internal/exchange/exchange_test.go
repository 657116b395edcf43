package exchange

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

const passphrase = "төрт сөз жеткілікті"

var noon = time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC)

func config(dir string) store.Config {
	return store.Config{Dir: dir, Kinds: []store.Registered{centre.Kind, household.Kind, request.Kind, request.NeedKind, request.CallbackKind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return noon }}
}

func open(tb testing.TB, name string) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), config(filepath.Join(tb.TempDir(), "centre")), store.Secret{Passphrase: passphrase})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	write(tb, db, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: name, Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	return db
}

func write(tb testing.TB, db *store.DB, fn func(ctx context.Context, tx *store.Tx) error) {
	tb.Helper()
	if err := db.Write(tb.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(tb.Context(), tx) }); err != nil {
		tb.Fatal(err)
	}
}

// paired are two centres that know each other.
func paired(tb testing.TB) (a, b *store.DB) {
	tb.Helper()
	a, b = open(tb, "Оқу А"), open(tb, "Оқу Б")
	know(tb, a, b)
	return a, b
}

// know pairs two centres.
func know(tb testing.TB, a, b *store.DB) {
	tb.Helper()
	for _, p := range [][2]*store.DB{{a, b}, {b, a}} {
		raw, err := Card(tb.Context(), p[1], store.Actor{})
		if err != nil {
			tb.Fatal(err)
		}
		card, err := ReadCard(raw)
		if err != nil {
			tb.Fatal(err)
		}
		if err := Pair(tb.Context(), p[0], store.Actor{}, card); err != nil {
			tb.Fatal(err)
		}
	}
}

// call takes a call for somebody invented.
func call(tb testing.TB, db *store.DB, ref id.Ref) (q *request.Request, n *request.Need) {
	tb.Helper()
	q, n = &request.Request{Ref: ref, At: noon, Calls: 1, Note: "Ойдан: ескерту"}, &request.Need{What: request.Insulin, Class: "medical", Count: 1, Status: request.Open}
	h := &household.Household{Head: contact.Name("Ойдан " + string(ref)), Address: "Оқу көшесі 1", Keep: true}
	write(tb, db, func(ctx context.Context, tx *store.Tx) error {
		h.ID.ID, q.ID.ID, n.ID.ID = tx.NewID(), tx.NewID(), tx.NewID()
		q.Household, n.Request = h.ID, q.ID
		return errors.Join(tx.Put(ctx, h), tx.Put(ctx, q), tx.Put(ctx, n))
	})
	return q, n
}

func bring(tb testing.TB, from, to *store.DB, dir string) string {
	tb.Helper()
	w, err := WriteBundle(tb.Context(), from, to.Centre(), dir)
	if err != nil {
		tb.Fatal(err)
	}
	return w.Files[0]
}

func take(tb testing.TB, db *store.DB, file string) Read {
	tb.Helper()
	r, err := ReadBundle(tb.Context(), db, file)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// same proves that a centre's tables follow from its ledger.
func same(tb testing.TB, db *store.DB) {
	tb.Helper()
	if _, err := db.Verify(tb.Context()); err != nil {
		tb.Error(err)
	}
	if before, after, err := db.Rebuild(tb.Context()); err != nil || before != after {
		tb.Error("the tables are not what the ledger says:", before, after, err)
	}
}

// decided is what two centres must agree on about a record.
func decided(tb testing.TB, db *store.DB, rid id.ID) *ledger.Decision {
	tb.Helper()
	d, err := db.Decider(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	out, err := d.Of(tb.Context(), ledger.ID(rid))
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

// TestSealedEditsTravelWithTheOwner: what the owner changes of names goes back with the record, and to nobody before.
func TestSealedEditsTravelWithTheOwner(t *testing.T) {
	a, b := paired(t)
	q, _ := call(t, a, "472190")
	stick := t.TempDir()
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, stick))
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		h, err := household.Kind.Get(ctx, tx, q.Household.ID)
		if err != nil {
			return err
		}
		h.Head = "Ойдан Жаңа"
		return tx.Put(ctx, h)
	})
	take(t, a, bring(t, b, a, stick))
	if h, err := household.Kind.Get(t.Context(), a, q.Household.ID); err != nil || h.Head == "Ойдан Жаңа" {
		t.Error("who handed it over reads what the new owner wrote of it:", h, err)
	}
	write(t, b, func(ctx context.Context, tx *store.Tx) error {
		_, err := Refuse(ctx, tx, q.ID, "full")
		return err
	})
	take(t, a, bring(t, b, a, stick))
	if h, err := household.Kind.Get(t.Context(), a, q.Household.ID); err != nil || h.Head != "Ойдан Жаңа" {
		t.Error("it came back without what was written of it:", h, err)
	}
	take(t, b, bring(t, a, b, stick))
	if x, y := decided(t, a, q.ID.ID), decided(t, b, q.ID.ID); x.Owner != y.Owner || x.Under != y.Under || x.Owner != ledger.ID(a.Centre()) {
		t.Error("the two centres do not agree whose it is")
	}
	same(t, a)
	same(t, b)
}

// TestNobodyElseHoldsABody: requests that were not handed over come in counts; their sealed parts and keys do not come.
func TestNobodyElseHoldsABody(t *testing.T) {
	a, b := paired(t)
	call(t, a, "472190")
	stick := t.TempDir()
	take(t, b, bring(t, a, b, stick))
	for _, table := range []string{"ledger_body", "ledger_key"} {
		n, err := store.One[int](t.Context(), b, table, "SELECT count(*) FROM "+table+" WHERE record NOT IN (SELECT id FROM record WHERE kind='centre')")
		if err != nil || n != 0 {
			t.Errorf("%s holds %d rows of others' records: %v", table, n, err)
		}
	}
	all, err := request.All(t.Context(), b, b.Centre(), b.Now(), b.Now())
	if f := all[a.Centre()]; err != nil || len(all) != 1 || len(f.Kinds) != 1 || f.Kinds[0] != (request.KindFigure{Class: "medical", Open: 1}) {
		t.Error(all, err)
	}
	if n, err := store.One[int](t.Context(), b, "requests", "SELECT count(*) FROM request"); err != nil || n != 0 {
		t.Errorf("%d requests of others stand on our board: %v", n, err)
	}
}

// TestOrderAndRepetition: an old file after a new one changes nothing, a later one alone says what is missing.
func TestOrderAndRepetition(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	call(t, a, "472190")
	first := bring(t, a, b, stick)
	take(t, b, first)
	take(t, a, bring(t, b, a, stick)) // now A knows what B has
	call(t, a, "583181")
	second := bring(t, a, b, stick)
	c, err := os.ReadFile(second)
	if err != nil {
		t.Fatal(err)
	}
	take(t, b, second)
	before, err := b.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{first, second, first} {
		if r := take(t, b, file); r.New != 0 {
			t.Errorf("%d entries were taken in twice", r.New)
		}
	}
	if after, err := b.StateHash(t.Context()); err != nil || after != before {
		t.Error("a repeated file changed something:", err)
	}
	if after, err := os.ReadFile(second); err != nil || string(after) != string(c) {
		t.Error("a file on the stick was changed:", err)
	}
}

// TestTwoLaptopsOfOneCentre: a copied database that writes on as the same centre is found, and nothing is taken in.
func TestTwoLaptopsOfOneCentre(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	call(t, a, "472190")
	take(t, b, bring(t, a, b, stick))
	copyOf := filepath.Join(t.TempDir(), "copy.jumyla")
	if err := a.Backup(t.Context(), copyOf); err != nil {
		t.Fatal(err)
	}
	call(t, a, "583181")
	take(t, b, bring(t, a, b, stick))
	twin, _ := restored(t, copyOf)
	q, _ := call(t, twin, "694272")
	// what the first laptop wrote after the back-up counts no more, and is kept; what the restored one writes does
	r := take(t, b, bring(t, twin, b, stick))
	if r.New == 0 {
		t.Error("the restored laptop's new incarnation was not taken in")
	}
	if d := decided(t, b, q.ID.ID); d.Owner != ledger.ID(a.Centre()) {
		t.Error("its new request is nobody's")
	}
	same(t, b)
	before, err := b.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	call(t, a, "705363") // the first laptop goes on where it must not
	if _, err := ReadBundle(t.Context(), twin, bring(t, a, b, stick)); err == nil {
		t.Error("a file for another centre was taken in")
	}
	if after, err := b.StateHash(t.Context()); err != nil || after != before {
		t.Error("something changed:", err)
	}
}

// TestStickThatFails: what cannot be written leaves nothing half written.
func TestStickThatFails(t *testing.T) {
	a, b := paired(t)
	call(t, a, "472190")
	if _, err := WriteBundle(t.Context(), a, b.Centre(), filepath.Join(t.TempDir(), "gone")); !errs.Is(err, errs.NotFound) {
		t.Error("a stick that is not there:", err)
	}
	stick := t.TempDir()
	other := filepath.Join(stick, "photo.jpg")
	if err := os.WriteFile(other, []byte("a photo"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := writeBundle(t.Context(), a, ledger.ID(b.Centre()), stick, 700)
	if err != nil || len(w.Files) < 3 {
		t.Fatal("parts:", w.Files, err)
	}
	r := take(t, b, w.Files[1])
	if r.New == 0 {
		t.Error("its parts were not put together")
	}
	if err := os.Remove(w.Files[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadBundle(t.Context(), b, w.Files[0]); !errs.Is(err, errs.Invalid) {
		t.Error("a part is missing:", err)
	}
	if got, err := os.ReadFile(other); err != nil || string(got) != "a photo" {
		t.Error("another's file was touched:", err)
	}
	left, err := filepath.Glob(filepath.Join(stick, ".jumyla-*"))
	if err != nil || len(left) > 0 {
		t.Error("half-written files are left:", left, err)
	}
}

// TestCards: a card that was changed on its way is none, and a centre that comes with another key is refused.
func TestCards(t *testing.T) {
	a, b := paired(t)
	raw, err := Card(t.Context(), a, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"another name": strings.Replace(string(raw), "Оқу А", "Оқу Ә", 1), "nothing": "", "text": "Dear colleagues", "huge": strings.Repeat(" ", maxCard) + string(raw),
	} {
		if _, err := ReadCard([]byte(bad)); !errs.Is(err, errs.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	card, err := ReadCard(raw)
	if err != nil {
		t.Fatal(err)
	}
	card.Key = append([]byte{}, card.Key...)
	card.Key[0] ^= 1
	if err := Pair(t.Context(), b, store.Actor{}, card); !errs.Is(err, errs.Conflict) {
		t.Error("another key was taken for the centre's:", err)
	}
	for _, lang := range i18n.Langs() {
		if list := strings.Fields(lang.T("exchange.words")); len(list) != 128 {
			t.Errorf("%s has %d words", lang, len(list))
		}
	}
}

// TestManyEntries: a lane longer than what is taken in at once, from its beginning.
func TestManyEntries(t *testing.T) {
	a, b := paired(t)
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		for range 2*chunkOf + 1 {
			q := &request.Request{Ref: "472190", At: noon, Calls: 1}
			q.ID.ID, q.Household.ID = tx.NewID(), tx.NewID()
			if err := tx.Put(ctx, q); err != nil {
				return err
			}
		}
		return nil
	})
	if r := take(t, b, bring(t, a, b, t.TempDir())); r.New <= 2*chunkOf {
		t.Errorf("%d entries came", r.New)
	}
	same(t, b)
}

// BenchmarkStick writes, verifies and takes in 100,000 entries.
func BenchmarkStick(bm *testing.B) {
	const entries = 100_000
	for bm.Loop() {
		a, b := paired(bm)
		for n := 0; n < entries; n += 200 {
			write(bm, a, func(ctx context.Context, tx *store.Tx) error {
				for range 200 {
					q := &request.Request{Ref: "472190", At: noon, Calls: 1}
					q.ID.ID, q.Household.ID = tx.NewID(), tx.NewID()
					if err := tx.Put(ctx, q); err != nil {
						return err
					}
				}
				return nil
			})
		}
		stick := bm.TempDir()
		start := time.Now()
		w, err := WriteBundle(bm.Context(), a, b.Centre(), stick)
		if err != nil {
			bm.Fatal(err)
		}
		wrote := time.Since(start)
		take(bm, b, w.Files[0])
		bm.ReportMetric(wrote.Seconds(), "s/write")
		bm.ReportMetric((time.Since(start) - wrote).Seconds(), "s/read")
		bm.ReportMetric(float64(w.Bytes)/float64(w.Entries), "B/entry-wire")
	}
}

// TestALaptopRestoredTwice: the second life, with a lower number than the first, learns of it from another centre, and
// opens again above it: what it writes from then on counts.
func TestALaptopRestoredTwice(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	copyOf := filepath.Join(t.TempDir(), "copy.jumyla")
	if err := a.Backup(t.Context(), copyOf); err != nil {
		t.Fatal(err)
	}
	first, other := restored(t, copyOf)
	second, dir := restored(t, copyOf)
	if incarnation(t, second) > incarnation(t, first) {
		first, second, dir = second, first, other
	}
	call(t, first, "472190")
	take(t, b, bring(t, first, b, stick))
	take(t, b, bring(t, second, b, stick)) // it says what it has
	take(t, second, bring(t, b, second, stick))
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := store.Open(t.Context(), config(dir), store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = again.Close() })
	if incarnation(t, again) <= incarnation(t, first) {
		t.Error("it did not open above the incarnation that it learnt of")
	}
	q, _ := call(t, again, "694272")
	take(t, b, bring(t, again, b, stick))
	if d := decided(t, b, q.ID.ID); d.Owner != ledger.ID(a.Centre()) || len(d.Proposals) > 0 {
		t.Error("what it writes now does not count:", d.Owner, d.Proposals)
	}
	same(t, b)
	same(t, again)
}

func restored(t *testing.T, file string) (*store.DB, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "restored")
	if err := store.Restore(file, dir); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), config(dir), store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, dir
}

// incarnation returns the one in which a database writes.
func incarnation(t *testing.T, db *store.DB) uint32 {
	t.Helper()
	lanes, err := db.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		if db.Writes(l.Lane) {
			return l.Lane.Incarnation
		}
	}
	t.Fatal("it has written nothing in its incarnation")
	return 0
}
