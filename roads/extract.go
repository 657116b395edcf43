package roads

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmxml"

	"github.com/jumyla/jumyla/roads/pbf"
)

// What can be wrong with a file.
var (
	ErrNotExtract = errors.New("not an OpenStreetMap extract")   // neither .osm.pbf nor .osm nor .osm.gz
	ErrTruncated  = errors.New("the extract ends in the middle") // or is damaged
	ErrEmpty      = errors.New("the extract has no road")        // readable, but nothing to drive or walk on
	ErrTooLarge   = errors.New("the extract is larger than 2³⁰ road points")
	ErrVersion    = errors.New("made by another version: build it again")
	ErrDamaged    = errors.New("the roads file is damaged: build it again")
)

// extract is what roads need of a file, before anything is understood.
type extract struct {
	ids      []int64 // of the nodes that ways use, ascending
	lat, lon []int32 // by ids, in 1e-7 degrees; noCoord where the file lacks the node
	barriers map[int64]osm.Tags
	ways     []rawWay // by id
	turns    []rawTurn
	missing  int // nodes that ways name and the file lacks
}

type rawWay struct {
	id   int64
	refs []int64
	tags osm.Tags
}

// rawTurn is a turn restriction as it stands in the file.
type rawTurn struct {
	id       int64
	tags     osm.Tags
	from, to []int64 // ways
	viaNode  int64   // 0 where ways are between
	viaWays  []int64
}

const noCoord = math.MinInt32

// readExtract reads a file twice: ways and relations, then the nodes that they name.
func readExtract(ctx context.Context, file io.ReadSeeker, progress func(done float64)) (*extract, error) {
	x := &extract{barriers: map[int64]osm.Tags{}}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("measure extract: %w", err)
	}
	keep := Keep{SkipNodes: true, FilterWay: isRoad, FilterRelation: isTurn}
	err = scan(ctx, &counter{file, size, 0, progress, 0, 0.5}, keep, func(o osm.Object) {
		switch o := o.(type) {
		case *osm.Way:
			if isRoad(o) {
				x.addWay(o)
			}
		case *osm.Relation:
			if isTurn(o) {
				x.addTurn(o)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if len(x.ways) == 0 {
		return nil, ErrEmpty
	}
	if len(x.ids) > 1<<30 {
		return nil, ErrTooLarge
	}
	x.settle()
	keep = Keep{SkipWays: true, SkipRelations: true, FilterNode: x.wants}
	err = scan(ctx, &counter{file, size, 0, progress, 0.5, 0.5}, keep, func(o osm.Object) {
		if n, ok := o.(*osm.Node); ok && x.wants(n) {
			x.addNode(n)
		}
	})
	for _, lat := range x.lat {
		if lat == noCoord {
			x.missing++
		}
	}
	return x, err
}

func (x *extract) addWay(w *osm.Way) {
	if len(w.Nodes) < 2 {
		return
	}
	r := rawWay{id: int64(w.ID), refs: make([]int64, len(w.Nodes)), tags: useful(w.Tags)}
	for i, n := range w.Nodes {
		r.refs[i] = int64(n.ID)
	}
	x.ids = append(x.ids, r.refs...)
	x.ways = append(x.ways, r)
}

func (x *extract) addTurn(r *osm.Relation) {
	t := rawTurn{id: int64(r.ID), tags: useful(r.Tags)}
	for _, m := range r.Members {
		switch {
		case m.Role == "from" && m.Type == osm.TypeWay:
			t.from = append(t.from, m.Ref)
		case m.Role == "to" && m.Type == osm.TypeWay:
			t.to = append(t.to, m.Ref)
		case m.Role == "via" && m.Type == osm.TypeNode:
			t.viaNode = m.Ref
		case m.Role == "via" && m.Type == osm.TypeWay:
			t.viaWays = append(t.viaWays, m.Ref)
		}
	}
	x.turns = append(x.turns, t)
}

// settle puts ways and node ids in order, each once: files hold them in any.
func (x *extract) settle() {
	slices.SortStableFunc(x.ways, func(a, b rawWay) int { return compare(a.id, b.id) })
	x.ways = slices.CompactFunc(x.ways, func(a, b rawWay) bool { return a.id == b.id })
	slices.SortFunc(x.turns, func(a, b rawTurn) int { return compare(a.id, b.id) })
	slices.Sort(x.ids)
	x.ids = slices.Clip(slices.Compact(x.ids))
	x.lat, x.lon = make([]int32, len(x.ids)), make([]int32, len(x.ids))
	for i := range x.lat {
		x.lat[i] = noCoord
	}
}

func compare[T int | int32 | int64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// wants is asked by several decoders at once.
func (x *extract) wants(n *osm.Node) bool {
	_, ok := slices.BinarySearch(x.ids, int64(n.ID))
	return ok
}

func (x *extract) addNode(n *osm.Node) {
	if math.IsNaN(n.Lat) || math.IsNaN(n.Lon) || math.Abs(n.Lat) > 90 || math.Abs(n.Lon) > 180 {
		return
	}
	i, _ := slices.BinarySearch(x.ids, int64(n.ID))
	x.lat[i], x.lon[i] = int32(math.Round(n.Lat*1e7)), int32(math.Round(n.Lon*1e7))
	if n.Tags.HasTag("barrier") {
		x.barriers[int64(n.ID)] = useful(n.Tags)
	}
}

func isRoad(w *osm.Way) bool {
	return (w.Tags.HasTag("highway") || w.Tags.Find("route") == "ferry") && w.Tags.Find("area") != "yes"
}

func isTurn(r *osm.Relation) bool {
	t := r.Tags.Find("type")
	return t == "restriction" || strings.HasPrefix(t, "restriction:")
}

// read by profile, shape and names; everything else is dropped while reading.
var usefulKeys = []string{"highway", "route", "name", "name:kk", "name:ru", "ref", "junction", "duration", "surface", "tracktype", "service", "lanes",
	"access", "vehicle", "motor_vehicle", "motorcar", "foot", "sidewalk", "oneway", "oneway:motor_vehicle", "oneway:foot",
	"maxspeed", "maxspeed:forward", "maxspeed:backward", "barrier", "except",
	"restriction", "restriction:conditional", "restriction:motorcar", "restriction:motor_vehicle",
	"access:conditional", "vehicle:conditional", "motor_vehicle:conditional", "motorcar:conditional", "oneway:conditional"}

// useful copies the tags that are read later, so that the block they came in can go.
func useful(tags osm.Tags) osm.Tags {
	var out osm.Tags
	for _, t := range tags {
		if slices.Contains(usefulKeys, t.Key) && len(t.Value) <= 255 && !strings.ContainsRune(t.Value, 0) {
			out = append(out, osm.Tag{Key: strings.Clone(t.Key), Value: strings.ToValidUTF8(strings.Clone(t.Value), "")})
		}
	}
	return out
}

// Keep says what of an extract is shown.
type Keep = pbf.Keep

// Scan goes through an extract once, whatever its format, and shows each object; those of a .osm.pbf alone that keep lets
// through. Errors are ErrNotExtract, ErrTruncated, or the reader's.
func Scan(ctx context.Context, file io.ReadSeeker, keep Keep, each func(osm.Object)) error {
	return scan(ctx, &counter{r: file}, keep, each)
}

// scan goes through a file once, whatever its format, and shows each object that keep lets through.
func scan(ctx context.Context, file *counter, keep Keep, each func(osm.Object)) error {
	if _, err := file.r.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("rewind extract: %w", err)
	}
	buf := bufio.NewReaderSize(file, 1<<20)
	head, _ := buf.Peek(64)
	var s osm.Scanner
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(buf)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrNotExtract, err)
		}
		defer z.Close()
		s = osmxml.New(ctx, z)
	case bytes.Contains(head, []byte("OSMHeader")):
		s = pbf.New(ctx, buf, keep)
	case bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n"), []byte("<")):
		s = osmxml.New(ctx, buf)
	default:
		return ErrNotExtract
	}
	defer s.Close()
	return drain(ctx, s, each)
}

// drain shows every object; a reader that gives up, or panics over bytes that nobody wrote, is a damaged file.
func drain(ctx context.Context, s osm.Scanner, each func(osm.Object)) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", ErrTruncated, p)
		}
	}()
	for s.Scan() {
		each(s.Object())
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := s.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrTruncated, err)
	}
	return nil
}

// counter tells how far a file has been read.
type counter struct {
	r          io.ReadSeeker
	size, n    int64
	progress   func(float64)
	from, part float64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	if c.progress != nil && c.size > 0 {
		c.progress(c.from + c.part*float64(c.n)/float64(c.size))
	}
	return n, err
}
