package exchange

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger/bundle"
)

// maxBundle is the most that is copied from a device for one bundle.
const maxBundle = 64 << 30

// Found is a bundle that lies in a folder.
type Found struct {
	Name  string // of its first file
	parts []string
	fault error // why none can be made of it
}

// BundlesIn looks through a folder once, and returns the bundles in it in the order of their names. Other files are not opened, nor are those that
// a system hides beside them.
func BundlesIn(dir string) ([]Found, error) {
	all, err := os.ReadDir(dir)
	if err != nil {
		return nil, errs.Wrap(errs.NotFound, err, "exchange.no_folder")
	}
	sets := map[[16]byte]map[uint32]string{}
	var out []Found
	for _, e := range all {
		if name := e.Name(); strings.HasPrefix(name, ".") || !strings.EqualFold(filepath.Ext(name), Extension) {
			continue
		}
		path := filepath.Join(dir, e.Name())
		p, err := partAt(path)
		if err != nil {
			out = append(out, Found{Name: e.Name(), fault: err})
			continue
		}
		if sets[p.Set] == nil {
			sets[p.Set] = map[uint32]string{}
		}
		if sets[p.Set][p.Index] == "" {
			sets[p.Set][p.Index] = path
		}
	}
	for _, found := range sets {
		out = append(out, inOrder(found))
	}
	slices.SortFunc(out, func(a, b Found) int { return cmp.Compare(a.Name, b.Name) })
	return out, nil
}

// inOrder puts parts by their numbers.
func inOrder(found map[uint32]string) Found {
	var f Found
	for i := uint32(1); int(i) <= len(found); i++ {
		if found[i] == "" {
			f.fault = say(bundle.ErrPart)
			break
		}
		f.parts = append(f.parts, found[i])
	}
	for _, path := range found {
		if name := filepath.Base(path); f.Name == "" || name < f.Name {
			f.Name = name
		}
	}
	return f
}

// Read checks a bundle whole and then takes it in. Nothing is written before all is checked, and doing it again changes
// nothing. The device is only read, and only at the beginning: what is checked and taken in is a copy.
func (f Found) Read(ctx context.Context, db *store.DB) (Read, error) {
	if f.fault != nil {
		return Read{}, f.fault
	}
	if err := f.forOthers(ctx, db); err != nil {
		return Read{}, err
	}
	spool, err := os.CreateTemp(db.Dir(), store.Incoming)
	if err != nil {
		return Read{}, device(err)
	}
	defer func() {
		_ = spool.Close()
		_ = os.Remove(spool.Name())
	}()
	if err := gather(f.parts, spool); err != nil {
		return Read{}, err
	}
	return TakeIn(ctx, db, spool)
}

// ReadBundle is Read of the bundle that a file is a part of; the others lie beside it.
func ReadBundle(ctx context.Context, db *store.DB, file string) (Read, error) {
	f, err := foundBy(file)
	if err != nil {
		return Read{}, err
	}
	return f.Read(ctx, db)
}

// forOthers finds by a bundle's beginning that it is another centre's, before gigabytes of it are copied.
func (f Found) forOthers(ctx context.Context, db *store.DB) error {
	us, err := reader(ctx, db, &Read{})
	if err != nil {
		return err
	}
	first, err := os.Open(f.parts[0]) // its fault is found when it is copied
	if err != nil {
		return errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	defer first.Close()
	src, err := bundle.Join(first)
	if err != nil {
		return say(err)
	}
	if _, err := bundle.Open(src, us); errors.Is(err, bundle.ErrNotForUs) {
		return say(err)
	}
	return nil // what else is wrong is said when all of it is here
}

// gather copies a bundle's parts, in order, without what begins each.
func gather(parts []string, to io.Writer) error {
	var left int64 = maxBundle
	files := make([]io.Reader, 0, len(parts))
	for _, path := range parts {
		f, err := os.Open(path) //nolint:gosec // named by the caller, or beside it
		if err != nil {
			return errs.Wrap(errs.NotFound, err, "exchange.no_file")
		}
		defer f.Close()
		fi, err := f.Stat()
		if err != nil || !fi.Mode().IsRegular() {
			return errs.Wrap(errs.Invalid, errors.Join(err, errors.New("not a file")), "exchange.not_bundle")
		}
		if left -= fi.Size(); left < 0 {
			return errs.New(errs.Invalid, "exchange.limits")
		}
		files = append(files, f)
	}
	src, err := bundle.Join(files...)
	if err != nil {
		return say(err)
	}
	if _, err := io.Copy(to, io.LimitReader(src, maxBundle)); err != nil {
		return errs.Wrap(errs.Unavailable, err, "exchange.unreadable")
	}
	return nil
}

// ForOthers reports whether a bundle was not taken in because it is another centre's.
func ForOthers(err error) bool { return errors.Is(err, bundle.ErrNotForUs) }

// foundBy finds the bundle that a file is a part of.
func foundBy(file string) (Found, error) {
	first, err := partAt(file)
	if err != nil {
		return Found{}, err
	}
	beside, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		return Found{}, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	found := map[uint32]string{first.Index: file}
	for _, e := range beside {
		if !strings.EqualFold(filepath.Ext(e.Name()), Extension) {
			continue
		}
		path := filepath.Join(filepath.Dir(file), e.Name())
		p, err := partAt(path)
		if err == nil && p.Set == first.Set && found[p.Index] == "" {
			found[p.Index] = path
		}
	}
	return inOrder(found), nil
}

// partAt reads how a file begins. What is not a plain file is not opened: it may never answer.
func partAt(path string) (bundle.Part, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return bundle.Part{}, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	if !fi.Mode().IsRegular() {
		return bundle.Part{}, say(bundle.ErrNotBundle)
	}
	f, err := os.Open(path) //nolint:gosec // named by the caller, or beside it
	if err != nil {
		return bundle.Part{}, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	defer f.Close()
	p, err := bundle.ReadPart(f)
	return p, say(err)
}
