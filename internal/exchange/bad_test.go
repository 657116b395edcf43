package exchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/forks"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
	"github.com/jumyla/jumyla/ledger/bundle"
)

// untouched returns what proves afterwards that nothing changed in a centre: neither its tables nor how much it has written.
func untouched(t *testing.T, db *store.DB) (check func(what string)) {
	t.Helper()
	state := func() (string, int) {
		h, err := db.StateHash(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		n, err := store.One[int](t.Context(), db, "entries", "SELECT count(*) FROM ledger_entry")
		if err != nil {
			t.Fatal(err)
		}
		return h, n
	}
	hash, entries := state()
	return func(what string) {
		t.Helper()
		if h, n := state(); h != hash || n != entries {
			t.Errorf("%s: something changed: %d entries, were %d", what, n, entries)
		}
		left, err := filepath.Glob(filepath.Join(db.Dir(), store.Incoming))
		if err != nil || len(left) > 0 {
			t.Errorf("%s: copies are left in the data folder: %v %v", what, left, err)
		}
	}
}

// said checks that an error has this message, and that it is written in each language.
func said(t *testing.T, what string, err error, key string) {
	t.Helper()
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Key != key {
		t.Errorf("%s: %q was expected: %v", what, key, err)
		return
	}
	for _, lang := range i18n.Langs() {
		if words := lang.T(e.Key, e.Args...); words == "" || words == e.Key {
			t.Errorf("%s has no words in %s", e.Key, lang)
		}
	}
}

// forged writes a bundle as a centre would that may do what it likes with its own key.
func forged(t *testing.T, from ledger.ID, key ed25519.PrivateKey, to *store.DB, m bundle.Manifest, fill func(w *bundle.Writer) error) []byte {
	t.Helper()
	box, err := to.Box(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	m.From, m.To = from, []ledger.ID{ledger.ID(to.Centre())}
	out := bytes.NewBufferString("JUMYLA PART 1\n")
	out.Write(make([]byte, 16))
	out.Write(binary.BigEndian.AppendUint32(nil, 1))
	w, err := bundle.NewWriter(out, m, key, age.Recipient(box.Recipient()))
	if err == nil && fill != nil {
		err = fill(w)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// laneOf reads one of a centre's own lanes as it would travel.
func laneOf(t *testing.T, db *store.DB, class ledger.Class) (store.Lane, []store.Parcel) {
	t.Helper()
	lanes, err := db.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(lanes, func(l store.Lane) bool { return l.Lane.Class == class && db.Writes(l.Lane) })
	page, err := db.Page(t.Context(), lanes[i], 0, lanes[i].End.Seq)
	if err != nil {
		t.Fatal(err)
	}
	return lanes[i], page
}

// TestBadFiles: whatever is wrong with a file, it is refused in words, and nothing here changes.
func TestBadFiles(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	call(t, a, "472190")
	good, err := os.ReadFile(bring(t, a, b, stick))
	if err != nil {
		t.Fatal(err)
	}
	c := open(t, "Оқу В")
	know(t, a, c)
	other, err := os.ReadFile(bring(t, a, c, stick))
	if err != nil {
		t.Fatal(err)
	}
	flipped := slices.Clone(good)
	flipped[len(flipped)/2] ^= 1
	ofA, stranger := ledger.ID(a.Centre()), ledger.ID(c.Centre())
	coord, page := laneOf(t, a, ledger.Coord)
	audit := ledger.Lane{Centre: ofA, Incarnation: coord.Lane.Incarnation, Class: ledger.Audit}
	fill := func(w *bundle.Writer) error {
		for _, p := range page {
			if err := w.Add(0, bundle.Entry{Raw: p.Raw}); err != nil {
				return err
			}
		}
		return nil
	}
	whole := bundle.Range{Lane: coord.Lane, End: coord.End, Signature: coord.Signature}
	unsigned := whole
	unsigned.Signature = make([]byte, ed25519.SignatureSize)
	raw, end, err := ledger.Head{}.Append(&ledger.Entry{Lane: audit, Kind: "look", Op: ledger.Put})
	if err != nil {
		t.Fatal(err)
	}
	private := bundle.Range{Lane: audit, End: end, Signature: ledger.SignHead(a.SigningKey(), audit, end)}
	check := untouched(t, b)
	for what, bad := range map[string]struct {
		raw []byte
		key string
	}{
		"nothing":                   {nil, "exchange.not_bundle"},
		"a photo":                   {bytes.Repeat([]byte{0xff, 0xd8}, 5000), "exchange.not_bundle"},
		"cut short":                 {good[:len(good)*2/3], "exchange.damaged"},
		"cut in its head":           {good[:40], "exchange.not_bundle"},
		"one bit flipped":           {flipped, "exchange.damaged"},
		"more behind its end":       {append(slices.Clone(good), 0), "exchange.damaged"},
		"for another centre":        {other, "exchange.not_for_us"},
		"from a stranger":           {forged(t, stranger, c.SigningKey(), b, bundle.Manifest{}, nil), "exchange.stranger"},
		"in another centre's name":  {forged(t, ofA, c.SigningKey(), b, bundle.Manifest{}, nil), "exchange.signature"},
		"a lane that is not signed": {forged(t, ofA, a.SigningKey(), b, bundle.Manifest{Ranges: []bundle.Range{unsigned}}, fill), "exchange.lane_signature"},
		"less than its list says":   {forged(t, ofA, a.SigningKey(), b, bundle.Manifest{Ranges: []bundle.Range{whole}}, nil), "exchange.content"},
		"what never leaves a centre": {forged(t, ofA, a.SigningKey(), b, bundle.Manifest{Ranges: []bundle.Range{private}},
			func(w *bundle.Writer) error { return w.Add(0, bundle.Entry{Raw: raw}) }), "exchange.private"},
	} {
		file := filepath.Join(t.TempDir(), "x"+Extension)
		if err := os.WriteFile(file, bad.raw, 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadBundle(t.Context(), b, file)
		said(t, what, err, bad.key)
		check(what)
	}
	_, err = ReadBundle(t.Context(), b, filepath.Join(stick, "gone"+Extension)) // pulled out
	said(t, "a stick that was pulled out", err, "exchange.no_file")
	check("a stick that was pulled out")
}

// TestReplayed: a file that was read before, or an older one, changes nothing; so does one whose vector is a lie.
func TestReplayed(t *testing.T) {
	a, b := paired(t)
	stick := t.TempDir()
	call(t, a, "472190")
	old := bring(t, a, b, stick)
	take(t, b, old)
	call(t, a, "583181")
	take(t, b, bring(t, a, b, stick))
	check := untouched(t, b)
	if r := take(t, b, old); r.New != 0 {
		t.Errorf("%d entries were new", r.New)
	}
	check("an older file")
	lie := bundle.Manifest{Wants: []ledger.Hash{{1}, {2}}}
	lanes, err := b.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		lie.Vector = append(lie.Vector, bundle.Have{Lane: l.Lane, Head: ledger.Head{Seq: 1 << 40, Hash: ledger.Hash{7}}})
	}
	file := filepath.Join(t.TempDir(), "x"+Extension)
	if err := os.WriteFile(file, forged(t, ledger.ID(a.Centre()), a.SigningKey(), b, lie, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	take(t, b, file)
	check("a vector that is a lie")
	if w := bring(t, b, a, stick); w == "" { // what it says that it has harms nobody but itself
		t.Error("nothing can be written for it any more")
	}
	call(t, b, "694272")
	q, _ := call(t, a, "705363")
	take(t, b, bring(t, a, b, stick))
	if d := decided(t, b, q.ID.ID); d.Owner != ledger.ID(a.Centre()) {
		t.Error("what it wrote afterwards did not come")
	}
}

// TestRevoked: a centre that the key-holders have ended is written no file, and none of its files is read; what others bring
// of it beyond the cut counts for nothing.
func TestRevoked(t *testing.T) {
	holders, anchor := keyHolders()
	a, b := openAt(t, "Оқу А", anchor), openAt(t, "Оқу Б", anchor)
	know(t, a, b)
	stick := t.TempDir()
	q, _ := call(t, b, "472190")
	take(t, a, bring(t, b, a, stick))
	revoke(t, a, b, holders)
	late := bring(t, b, a, stick)
	check := untouched(t, a)
	_, err := WriteBundle(t.Context(), a, b.Centre(), stick)
	said(t, "written for it", err, "exchange.revoked")
	_, err = ReadBundle(t.Context(), a, late)
	said(t, "read from it", err, "exchange.revoked_from")
	_, err = NewFlow(t.Context(), a, ledger.ID(b.Centre()))
	said(t, "spoken with", err, "exchange.revoked")
	check("revoked")
	mine, _ := call(t, a, "583181")
	check = untouched(t, a)
	err = a.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		_, err := HandOver(t.Context(), tx, mine.ID, b.Centre(), "area")
		return err
	})
	said(t, "handed over to it", err, "exchange.revoked")
	check("handed over to it")
	peers, err := Peers(t.Context(), a)
	if err != nil || len(peers) != 1 || !peers[0].Revoked || peers[0].Entries != 0 {
		t.Error(peers, err)
	}
	if d := decided(t, a, q.ID.ID); d.Owner != ledger.ID(b.Centre()) {
		t.Error("what it wrote before the cut is no longer its own")
	}
	same(t, a)
}

// keyHolders are three, of whom it takes two.
func keyHolders() ([]ed25519.PrivateKey, ledger.Anchor) {
	var keys []ed25519.PrivateKey
	anchor := ledger.Anchor{Need: 2}
	for i := range byte(3) {
		k := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{i + 1}, ed25519.SeedSize))
		keys, anchor.Holders = append(keys, k), append(anchor.Holders, k.Public().(ed25519.PublicKey))
	}
	return keys, anchor
}

func openAt(tb testing.TB, name string, anchor ledger.Anchor) *store.DB {
	tb.Helper()
	db := open(tb, name)
	h := ledger.Holders{Need: anchor.Need}
	for _, k := range anchor.Holders {
		h.Keys = append(h.Keys, k)
	}
	fields, err := ledger.FieldsOf(h)
	if err != nil {
		tb.Fatal(err)
	}
	write(tb, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: ledger.ID(db.Centre()), Kind: ledger.KindHolders, Op: ledger.Declare, Fields: fields}, nil)
	})
	return db
}

// revoke ends a centre at what is known of it, by two key-holders.
func revoke(t *testing.T, db, of *store.DB, holders []ed25519.PrivateKey) {
	t.Helper()
	r := ledger.Revocation{Centre: ledger.ID(of.Centre())}
	lanes, err := db.Lanes(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range lanes {
		if l.Lane.Centre == r.Centre {
			r.Cut = append(r.Cut, ledger.LaneSeq{Incarnation: l.Lane.Incarnation, Class: l.Lane.Class, Seq: l.End.Seq})
		}
	}
	for _, k := range holders[:2] {
		if err := r.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	fields, err := ledger.FieldsOf(r)
	if err != nil {
		t.Fatal(err)
	}
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: r.Centre, Kind: ledger.KindRevocation, Op: ledger.Declare, Fields: fields}, nil)
	})
}

// TestOneForkedLane: a lane that another machine writes on is kept with both its branches, and so is all else of the file.
func TestOneForkedLane(t *testing.T) {
	a, b := paired(t)
	c := open(t, "Оқу В")
	know(t, b, c)
	stick := t.TempDir()
	call(t, a, "472190")
	copyOf := filepath.Join(t.TempDir(), "copy.jumyla")
	if err := a.Backup(t.Context(), copyOf); err != nil {
		t.Fatal(err)
	}
	take(t, b, bring(t, a, b, stick))
	good, _ := call(t, c, "583181")
	take(t, b, bring(t, c, b, stick))
	// another machine writes on as A, under the numbers that A uses
	coord, page := laneOf(t, a, ledger.Coord)
	e := ledger.Entry{Lane: coord.Lane, Record: ledger.ID{5}, Kind: "request", Op: ledger.Put}
	last, err := ledger.Decode(page[len(page)-1].Raw)
	if err != nil {
		t.Fatal(err)
	}
	raw, end, err := ledger.Head{Seq: last.Seq - 1, Hash: last.Prev}.Append(&e)
	if err != nil {
		t.Fatal(err)
	}
	m := bundle.Manifest{Ranges: []bundle.Range{
		{Lane: coord.Lane, Start: ledger.Head{Seq: last.Seq - 1, Hash: last.Prev}, End: end, Signature: ledger.SignHead(a.SigningKey(), coord.Lane, end)},
	}}
	more, _ := call(t, c, "694272")
	ofC, fromC := laneOf(t, c, ledger.Coord)
	m.Ranges = append(m.Ranges, bundle.Range{Lane: ofC.Lane, End: ofC.End, Signature: ofC.Signature})
	file := filepath.Join(t.TempDir(), "x"+Extension)
	err = os.WriteFile(file, forged(t, ledger.ID(a.Centre()), a.SigningKey(), b, m, func(w *bundle.Writer) error {
		if err := w.Add(0, bundle.Entry{Raw: raw}); err != nil {
			return err
		}
		for _, p := range fromC {
			if err := w.Add(1, bundle.Entry{Raw: p.Raw}); err != nil {
				return err
			}
		}
		return nil
	}), 0o600)
	if err != nil {
		t.Fatal(err)
	}
	r := take(t, b, file)
	all, err := b.Branches(t.Context(), coord.Lane)
	if len(r.LeftOut) != 0 || r.New == 0 || err != nil || len(all) != 2 {
		t.Errorf("%+v, %d branches, %v", r, len(all), err)
	}
	if forked, err := forks.All(t.Context(), b); err != nil || len(forked) != 1 || forked[0].Name != "Оқу А" || forked[0].Settled || forked[0].Branches != 2 {
		t.Errorf("%+v, %v", forked, err)
	}
	for _, rid := range []ledger.ID{ledger.ID(good.ID.ID), ledger.ID(more.ID.ID)} {
		if d := decided(t, b, [16]byte(rid)); d.Owner != ledger.ID(c.Centre()) {
			t.Error("what stood beside the forked lane did not come")
		}
	}
	same(t, b)
}

// TestAClockIn1970: what a machine wrote whose clock was lost is taken in, in its order, and what it writes afterwards
// with the clock set right.
func TestAClockIn1970(t *testing.T) {
	now := time.Unix(0, 0)
	cfg := config(filepath.Join(t.TempDir(), "centre"))
	cfg.Now = func() time.Time { return now }
	a, err := store.Create(t.Context(), cfg, store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		return centre.Create(ctx, tx, &centre.Centre{Name: "Оқу А", Zone: centre.DefaultZone, Langs: []string{"kk"}})
	})
	b := open(t, "Оқу Б")
	know(t, a, b)
	stick := t.TempDir()
	q, _ := call(t, a, "472190")
	move(t, a, q.Household, "Оқу көшесі 2")
	write(t, a, func(ctx context.Context, tx *store.Tx) error {
		_, err := HandOver(ctx, tx, q.ID, b.Centre(), "area")
		return err
	})
	take(t, b, bring(t, a, b, stick))
	at(t, b, q.Household, "Оқу көшесі 2")
	now = noon
	late, _ := call(t, a, "583181")
	now = time.Unix(0, 0).Add(-time.Hour) // and before
	early, _ := call(t, a, "694272")
	take(t, b, bring(t, a, b, stick))
	for _, rid := range [][16]byte{late.ID.ID, early.ID.ID} {
		if d := decided(t, b, rid); d.Owner != ledger.ID(a.Centre()) {
			t.Error("it did not come")
		}
	}
	same(t, a)
	same(t, b)
}

// FuzzTakeIn reads anything as a bundle from a centre that we know: whatever it is, it ends with an answer, and what it says
// that was refused has changed nothing.
func FuzzTakeIn(f *testing.F) {
	a, b := paired(f)
	call(f, a, "472190")
	raw, err := os.ReadFile(bring(f, a, b, f.TempDir()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw[34:], uint64(1))
	f.Add([]byte("JUMYLA BUNDLE 1\n"), uint64(2))
	f.Fuzz(func(t *testing.T, raw []byte, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		if len(raw) > 0 {
			raw[r.IntN(len(raw))] ^= byte(r.IntN(256))
		}
		n, err := store.One[int](t.Context(), b, "entries", "SELECT count(*) FROM ledger_entry")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := TakeIn(t.Context(), b, bytes.NewReader(raw)); err == nil {
			return
		}
		if after, err := store.One[int](t.Context(), b, "entries", "SELECT count(*) FROM ledger_entry"); err != nil || after != n {
			t.Fatalf("it was refused, and %d entries became %d: %v", n, after, err)
		}
	})
}
