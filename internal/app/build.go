package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/durable"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/tiles"
)

// Built tells what an extract became.
type Built struct {
	roads.Stats

	Places, Tiles int
	Bytes         int64
	Sums          map[string]string // the digest of each file by its name
}

// BuildRoads makes the roads, the addresses and the map of an extract in a folder. What is there already stays as it is
// until all three are whole. progress may be nil; it is told the share that is done.
func BuildRoads(ctx context.Context, extract io.ReadSeeker, dir string, progress func(done float64)) (*Built, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	if progress == nil {
		progress = func(float64) {}
	}
	b := &Built{}
	set := staged{dir: dir, sums: map[string]string{}}
	defer set.drop()
	for _, part := range []struct {
		name  string
		write func(io.Writer) error
		done  float64
	}{
		{RoadsFile, func(w io.Writer) error { // first, so that the network is gone before the map wants room
			n, err := roads.Read(ctx, extract, func(d float64) { progress(d * 0.6) })
			if err != nil {
				return err
			}
			b.Stats = n.Extract
			return n.Encode(w)
		}, 0.6},
		{PlacesFile, func(w io.Writer) error {
			places, err := roads.ReadPlaces(ctx, extract, nil)
			if err != nil {
				return err
			}
			b.Places = len(places)
			return roads.EncodePlaces(w, places)
		}, 0.7},
		{TilesFile, func(w io.Writer) error {
			s, err := tiles.Build(ctx, extract, w)
			b.Tiles = s.Tiles
			return err
		}, 1},
	} {
		if err := set.write(part.name, part.write); err != nil {
			if words := RoadsError(err); errs.Is(words, errs.Invalid) || ctx.Err() != nil {
				return nil, words
			}
			return nil, errs.Wrap(errs.Unavailable, err, "error.internal")
		}
		progress(part.done)
	}
	b.Bytes, b.Sums = set.bytes, set.sums
	if err := set.place(); err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "error.internal")
	}
	return b, nil
}

// staged are files that stand beside their names until all are whole.
type staged struct {
	dir   string
	files [][2]string // where it stands, where it goes
	bytes int64
	sums  map[string]string // by name
}

func (s *staged) write(name string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(s.dir, name+".*")
	if err != nil {
		return err
	}
	s.files = append(s.files, [2]string{f.Name(), filepath.Join(s.dir, name)})
	sum := sha256.New()
	err = write(io.MultiWriter(f, sum))
	s.sums[name] = hex.EncodeToString(sum.Sum(nil))
	if err == nil {
		err = f.Sync()
	}
	if info, statErr := f.Stat(); statErr == nil {
		s.bytes += info.Size()
	}
	return errors.Join(err, f.Close())
}

// place puts all files in their places.
func (s *staged) place() error {
	for _, f := range s.files {
		if err := durable.Rename(f[0], f[1]); err != nil {
			return err
		}
	}
	s.files = nil
	return nil
}

func (s *staged) drop() {
	for _, f := range s.files {
		_ = os.Remove(f[0])
	}
}
