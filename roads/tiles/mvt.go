package tiles

import (
	"errors"
	"fmt"
	"math"

	"github.com/paulmach/orb"
	"google.golang.org/protobuf/encoding/protowire"
)

// extent is how many steps a tile's edge has.
const extent = 4096

var errTile = errors.New("not a vector tile")

// The numbers of the specification: github.com/mapbox/vector-tile-spec/tree/master/2.1.
const (
	tileLayer                                                                       = 3
	layerName, layerFeature, layerKey, layerValue, layerExtent, layerVersion        = 1, 2, 3, 4, 5, 15
	featureTags, featureType, featureShape                                          = 2, 3, 4
	valueText                                                                       = 1
	shapePoint, shapeLine, shapeArea                                                = 1, 2, 3
	moveTo, lineTo, closePath                                                uint32 = 1, 2, 7
)

// layerWriter collects one layer of a tile.
type layerWriter struct {
	features     []byte
	keys, values []string
	key, value   map[string]int
}

func newLayer() *layerWriter { return &layerWriter{key: map[string]int{}, value: map[string]int{}} }

func number(of map[string]int, list *[]string, s string) uint64 {
	i, ok := of[s]
	if !ok {
		i = len(*list)
		of[s] = i
		*list = append(*list, s)
	}
	return uint64(i)
}

// add writes a feature; tags are keys with their values.
func (l *layerWriter) add(shape orb.Geometry, tags ...[2]string) {
	kind, geometry := commands(shape)
	if len(geometry) == 0 {
		return
	}
	var packed, f []byte
	for _, t := range tags {
		if t[1] != "" {
			packed = protowire.AppendVarint(packed, number(l.key, &l.keys, t[0]))
			packed = protowire.AppendVarint(packed, number(l.value, &l.values, t[1]))
		}
	}
	if len(packed) > 0 {
		f = protowire.AppendBytes(protowire.AppendTag(f, featureTags, protowire.BytesType), packed)
	}
	f = protowire.AppendVarint(protowire.AppendTag(f, featureType, protowire.VarintType), kind)
	f = protowire.AppendBytes(protowire.AppendTag(f, featureShape, protowire.BytesType), geometry)
	l.features = protowire.AppendBytes(protowire.AppendTag(l.features, layerFeature, protowire.BytesType), f)
}

// encode appends the layer to a tile.
func (l *layerWriter) encode(tile []byte, name string) []byte {
	if len(l.features) == 0 {
		return tile
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, layerVersion, protowire.VarintType), 2)
	b = protowire.AppendString(protowire.AppendTag(b, layerName, protowire.BytesType), name)
	b = append(b, l.features...)
	for _, k := range l.keys {
		b = protowire.AppendString(protowire.AppendTag(b, layerKey, protowire.BytesType), k)
	}
	for _, v := range l.values {
		text := protowire.AppendString(protowire.AppendTag(nil, valueText, protowire.BytesType), v)
		b = protowire.AppendBytes(protowire.AppendTag(b, layerValue, protowire.BytesType), text)
	}
	b = protowire.AppendVarint(protowire.AppendTag(b, layerExtent, protowire.VarintType), extent)
	return protowire.AppendBytes(protowire.AppendTag(tile, tileLayer, protowire.BytesType), b)
}

// pen writes the commands of a shape: each point as the step from the one before.
type pen struct {
	b    []byte
	x, y int32
}

func (p *pen) do(command uint32, count int) {
	p.b = protowire.AppendVarint(p.b, uint64(command&7)|uint64(count)<<3)
}

func (p *pen) step(to [2]int32) {
	p.b = protowire.AppendVarint(p.b, protowire.EncodeZigZag(int64(to[0]-p.x)))
	p.b = protowire.AppendVarint(p.b, protowire.EncodeZigZag(int64(to[1]-p.y)))
	p.x, p.y = to[0], to[1]
}

func (p *pen) line(points [][2]int32) {
	p.do(moveTo, 1)
	p.step(points[0])
	p.do(lineTo, len(points)-1)
	for _, q := range points[1:] {
		p.step(q)
	}
}

// commands writes a shape in a tile's own steps; nothing where rounding leaves none of it.
func commands(shape orb.Geometry) (kind uint64, b []byte) {
	p := &pen{}
	switch s := shape.(type) {
	case orb.Point:
		p.do(moveTo, 1)
		p.step(step(s))
		return shapePoint, p.b
	case orb.MultiLineString:
		for _, l := range s {
			if points := steps(l); len(points) > 1 {
				p.line(points)
			}
		}
		return shapeLine, p.b
	case orb.Polygon:
		for i, r := range s {
			points := steps(r)
			if len(points) < 4 {
				if i == 0 {
					return shapeArea, nil
				}
				continue
			}
			p.line(points[:len(points)-1])
			p.do(closePath, 1)
		}
	}
	return shapeArea, p.b
}

func step(p orb.Point) [2]int32 {
	return [2]int32{int32(math.Round(p[0])), int32(math.Round(p[1]))}
}

// steps rounds points, each once where several fall together.
func steps(points []orb.Point) [][2]int32 {
	out := make([][2]int32, 0, len(points))
	for _, q := range points {
		if s := step(q); len(out) == 0 || out[len(out)-1] != s {
			out = append(out, s)
		}
	}
	return out
}

// shown is a feature as it stands in a tile.
type shown struct {
	kind  uint64
	tags  map[string]string
	lines [][]orb.Point // of an area its rings
}

// decode reads a tile as Build writes them: by the names of layers.
func decode(b []byte) (map[string][]shown, error) {
	out := map[string][]shown{}
	err := fields(b, func(n protowire.Number, v []byte, _ uint64) error {
		if n != tileLayer {
			return nil
		}
		return decodeLayer(v, out)
	})
	return out, err
}

func decodeLayer(b []byte, out map[string][]shown) error {
	var name string
	var keys, values []string
	var features [][]byte
	err := fields(b, func(n protowire.Number, v []byte, _ uint64) error {
		switch int(n) {
		case layerName:
			name = string(v)
		case layerFeature:
			features = append(features, v)
		case layerKey:
			keys = append(keys, string(v))
		case layerValue:
			values = append(values, "")
			return fields(v, func(n protowire.Number, text []byte, _ uint64) error {
				if n == valueText {
					values[len(values)-1] = string(text)
				}
				return nil
			})
		}
		return nil
	})
	for _, f := range features {
		if err != nil {
			return err
		}
		var s shown
		s, err = decodeFeature(f, keys, values)
		out[name] = append(out[name], s)
	}
	return err
}

func decodeFeature(b []byte, keys, values []string) (s shown, err error) {
	s.tags = map[string]string{}
	err = fields(b, func(n protowire.Number, v []byte, x uint64) error {
		switch int(n) {
		case featureType:
			s.kind = x
		case featureTags:
			for len(v) > 0 {
				k, a := protowire.ConsumeVarint(v)
				val, c := protowire.ConsumeVarint(v[max(a, 0):])
				if a < 0 || c < 0 || k >= uint64(len(keys)) || val >= uint64(len(values)) {
					return errTile
				}
				s.tags[keys[k]], v = values[val], v[a+c:]
			}
		case featureShape:
			s.lines, err = decodeShape(v)
			return err
		}
		return nil
	})
	return s, err
}

// decodeShape follows the commands.
func decodeShape(b []byte) (lines [][]orb.Point, err error) {
	x, y := int64(0), int64(0)
	for len(b) > 0 {
		c, n := protowire.ConsumeVarint(b)
		if n < 0 || c>>3 > uint64(len(b)) {
			return nil, errTile
		}
		b = b[n:]
		if uint32(c&7) == closePath {
			if len(lines) > 0 {
				lines[len(lines)-1] = append(lines[len(lines)-1], lines[len(lines)-1][0])
			}
			continue
		}
		for range c >> 3 {
			dx, n := protowire.ConsumeVarint(b)
			dy, m := protowire.ConsumeVarint(b[max(n, 0):])
			if n < 0 || m < 0 {
				return nil, errTile
			}
			b = b[n+m:]
			x, y = x+protowire.DecodeZigZag(dx), y+protowire.DecodeZigZag(dy)
			if uint32(c&7) == moveTo {
				lines = append(lines, nil)
			} else if len(lines) == 0 {
				return nil, errTile
			}
			lines[len(lines)-1] = append(lines[len(lines)-1], orb.Point{float64(x), float64(y)})
		}
	}
	return lines, nil
}

// fields shows every field of a message: v where it has bytes, x where it is a number.
func fields(b []byte, each func(n protowire.Number, v []byte, x uint64) error) error {
	for len(b) > 0 {
		n, kind, tag := protowire.ConsumeTag(b)
		if tag < 0 {
			return fmt.Errorf("%w: %w", errTile, protowire.ParseError(tag))
		}
		b = b[tag:]
		var v []byte
		var x uint64
		var size int
		switch kind {
		case protowire.BytesType:
			v, size = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			x, size = protowire.ConsumeVarint(b)
		default:
			size = protowire.ConsumeFieldValue(n, kind, b)
		}
		if size < 0 {
			return fmt.Errorf("%w: %w", errTile, protowire.ParseError(size))
		}
		b = b[size:]
		if err := each(n, v, x); err != nil {
			return err
		}
	}
	return nil
}
