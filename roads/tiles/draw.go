package tiles

import (
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
)

// Drawing is a view of the map as plain shapes, in the order in which they are drawn.
type Drawing struct {
	Shapes []Shape
	Labels []Label // the most important first
}

// Shape is everything of one class: its lines, or its areas' rings.
type Shape struct {
	Layer, Class string
	Area         bool
	Lines        [][][2]float64 // in units of the view's paper
}

// Label is a name on the map.
type Label struct {
	Layer, Class string
	Names        map[string]string // name, and name:kk, name:ru, name:en where they differ
	X, Y         float64           // its middle
	Angle        float64           // degrees, never head down
	Room         float64           // how long it may be; 0 where nothing bounds it
}

// In is the label's text in a language; the name that is used there where it has none of its own.
func (l Label) In(lang string) string {
	if s := l.Names["name:"+lang]; s != "" {
		return s
	}
	return l.Names["name"]
}

// bare are the zooms of a view from which on a layer is drawn: closer than a browser would show them, for a drawing cannot
// be enlarged.
var bare = map[string]float64{"building": 14, "house": 16.5, "mark": 15.5}

// Draw draws a view of the archive.
func (a *Archive) Draw(v View) (Drawing, error) {
	z := uint32(max(float64(a.MinZoom), min(MaxZoom, math.Round(v.Zoom))))
	size := float64(uint32(world) >> z)
	top, left := v.At(0, 0)
	bottom, right := v.At(v.W, v.H)
	nw, se := project(min(top, a.North+0.5), max(left, a.West-0.5)), project(max(bottom, a.South-0.5), min(right, a.East+0.5))
	d := &drawer{v: v, shapes: map[[2]string]*Shape{}, streets: map[string]Label{}}
	for x := math.Floor(nw[0] / size); x <= se[0]/size; x++ {
		for y := math.Floor(nw[1] / size); y <= se[1]/size; y++ {
			if x < 0 || y < 0 {
				continue
			}
			if err := d.tile(a, z, uint32(x), uint32(y)); err != nil {
				return Drawing{}, err
			}
		}
	}
	return d.finish(), nil
}

// drawer gathers shapes from tiles.
type drawer struct {
	v       View
	shapes  map[[2]string]*Shape
	streets map[string]Label // the longest piece of each
	labels  []Label
}

func (d *drawer) tile(a *Archive, z, x, y uint32) error {
	packed, ok, err := a.Tile(z, x, y)
	if err != nil || !ok {
		return err
	}
	b, err := unpack(packed)
	if err != nil {
		return err
	}
	got, err := decode(b)
	if err != nil {
		return err
	}
	size := float64(uint32(world) >> z)
	m, s := project(d.v.Lat, d.v.Lon), d.v.scale()
	for layer, features := range got {
		if d.v.Zoom < bare[layer] {
			continue
		}
		for _, f := range features {
			for _, l := range f.lines {
				for i, p := range l {
					l[i] = orb.Point{d.v.W/2 + ((float64(x)+p[0]/extent)*size-m[0])*s, d.v.H/2 + ((float64(y)+p[1]/extent)*size-m[1])*s}
				}
			}
			d.add(layer, f)
		}
	}
	return nil
}

func (d *drawer) add(layer string, f shown) {
	if f.kind == shapePoint {
		if len(f.lines) > 0 && d.inside(f.lines[0][0]) {
			p := f.lines[0][0]
			d.labels = append(d.labels, Label{Layer: layer, Class: f.tags["class"], Names: f.tags, X: p[0], Y: p[1]})
		}
		return
	}
	key := [2]string{layer, f.tags["class"]}
	sh := d.shapes[key]
	if sh == nil {
		sh = &Shape{Layer: layer, Class: key[1], Area: f.kind == shapeArea}
		d.shapes[key] = sh
	}
	for _, l := range f.lines {
		if !d.near(l) {
			continue
		}
		out := make([][2]float64, len(l))
		for i, p := range l {
			out[i] = p
		}
		sh.Lines = append(sh.Lines, out)
		if layer == "road" && f.tags["name"] != "" {
			d.street(f, l)
		}
	}
}

func (d *drawer) inside(p orb.Point) bool {
	return p[0] >= 0 && p[1] >= 0 && p[0] <= d.v.W && p[1] <= d.v.H
}

// near reports whether a line may touch the paper.
func (d *drawer) near(l []orb.Point) bool {
	return orb.LineString(l).Bound().Intersects(orb.Bound{Max: orb.Point{d.v.W, d.v.H}})
}

// street remembers where a street runs straight for longest on the paper: there its name has room.
func (d *drawer) street(f shown, l []orb.Point) {
	best, ok := d.streets[f.tags["name"]]
	for i := range len(l) - 1 {
		for j := i + 1; j < len(l) && straight(l[i:j+1]); j++ {
			a, b := l[i], l[j]
			room := math.Hypot(b[0]-a[0], b[1]-a[1])
			mid := orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}
			if room <= best.Room || !d.inside(mid) {
				continue
			}
			angle := math.Atan2(b[1]-a[1], b[0]-a[0]) * 180 / math.Pi
			if angle > 90 || angle <= -90 {
				angle -= math.Copysign(180, angle)
			}
			best, ok = Label{Layer: "road", Class: f.tags["class"], Names: f.tags, X: mid[0], Y: mid[1], Angle: angle, Room: room}, true
		}
	}
	if ok {
		d.streets[f.tags["name"]] = best
	}
}

// straight reports whether points lie within two units of the line from the first to the last.
func straight(l []orb.Point) bool {
	a, b := l[0], l[len(l)-1]
	long := math.Hypot(b[0]-a[0], b[1]-a[1])
	for _, p := range l[1 : len(l)-1] {
		if math.Abs((b[0]-a[0])*(a[1]-p[1])-(a[0]-p[0])*(b[1]-a[1])) > 2*long {
			return false
		}
	}
	return true
}

// ranks are the classes from the most important to the least.
var ranks = []string{"city", "town", "village", "motorway", "trunk", "primary", "quarter", "hospital", "secondary", "police", "fire", "tertiary", "locality", "clinic", "street"}

func rank(class string) int {
	if i := slices.Index(ranks, class); i >= 0 {
		return i
	}
	return len(ranks)
}

// finish puts shapes in the order of layers, narrow roads under wide ones, and labels in that of importance.
func (d *drawer) finish() Drawing {
	var out Drawing
	for _, s := range d.shapes {
		if len(s.Lines) > 0 {
			out.Shapes = append(out.Shapes, *s)
		}
	}
	order := func(s Shape) int {
		for l := range layers {
			if l.String() == s.Layer {
				return int(l)*100 - rank(s.Class)
			}
		}
		return 0
	}
	slices.SortFunc(out.Shapes, func(a, b Shape) int {
		if n := order(a) - order(b); n != 0 {
			return n
		}
		return strings.Compare(a.Class, b.Class)
	})
	out.Labels = d.labels
	for _, l := range d.streets {
		out.Labels = append(out.Labels, l)
	}
	slices.SortFunc(out.Labels, func(a, b Label) int {
		if n := rank(a.Class) - rank(b.Class); n != 0 {
			return n
		}
		if n := b.Room - a.Room; n != 0 {
			return int(math.Copysign(1, n))
		}
		return strings.Compare(a.Names["name"], b.Names["name"])
	})
	return out
}
