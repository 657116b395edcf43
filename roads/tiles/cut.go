package tiles

import (
	"bytes"
	"compress/gzip"
	"context"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/simplify"
)

// margin is how far a tile's shapes reach over its edge, in steps: the width of the widest line.
const margin = 96

// cutter cuts the world into tiles.
type cutter struct {
	ctx   context.Context
	first uint32 // zoom of the shallowest tiles
	out   *writer
	pack  *gzip.Writer // one for all tiles: it wants a megabyte
}

// tile cuts one tile out of what lies in it, then its four children.
func (c *cutter) tile(z, x, y uint32, features []*feature) error {
	if len(features) == 0 {
		return nil
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if z >= c.first {
		if err := c.write(z, x, y, features); err != nil {
			return err
		}
	}
	if z == MaxZoom {
		return nil
	}
	for i := range uint32(4) {
		cx, cy := 2*x+i&1, 2*y+i>>1
		if err := c.tile(z+1, cx, cy, within(features, box(z+1, cx, cy))); err != nil {
			return err
		}
	}
	return nil
}

// box is a tile with its margin, in world units.
func box(z, x, y uint32) orb.Bound {
	size := float64(uint32(world) >> z)
	m := size * margin / extent
	return orb.Bound{Min: orb.Point{float64(x)*size - m, float64(y)*size - m}, Max: orb.Point{float64(x+1)*size + m, float64(y+1)*size + m}}
}

// within is what of the features lies in a box; those that lie in it whole are shared.
func within(features []*feature, b orb.Bound) []*feature {
	var out []*feature
	for _, f := range features {
		switch {
		case !b.Intersects(f.bound):
			continue
		case !b.Contains(f.bound.Min) || !b.Contains(f.bound.Max):
			part := *f
			if part.shape = clipped(f.shape, b); part.shape == nil {
				continue
			}
			part.bound = part.shape.Bound()
			f = &part
		}
		out = append(out, f)
	}
	return out
}

func clipped(shape orb.Geometry, b orb.Bound) orb.Geometry {
	switch s := shape.(type) {
	case orb.LineString:
		return lines(clip.LineString(b, s))
	case orb.MultiLineString:
		return lines(clip.MultiLineString(b, s))
	case orb.Polygon:
		if p := clip.Polygon(b, s.Clone()); len(p) > 0 {
			return p
		}
	}
	return nil
}

func lines(m orb.MultiLineString) orb.Geometry {
	if len(m) == 0 {
		return nil
	}
	return m
}

func (c *cutter) write(z, x, y uint32, features []*feature) error {
	var all [layers]*layerWriter
	for i := range all {
		all[i] = newLayer()
	}
	for _, f := range features {
		if uint32(f.from) > z {
			continue
		}
		shape := scaled(f.shape, z, x, y)
		if shape == nil {
			continue
		}
		tags := [][2]string{{"class", f.class}}
		if uint32(f.named) <= z {
			n := f.names
			tags = append(tags, [][2]string{{"name", n.name}, {"name:kk", n.kk}, {"name:ru", n.ru}, {"name:en", n.en}, {"ref", n.ref}}...)
		}
		all[f.layer].add(shape, tags...)
	}
	var tile []byte
	for l, w := range all {
		tile = w.encode(tile, layer(l).String())
	}
	if len(tile) == 0 {
		return nil
	}
	var packed bytes.Buffer
	c.pack.Reset(&packed)
	if _, err := c.pack.Write(tile); err != nil {
		return err
	}
	if err := c.pack.Close(); err != nil {
		return err
	}
	c.out.tile(z, x, y, packed.Bytes())
	return nil
}

// scaled is a shape in a tile's steps, with no more points than its zoom can show; nil where it shows none.
func scaled(shape orb.Geometry, z, x, y uint32) orb.Geometry {
	size := float64(uint32(world) >> z)
	to := func(points []orb.Point) []orb.Point {
		out := make([]orb.Point, len(points))
		for i, p := range points {
			out[i] = orb.Point{(p[0]/size - float64(x)) * extent, (p[1]/size - float64(y)) * extent}
		}
		return out
	}
	tolerance, least := 4.0, 300.0
	if z == MaxZoom {
		tolerance, least = 1, 8
	}
	simple := simplify.DouglasPeucker(tolerance)
	switch s := shape.(type) {
	case orb.Point:
		p := to([]orb.Point{s})[0]
		if p[0] < 0 || p[1] < 0 || p[0] >= extent || p[1] >= extent { // its number or name stands in one tile only
			return nil
		}
		return p
	case orb.LineString:
		return simple.MultiLineString(orb.MultiLineString{to(s)})
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(s))
		for i, l := range s {
			out[i] = to(l)
		}
		return simple.MultiLineString(out)
	case orb.Polygon:
		out := orb.Polygon{}
		for _, r := range s {
			ring := orb.Ring(to(r))
			if math.Abs(planar.Area(ring)) >= least {
				out = append(out, simple.Ring(ring))
			} else if len(out) == 0 {
				return nil
			}
		}
		return out
	}
	return nil
}

// firstZoom is the zoom at which what is drawn fits into half a tile.
func firstZoom(b orb.Bound) uint32 {
	wide := max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1], 1)
	return uint32(min(12, max(0, math.Floor(math.Log2(world/wide))-1)))
}

// bounds is where the roads are: a river that goes on for hundreds of kilometres does not make the map wider.
func bounds(features []feature) orb.Bound {
	out, found := orb.Bound{}, false
	for _, f := range features {
		if f.layer != road || strings.HasPrefix(f.class, "path") {
			continue
		}
		if !found {
			out, found = f.bound, true
		}
		out = out.Union(f.bound)
	}
	return out
}
