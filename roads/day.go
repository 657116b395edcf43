package roads

import (
	"context"
	"fmt"
	"slices"
)

// Day is travel between some points at any time of one day and the next. Who leaves later never arrives earlier: each
// way is driven at the pace of the period that it is in, and goes on at the next one's where the period ends (the model
// of Ichoua, Gendreau, Potvin: Vehicle dispatching with time-dependent travel times, EJOR 144, 2003). A new period begins,
// too, where an area closes or opens; where there is no way until then, one waits.
type Day struct {
	n     int
	slots []slot // in order of time, the first from 0
	noon  *Table // what Metres tells
	Snaps []Snap // as the roads are when nothing is closed
}

// slot is a stretch of the day with its table, until the next one's begin.
type slot struct {
	from  int // minute of the day; over 1440: the next day
	table *Table
}

// Shut is an area that is closed from one minute until before another, counted from the day's midnight.
type Shut struct {
	Ring     Closure
	From, To int
}

const (
	dayMinutes = 1440
	dayEnd     = 2 * dayMinutes // of a Day: what comes later is as the second day
	aside      = 100            // metres by which another road may lie further off than the one that is closed
	inside     = 60             // minutes before an area closes from which on no way leads through it: one has to be out again
)

// Day reckons the tables of a weekday (0 is Monday). Conditions on roads are asked at the middle of each period.
func (n *Network) Day(ctx context.Context, p Profile, weekday int, points []Point, shut ...Shut) (*Day, error) {
	d := &Day{n: len(points), Snaps: make([]Snap, len(points))}
	free := n.Weights(p, Moment{weekday, dayMoment(Noon)})
	for i, at := range points {
		d.Snaps[i] = free.Snap(at)
	}
	done := map[string]*Table{}
	for _, from := range changes(shut) {
		period, closed := PeriodAt(from), closedAt(shut, from)
		key := fmt.Sprint(period, closed)
		if done[key] == nil {
			t, err := n.tableOf(ctx, p, Moment{weekday, dayMoment(period)}, points, d.Snaps, shut, closed)
			if err != nil {
				return nil, err
			}
			done[key] = t
		}
		d.slots = append(d.slots, slot{from, done[key]})
	}
	d.noon = d.at(dayMoment(Noon)).table
	return d, nil
}

// dayMoment is the minute at which a period's conditions on roads are asked.
func dayMoment(p Period) int {
	return [periods]int{Night: 2 * 60, Peak: 8*60 + 30, Noon: 13 * 60, Evening: 21 * 60}[p]
}

// changes are the minutes at which travel becomes another, in order.
func changes(shut []Shut) []int {
	var out []int
	for day := 0; day < dayEnd; day += dayMinutes {
		for _, s := range PeriodStarts {
			out = append(out, day+s.Minute)
		}
	}
	for _, s := range shut {
		for _, m := range []int{s.From - inside, s.To} {
			if m > 0 && m < dayEnd {
				out = append(out, m)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// closedAt lists the areas that no way leads through from a minute on.
func closedAt(shut []Shut, minute int) []int {
	var out []int
	for i, s := range shut {
		if s.From-inside <= minute && minute < s.To {
			out = append(out, i)
		}
	}
	return out
}

func (n *Network) tableOf(ctx context.Context, p Profile, at Moment, points []Point, free []Snap, shut []Shut, closed []int) (*Table, error) {
	var rings []Closure
	for _, i := range closed {
		rings = append(rings, shut[i].Ring)
	}
	w := n.Weights(p, at, rings...)
	snaps := make([]Snap, len(points))
	for i, p := range points {
		if snaps[i] = w.Snap(p); snaps[i].Metres > free[i].Metres+aside {
			snaps[i] = free[i] // its own road is closed: there is no way
		}
	}
	return w.Table(ctx, snaps, snaps, 1)
}

// at is the slot of a minute.
func (d *Day) at(minute int) slot {
	i, _ := slices.BinarySearchFunc(d.slots, wrapped(minute)+1, func(s slot, m int) int { return compare(s.from, m) })
	return d.slots[i-1]
}

// ends is the minute at which the slot of a minute ends.
func (d *Day) ends(minute int) int {
	w := wrapped(minute)
	i, _ := slices.BinarySearchFunc(d.slots, w+1, func(s slot, m int) int { return compare(s.from, m) })
	end := dayEnd
	if i < len(d.slots) {
		end = d.slots[i].from
	}
	return minute + end - w
}

// wrapped brings a minute into the two days; later ones are as the second day.
func wrapped(minute int) int {
	if minute >= dayEnd {
		return dayMinutes + (minute-dayEnd)%dayMinutes
	}
	return minute
}

// Metres is how far it is by the way that is fastest by day; where there is none then, by another period's; None where
// there is never one.
func (d *Day) Metres(from, to int) int32 {
	k := from*d.n + to
	if m := d.noon.Metres[k]; m != None {
		return m
	}
	for _, s := range d.slots {
		if m := s.table.Metres[k]; m != None {
			return m
		}
	}
	return None
}

// work is what a whole way takes; a little less is asked for, so that rounding never costs a second.
const (
	work = 1 << 40
	ask  = work - 1<<18
)

// Least is how long the way takes at least, whenever one leaves; 0 where there is none.
func (d *Day) Least(from, to int) int32 {
	least := int32(None)
	for _, s := range d.slots {
		if sec := s.table.Seconds[from*d.n+to]; sec >= 0 && (least < 0 || sec < least) {
			least = sec
		}
	}
	return max(least, 0)
}

// Seconds is how long the way takes for who leaves at a second from the day's midnight, waiting included where it is
// closed for a time; None where there is no way within a day.
func (d *Day) Seconds(from, to int, depart int32) int32 {
	k := from*d.n + to
	left := int64(ask)
	start := int64(max(depart, 0))
	for t := start; t-start <= dayMinutes*60; {
		minute := int(t / 60)
		s := int64(d.at(minute).table.Seconds[k])
		if s == 0 {
			return int32(t - start) // the same place
		}
		end := int64(d.ends(minute)) * 60
		if s < 0 {
			t = end // no way until then
			continue
		}
		rate := work / s
		if done := (end - t) * rate; done < left {
			left -= done
			t = end
			continue
		}
		return int32(t + (left+rate-1)/rate - start)
	}
	return None
}
