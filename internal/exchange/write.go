package exchange

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"filippo.io/age"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/store/durable"
	"github.com/jumyla/jumyla/ledger"
	"github.com/jumyla/jumyla/ledger/bundle"
)

// Extension is how a bundle's file ends.
const Extension = ".jumyla"

// Counts is what a bundle brings, in the words of the work.
type Counts struct {
	Entries   int `json:"entries"`
	Requests  int `json:"requests"`
	HandOvers int `json:"handovers"` // requests that change hands
	Erasures  int `json:"erasures"`
	records   map[ledger.ID]bool
}

func (c *Counts) add(e *ledger.Entry) {
	c.Entries++
	if c.records == nil {
		c.records = map[ledger.ID]bool{}
	}
	switch {
	case e.Op == ledger.Erase:
		c.Erasures++
	case e.Kind != "request":
	case e.Op == ledger.Own:
		c.HandOvers++
		fallthrough
	case e.Op == ledger.Put && !c.records[e.Record]:
		if !c.records[e.Record] {
			c.Requests++
		}
		c.records[e.Record] = true
	}
}

// merge adds what another piece of the same file brings.
func (c *Counts) merge(o Counts) {
	c.Entries, c.HandOvers, c.Erasures = c.Entries+o.Entries, c.HandOvers+o.HandOvers, c.Erasures+o.Erasures
	if c.records == nil {
		c.records = map[ledger.ID]bool{}
	}
	maps.Copy(c.records, o.records)
	c.Requests = len(c.records)
}

// Written is a bundle that was written and read back.
type Written struct {
	Counts
	Files []string `json:"files"`
	Bytes int64    `json:"bytes"`
}

// partSize is the most that one file has; a test makes it smaller.
type writing struct {
	dir   string
	name  string
	size  uint64
	parts []*part
}

// part is one file of a bundle while it is written.
type part struct {
	f    *os.File
	buf  *bufio.Writer
	sum  hash.Hash
	n    int64
	tmp  string
	path string
}

// WriteBundle writes all that a centre may have, and by its last receipt has not, into a folder: under temporary names,
// flushed, renamed, and read back. When it returns, the device may be taken out. What else is in the folder is not
// touched.
func WriteBundle(ctx context.Context, db *store.DB, to id.ID, dir string) (Written, error) {
	return writeBundle(ctx, db, ledger.ID(to), dir, bundle.PartSize)
}

func writeBundle(ctx context.Context, db *store.DB, to ledger.ID, dir string, size uint64) (out Written, err error) {
	peer, err := store.Peer(ctx, db, to)
	if err != nil {
		return out, err
	}
	if !peer.Pinned {
		return out, errs.New(errs.Denied, "exchange.not_paired", "centre", peer.Name)
	}
	if fi, err := os.Stat(dir); err != nil || !fi.IsDir() {
		return out, errs.Wrap(errs.NotFound, errors.Join(err, errors.New("not a folder")), "exchange.no_folder")
	}
	w := &writing{dir: dir, size: size, name: fileName(db, to)}
	defer func() {
		if err != nil {
			w.discard()
		}
	}()
	out.Counts, err = seal(ctx, db, peer, w)
	if err != nil {
		return out, device(err)
	}
	if err := w.finish(); err != nil {
		return out, device(err)
	}
	for _, p := range w.parts {
		if err := p.readBack(); err != nil {
			return out, err
		}
		out.Files, out.Bytes = append(out.Files, p.path), out.Bytes+p.n
	}
	return out, db.Write(ctx, store.Actor{}, func(tx *store.Tx) error { return tell(ctx, tx, to) })
}

// fileName says from whom and for whom, by the last digits of identities: a file on a lost stick names nobody.
func fileName(db *store.DB, to ledger.ID) string {
	tail := func(v id.ID) string { s := v.String(); return s[len(s)-4:] }
	return fmt.Sprintf("%s-%s-%s", db.Now().Format("20060102-1504"), tail(db.Centre()), tail(id.ID(to)))
}

// seal writes the bundle.
func seal(ctx context.Context, db *store.DB, peer store.Centre, w *writing) (Counts, error) {
	var n Counts
	recipient, err := age.ParseX25519Recipient(peer.Box)
	if err != nil {
		return n, fmt.Errorf("box of %s: %w", peer.Name, err)
	}
	pieces, err := owed(ctx, db, peer.Centre)
	if err != nil {
		return n, err
	}
	has, err := vector(ctx, db, peer.Centre)
	if err != nil {
		return n, err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return n, err
	}
	if d.Directory.Revoked(peer.Centre) {
		return n, errRevoked("exchange.revoked", peer.Name)
	}
	m := bundle.Manifest{From: ledger.ID(db.Centre()), To: []ledger.ID{peer.Centre}, At: uint64(ledger.Clock(0).Tick(db.Now().UnixMilli()))}
	for _, p := range pieces {
		m.Ranges = append(m.Ranges, bundle.Range{Lane: p.Lane, Start: p.Start, End: p.End, Signature: p.Signature})
	}
	for _, v := range has {
		m.Vector = append(m.Vector, bundle.Have{Lane: v.Lane, Head: v.Head})
	}
	if m.Wants, err = db.Wants(ctx, d.Directory, peer.Centre); err != nil {
		return n, err
	}
	cut := &bundle.Cutter{Size: w.size, New: w.next}
	if _, err := io.ReadFull(rand.Reader, cut.Set[:]); err != nil {
		return n, err
	}
	b, err := bundle.NewWriter(cut, m, db.SigningKey(), recipient)
	if err != nil {
		return n, err
	}
	for i, p := range pieces {
		err := give(ctx, db, peer.Centre, p, func(v store.Parcel) error {
			e, err := ledger.Decode(v.Raw)
			if err != nil {
				return err
			}
			n.add(&e)
			return b.Add(i, bundle.Entry{Raw: v.Raw, Sealed: v.Sealed, Key: v.Key})
		})
		if err != nil {
			return n, err
		}
	}
	if err := wanted(ctx, db, d, peer.Centre, b.AddPart); err != nil {
		return n, err
	}
	return n, b.Close()
}

// next begins the next part's file, under a name that says that it is not done.
func (w *writing) next(int) (io.Writer, error) {
	f, err := os.CreateTemp(w.dir, ".jumyla-*.part")
	if err != nil {
		return nil, err
	}
	p := &part{f: f, tmp: f.Name(), sum: sha256.New()}
	p.buf = bufio.NewWriterSize(io.MultiWriter(f, p.sum), 1<<20)
	w.parts = append(w.parts, p)
	return p.buf, nil
}

// finish flushes the parts to the device and gives them their names, the first one last: who sees it, has all.
func (w *writing) finish() error {
	for _, p := range w.parts {
		err := errors.Join(p.buf.Flush(), p.f.Sync())
		if fi, stat := p.f.Stat(); stat == nil {
			p.n = fi.Size()
		}
		if err = errors.Join(err, p.f.Close()); err != nil {
			return err
		}
	}
	for i, p := range slices.Backward(w.parts) {
		suffix := ""
		if len(w.parts) > 1 {
			suffix = fmt.Sprintf("-%dof%d", i+1, len(w.parts))
		}
		p.path = free(filepath.Join(w.dir, w.name+suffix))
		if err := durable.Rename(p.tmp, p.path); err != nil {
			return err
		}
		p.tmp = ""
	}
	return nil
}

// free returns a name that no file has yet.
func free(base string) string {
	path := base + Extension
	for n := 2; ; n++ {
		if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
			return path
		}
		path = fmt.Sprintf("%s-%d%s", base, n, Extension)
	}
}

// readBack reads a part from the device and compares it with what was written.
func (p *part) readBack() error {
	f, err := os.Open(p.path)
	if err != nil {
		return errs.Wrap(errs.Unavailable, err, "exchange.not_there")
	}
	defer f.Close()
	forgetCache(f)
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	if err != nil || n != p.n || string(sum.Sum(nil)) != string(p.sum.Sum(nil)) {
		return errs.Wrap(errs.Unavailable, errors.Join(err, errors.New("read back otherwise than written")), "exchange.read_back")
	}
	return nil
}

// discard takes away what was not finished. A file with its name stays: it may be on its way already.
func (w *writing) discard() {
	for _, p := range w.parts {
		_ = p.f.Close()
		if p.tmp != "" {
			_ = os.Remove(p.tmp)
		}
	}
}

// device puts into words what a stick does.
func device(err error) error {
	var kind *errs.Error
	switch {
	case err == nil || errors.As(err, &kind):
		return err
	case strings.Contains(err.Error(), "no space left") || strings.Contains(err.Error(), "disk is full"):
		return errs.Wrap(errs.Unavailable, err, "exchange.stick_full")
	case errors.Is(err, os.ErrPermission) || strings.Contains(err.Error(), "read-only"):
		return errs.Wrap(errs.Unavailable, err, "exchange.stick_locked")
	}
	if path := (*os.PathError)(nil); errors.As(err, &path) {
		return errs.Wrap(errs.Unavailable, err, "exchange.stick_gone")
	}
	if link := (*os.LinkError)(nil); errors.As(err, &link) {
		return errs.Wrap(errs.Unavailable, err, "exchange.stick_gone")
	}
	return err
}

// Waiting is what of ours a centre has not, as far as it said, reckoned from vectors only.
type Waiting struct {
	store.Centre
	Heard   time.Time // as of when; zero: never
	Told    time.Time // when something was last made ready for it
	Entries int
	Revoked bool // the key-holders have ended it: nothing goes there any more
}

// Peers returns every paired centre with what waits for it.
func Peers(ctx context.Context, db *store.DB) ([]Waiting, error) {
	all, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	var out []Waiting
	for _, c := range all {
		if !c.Pinned {
			continue
		}
		s, err := stateOf(ctx, db, c.Centre)
		if err != nil {
			return nil, err
		}
		w := Waiting{Centre: c, Heard: s.Heard, Told: s.Told, Revoked: d.Directory.Revoked(c.Centre)}
		if w.Revoked {
			out = append(out, w)
			continue
		}
		pieces, err := owed(ctx, db, c.Centre)
		if err != nil {
			return nil, err
		}
		for _, p := range pieces {
			w.Entries += int(p.End.Seq - p.Start.Seq) //nolint:gosec // counts entries
		}
		out = append(out, w)
	}
	return out, nil
}
