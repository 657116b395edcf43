package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/web/extract"
)

// useFile is the file of a folder of roads that says what extract they were made of.
const useFile = "extract.json"

// partFile is how an extract is called while it comes.
const partFile = "extract-*.part"

// comingFile is the file of a folder of roads that says which extract is under way: one that is found when the program comes
// was lost with it.
const comingFile = "coming.txt"

// roadwork makes roads of the extracts that the office brings, one at a time, and puts them into use. What was there before
// stays until the new ones are whole.
type roadwork struct {
	s *server

	mu      sync.Mutex
	st      extract.State
	stop    context.CancelFunc // nil where nothing is under way
	bad     map[string]bool    // files in use that cannot be read
	told    time.Time          // when open pages last heard of it
	working sync.WaitGroup
}

// State is how the work stands.
func (b *roadwork) State() extract.State {
	b.mu.Lock()
	defer b.mu.Unlock()
	st := b.st
	st.BadRoads, st.BadPlaces, st.BadMap = b.bad[RoadsFile], b.bad[PlacesFile], b.bad[TilesFile]
	return st
}

// note keeps whether a file in use can be read, for the page, and gives the error back.
func (b *roadwork) note(name string, err error) error {
	b.mu.Lock()
	was := b.bad[name]
	if b.bad == nil {
		b.bad = map[string]bool{}
	}
	b.bad[name] = err != nil
	b.mu.Unlock()
	if was != (err != nil) {
		b.s.events.Publish(extract.Topic)
	}
	return err
}

// begin looks at what is there, and clears away what a build that was broken off has left.
func (b *roadwork) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.st = extract.State{Use: inUse(RoadsDir(b.s.opt.Dir))}
	if name, err := os.ReadFile(filepath.Join(RoadsDir(b.s.opt.Dir), comingFile)); err == nil {
		b.st.Lost, b.st.Name = true, string(name)
	}
	for _, half := range []string{partFile, useFile + ".*", RoadsFile + ".*", PlacesFile + ".*", TilesFile + ".*"} {
		left, err := filepath.Glob(filepath.Join(RoadsDir(b.s.opt.Dir), half))
		if err != nil {
			continue // no pattern of ours is bad
		}
		for _, f := range left {
			_ = os.Remove(f)
		}
	}
}

// end breaks off what is under way and waits for what is made; a file that still comes ends with its connection.
func (b *roadwork) end() {
	b.Cancel()
	b.working.Wait()
}

// Cancel breaks off what is under way.
func (b *roadwork) Cancel() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		b.stop()
	}
}

// claim begins with a file, or refuses it while another is under way.
func (b *roadwork) claim(ctx context.Context, name string) (context.Context, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stop != nil {
		return nil, errs.New(errs.Conflict, "extract.busy")
	}
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx))
	b.st = extract.State{Use: b.st.Use, Stage: extract.Bringing, Name: name}
	return ctx, nil
}

// at says how far a stage is; open pages hear of it a few times a second.
func (b *roadwork) at(s extract.Stage, share float64) {
	const often = 400 * time.Millisecond
	b.mu.Lock()
	now := time.Now() // of the machine: how often pages are told
	tell := s != b.st.Stage || now.Sub(b.told) > often
	if tell {
		b.told = now
	}
	b.st.Stage, b.st.Share = s, min(max(share, 0), 1)
	b.mu.Unlock()
	if tell {
		b.s.events.Publish(extract.Topic)
	}
}

// finish says how a file ended.
func (b *roadwork) finish(ctx context.Context, err error) {
	b.mu.Lock()
	cancelled := ctx.Err() != nil
	b.stop()
	b.stop = nil
	st := extract.State{Use: inUse(RoadsDir(b.s.opt.Dir)), Name: b.st.Name, Cancelled: cancelled && err != nil}
	if e := os.Remove(filepath.Join(RoadsDir(b.s.opt.Dir), comingFile)); e != nil && !errors.Is(e, os.ErrNotExist) {
		b.s.opt.Log.ErrorContext(ctx, "make roads", "error", e)
	}
	if err != nil && !cancelled {
		st.Err = err
	}
	b.st = st
	b.mu.Unlock()
	b.s.events.Publish(extract.Topic)
}

// Take reads a file to the disk and makes roads of it in the background.
func (b *roadwork) Take(ctx context.Context, name string, size int64, body io.Reader) error {
	ctx, err := b.claim(ctx, name)
	if err != nil {
		return err
	}
	f, err := b.bring(ctx, name, size, body)
	if err != nil {
		b.finish(ctx, err)
		return err
	}
	b.working.Go(func() {
		err := b.make(ctx, name, f)
		if err != nil && ctx.Err() == nil && errs.KindOf(err) == errs.Internal {
			b.s.opt.Log.ErrorContext(ctx, "make roads", "error", err)
		}
		b.finish(ctx, errors.Join(err, f.Close(), os.Remove(f.Name())))
	})
	return nil
}

// bring copies what comes to the disk, a piece at a time.
func (b *roadwork) bring(ctx context.Context, name string, size int64, body io.Reader) (f *os.File, err error) {
	dir := RoadsDir(b.s.opt.Dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("bring extract: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, comingFile), []byte(name), 0o600); err != nil {
		return nil, onDisk(err)
	}
	if f, err = os.CreateTemp(dir, partFile); err != nil {
		return nil, onDisk(err)
	}
	defer func() {
		if err != nil {
			_, _ = f.Close(), os.Remove(f.Name())
		}
	}()
	if c, ok := body.(io.Closer); ok { // a connection that is silent must not hold up who cancels
		defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	}
	buf := make([]byte, 1<<20)
	for got := int64(0); ; {
		n, end := body.Read(buf)
		if _, err := f.Write(buf[:n]); err != nil {
			return f, onDisk(err)
		}
		got += int64(n)
		if size > 0 {
			b.at(extract.Bringing, float64(got)/float64(size))
		}
		switch {
		case ctx.Err() != nil:
			return f, ctx.Err()
		case errors.Is(end, io.EOF):
			_, err := f.Seek(0, io.SeekStart)
			return f, err
		case end != nil:
			return f, errs.Wrap(errs.Invalid, end, "extract.broken_off")
		}
	}
}

// onDisk gives a full disk its words.
func onDisk(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return errs.Wrap(errs.Unavailable, err, "extract.disk_full")
	}
	return err
}

// make builds and puts the result into use.
func (b *roadwork) make(ctx context.Context, name string, f *os.File) error {
	dir := RoadsDir(b.s.opt.Dir)
	built, err := BuildRoads(ctx, f, dir, func(done float64) {
		switch {
		case done < 0.6:
			b.at(extract.Roads, done/0.6)
		case done < 0.7:
			b.at(extract.Addresses, 0)
		case done < 1:
			b.at(extract.Map, 0)
		default:
			b.at(extract.Taking, 0)
		}
	})
	if err != nil {
		return onDisk(err)
	}
	if err := Remember(dir, name, b.now(), built); err != nil {
		return onDisk(err)
	}
	return b.s.reload()
}

func (b *roadwork) now() time.Time {
	if b.s.opt.Now != nil {
		return b.s.opt.Now()
	}
	return time.Now()
}

// Remove takes the extract out of use and off the disk.
func (b *roadwork) Remove(ctx context.Context) error {
	ctx, err := b.claim(ctx, "")
	if err != nil {
		return err
	}
	for _, name := range []string{RoadsFile, PlacesFile, TilesFile, useFile} {
		if e := os.Remove(filepath.Join(RoadsDir(b.s.opt.Dir), name)); e != nil && !errors.Is(e, os.ErrNotExist) {
			err = errors.Join(err, e)
		}
	}
	err = errors.Join(err, b.s.reload())
	b.finish(ctx, err)
	return err
}

// reload puts what lies in the centre's folder into use: plans, addresses, maps and sheets that are begun from now on go by
// it, and households without a place are looked for again.
func (s *server) reload() error {
	n, err := network(s.opt.Dir)
	if s.work.note(RoadsFile, err) != nil {
		return err
	}
	streets, err := Streets(s.opt.Dir)
	if s.work.note(PlacesFile, err) != nil {
		return err
	}
	ground, err := mapFile(s.opt.Dir)
	if err == nil {
		err = s.chart.Use(ground)
	}
	if s.work.note(TilesFile, err) != nil {
		return err
	}
	s.roads.Use(n)
	s.find.Use(streets, n)
	s.placeAgain()
	return nil
}

// record is what is written down of a load: the digests say whether the files that lie there are of it.
type record struct {
	extract.Use

	Sums map[string]string `json:"sums,omitempty"` // by file
}

// Remember writes what extract the roads in a folder were made of, whole or not at all.
func Remember(dir, name string, since time.Time, b *Built) error {
	raw, err := json.Marshal(record{extract.Use{Name: name, Since: since, Ways: b.Ways, Metres: b.Metres, Places: b.Places, Tiles: b.Tiles, Bytes: b.Bytes}, b.Sums})
	if err != nil {
		return err
	}
	set := staged{dir: dir, sums: map[string]string{}}
	defer set.drop()
	if err := set.write(useFile, func(w io.Writer) error { _, err := w.Write(raw); return err }); err != nil {
		return err
	}
	return set.place()
}

// recorded reads what is written down of the roads in a folder; nothing where that cannot be read.
func recorded(dir string) (r record) {
	raw, err := os.ReadFile(filepath.Join(dir, useFile)) //nolint:gosec // in the centre's own folder
	if err != nil || json.Unmarshal(raw, &r) != nil {
		return record{}
	}
	return r
}

// inUse reads what extract the roads in a folder were made of; nil where there are none.
func inUse(dir string) *extract.Use {
	info, err := os.Stat(filepath.Join(dir, RoadsFile))
	if err != nil {
		return nil
	}
	u := recorded(dir).Use
	if strings.TrimSpace(u.Name) == "" {
		return &extract.Use{Since: info.ModTime(), Bytes: info.Size()} // made before this was written down
	}
	return &u
}
