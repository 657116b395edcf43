package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jumyla/jumyla/ledger"
)

const vectorsFile = "testdata/vectors.json"

// vectors are what another implementation can be tried against. Bytes are hexadecimal.
type vectors struct {
	Note     string
	Bytes    []byteVector
	Sealed   sealedVector
	Head     headVector
	Stamp    []stampVector
	Clock    []clockVector
	Decision []decisionVector
	Follow   []followVector
}

// byteVector is a value in its bytes.
type byteVector struct {
	Name  string
	Bytes string
	Hash  string `json:",omitempty"`
}

type sealedVector struct{ Key, Random, Fields, Sealed, Commitment string }

type headVector struct {
	Seed, Public, Lane string
	Seq                uint64
	Hash, Signature    string
}

// stampVector is a record's identity before and after it was made to name its creator.
type stampVector struct{ Minted, Centre, Record string }

// clockVector is a tick of the hybrid clock: the last entry's time, the machine's milliseconds since 1970, the next entry's
// time. They are text, for many programs read large numbers inexactly.
type clockVector struct{ Last, Milliseconds, Next string }

// decisionVector is a set of entries, and what the record is that they are about.
type decisionVector struct {
	Name     string
	Record   string
	Holders  []string `json:",omitempty"` // key-holders; two are needed
	Entries  []string
	Opened   map[string]string     `json:",omitempty"` // by entry, its opened body or parcel
	Forks    map[string]forkVector `json:",omitempty"` // by lane
	Owner    string
	Under    string
	Path     []string
	On       []string            // entries that make the record, in order
	Fields   map[string][]string // by class: name and value
	Proposal []string            `json:",omitempty"` // entry, and "open", "accepted" or "declined"
	Facts    []string            `json:",omitempty"`
	Waiting  []string            `json:",omitempty"`
	Barred   []string            `json:",omitempty"`
	Lost     []string            `json:",omitempty"`
	Erasures []string            `json:",omitempty"`
	Dead     []string            `json:",omitempty"`
	Missing  []string            `json:",omitempty"`
	Newer    []string            `json:",omitempty"`
}

type forkVector struct {
	From uint64
	Prev map[string]string
}

func hx(b []byte) string { return hex.EncodeToString(b) }

func hashes(all []ledger.Hash) []string {
	var out []string
	for _, h := range all {
		out = append(out, hx(h[:]))
	}
	return out
}

func hashesOf(all []ledger.Known) []string {
	var out []string
	for _, k := range all {
		out = append(out, hx(k.Hash[:]))
	}
	return out
}

// vector writes down what the desk's entries make of the record.
func (d *desk) vector(name string, holders ...ed25519.PublicKey) decisionVector {
	d.t.Helper()
	got := d.decide()
	v := decisionVector{Name: name, Record: hx(record[:]), Owner: hx(got.Owner[:]), Under: hx(got.Under[:]), Path: hashes(got.Path),
		On: hashes(got.Entries), Fields: map[string][]string{}, Opened: map[string]string{}, Facts: hashesOf(got.Facts),
		Barred: hashesOf(got.Barred), Lost: hashes(got.Lost), Erasures: hashes(got.Erasures), Dead: hashes(got.Dead),
		Missing: hashes(got.Missing), Newer: hashesOf(got.Newer)}
	for _, h := range holders {
		v.Holders = append(v.Holders, hx(h))
	}
	for _, b := range d.raws {
		v.Entries = append(v.Entries, hx(b))
	}
	for _, k := range d.all {
		if k.Opened != nil {
			v.Opened[hx(k.Hash[:])] = hx(raw(d.t, k.Opened))
		}
	}
	for class, f := range got.Fields {
		for name, value := range f {
			v.Fields[string(class)] = append(v.Fields[string(class)], name+" "+hx(value))
		}
		slices.Sort(v.Fields[string(class)])
	}
	for _, p := range got.Proposals {
		word := map[[2]bool]string{{false, false}: "open", {true, true}: "accepted", {true, false}: "declined"}[[2]bool{p.Resolved, p.Accepted}]
		v.Proposal = append(v.Proposal, hx(p.Hash[:])+" "+word)
	}
	for _, w := range got.Waiting {
		v.Waiting = append(v.Waiting, hx(w.Hash[:])+" for "+hx(w.For[:])+" from "+hx(w.From[:]))
	}
	return v
}

// TestVectors compares with the file that other implementations use; JUMYLA_UPDATE=1 writes it anew.
func TestVectors(t *testing.T) {
	v := vectors{Note: "Written by TestVectors; docs/exchange.md says what it means.", Bytes: byteVectors(t), Sealed: sealing(t), Head: heading(), Stamp: stamping(), Clock: ticking(),
		Decision: []decisionVector{plain(t), handedOver(t), outbid(t), adopted(t), waits(t), restored(t), forked(t), revoked(t), erased(t), askedByFormer(t, true), askedByFormer(t, false), renewed(t), outlived(t)}, Follow: following(t)}
	var got bytes.Buffer
	enc := json.NewEncoder(&got)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("JUMYLA_UPDATE") != "" {
		if err := os.WriteFile(vectorsFile, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("the format has changed, and with it what other programs read; if that is meant, JUMYLA_UPDATE=1:\n%s", diff)
	}
}

func byteVectors(t *testing.T) []byteVector {
	t.Helper()
	var out []byteVector
	add := func(name string, v any) {
		out = append(out, byteVector{Name: name, Bytes: hx(raw(t, v))})
	}
	d := newDesk(t)
	put := d.put(a, nil, "status", "new")
	root := ledger.RootClaim(record, a)
	out = append(out, byteVector{Name: "entry: put", Bytes: hx(d.raws[0]), Hash: hx(put.Hash[:])},
		byteVector{Name: "root claim of the record and the centre of that entry", Bytes: "", Hash: hx(root[:])})
	add("claim", d.decide().Next(b))
	add("resolution", ledger.Resolution{Proposals: []ledger.Hash{put.Hash}, Accepted: true})
	add("receipt", ledger.Receipt{Erasures: []ledger.Hash{put.Hash}})
	add("opening", ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Coord: 1}, Heads: map[ledger.Class]ledger.Hash{ledger.Coord: put.Hash}})
	add("introduction", ledger.Introduction{Centre: b, Key: make([]byte, 32), Box: "age1", Parent: a, Name: "B"})
	add("grant", ledger.Grant{To: b, Classes: []ledger.Class{ledger.Body}})
	_, keys := holders(2)
	w := ledger.Warrant{Number: 1, From: a, To: b}
	r := ledger.Revocation{Centre: a, Cut: []ledger.LaneSeq{{Incarnation: 1, Class: ledger.Coord, Seq: 1}}}
	for _, k := range keys {
		if err := w.Sign(k); err != nil {
			t.Fatal(err)
		}
		if err := r.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	add("warrant", w)
	add("revocation", r)
	readmission := ledger.Readmission{Centre: a, Revocations: []ledger.Hash{put.Hash}}
	for _, k := range keys {
		if err := readmission.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	add("readmission", readmission)
	before, fresh := holderSet(2, 0), holderSet(2, 1)
	digest := before.Anchor().Digest()
	name, _ := ledger.Statement(&ledger.Entry{Op: ledger.Declare, Kind: ledger.KindWarrant, Fields: fieldsOf(t, w)})
	renewal := ledger.Holders{Keys: fresh.Keys, Need: fresh.Need, Renews: &digest, Keeps: []ledger.Hash{name}}
	_, all := holders(3)
	for _, k := range all {
		if err := renewal.Sign(k); err != nil {
			t.Fatal(err)
		}
	}
	if _, follows := before.Anchor().Follow(renewal); !follows {
		t.Error("the renewal is none")
	}
	add("holders", before)
	out = append(out, byteVector{Name: "digest of those key-holders", Hash: hx(digest[:])}, byteVector{Name: "name of that warrant in a renewal", Hash: hx(name[:])})
	add("renewal of those key-holders", renewal)
	add("hello", ledger.Hello{Oldest: 1, Newest: 1, Centre: a})
	add("have", ledger.Have{Lanes: []ledger.LaneHeads{{Lane: lane(), Heads: []ledger.Head{{Seq: 1, Hash: put.Hash}}}}, Wants: []ledger.Hash{put.Hash}})
	add("chunk", ledger.Chunk{Runs: []ledger.Run{{Lane: lane(), Entries: [][]byte{d.raws[0]}, Signature: []byte{1}}},
		Sealed: []ledger.Sealed{{Entry: put.Hash, Bytes: []byte{2}, Key: []byte{3}}}})
	parcel, err := ledger.Pack(map[ledger.Class]ledger.Fields{ledger.Body: {"phone": raw(t, "+77015550101")}})
	if err != nil {
		t.Fatal(err)
	}
	add("parcel", parcel)
	return out
}

// holderSet are n of the test's key-holders from one on; it takes two.
func holderSet(n, from int) ledger.Holders {
	h := ledger.Holders{Need: 2}
	pub, _ := holders(n + from)
	for _, k := range pub[from:] {
		h.Keys = append(h.Keys, k)
	}
	return h
}

func fieldsOf(t *testing.T, v any) ledger.Fields {
	t.Helper()
	f, err := ledger.FieldsOf(v)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func renewed(t *testing.T) decisionVector {
	t.Helper()
	pub, keys := holders(4)
	d := newDesk(t, pub[:3]...)
	d.put(a, nil, "status", "new")
	next := d.decide().Next(b)
	next.Warrant = 1
	w := ledger.Warrant{Number: 1, From: a, To: b}
	_, _ = w.Sign(keys[0]), w.Sign(keys[1])
	d.declare(b, ledger.KindWarrant, w)
	claim := d.claim(b, next, nil)
	d.put(b, &claim.Hash, "status", "with b")
	now, digest := holderSet(3, 1), holderSet(3, 0).Anchor().Digest()
	now.Renews, now.Keeps = &digest, d.dir.Counting()
	_, _ = now.Sign(keys[1]), now.Sign(keys[2])
	d.declare(b, ledger.KindHolders, now)
	late := ledger.Warrant{Number: 2, From: b, To: c}
	_, _ = late.Sign(keys[0]), late.Sign(keys[1])
	d.declare(c, ledger.KindWarrant, late)
	third := d.decide().Next(c)
	third.Warrant = 2
	d.claim(c, third, nil)
	if !d.dir.Renew(now) {
		t.Error("the renewal is not followed")
	}
	if got := d.decide(); got.Owner != b {
		t.Error("who left took it:", got.Owner)
	}
	return d.vector("key-holders renewed: a warrant that the renewal keeps, and one that those before signed later", pub[1:]...)
}

func sealing(t *testing.T) sealedVector {
	t.Helper()
	key, random := bytes.Repeat([]byte{7}, ledger.KeySize), make([]byte, 56)
	for i := range random {
		random[i] = byte(i)
	}
	f := ledger.Fields{"phone": raw(t, "+77015550101")}
	sealed, err := ledger.Seal(key, bytes.NewReader(random), f)
	if err != nil {
		t.Fatal(err)
	}
	c := ledger.Commitment(sealed)
	return sealedVector{hx(key), hx(random), hx(raw(t, f)), hx(sealed), hx(c[:])}
}

func heading() headVector {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	h := ledger.Head{Seq: 4, Hash: ledger.Hash{1}}
	l := lane()
	return headVector{Seed: hx(key.Seed()), Public: hx(key.Public().(ed25519.PublicKey)), Lane: hx(l.Centre[:]) + " 1 coord", Seq: h.Seq,
		Hash: hx(h.Hash[:]), Signature: hx(ledger.SignHead(key, l, h))}
}

func stamping() (out []stampVector) {
	for _, minted := range []ledger.ID{{}, record, {0x01, 0x7e, 0x4d, 0x11, 0x22, 0x33, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88, 0x77, 0x66}} {
		for _, centre := range []ledger.ID{a, b} {
			made := ledger.Stamp(minted, centre)
			out = append(out, stampVector{hx(minted[:]), hx(centre[:]), hx(made[:])})
		}
	}
	return out
}

func ticking() (out []clockVector) {
	const noon = 1_641_967_200_000 // 12 January 2022, 12:00 in Almaty
	for _, v := range []struct {
		last ledger.Clock
		ms   int64
	}{{0, noon}, {noon << 16, noon}, {noon<<16 | 0xffff, noon}, {noon << 16, noon - 3_600_000}, {noon << 16, -1}, {0, 0}, {noon<<16 | 7, noon + 1}} {
		out = append(out, clockVector{strconv.FormatUint(uint64(v.last), 10), strconv.FormatInt(v.ms, 10), strconv.FormatUint(uint64(v.last.Tick(v.ms)), 10)})
	}
	return out
}

func plain(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	root := ledger.RootClaim(record, a)
	p := d.put(b, &root, "status", "done")
	d.put(b, &root, "status", "lost")
	f, _ := ledger.FieldsOf(ledger.Resolution{Proposals: []ledger.Hash{p.Hash}, Accepted: false})
	d.write(a, 1, ledger.Entry{Op: ledger.Resolve, Fields: f}, nil)
	d.write(c, 1, ledger.Entry{Op: ledger.Note, Fields: ledger.Fields{"arrived": raw(t, true)}}, nil)
	d.write(c, 1, ledger.Entry{Op: 77, Fields: ledger.Fields{"status": raw(t, "x")}}, nil)
	return d.vector("its creator owns it; others propose and note; what is newer is kept")
}

func handedOver(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.write(a, 1, ledger.Entry{Lane: ledger.Lane{Class: ledger.Body}, Op: ledger.Put}, ledger.Fields{"phone": raw(t, "+77015550101")})
	dec := d.decide()
	parcel, _ := ledger.Pack(dec.Fields)
	claim := d.claim(a, dec.Next(b), parcel)
	d.put(a, nil, "status", "too late")
	d.put(b, &claim.Hash, "status", "taken")
	d.hand(a, a)
	return d.vector("handed over with a snapshot, changed on both sides, taken back")
}

func outbid(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	root := d.decide()
	toB, toC := d.claim(a, root.Next(b), nil), d.claim(a, root.Next(c), nil)
	d.put(b, &toB.Hash, "x", "of b")
	d.put(c, &toC.Hash, "x", "of c")
	d.hand(ledger.ID{0xd}, ledger.ID{0xd})
	return d.vector("given to two: the higher claim wins; a stranger's counts for nothing")
}

func adopted(t *testing.T) decisionVector {
	t.Helper()
	pub, keys := holders(3)
	d := newDesk(t, pub...)
	d.put(a, nil, "status", "new")
	next := d.decide().Next(b)
	next.Warrant = 1
	claim := d.claim(b, next, nil)
	w := ledger.Warrant{Number: 1, From: a, To: b}
	_, _ = w.Sign(keys[0]), w.Sign(keys[2])
	d.declare(b, ledger.KindWarrant, w)
	d.put(a, nil, "status", "offline work")
	d.hand(a, c)
	d.put(b, &claim.Hash, "status", "with b")
	return d.vector("adopted with a warrant; the destroyed centre returns", pub...)
}

func waits(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.hand(a, b)
	d.hand(b, c)
	d.all = append(d.all[:1], d.all[2:]...)
	d.raws = append(d.raws[:1], d.raws[2:]...)
	return d.vector("the parent of a claim is missing")
}

func restored(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "one")
	d.put(a, nil, "status", "lost in the restore")
	f, _ := ledger.FieldsOf(ledger.Opening{Previous: 1, Cut: map[ledger.Class]uint64{ledger.Coord: 1}})
	d.write(a, 7, ledger.Entry{Lane: ledger.Lane{Class: ledger.Dir}, Op: ledger.Open, Kind: "open", Record: a, Fields: f}, nil)
	d.write(a, 7, ledger.Entry{Op: ledger.Put, Fields: ledger.Fields{"place": raw(t, "Almaty")}}, nil)
	return d.vector("entries beyond a restore's cut")
}

func forked(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	one := d.put(a, nil, "status", "one")
	after := d.heads[one.Lane]
	left := d.put(a, nil, "status", "left")
	d.heads[one.Lane] = after
	right := d.put(a, nil, "status", "right")
	d.dir.Fork(one.Lane, ledger.Fork{From: 2, Prev: map[ledger.Hash]ledger.Hash{left.Hash: one.Hash, right.Hash: one.Hash}})
	v := d.vector("a fork that nobody has resolved")
	v.Forks = map[string]forkVector{"coord/1": {From: 2, Prev: map[string]string{hx(left.Hash[:]): hx(one.Hash[:]), hx(right.Hash[:]): hx(one.Hash[:])}}}
	return v
}

func revoked(t *testing.T) decisionVector {
	t.Helper()
	pub, keys := holders(3)
	d := newDesk(t, pub...)
	d.put(a, nil, "status", "true")
	d.put(a, nil, "status", "thief's")
	r := ledger.Revocation{Centre: a, Cut: []ledger.LaneSeq{{Incarnation: 1, Class: ledger.Coord, Seq: 1}}}
	_, _ = r.Sign(keys[0]), r.Sign(keys[1])
	d.declare(b, ledger.KindRevocation, r)
	return d.vector("a revoked key", pub...)
}

func erased(t *testing.T) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.write(a, 1, ledger.Entry{Lane: ledger.Lane{Class: ledger.Body}, Op: ledger.Put}, ledger.Fields{"phone": raw(t, "1")})
	d.write(a, 1, ledger.Entry{Op: ledger.Erase}, nil)
	f, _ := ledger.FieldsOf(ledger.Receipt{Erasures: d.decide().Asked})
	d.write(b, 1, ledger.Entry{Op: ledger.Gone, Fields: f}, nil)
	return d.vector("erased")
}

func askedByFormer(t *testing.T, agrees bool) decisionVector {
	t.Helper()
	d := newDesk(t)
	d.put(a, nil, "status", "new")
	d.write(a, 1, ledger.Entry{Lane: ledger.Lane{Class: ledger.Body}, Op: ledger.Put}, ledger.Fields{"phone": raw(t, "1")})
	dec := d.decide()
	parcel, _ := ledger.Pack(dec.Fields)
	claim := d.claim(a, dec.Next(b), parcel)
	of := func(phone string) {
		body, _ := ledger.Pack(map[ledger.Class]ledger.Fields{ledger.Body: {"phone": raw(t, phone)}})
		d.write(b, 1, ledger.Entry{Op: ledger.Put, Claim: &claim.Hash}, body)
	}
	of("2")
	d.write(a, 1, ledger.Entry{Op: ledger.Erase}, nil)
	got := d.decide()
	if len(got.Pleas) != 1 || len(got.Dead) != 0 || got.Held[a] != ledger.RootClaim(record, a) || got.Held[b] != claim.Hash {
		t.Error("what waits for the owner:", got.Pleas, got.Dead, got.Held)
	}
	if !agrees {
		no, _ := ledger.FieldsOf(ledger.Resolution{Proposals: got.Pleas})
		d.write(b, 1, ledger.Entry{Op: ledger.Resolve, Claim: &claim.Hash, Fields: no}, nil)
		return d.vector("who handed it over asks to erase it; its owner declines")
	}
	f, _ := ledger.FieldsOf(ledger.Repeat{Erasures: got.Pleas})
	d.write(b, 1, ledger.Entry{Op: ledger.Erase, Claim: &claim.Hash, Fields: f}, nil)
	of("3")
	if got := d.decide(); len(got.Pleas) != 0 || string(got.Fields[ledger.Body]["phone"]) != string(raw(t, "3")) || len(got.Dead) != 3 {
		t.Error("written after it:", got.Pleas, got.Fields, len(got.Dead))
	}
	return d.vector("who handed it over asks to erase it; its owner says it too, and writes again")
}

// TestVectorsSuffice decides from what the file says alone, as another program would.
func TestVectorsSuffice(t *testing.T) {
	b, err := os.ReadFile(vectorsFile)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	bin := func(s string) []byte {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for _, s := range v.Stamp {
		minted, centre, made := ledger.ID(bin(s.Minted)), ledger.ID(bin(s.Centre)), ledger.ID(bin(s.Record))
		if !bytes.Equal(made[:12], minted[:12]) || !ledger.Made(made, centre) || ledger.Made(made, ledger.ID{0xee}) {
			t.Errorf("%s made by %s: %s", s.Minted, s.Centre, s.Record)
		}
	}
	for _, want := range v.Follow {
		for _, order := range want.Heard {
			if got := want.ends(t, order, false); got != want.End {
				t.Errorf("%s: ends at %s and not at %s", want.Name, got, want.End)
			}
		}
	}
	for _, want := range v.Decision {
		anchor := ledger.Anchor{Need: 2}
		for _, h := range want.Holders {
			anchor.Holders = append(anchor.Holders, bin(h))
		}
		d := &desk{t: t, dir: ledger.NewDirectory(anchor)}
		for _, s := range want.Entries {
			raw := bin(s)
			e, err := ledger.Decode(raw)
			if err != nil {
				t.Fatal(err)
			}
			k := ledger.Known{Entry: e, Hash: ledger.HashOf(raw)}
			if opened, ok := want.Opened[hx(k.Hash[:])]; ok {
				if err := ledger.Unmarshal(bin(opened), &k.Opened); err != nil {
					t.Fatal(err)
				}
			}
			d.dir.Learn(&e, k.Hash)
			d.raws = append(d.raws, raw)
			if e.Lane.Class != ledger.Dir {
				d.all = append(d.all, k)
			}
		}
		for _, f := range want.Forks {
			prev := map[ledger.Hash]ledger.Hash{}
			for h, p := range f.Prev {
				prev[ledger.Hash(bin(h))] = ledger.Hash(bin(p))
			}
			d.dir.Fork(d.all[0].Lane, ledger.Fork{From: f.From, Prev: prev})
		}
		got := d.vector(want.Name, anchor.Holders...)
		got.Forks = want.Forks
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s:\n%s", want.Name, diff)
		}
	}
}
