package ledger_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jumyla/jumyla/ledger"
)

// record is the one that these tests are about, and a, b, c the centres.
var (
	record  = ledger.ID{9}
	a, b, c = ledger.ID{0xa}, ledger.ID{0xb}, ledger.ID{0xc}
)

// desk writes entries as centres do, one record, without sealing: bodies stand open beside.
type desk struct {
	t     testing.TB
	dir   *ledger.Directory
	heads map[ledger.Lane]ledger.Head
	all   []ledger.Known
	raws  [][]byte // of all, and of what stands in dir
}

func newDesk(tb testing.TB, holders ...ed25519.PublicKey) *desk {
	tb.Helper()
	return &desk{t: tb, dir: ledger.NewDirectory(ledger.Anchor{Holders: holders, Need: 2}), heads: map[ledger.Lane]ledger.Head{}}
}

func (d *desk) write(centre ledger.ID, inc uint32, e ledger.Entry, body ledger.Fields) ledger.Known {
	d.t.Helper()
	e.Lane.Centre, e.Lane.Incarnation = centre, inc
	if e.Lane.Class == "" {
		e.Lane.Class = ledger.Coord
	}
	if e.Record == (ledger.ID{}) {
		e.Record = record
	}
	if e.Kind == "" {
		e.Kind = "request"
	}
	if body != nil {
		h := ledger.Hash(sha256.Sum256(raw(d.t, body)))
		e.Body = &h
	}
	h := d.heads[e.Lane]
	b, next, err := h.Append(&e)
	if err != nil {
		d.t.Fatal(err)
	}
	d.heads[e.Lane] = next
	d.raws = append(d.raws, b)
	k := ledger.Known{Entry: e, Hash: sha256.Sum256(b), Opened: body}
	if e.Lane.Class == ledger.Dir {
		d.dir.Learn(&e, k.Hash)
	} else {
		d.all = append(d.all, k)
	}
	return k
}

func (d *desk) put(centre ledger.ID, under *ledger.Hash, name, value string) ledger.Known {
	d.t.Helper()
	return d.write(centre, 1, ledger.Entry{Op: ledger.Put, Claim: under, Fields: ledger.Fields{name: raw(d.t, value)}}, nil)
}

// hand writes the claim that gives the record on, from what centre sees now.
func (d *desk) hand(centre, to ledger.ID) ledger.Known {
	d.t.Helper()
	return d.claim(centre, d.decide().Next(to), nil)
}

func (d *desk) claim(centre ledger.ID, c ledger.Claim, parcel ledger.Fields) ledger.Known {
	d.t.Helper()
	f, err := ledger.FieldsOf(c)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.write(centre, 1, ledger.Entry{Op: ledger.Own, Fields: f}, parcel)
}

func (d *desk) declare(centre ledger.ID, kind string, v any) {
	d.t.Helper()
	f, err := ledger.FieldsOf(v)
	if err != nil {
		d.t.Fatal(err)
	}
	d.write(centre, 1, ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Op: ledger.Declare, Kind: kind, Record: centre, Fields: f}, nil)
}

func (d *desk) decide() ledger.Decision { return d.dir.Decide(record, d.all) }

// says checks a coord field of the record.
func (d *desk) says(name, want string) {
	d.t.Helper()
	if got := d.decide().Fields[ledger.Coord][name]; !cmp.Equal([]byte(got), raw(d.t, want)) {
		d.t.Errorf("%s is %q, want %q", name, got, want)
	}
}

func holders(n int) (pub []ed25519.PublicKey, priv []ed25519.PrivateKey) {
	for i := range n {
		key := ed25519.NewKeyFromSeed(append(make([]byte, 31), byte(i)))
		pub, priv = append(pub, key.Public().(ed25519.PublicKey)), append(priv, key)
	}
	return pub, priv
}

func TestCreatorOwns(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.put(a, nil, "status", "checked")
	got := d.decide()
	if got.Owner != a || got.Under != ledger.RootClaim(record, a) || got.Kind != "request" {
		t.Fatalf("%+v", got)
	}
	d.says("status", "checked")
}

func TestOthersPropose(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	root := ledger.RootClaim(record, a)
	p := d.put(b, &root, "status", "done")
	d.says("status", "new")
	got := d.decide()
	if len(got.Proposals) != 1 || got.Proposals[0].Hash != p.Hash || len(got.Proposals[0].Would[ledger.Coord]) != 1 {
		t.Fatalf("%+v", got.Proposals)
	}
	f, err := ledger.FieldsOf(ledger.Resolution{Proposals: []ledger.Hash{p.Hash}, Accepted: true})
	if err != nil {
		t.Fatal(err)
	}
	d.write(b, 1, ledger.Entry{Op: ledger.Resolve, Claim: &root, Fields: f}, nil)
	if d.decide().Proposals[0].Resolved {
		t.Fatal("only the owner resolves")
	}
	d.write(a, 1, ledger.Entry{Op: ledger.Resolve, Fields: f}, nil)
	if got := d.decide().Proposals[0]; !got.Resolved || !got.Accepted {
		t.Fatal("not resolved")
	}
}

func TestHandOver(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	claim := d.hand(a, b)
	late := d.put(a, nil, "status", "too late")
	d.put(b, &claim.Hash, "status", "taken")
	d.says("status", "taken")
	got := d.decide()
	if got.Owner != b || len(got.Proposals) != 1 || got.Proposals[0].Hash != late.Hash {
		t.Fatalf("%+v", got)
	}
	recall := d.hand(a, a)
	d.says("status", "taken")
	if got := d.decide(); got.Owner != a || got.Under != recall.Hash {
		t.Fatal("who gave it may take it back")
	}
	stolen := d.hand(c, c)
	if got := d.decide(); got.Owner != a || !cmp.Equal(got.Lost, []ledger.Hash{stolen.Hash}) {
		t.Fatal("a stranger took it")
	}
}

func TestHighestClaimWins(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	root := d.decide()
	toB, toC := d.claim(a, root.Next(b), nil), d.claim(a, root.Next(c), nil)
	want := b
	if string(toC.Hash[:]) > string(toB.Hash[:]) {
		want = c
	}
	if got := d.decide(); got.Owner != want || len(got.Lost) != 1 {
		t.Fatalf("owner %x", got.Owner)
	}
	d.put(b, &toB.Hash, "x", "of b")
	d.put(c, &toC.Hash, "x", "of c")
	if got := d.decide(); len(got.Proposals) != 1 || got.Proposals[0].Lane.Centre == want {
		t.Fatalf("%+v", got.Proposals)
	}
}

func TestMissingParentIsWaitedFor(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	first := d.hand(a, b)
	second := d.hand(b, c)
	d.put(c, &second.Hash, "status", "with c")
	var without []ledger.Known
	for _, k := range d.all {
		if k.Hash != first.Hash {
			without = append(without, k)
		}
	}
	got := d.dir.Decide(record, without)
	if got.Owner != a || len(got.Waiting) != 2 || got.Waiting[0].From != a || got.Waiting[0].For != first.Hash {
		t.Fatalf("%x %+v", got.Owner, got.Waiting)
	}
	d.says("status", "with c")
}

func TestAdoption(t *testing.T) {
	pub, priv := holders(3)
	d := newDesk(t, pub...)
	d.put(a, nil, "status", "new")
	next := d.decide().Next(b)
	next.Warrant = 1
	adopted := d.claim(b, next, nil)
	if got := d.decide(); got.Owner != a || len(got.Waiting) != 1 {
		t.Fatal("adopted without a warrant")
	}
	w := ledger.Warrant{Number: 1, From: a, To: b}
	if err := w.Sign(priv[0]); err != nil {
		t.Fatal(err)
	}
	d.declare(b, ledger.KindWarrant, w)
	if d.decide().Owner != a {
		t.Fatal("one key-holder is not enough")
	}
	_ = w.Sign(priv[0])
	d.declare(b, ledger.KindWarrant, w)
	if d.decide().Owner != a {
		t.Fatal("one key-holder twice is not enough")
	}
	_ = w.Sign(priv[2])
	d.declare(b, ledger.KindWarrant, w)
	d.put(a, nil, "status", "offline work")
	d.hand(a, c)
	d.put(b, &adopted.Hash, "status", "with b")
	d.says("status", "with b")
	if got := d.decide(); got.Owner != b || len(got.Proposals) != 1 {
		t.Fatalf("%+v", got)
	}
}

func TestRestoreAndReopening(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "one")
	d.put(a, nil, "status", "lost in the restore")
	f, err := ledger.FieldsOf(ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Coord: 1}})
	if err != nil {
		t.Fatal(err)
	}
	again := func(inc uint32, v string) {
		d.write(a, inc, ledger.Entry{Op: ledger.Put, Fields: ledger.Fields{"status": raw(t, v)}}, nil)
	}
	again(7, "before its opening came")
	if got := d.decide(); len(got.Waiting) != 1 {
		t.Fatalf("%+v", got)
	}
	d.write(a, 7, ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Op: ledger.Open, Kind: "open", Record: a, Fields: f}, nil)
	d.says("status", "before its opening came")
	if got := d.decide(); len(got.Proposals) != 1 || len(got.Waiting) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestForkIsQuarantinedUntilReopened(t *testing.T) {
	d := newDesk(t)
	one := d.put(a, nil, "status", "one")
	lane := one.Lane
	after := d.heads[lane]
	left := d.put(a, nil, "status", "left")
	d.heads[lane] = after
	right := d.put(a, nil, "status", "right")
	d.dir.Fork(lane, ledger.Fork{From: 2, Prev: map[ledger.Hash]ledger.Hash{left.Hash: one.Hash, right.Hash: one.Hash}})
	d.says("status", "one")
	if got := d.decide(); len(got.Barred) != 2 {
		t.Fatalf("%+v", got.Barred)
	}
	f, _ := ledger.FieldsOf(ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Coord: 2},
		Heads: map[ledger.Class]ledger.Hash{ledger.Coord: left.Hash}})
	d.write(a, 3, ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Op: ledger.Open, Kind: "open", Record: a, Fields: f}, nil)
	d.says("status", "left")
	if got := d.decide(); len(got.Barred) != 0 || len(got.Proposals) != 1 || got.Proposals[0].Hash != right.Hash {
		t.Fatalf("%+v", got)
	}
}

func TestRevokedKey(t *testing.T) {
	pub, priv := holders(3)
	d := newDesk(t, pub...)
	d.put(a, nil, "status", "true")
	d.put(a, nil, "status", "thief's")
	d.hand(a, c)
	r := ledger.Revocation{Centre: a, Cut: []ledger.LaneSeq{{Incarnation: 1, Class: ledger.Coord, Seq: 1}}}
	for _, k := range priv[:2] {
		if err := r.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	d.declare(b, ledger.KindRevocation, r)
	d.says("status", "true")
	if got := d.decide(); got.Owner != a || len(got.Barred) != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestSnapshotStandsForBodiesThatDoNotTravel(t *testing.T) {
	d := newDesk(t)
	body := ledger.Lane{Class: ledger.Body}
	d.put(a, nil, "status", "new")
	phone := ledger.Fields{"phone": raw(t, "+77015550101")}
	d.write(a, 1, ledger.Entry{Lane: body, Op: ledger.Put}, phone)
	dec := d.decide()
	parcel, err := ledger.Pack(dec.Fields)
	if err != nil {
		t.Fatal(err)
	}
	claim := d.claim(a, dec.Next(b), parcel)
	note, _ := ledger.Pack(map[ledger.Class]ledger.Fields{ledger.Body: {"note": raw(t, "deaf")}})
	d.write(b, 1, ledger.Entry{Op: ledger.Put, Claim: &claim.Hash}, note)
	want := ledger.Fields{"phone": phone["phone"], "note": raw(t, "deaf")}
	var atB []ledger.Known // b never gets a's body lane
	for _, k := range d.all {
		if k.Lane.Class != ledger.Body {
			atB = append(atB, k)
		}
	}
	for _, all := range [][]ledger.Known{d.all, atB} {
		got := d.dir.Decide(record, all)
		if diff := cmp.Diff(want, got.Fields[ledger.Body]); diff != "" || len(got.Missing) > 0 {
			t.Error(diff, got.Missing)
		}
	}
	d.write(b, 1, ledger.Entry{Op: ledger.Erase, Claim: &claim.Hash}, nil)
	if got := d.decide(); len(got.Fields[ledger.Body]) > 0 || len(got.Dead) != 3 || len(got.Erasures) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestForgettingWaitsForWhoHasTheRecord: a stranger's erase is a proposal, a former owner's a plea. The owner says it too, and
// it is in force; or declines it, and everything stays. What the owner erased itself a restore does not undo.
func TestForgettingWaitsForWhoHasTheRecord(t *testing.T) {
	pub, priv := holders(2)
	d := newDesk(t, pub...)
	d.write(a, 1, ledger.Entry{Lane: ledger.Lane{Class: ledger.Body}, Op: ledger.Put}, ledger.Fields{"phone": raw(t, "1")})
	w := ledger.Warrant{Number: 4, From: a, To: b}
	_, _ = w.Sign(priv[0]), w.Sign(priv[1])
	d.declare(b, ledger.KindWarrant, w)
	dec := d.decide()
	next := dec.Next(b)
	next.Warrant = 4
	parcel, _ := ledger.Pack(dec.Fields)
	claim := d.claim(b, next, parcel)
	d.write(c, 1, ledger.Entry{Op: ledger.Erase}, nil)
	stays := func(pleas int) {
		t.Helper()
		if got := d.decide(); len(got.Erasures) != 0 || len(got.Fields[ledger.Body]) != 1 || len(got.Dead) != 0 || len(got.Pleas) != pleas {
			t.Fatalf("erased by who does not have it: %+v", got)
		}
	}
	stays(0)
	plea := d.write(a, 1, ledger.Entry{Op: ledger.Erase}, nil)
	stays(1)
	answer, _ := ledger.FieldsOf(ledger.Resolution{Proposals: []ledger.Hash{plea.Hash}})
	d.write(b, 1, ledger.Entry{Op: ledger.Resolve, Claim: &claim.Hash, Fields: answer}, nil)
	stays(1)
	says, _ := ledger.FieldsOf(ledger.Repeat{Erasures: []ledger.Hash{plea.Hash}})
	d.write(c, 1, ledger.Entry{Op: ledger.Erase, Fields: says}, nil)
	stays(1)
	before := d.heads[ledger.Lane{Centre: b, Incarnation: 1, Class: ledger.Coord}]
	d.write(b, 1, ledger.Entry{Op: ledger.Erase, Claim: &claim.Hash, Fields: says}, nil)
	forgotten := func() {
		t.Helper()
		if got := d.decide(); len(got.Erasures) != 2 || len(got.Fields[ledger.Body]) != 0 || len(got.Dead) != 2 || len(got.Pleas) != 0 {
			t.Fatalf("%+v", got)
		}
	}
	forgotten()
	f, _ := ledger.FieldsOf(ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Coord: before.Seq}})
	d.write(b, 7, ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Op: ledger.Open, Kind: "open", Record: b, Fields: f}, nil)
	forgotten()
}

func TestNotesAndWhatIsNewer(t *testing.T) {
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.write(c, 1, ledger.Entry{Op: ledger.Note, Fields: ledger.Fields{"arrived": raw(t, true)}}, nil)
	d.write(c, 1, ledger.Entry{Op: 77, Fields: ledger.Fields{"status": raw(t, "x")}}, nil)
	got := d.decide()
	if len(got.Facts) != 1 || len(got.Newer) != 1 || len(got.Proposals) != 0 || got.Owner != a {
		t.Fatalf("%+v", got)
	}
	d.says("status", "new")
}

// TestOrderAndRepetitionDecideNothing gives the same entries in other orders, some of them twice.
func TestOrderAndRepetitionDecideNothing(t *testing.T) {
	d := newDesk(t)
	root := ledger.RootClaim(record, a)
	d.put(a, nil, "status", "new")
	d.put(b, &root, "status", "proposal")
	claim := d.hand(a, b)
	d.put(b, &claim.Hash, "place", "Almaty")
	d.put(a, nil, "place", "late")
	d.hand(b, c)
	want := d.decide()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		all := append(append([]ledger.Known{}, d.all...), d.all[rnd.IntN(len(d.all))])
		rnd.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if diff := cmp.Diff(want, d.dir.Decide(record, all), cmp.AllowUnexported(ledger.Lane{}, ledger.Batch{}, ledger.Mark{})); diff != "" {
			t.Fatal(diff)
		}
	}
	if want.Owner != c {
		t.Fatal("not handed on")
	}
}

func BenchmarkDecide(tb *testing.B) {
	d := newDesk(tb)
	for range 20 {
		d.put(a, nil, "status", "new")
	}
	d.hand(a, c)
	tb.ReportAllocs()
	for tb.Loop() {
		if d.decide().Owner != c {
			tb.Fatal("not handed over")
		}
	}
}
