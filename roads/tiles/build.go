package tiles

import (
	"compress/gzip"
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
	pack, err := gzip.NewWriterLevel(nil, gzip.BestCompression)
	if err != nil {
		return Stats{}, err
	}
	c := &cutter{ctx: ctx, first: firstZoom(b), out: w, pack: pack}
	s := Stats{Features: len(features)}
	all := make([]*feature, len(features))
	for i := range features {
		all[i] = &features[i]
	}
	if err := c.tile(0, 0, 0, all); err != nil {
		return Stats{}, err
	}
	s.Tiles = len(w.entries)
	s.Bytes, err = w.write(out, c.first, b)
	return s, err
}
