package tiles

import (
	"context"
	"io"

	"github.com/jumyla/jumyla/roads"
)

// Stats tells what was made, for people.
type Stats struct {
	Features, Tiles int
	Bytes           int64
}

// Build makes the map of an extract: .osm.pbf, .osm or .osm.gz. Errors are those of roads.Read.
func Build(ctx context.Context, file io.ReadSeeker, out io.Writer) (Stats, error) {
	features, err := read(ctx, file)
	if err != nil {
		return Stats{}, err
	}
	b := bounds(features)
	if b.IsZero() {
		return Stats{}, roads.ErrEmpty
	}
	w := newWriter()
	c := &cutter{ctx: ctx, first: firstZoom(b), out: w}
	s := Stats{Features: len(features)}
	if err := c.tile(0, 0, 0, features); err != nil {
		return Stats{}, err
	}
	s.Tiles = len(w.entries)
	s.Bytes, err = w.write(out, c.first, b)
	return s, err
}
