package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/ledger"
)

var (
	sender   = ledger.ID{1}
	receiver = ledger.ID{2}
)

// pair is a sender's key and a receiver's view of it.
func pair(tb testing.TB) (ed25519.PrivateKey, *age.X25519Identity, Us) {
	tb.Helper()
	pub, priv, err := ed25519.GenerateKey(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		tb.Fatal(err)
	}
	identity, err := age.ParseX25519Identity("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")
	if err != nil {
		tb.Fatal(err)
	}
	return priv, identity, Us{Centre: receiver, Identity: identity, KeyOf: func(c ledger.ID) ed25519.PublicKey {
		if c == sender {
			return pub
		}
		return nil
	}}
}

// lane makes a range with its entries, every second with a sealed body.
func lane(tb testing.TB, class ledger.Class, n int) (Range, []Entry) {
	tb.Helper()
	l := ledger.Lane{Centre: sender, Incarnation: 1, Class: class}
	random, key := rand.NewChaCha8([32]byte{3}), bytes.Repeat([]byte{9}, ledger.KeySize)
	var h ledger.Head
	var out []Entry
	for i := range n {
		e := ledger.Entry{Lane: l, Record: ledger.ID{byte(i), byte(i >> 8)}, Kind: "request", Op: ledger.Put}
		var b Entry
		text, err := ledger.Marshal("Ойдан шығарылған")
		if err != nil {
			tb.Fatal(err)
		}
		if class.Sealed() {
			if b.Sealed, err = ledger.Seal(key, random, ledger.Fields{"name": text}); err != nil {
				tb.Fatal(err)
			}
			c := ledger.Commitment(b.Sealed)
			e.Body, b.Key = &c, key
		} else {
			e.Fields = ledger.Fields{"class": text}
		}
		if b.Raw, h, err = h.Append(&e); err != nil {
			tb.Fatal(err)
		}
		out = append(out, b)
	}
	return Range{Lane: l, End: h, Signature: []byte{1}}, out
}

// write makes a bundle; change, where given, may change the writer or the manifest before anything is written.
func write(tb testing.TB, m Manifest, all [][]Entry) []byte {
	tb.Helper()
	priv, identity, _ := pair(tb)
	var out bytes.Buffer
	w, err := NewWriter(&out, m, priv, identity.Recipient())
	if err != nil {
		tb.Fatal(err)
	}
	for i, entries := range all {
		for _, e := range entries {
			if err := w.Add(i, e); err != nil {
				tb.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func sample(tb testing.TB, n int) (Manifest, [][]Entry) {
	tb.Helper()
	coord, a := lane(tb, ledger.Coord, n)
	body, b := lane(tb, ledger.Body, n)
	return Manifest{From: sender, To: []ledger.ID{receiver}, At: 7, Ranges: []Range{coord, body},
		Vector: []Have{{Lane: coord.Lane, Head: coord.End}}}, [][]Entry{a, b}
}

// drain reads a bundle whole.
func drain(src io.Reader, us Us) (Manifest, []Chunk, error) {
	r, err := Open(src, us)
	if err != nil {
		return Manifest{}, nil, err
	}
	var out []Chunk
	for {
		c, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Manifest, out, nil
		}
		if err != nil {
			return r.Manifest, out, err
		}
		out = append(out, c)
	}
}

func TestRoundTrip(t *testing.T) {
	_, _, us := pair(t)
	for _, n := range []int{1, 3, 5000} {
		m, all := sample(t, n)
		got, chunks, err := drain(bytes.NewReader(write(t, m, all)), us)
		if err != nil {
			t.Fatal(err)
		}
		m.Format = Version
		if !cmp.Equal(got, m) {
			t.Error(cmp.Diff(got, m))
		}
		back := make([][]Entry, 2)
		for _, c := range chunks {
			back[c.Range] = append(back[c.Range], c.Entries...)
		}
		if !reflect.DeepEqual(back, all) { // many: cmp takes a minute
			t.Errorf("%d entries came back otherwise", n)
		}
		if got.Entries() != uint64(2*n) {
			t.Errorf("the manifest counts %d entries, want %d", got.Entries(), 2*n)
		}
	}
}

func TestAnEmptyBundleIsAReceipt(t *testing.T) {
	_, _, us := pair(t)
	m := Manifest{From: sender, To: []ledger.ID{receiver}, Vector: []Have{{Lane: ledger.Lane{Centre: receiver, Incarnation: 1, Class: ledger.Coord}}}}
	got, chunks, err := drain(bytes.NewReader(write(t, m, nil)), us)
	if err != nil || len(chunks) != 0 || len(got.Vector) != 1 {
		t.Fatal(got, chunks, err)
	}
}

func TestNothingIsReadableOutside(t *testing.T) {
	m, all := sample(t, 20)
	b := write(t, m, all)
	for _, plain := range []string{"request", "Ойдан", "coord", "body"} {
		if bytes.Contains(b, []byte(plain)) {
			t.Errorf("%q stands in the clear", plain)
		}
	}
}

func TestEveryTruncationIsFound(t *testing.T) {
	_, _, us := pair(t)
	m, all := sample(t, 3)
	b := write(t, m, all)
	for n := range b {
		if _, _, err := drain(bytes.NewReader(b[:n]), us); err == nil {
			t.Fatalf("cut to %d of %d bytes, and nobody noticed", n, len(b))
		}
	}
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	_, _, us := pair(t)
	m, all := sample(t, 3)
	b := write(t, m, all)
	for n := range b {
		bad := bytes.Clone(b)
		bad[n] ^= 1 << (n % 8)
		_, _, err := drain(bytes.NewReader(bad), us)
		if err == nil {
			t.Fatalf("bit %d of byte %d flipped, and nobody noticed", n%8, n)
		}
		named := false
		for _, want := range []error{ErrNotBundle, ErrNewer, ErrNotForUs, ErrDamaged} {
			named = named || errors.Is(err, want)
		}
		if !named {
			t.Fatalf("byte %d: %v says nothing to a person", n, err)
		}
	}
}

func TestWhoItIsFromAndFor(t *testing.T) {
	_, _, us := pair(t)
	m, all := sample(t, 2)
	good := write(t, m, all)

	other := us
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other.Identity = identity
	expect(t, "sealed to others", good, other, ErrNotForUs)

	other = us
	other.Centre = ledger.ID{3}
	expect(t, "re-sealed to us, meant for others", good, other, ErrNotForUs)

	m.From = ledger.ID{9}
	expect(t, "a stranger's", write(t, m, all), us, ErrStranger)

	other = us
	other.KeyOf = func(ledger.ID) ed25519.PublicKey {
		pub, _, err := ed25519.GenerateKey(rand.NewChaCha8([32]byte{8}))
		if err != nil {
			t.Fatal(err)
		}
		return pub
	}
	expect(t, "signed by another", good, other, ErrSignature)
	expect(t, "text", []byte("Dear colleagues, find the list attached"), us, ErrNotBundle)
	expect(t, "nothing", nil, us, ErrNotBundle)
	expect(t, "a newer one", append([]byte("JUMYLA BUNDLE 2\n"), good[len(magicLine):]...), us, ErrNewer)
	expect(t, "with something after it", append(bytes.Clone(good), 0), us, ErrDamaged)
}

func expect(t *testing.T, what string, b []byte, us Us, want error) {
	t.Helper()
	if _, _, err := drain(bytes.NewReader(b), us); !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

// craft lets a sender whom we know write what no writer of ours would.
func craft(t *testing.T, m Manifest, frames func(w *Writer) error) []byte {
	t.Helper()
	priv, identity, _ := pair(t)
	var out bytes.Buffer
	w, err := NewWriter(&out, m, priv, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(frames(w), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (w *Writer) zipped(c any) error {
	raw, err := ledger.Marshal(c)
	if err != nil {
		return err
	}
	return w.frame('Z', w.zip.EncodeAll(raw, nil))
}

func TestMaliciousContent(t *testing.T) {
	_, _, us := pair(t)
	m, all := sample(t, 4)
	one := m
	one.Ranges = m.Ranges[:1]
	add := func(entries ...Entry) func(w *Writer) error {
		return func(w *Writer) error {
			for _, e := range entries {
				if err := w.Add(0, e); err != nil {
					return err
				}
			}
			return nil
		}
	}
	coord := all[0]
	foreign := one
	foreign.Ranges = []Range{{Lane: m.Ranges[1].Lane, End: m.Ranges[0].End}}
	twice := one
	twice.Ranges = []Range{m.Ranges[0], m.Ranges[0]}
	backwards := one
	backwards.Ranges = []Range{{Lane: m.Ranges[0].Lane, Start: m.Ranges[0].End, End: ledger.Head{Seq: 1}}}
	body := one
	body.Ranges = m.Ranges[1:]
	swapped := []Entry{all[1][0], all[1][1], all[1][2], all[1][3]}
	swapped[1].Sealed = swapped[2].Sealed
	wrongKey := []Entry{all[1][0], all[1][1], all[1][2], all[1][3]}
	wrongKey[0].Key = bytes.Repeat([]byte{1}, ledger.KeySize)
	shortKey := []Entry{all[1][0], all[1][1], all[1][2], all[1][3]}
	shortKey[0].Key = []byte{1}

	for name, c := range map[string]struct {
		m      Manifest
		frames func(w *Writer) error
		want   error
	}{
		"entries out of order":      {one, add(coord[1], coord[0], coord[2], coord[3]), ErrContent},
		"an entry left out":         {one, add(coord[0], coord[2], coord[3]), ErrContent},
		"fewer than said":           {one, add(coord[0], coord[1]), ErrContent},
		"none of what was said":     {one, add(), ErrContent},
		"more than said":            {one, add(coord[0], coord[1], coord[2], coord[3], coord[0]), ErrContent},
		"another lane's":            {foreign, add(coord...), ErrContent},
		"a range twice":             {twice, add(coord...), ErrContent},
		"a range backwards":         {backwards, add(coord...), ErrContent},
		"another's body":            {body, add(swapped...), ErrContent},
		"a key that opens nothing":  {body, add(wrongKey...), ErrContent},
		"a key that is none":        {body, add(shortKey...), ErrContent},
		"garbage for an entry":      {one, add(Entry{Raw: []byte{0xff, 1}}), ErrContent},
		"a frame of another letter": {one, func(w *Writer) error { return w.frame('X', nil) }, ErrContent},
		"something in the padding":  {one, func(w *Writer) error { return w.frame('P', []byte("hidden")) }, ErrContent},
		"a manifest twice":          {one, func(w *Writer) error { return w.frame('M', nil) }, ErrContent},
		"no zstd":                   {one, func(w *Writer) error { return w.frame('Z', []byte("plain")) }, ErrContent},
		"a chunk of nothing":        {one, func(w *Writer) error { return w.zipped(Chunk{}) }, ErrLimits},
		"too many entries in one": {one, func(w *Writer) error {
			return w.zipped(Chunk{Entries: make([]Entry, maxEntries+1)})
		}, ErrLimits},
		"a frame too long":  {one, func(w *Writer) error { return w.frame('Z', make([]byte, maxFrame+1)) }, ErrLimits},
		"nested too deeply": {one, func(w *Writer) error { return w.frame('Z', w.zip.EncodeAll(bytes.Repeat([]byte{0x81}, 5000), nil)) }, ErrContent},
		"a zip bomb":        {one, func(w *Writer) error { return w.frame('Z', w.zip.EncodeAll(make([]byte, 1<<30), nil)) }, ErrLimits},
		"a heap of small bombs": {one, func(w *Writer) error {
			// each is within a frame's limit, and is refused for what it expands by
			return w.zipped(Chunk{Entries: []Entry{{Raw: make([]byte, maxExpanded-100)}}})
		}, ErrLimits},
	} {
		expect(t, name, craft(t, c.m, c.frames), us, c.want)
	}
}

func TestAManifestOfAnotherFormatIsNewer(t *testing.T) {
	priv, identity, us := pair(t)
	m, _ := sample(t, 1)
	var out bytes.Buffer
	out.WriteString(magicLine)
	sealed, err := age.Encrypt(&out, identity.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	w := &Writer{sealed: sealed, key: priv, sum: sha256.New()}
	m.Format = 9
	raw, err := ledger.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.frame('M', raw), sealed.Close()); err != nil {
		t.Fatal(err)
	}
	expect(t, "format 9", out.Bytes(), us, ErrNewer)
}

// TestLengthTellsLittle: many lengths of content, few lengths of files, never more than an eighth larger.
func TestLengthTellsLittle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.Uint64Range(1024, 1<<40).Draw(rt, "n")
		p := padded(n)
		if p < n || p > n+n/8 || padded(p) != p {
			rt.Fatalf("%d became %d", n, p)
		}
	})
	lengths := map[int]bool{}
	for n := range 64 {
		m, all := sample(t, 100+n)
		lengths[len(write(t, m, all))] = true
	}
	if len(lengths) > 16 {
		t.Errorf("64 bundles have %d lengths", len(lengths))
	}
}

func TestParts(t *testing.T) {
	_, _, us := pair(t)
	m, all := sample(t, 2000)
	whole := write(t, m, all)
	var files []*bytes.Buffer
	cut := &Cutter{Size: 20_000, Set: [16]byte{4}, New: func(int) (io.Writer, error) {
		files = append(files, new(bytes.Buffer))
		return files[len(files)-1], nil
	}}
	if _, err := io.Copy(cut, bytes.NewReader(whole)); err != nil {
		t.Fatal(err)
	}
	if len(files) < 3 || cut.Parts() != len(files) {
		t.Fatalf("%d parts", len(files))
	}
	readers := func(order ...int) []io.Reader {
		var out []io.Reader
		for _, i := range order {
			if files[i].Len() > 20_000 {
				t.Errorf("part %d has %d bytes", i, files[i].Len())
			}
			out = append(out, bytes.NewReader(files[i].Bytes()))
		}
		return out
	}
	every := make([]int, len(files))
	for i := range every {
		every[i] = i
	}
	src, err := Join(readers(every...)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := drain(src, us); err != nil {
		t.Fatal(err)
	}
	if _, err := Join(readers(0, 2)...); !errors.Is(err, ErrPart) {
		t.Errorf("a part is missing: %v", err)
	}
	if src, err = Join(readers(every[:len(every)-1]...)...); err != nil {
		t.Fatal(err)
	}
	if _, _, err := drain(src, us); !errors.Is(err, ErrDamaged) {
		t.Errorf("the last part is missing: %v", err)
	}
	if _, err := Join(bytes.NewReader([]byte("a photo"))); !errors.Is(err, ErrNotBundle) {
		t.Error(err)
	}
}

// FuzzOpen reads anything as what a centre that we know has sealed to us: the letter, length and content of frames
// are the fuzzer's, and whatever is believed must be chained and signed.
func FuzzOpen(f *testing.F) {
	priv, identity, us := pair(f)
	m, all := sample(f, 2)
	raw, err := ledger.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	chunk, err := ledger.Marshal(Chunk{Entries: all[0]})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw, chunk, byte('Z'))
	f.Add(raw, bytes.Repeat([]byte{0x81}, 100), byte('Z'))
	f.Add([]byte{0xa0}, []byte{0x80}, byte('P'))
	f.Fuzz(func(t *testing.T, manifest, content []byte, kind byte) {
		var out bytes.Buffer
		w, err := NewWriter(&out, Manifest{}, priv, identity.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		out.Reset()
		out.WriteString(magicLine)
		if w.sealed, err = age.Encrypt(&out, identity.Recipient()); err != nil {
			t.Fatal(err)
		}
		w.sum, w.n = sha256.New(), 0
		w.sum.Write([]byte(magicLine))
		if err := w.frame('M', manifest); err != nil {
			t.Fatal(err)
		}
		payload := content
		if kind == 'Z' {
			payload = w.zip.EncodeAll(content, nil)
		}
		if err := errors.Join(w.frame(kind, payload), w.Close()); err != nil {
			t.Fatal(err)
		}
		got, chunks, err := drain(&out, us)
		if err != nil {
			return
		}
		n := 0
		for _, c := range chunks {
			n += len(c.Entries)
		}
		if uint64(n) != got.Entries() {
			t.Fatalf("%d entries were believed, the manifest has %d", n, got.Entries())
		}
	})
}
