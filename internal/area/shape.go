package area

import (
	"encoding/binary"
	"errors"
	"math"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
)

// point is a corner in 1e-5 degrees, about a metre.
type point struct{ lat, lon int32 }

// ring is an outline or a hole: a place is in an area when an odd number of its rings hold it.
type ring []point

const (
	perDegree  = 1e5
	maxCorners = 200_000 // of one area
)

var errShape = errors.New("not an outline")

// encode writes rings as differences from corner to corner.
func encode(rings []ring) []byte {
	var out []byte
	out = binary.AppendUvarint(out, uint64(len(rings)))
	for _, r := range rings {
		out = binary.AppendUvarint(out, uint64(len(r)))
		last := point{}
		for _, p := range r {
			out = binary.AppendVarint(binary.AppendVarint(out, int64(p.lat-last.lat)), int64(p.lon-last.lon))
			last = p
		}
	}
	return out
}

// decode reads what encode wrote. What is no outline is an error.
func decode(b []byte) ([]ring, error) {
	next := func(n int64, size int) (int64, error) {
		if size <= 0 {
			return 0, errShape
		}
		b = b[size:]
		return n, nil
	}
	count := func() (int, error) {
		n, size := binary.Uvarint(b)
		if n > maxCorners {
			return 0, errShape
		}
		v, err := next(int64(n), size)
		return int(v), err
	}
	rings, err := count()
	if err != nil || rings == 0 || rings > len(b) {
		return nil, errShape
	}
	out := make([]ring, 0, rings)
	for range rings {
		n, err := count()
		if err != nil || n < 3 || 2*n > len(b) {
			return nil, errShape
		}
		r, last := make(ring, 0, n), point{}
		for range n {
			for _, at := range []*int32{&last.lat, &last.lon} {
				d, size := binary.Varint(b)
				if d, err = next(d, size); err != nil || d > math.MaxInt32 || d < math.MinInt32 {
					return nil, errShape
				}
				*at += int32(d)
			}
			r = append(r, last)
		}
		out = append(out, r)
	}
	return out, nil
}

// box is a rectangle around an area.
type box struct{ south, west, north, east int32 }

func boxOf(rings []ring) box {
	b := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
	for _, r := range rings {
		for _, p := range r {
			b = box{min(b.south, p.lat), min(b.west, p.lon), max(b.north, p.lat), max(b.east, p.lon)}
		}
	}
	return b
}

// near reports whether a place lies in the box or at its brink.
func (b box) near(lat, lon float64) bool {
	return lat >= float64(b.south)/perDegree-brink && lat <= float64(b.north)/perDegree+brink &&
		lon >= float64(b.west)/perDegree-2*brink && lon <= float64(b.east)/perDegree+2*brink
}

// holds reports whether a place lies in the area, by counting borders to its north (the even-odd rule).
func (a *outlined) holds(lat, lon float64) bool {
	y, x := lat*perDegree, lon*perDegree
	in := false
	for _, r := range a.rings {
		for i := range r {
			p, q := r[i], r[(i+1)%len(r)]
			if (float64(p.lon) > x) != (float64(q.lon) > x) &&
				y < float64(p.lat)+(x-float64(p.lon))/float64(q.lon-p.lon)*float64(q.lat-p.lat) {
				in = !in
			}
		}
	}
	return in
}

// away is how far a place lies from the area's border, in degrees of latitude.
func (a *outlined) away(lat, lon float64) float64 {
	east := math.Cos(lat * math.Pi / 180)
	best := math.Inf(1)
	for _, r := range a.rings {
		for i := range r {
			p, q := r[i], r[(i+1)%len(r)]
			x, y := (lon-float64(p.lon)/perDegree)*east, lat-float64(p.lat)/perDegree
			dx, dy := float64(q.lon-p.lon)/perDegree*east, float64(q.lat-p.lat)/perDegree
			k := 0.0
			if l := dx*dx + dy*dy; l > 0 {
				k = max(0, min(1, (x*dx+y*dy)/l))
			}
			best = min(best, math.Hypot(x-k*dx, y-k*dy))
		}
	}
	return best
}

// kinds are the words that say what an area is, as they fold: they are put in or left out.
var kinds = folded("область", "обл", "облысы", "район", "р-н", "рн", "аудан", "ауданы", "город", "г", "қала", "қаласы", "region", "district", "city")

func folded(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		for f := range strings.FieldsSeq(contact.Fold(w)) {
			out[f] = true
		}
	}
	return out
}

// fold makes one of a name's spellings: without what kind of area it is, in whatever letters.
func fold(name string) string {
	var words []string
	for w := range strings.FieldsSeq(contact.Fold(name)) {
		if !kinds[w] {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
