package roads

import "context"

// Day is travel between some points at any time of one day. Who leaves later never arrives earlier: each way is
// driven at the pace of the period that it is in, and goes on at the next one's where the period ends (the model of
// Ichoua, Gendreau, Potvin: Vehicle dispatching with time-dependent travel times, EJOR 144, 2003).
type Day struct {
	n      int
	tables [periods]*Table
	Snaps  []Snap
}

// Day reckons the tables of a weekday (0 is Monday). Conditions on roads are asked at the middle of each period.
func (n *Network) Day(ctx context.Context, p Profile, weekday int, points []Point, closures ...Closure) (*Day, error) {
	d := &Day{n: len(points)}
	for i, minute := range [periods]int{Night: 2 * 60, Peak: 8*60 + 30, Noon: 13 * 60, Evening: 21 * 60} {
		w := n.Weights(p, Moment{weekday, minute}, closures...)
		if d.Snaps == nil {
			for _, at := range points {
				d.Snaps = append(d.Snaps, w.Snap(at))
			}
		}
		var err error
		if d.tables[i], err = w.Table(ctx, d.Snaps, d.Snaps, 1); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// Metres is how far it is by the way that is fastest by day; None where there is none.
func (d *Day) Metres(from, to int) int32 { return d.tables[Noon].Metres[from*d.n+to] }

// work is what a whole way takes; a little less is asked for, so that rounding never costs a second.
const (
	work = 1 << 40
	ask  = work - 1<<18
)

// Seconds is how long the way takes for who leaves at a second from the day's midnight; None where there is no way
// then.
func (d *Day) Seconds(from, to int, depart int32) int32 {
	k := from*d.n + to
	left := int64(ask)
	for t := int64(max(depart, 0)); ; {
		minute := int(t / 60)
		s := int64(d.tables[PeriodAt(minute)].Seconds[k])
		if s <= 0 {
			return int32(s) // the same point, or no way
		}
		rate := work / s
		end := int64(periodEnd(minute)) * 60
		if done := (end - t) * rate; done < left {
			left -= done
			t = end
			continue
		}
		return int32(t + (left+rate-1)/rate - int64(max(depart, 0)))
	}
}

// periodEnd is the minute at which the period of a minute ends; minutes past midnight count on.
func periodEnd(minute int) int {
	day := minute / 1440 * 1440
	for _, s := range PeriodStarts {
		if day+s.Minute > minute {
			return day + s.Minute
		}
	}
	return day + 1440
}
