package link

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"net"
	"net/http"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// impostor speaks to a port as a program of its own would, with a centre's key.
type impostor struct {
	client  *http.Client
	at      string
	session []byte
}

// as returns somebody with an office's key who speaks to another office.
func as(tb testing.TB, o, to *office) *impostor {
	tb.Helper()
	c := &caller{db: o.db, peer: store.Centre{Card: store.Card{Key: to.db.PublicKey()}}, dial: (&net.Dialer{}).DialContext, now: time.Now}
	client, err := c.client()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(client.CloseIdleConnections)
	return &impostor{client: client, at: "https://" + to.port.Addr + Path}
}

func (m *impostor) post(tb testing.TB, body []byte) (*turn, int) {
	tb.Helper()
	res, err := m.client.Post(m.at, mediaType, bytes.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	defer res.Body.Close()
	out, err := unpack(res.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return out, res.StatusCode
}

func (m *impostor) say(tb testing.TB, t *turn) *turn {
	tb.Helper()
	t.Session = m.session
	b, err := pack(t)
	if err != nil {
		tb.Fatal(err)
	}
	out, _ := m.post(tb, b)
	if out.Session != nil {
		m.session = out.Session
	}
	return out
}

func (m *impostor) hello(tb testing.TB, o *office, lanes ...ledger.LaneHeads) *turn {
	tb.Helper()
	return m.speaking(tb, o, ledger.Protocol, lanes...)
}

// speaking says hello in a version of the exchange.
func (m *impostor) speaking(tb testing.TB, o *office, version uint16, lanes ...ledger.LaneHeads) *turn {
	tb.Helper()
	h := ledger.Hello{Oldest: ledger.OldestProtocol, Newest: version, Centre: o.id(), Anchor: ledger.Anchor{}.Digest()}
	return m.say(tb, &turn{Hello: &h, Have: &ledger.Have{Lanes: lanes}, Room: mostRoom})
}

// runs are those of a turn, however they came.
func (t *turn) runs(tb testing.TB) []ledger.Run {
	tb.Helper()
	c, err := t.chunk()
	if err != nil {
		tb.Fatal(err)
	}
	return c.Runs
}

// TestAnOlderProgramIsSpokenWith in the version that it knows; both get the same entries.
func TestAnOlderProgramIsSpokenWith(t *testing.T) {
	a, b := paired(t)
	b.call(t, 100, 3)
	m := as(t, a, b)
	old, now := m.speaking(t, a, apartSince-1), m.hello(t, a)
	if old.Columns != nil || len(old.Runs) == 0 || now.Columns == nil || len(now.Runs) != 0 {
		t.Fatalf("%d thin runs, %d", len(old.Runs), len(now.Runs))
	}
	if !reflect.DeepEqual(old.runs(t), now.runs(t)) {
		t.Error("the two versions bring different entries")
	}
}

func lane(c *office, class ledger.Class) ledger.Lane {
	return ledger.Lane{Centre: c.id(), Incarnation: 1, Class: class}
}

// untouched runs what must change nothing.
func untouched(tb testing.TB, o *office, what string, fn func()) {
	tb.Helper()
	before := o.state(tb)
	rows := func() (n int) {
		n, err := store.One[int](tb.Context(), o.db, "entries", "SELECT (SELECT count(*) FROM ledger_entry)+(SELECT count(*) FROM exchange_staged)")
		if err != nil {
			tb.Fatal(err)
		}
		return n
	}
	entries := rows()
	fn()
	if after := o.state(tb); after != before {
		tb.Errorf("%s: the state is another", what)
	}
	if n := rows(); n != entries {
		tb.Errorf("%s: there are %d entries more", what, n-entries)
	}
}

// TestALiarsVector: who says that it has what it has not, or what nobody wrote, deceives nobody but itself.
func TestALiarsVector(t *testing.T) {
	a, b := paired(t)
	b.call(t, 100, 3)
	untouched(t, b, "a liar", func() {
		m := as(t, a, b)
		lie := ledger.Head{Seq: 1 << 40, Hash: ledger.Hash{1}}
		out := m.hello(t, a, ledger.LaneHeads{Lane: lane(b, ledger.Dir), Heads: []ledger.Head{lie}}, ledger.LaneHeads{Lane: lane(b, ledger.Coord), Heads: []ledger.Head{lie}})
		if n := len(out.runs(t)); n != 0 || out.Fault != "" {
			t.Errorf("%d runs, %q", n, out.Fault)
		}
		out = m.hello(t, a, ledger.LaneHeads{Lane: lane(b, ledger.Coord), Heads: []ledger.Head{{Seq: 1, Hash: ledger.Hash{1}}}})
		if !slices.ContainsFunc(out.runs(t), func(r ledger.Run) bool { return r.Lane == lane(b, ledger.Coord) }) {
			t.Error("a lane whose end is not known here is not sent from its beginning")
		}
		for _, r := range out.runs(t) {
			if r.Lane.Class != ledger.Dir && r.Lane.Class != ledger.Coord {
				t.Error("a lane that it may not have was sent to it:", r.Lane)
			}
		}
	})
	a.exchange(t, b) // and then the true one
	even(t, a, b)
}

// TestBadChunks: what does not follow, is not signed, or is not for us is refused lane by lane, in a word.
func TestBadChunks(t *testing.T) {
	a, b := paired(t)
	a.call(t, 100, 2)
	b.call(t, 200, 2)
	a.exchange(t, b)
	a.call(t, 300, 1)
	next := func(o *office, class ledger.Class) (l store.Lane, raw [][]byte) {
		here, err := o.db.Branches(t.Context(), lane(o, class))
		if err != nil || len(here) != 1 {
			t.Fatal(here, err)
		}
		l = here[0]
		page, err := o.db.Page(t.Context(), l, 0, l.End.Seq)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range page {
			raw = append(raw, p.Raw)
		}
		return l, raw
	}
	coord, raw := next(a, ledger.Coord)
	own, ownRaw := next(b, ledger.Coord)
	body, bodyRaw := next(a, ledger.Body)
	_, localRaw := next(a, ledger.Local)
	_, forged, err := own.End.Append(&ledger.Entry{Lane: own.Lane, Kind: "request", Op: ledger.Put})
	if err != nil {
		t.Fatal(err)
	}
	entry := ledger.Entry{Lane: own.Lane, Kind: "request", Op: ledger.Put}
	more, _, err := own.End.Append(&entry)
	if err != nil {
		t.Fatal(err)
	}
	branch := ledger.Entry{Lane: coord.Lane, Kind: "request", Op: ledger.Put}
	other, otherEnd, err := ledger.Head{}.Append(&branch)
	if err != nil {
		t.Fatal(err)
	}
	third := ledger.Lane{Centre: ledger.ID{7}, Incarnation: 1, Class: ledger.Coord}
	unknown := ledger.Entry{Lane: third, Kind: "request", Op: ledger.Put}
	strange, strangeEnd, err := ledger.Head{}.Append(&unknown)
	if err != nil {
		t.Fatal(err)
	}
	key := a.db.SigningKey()
	m := as(t, a, b)
	for _, c := range []struct {
		what, code string
		run        ledger.Run
	}{
		{"another key's signature", exchange.RefusedSignature, ledger.Run{Lane: coord.Lane, Entries: raw, Signature: ledger.SignHead(ed25519.NewKeyFromSeed(make([]byte, 32)), coord.Lane, coord.End)}},
		{"a signature of another end", exchange.RefusedSignature, ledger.Run{Lane: coord.Lane, Entries: raw[:len(raw)-1], Signature: coord.Signature}},
		{"a gap", exchange.RefusedGap, ledger.Run{Lane: coord.Lane, Entries: raw[len(raw)-1:], Signature: coord.Signature}},
		{"another branch, by another key", exchange.RefusedSignature, ledger.Run{Lane: coord.Lane, Entries: [][]byte{other}, Signature: ledger.SignHead(b.db.SigningKey(), coord.Lane, otherEnd)}},
		{"our own lane, by another key", exchange.RefusedSignature, ledger.Run{Lane: own.Lane, Entries: append(slices.Clone(ownRaw), more), Signature: ledger.SignHead(key, own.Lane, forged)}},
		{"a lane that we may not have", exchange.RefusedEntitled, ledger.Run{Lane: body.Lane, Entries: bodyRaw, Signature: body.Signature}},
		{"a private lane", exchange.RefusedEntitled, ledger.Run{Lane: lane(a, ledger.Local), Entries: localRaw, Signature: body.Signature}},
		{"a stranger's lane", exchange.RefusedKey, ledger.Run{Lane: third, Entries: [][]byte{strange}, Signature: ledger.SignHead(key, third, strangeEnd)}},
		{"garbage", exchange.RefusedContent, ledger.Run{Lane: coord.Lane, Entries: [][]byte{[]byte("Dear colleagues")}}},
		{"another lane's entries", exchange.RefusedContent, ledger.Run{Lane: lane(a, ledger.Dir), Entries: raw, Signature: coord.Signature}},
	} {
		untouched(t, b, c.what, func() {
			m.hello(t, a)
			out := m.say(t, &turn{Runs: []thinRun{thin(c.run)}})
			if len(out.Refused) != 1 || out.Refused[0].Code != c.code || out.Fault != "" {
				t.Errorf("%s: %+v %q", c.what, out.Refused, out.Fault)
			}
		})
	}
	a.exchange(t, b)
	even(t, a, b)
}

// TestGarbageAndBombs: what cannot be read, or would not fit, is refused in a word before it takes memory.
func TestGarbageAndBombs(t *testing.T) {
	a, b := paired(t)
	z, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	bomb := z.EncodeAll(make([]byte, 1<<30), nil)
	deep := z.EncodeAll(bytes.Repeat([]byte{0x81}, 1<<20), nil)
	runs := make([]thinRun, ledger.MaxRuns+1)
	wide, err := pack(&turn{Runs: runs})
	if err != nil {
		t.Fatal(err)
	}
	thinned, err := pack(&turn{Runs: []thinRun{{Lane: lane(a, ledger.Coord), Entries: []thinEntry{{At: 9, Bytes: []byte{1}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	m := as(t, a, b)
	untouched(t, b, "garbage", func() {
		for _, c := range []struct {
			what, fault string
			body        []byte
		}{
			{"nothing", faultGarbled, nil}, {"text", faultGarbled, []byte("Dear colleagues")}, {"a bomb", faultLimits, bomb},
			{"depth", faultGarbled, deep}, {"too many runs", faultLimits, wide}, {"too long", faultLimits, make([]byte, maxTurn+1)},
			{"no session", faultSession, mustPack(t, &turn{})}, {"a thin first entry", faultSession, thinned},
			{"a hello of somebody else", faultGarbled, mustPack(t, &turn{Hello: &ledger.Hello{Centre: ledger.ID{9}}, Have: &ledger.Have{}})},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			out, _ := m.post(t, c.body)
			runtime.ReadMemStats(&after)
			if out.Fault != c.fault {
				t.Errorf("%s: %q, want %q", c.what, out.Fault, c.fault)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 96<<20 {
				t.Errorf("%s took %d MB", c.what, took>>20)
			}
		}
		m.hello(t, a)
		if out := m.say(t, &turn{Runs: []thinRun{{Lane: lane(a, ledger.Coord), Entries: []thinEntry{{At: 9, Bytes: []byte{1}}}}}}); out.Fault != faultGarbled {
			t.Errorf("a hole that cannot be filled: %q", out.Fault)
		}
	})
}

// TestThinRunsAreBoundBeforeTheyAreRead: a message that is within all limits in bytes may say lists that are thirty times as long
// in memory. It is refused before they are made.
func TestThinRunsAreBoundBeforeTheyAreRead(t *testing.T) {
	lane, err := ledger.Marshal(ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord})
	if err != nil {
		t.Fatal(err)
	}
	for what, one := range map[string][]byte{"nothing": {0xf6}, "empty ones": {0x82, 0, 0x40}, "holes alone": {0x82, 1, 0x41, 7}} {
		run := append([]byte{0x83}, lane...)
		run = append(append(append(run, 0x9a, 0, 1, 0, 0), bytes.Repeat(one, 65536)...), 0x40)
		n := min(maxTurn/len(run), 120)
		raw := append([]byte{0xa1, 0x04, 0x98, byte(n)}, bytes.Repeat(run, n)...)
		small, err := compressed(raw)
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err = unpack(bytes.NewReader(small))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, errTooLarge) {
			t.Errorf("%s: %v", what, err)
		}
		if took := after.TotalAlloc - before.TotalAlloc; took > 5*maxTurn {
			t.Errorf("%s: %d bytes of message took %d MB", what, len(raw), took>>20)
		}
	}
	few := turn{Runs: []thinRun{{Lane: ledger.Lane{Centre: ledger.ID{1}, Incarnation: 1, Class: ledger.Coord}, Entries: make([]thinEntry, 3)}}}
	if got, err := unpack(bytes.NewReader(mustPack(t, &few))); err != nil || len(got.Runs[0].Entries) != 3 {
		t.Error("three odd ones are not read:", got, err)
	}
}

func mustPack(tb testing.TB, m *turn) []byte {
	tb.Helper()
	b, err := pack(m)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// TestStrangersAndRevoked are told so in a word, and nothing of them is read.
func TestStrangersAndRevoked(t *testing.T) {
	a, b := paired(t)
	x := open(t, "Бөтен")
	x.knows(t, b)
	untouched(t, b, "a stranger", func() {
		_, err := x.x.Exchange(t.Context(), b.db.Centre())
		if !errs.Is(err, errs.Denied) || key(err) != "link.says_stranger" {
			t.Error(err)
		}
	})
	if err := SetAddress(t.Context(), a.db, b.db.Centre(), x.port.Addr); err != nil {
		t.Fatal(err)
	}
	untouched(t, x, "another key", func() {
		if _, err := a.x.Exchange(t.Context(), b.db.Centre()); key(err) != "link.other_key" {
			t.Error(err)
		}
	})
	s, err := StateOf(t.Context(), a.db, b.id())
	if err != nil || s.Failed != 1 || s.Fault != "link.other_key" {
		t.Errorf("%+v %v", s, err)
	}
}

func key(err error) string {
	if e, ok := errors.AsType[*errs.Error](err); ok {
		return e.Key
	}
	return ""
}

// TestRevokedCaller: a centre that the key-holders have ended is told so, and nothing of it is read; nobody calls it either.
func TestRevokedCaller(t *testing.T) {
	a, b := paired(t)
	a.exchange(t, b)
	r := ledger.Revocation{Centre: a.id()}
	holders := ledger.Holders{Need: 2}
	for n := range byte(3) {
		key := seed(9 + n)
		holders.Keys = append(holders.Keys, key.Public().(ed25519.PublicKey))
		if err := r.Sign(key); err != nil {
			t.Fatal(err)
		}
	}
	declare := func(record ledger.ID, kind string, what any) {
		fields, err := ledger.FieldsOf(what)
		if err != nil {
			t.Fatal(err)
		}
		b.write(t, func(ctx context.Context, tx *store.Tx) error {
			return tx.Append(ctx, &ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Record: record, Kind: kind, Op: ledger.Declare, Fields: fields}, nil)
		})
	}
	declare(b.id(), ledger.KindHolders, holders)
	declare(r.Centre, ledger.KindRevocation, r)
	a.call(t, 100, 2)
	untouched(t, b, "a revoked centre", func() {
		if _, err := a.x.Exchange(t.Context(), b.db.Centre()); key(err) != "link.says_revoked" {
			t.Error(err)
		}
		if _, err := b.x.Exchange(t.Context(), a.db.Centre()); !errs.Is(err, errs.Denied) {
			t.Error(err)
		}
	})
}

// TestSlowLoris: whoever begins a message and does not end it is let go.
func TestSlowLoris(t *testing.T) {
	a, b := paired(t)
	b.port.now = func() time.Time { return time.Now().Add(50*time.Millisecond - silentFor) }
	if err := <-dawdle(t, a, b); err == nil {
		t.Error("it was answered")
	}
}

// TestReplay: what somebody recorded and says again changes nothing, and a stranger who says it is a stranger.
func TestReplay(t *testing.T) {
	a, b := paired(t)
	a.call(t, 100, 3)
	flow, err := exchange.NewFlow(t.Context(), a.db, b.id())
	if err != nil {
		t.Fatal(err)
	}
	c, _, err := flow.Next(t.Context(), mostRoom)
	if err != nil || len(c.Runs) == 0 {
		t.Fatal(err)
	}
	say := func(from *office) *turn {
		m := as(t, from, b)
		if out := m.hello(t, from); out.Fault != "" {
			return out
		}
		var in turn
		in.put(c, ledger.Protocol)
		return m.say(t, &in)
	}
	if out := say(a); len(out.Took) == 0 || len(out.Refused) > 0 {
		t.Fatalf("%+v", out)
	}
	untouched(t, b, "a replay", func() {
		if out := say(a); len(out.Refused) > 0 || out.Fault != "" {
			t.Errorf("%+v", out)
		}
		if out := say(open(t, "Бөтен")); out.Fault != faultStranger {
			t.Errorf("%+v", out)
		}
	})
	a.exchange(t, b)
	even(t, a, b)
}

// TestThinIsWhole: what is left out of a run comes back as it was.
func TestThinIsWhole(t *testing.T) {
	a, _ := paired(t)
	a.call(t, 100, 5)
	here, err := a.db.Branches(context.Background(), lane(a, ledger.Coord))
	if err != nil || len(here) != 1 {
		t.Fatal(here, err)
	}
	l := here[0]
	page, err := a.db.Page(context.Background(), l, 0, l.End.Seq)
	if err != nil {
		t.Fatal(err)
	}
	r := ledger.Run{Lane: l.Lane, Signature: l.Signature}
	n := 0
	for _, p := range page {
		r.Entries = append(r.Entries, p.Raw)
		n += len(p.Raw)
	}
	thinned := thin(r)
	short := 0
	for _, e := range thinned.Entries {
		short += len(e.Bytes)
	}
	if short != n-32*(len(r.Entries)-1) {
		t.Errorf("%d of %d bytes are left of %d entries", short, n, len(r.Entries))
	}
	back, err := thinned.fill()
	if err != nil || !slices.EqualFunc(back.Entries, r.Entries, bytes.Equal) {
		t.Error("it is not what it was:", err)
	}
}

// TestAClockIn1970: a centre whose clock was lost is known by its key all the same, and what it writes is taken in and sent.
func TestAClockIn1970(t *testing.T) {
	a, b := paired(t)
	a.tick.Store(-int64(noon.Sub(time.Unix(0, 0)) / (137 * time.Millisecond)))
	if now := a.db.Now(); now.Year() != 1970 {
		t.Fatal(now)
	}
	q := a.call(t, 100, 3)
	a.handOver(t, q, b)
	a.exchange(t, b)
	if h, err := household.Kind.Get(t.Context(), b.db, q.Household.ID); err != nil || h.Head != "Ойдан 102" {
		t.Error("the household did not come along:", h, err)
	}
	b.call(t, 900, 1)
	b.exchange(t, a)
	even(t, a, b)
}
