package roads

import "fmt"

// Drives tells single ways of a day as its tables reckon them: with the period's speeds and conditions, around what is
// closed when one leaves. It keeps what it has reckoned, and is for one goroutine.
type Drives struct {
	n       *Network
	p       Profile
	weekday int
	shut    []Shut
	free    *Weights
	done    map[string]*Weights
}

// Drives returns the ways of a weekday (0 is Monday).
func (n *Network) Drives(p Profile, weekday int, shut ...Shut) *Drives {
	return &Drives{n: n, p: p, weekday: weekday, shut: shut, done: map[string]*Weights{}}
}

// at returns what roads cost who leaves at a minute from the day's midnight.
func (d *Drives) at(minute int) *Weights {
	period, closed := PeriodAt(minute), closedAt(d.shut, wrapped(minute))
	key := fmt.Sprint(period, closed)
	if d.done[key] == nil {
		var rings []Closure
		for _, i := range closed {
			rings = append(rings, d.shut[i].Ring)
		}
		d.done[key] = d.n.Weights(d.p, Moment{d.weekday, dayMoment(period)}, rings...)
	}
	return d.done[key]
}

// Route returns the fastest way for who leaves at a minute from the day's midnight; ok is false where there is none then.
// A point whose own road is closed is not brought to another one.
func (d *Drives) Route(from, to Point, minute int) (r Route, ok bool) {
	w := d.at(minute)
	if d.free == nil {
		d.free = d.n.Weights(d.p, Moment{d.weekday, dayMoment(Noon)})
	}
	var ends [2]Snap
	for i, p := range [2]Point{from, to} {
		ends[i] = w.Snap(p)
		if free := d.free.Snap(p); ends[i].Metres > free.Metres+aside {
			return r, false
		}
	}
	return w.Route(ends[0], ends[1])
}
