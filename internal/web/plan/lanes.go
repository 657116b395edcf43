package plan

import (
	"fmt"
	"math"
	"strconv"

	"github.com/jumyla/jumyla/internal/dispatch"
)

// axis is the stretch of the day that is drawn, in seconds from midnight.
type axis struct{ from, to int32 }

const hour = 3600

// axisOf is from the hour in which somebody may first be out until the one after which nobody is.
func axisOf(t *dispatch.Timetable) axis {
	a := axis{math.MaxInt32, 0}
	for i := range t.Runs {
		for _, o := range t.Open(i) {
			a.from, a.to = min(a.from, o[0]), max(a.to, o[1]+dispatch.Margin)
		}
		if r := &t.Runs[i]; len(r.Stops) > 0 {
			a.from, a.to = min(a.from, r.Route.Depart), max(a.to, r.Route.Back)
		}
	}
	if a.from >= a.to {
		return axis{8 * hour, 23 * hour}
	}
	return axis{a.from / hour * hour, (a.to+hour-1)/hour*hour + hour/2}
}

// percent is where a moment stands on the axis.
func (a axis) percent(seconds int32) float64 {
	return math.Round(float64(seconds-a.from)/float64(a.to-a.from)*10000) / 100
}

func (a axis) x(seconds int32) string {
	return strconv.FormatFloat(min(max(a.percent(seconds), 0), 100), 'f', 2, 64) + "%"
}

func (a axis) width(from, to int32) string {
	w := min(a.percent(to), 100) - max(a.percent(from), 0)
	return strconv.FormatFloat(max(w, 0), 'f', 2, 64) + "%"
}

// tick is a full hour on the axis.
type tick struct{ x, label string }

func (a axis) ticks() []tick {
	var out []tick
	for h := a.from / hour; h*hour <= a.to; h++ {
		t := tick{a.x(h * hour), fmt.Sprintf("%02d", h%24)}
		if p := a.percent(h * hour); p < 2 || p > 98 { // it would be cut at the edge
			t.label = ""
		}
		out = append(out, t)
	}
	return out
}

// box is a stretch on a lane.
type box struct{ x, width string }

// block is a stop on a lane.
type block struct {
	box

	mid    string
	label  string
	y      string // of the label: every other one stands below, so that neighbours can be read
	id     string
	title  string
	pinned bool
	fault  bool
	here   bool
}

// lane is one crew's row.
type lane struct {
	run    *dispatch.Timed
	number int
	chosen bool
	shut   []box
	way    box
	home   string
	blocks []block
	loads  []box
	say    string
}

func (v *page) lanes() []lane {
	out := make([]lane, 0, len(v.t.Runs))
	for i := range v.t.Runs {
		out = append(out, v.lane(i))
	}
	return out
}

func (v *page) lane(i int) lane {
	r, a := &v.t.Runs[i], v.axis
	l := lane{run: r, number: r.Crew.Number, chosen: i == v.run, say: v.lang.T("plan.lane_empty", "n", r.Crew.Number)}
	from := a.from
	for _, o := range v.t.Open(i) {
		l.shut = append(l.shut, box{a.x(from), a.width(from, o[0])})
		from = o[1]
	}
	l.shut = append(l.shut, box{a.x(from), a.width(from, a.to)})
	if len(r.Stops) == 0 {
		return l
	}
	l.say = v.lang.T("plan.lane", "n", r.Crew.Number, "stops", len(r.Stops), "depart", v.t.Clock(r.Route.Depart), "back", v.t.Clock(r.Route.Back))
	l.way, l.home = box{a.x(r.Route.Depart), a.width(r.Route.Depart, r.Route.Back)}, a.x(r.Route.Back)
	faulty := map[int]bool{}
	for _, f := range r.Faults {
		faulty[f.Stop] = true
	}
	for k, s := range r.Times() {
		d := r.Stops[k]
		stop, _ := v.t.Stop(d.Request)
		b := block{box: box{a.x(s.Arrive), a.width(s.Arrive, s.Leave)}, mid: a.x(s.Start + (s.Leave-s.Start)/2), label: strconv.Itoa(k + 1), y: "-15",
			id: d.Request.String(), pinned: d.Pinned, fault: faulty[k],
			title: fmt.Sprintf("%d · %s · %s · %s", k+1, v.t.Clock(s.Arrive), stop.Request.Ref, stop.Household.Address)}
		if k%2 == 1 {
			b.y = "23"
		}
		b.here = v.panel != nil && v.panel.run == i && v.panel.at == k
		l.blocks = append(l.blocks, b)
	}
	for k, s := range r.Route.Stops {
		if k > 0 && s.Trip != r.Route.Stops[k-1].Trip {
			l.loads = append(l.loads, box{a.x(s.Arrive), a.width(s.Arrive, s.Leave)})
		}
	}
	return l
}

// late reports whether the way home is what is wrong.
func (l *lane) late() bool {
	for _, f := range l.run.Faults {
		if f.Stop >= len(l.run.Stops) {
			return true
		}
	}
	return false
}

// tone is the run's state as a colour's class; words say the same beside it.
func (l *lane) tone() string {
	if len(l.run.Faults) > 0 {
		return "tone-urgent"
	}
	return ""
}
