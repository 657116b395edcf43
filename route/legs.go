package route

// legs are the drives of a profile, by two places. A place is counted from 1 here; 0 is no
// place, from and to which it takes and costs nothing.
type legs struct {
	n     int
	fixed bool    // they do not depend on the time of day
	cost  []int64 // row-major; at least so much, where they depend on the time
	costT []int64 // the same by where they lead
	sec   []int32 // where they do not depend on the time; never where there is no way
}

func newLegs(places int, t Travel, w Weights) *legs {
	l := &legs{n: places + 1}
	l.cost, l.costT = make([]int64, l.n*l.n), make([]int64, l.n*l.n)
	mat, ok := t.(*Matrix)
	if l.fixed = ok; ok {
		l.sec = make([]int32, l.n*l.n)
	}
	least, bounded := t.(Bounded)
	for a := range places {
		for b := range places {
			k, sec := (a+1)*l.n+b+1, int32(0)
			if ok {
				sec = mat.Sec[a*mat.N+b]
				if l.sec[k] = sec; sec < 0 {
					l.sec[k] = never
				}
			} else if bounded {
				sec = least.Least(a, b)
			}
			l.cost[k] = w.Second*int64(max(sec, 0)) + w.Metre*int64(max(t.Metres(a, b), 0))
			l.costT[(b+1)*l.n+a+1] = l.cost[k]
		}
	}
	return l
}

// to is what drives to a place cost, by where they begin.
func (l *legs) to(x int32) []int64 { return l.costT[int(x)*l.n:][:l.n] }

// from is what drives from a place cost, by where they lead.
func (l *legs) from(x int32) []int64 { return l.cost[int(x)*l.n:][:l.n] }

// drive is what a drive that begins at t costs.
func (m *model) drive(u *vehicle, a, b, t int32) int64 {
	if u.legs.fixed {
		return u.legs.cost[int(a)*u.legs.n+int(b)]
	}
	if a == 0 || b == 0 {
		return 0
	}
	return m.weights.Second*int64(u.seconds(a-1, b-1, t)) + m.weights.Metre*int64(max(u.travel.Metres(int(a-1), int(b-1)), 0))
}

// reach is when a drive from a to b that begins at t or later arrives, or never.
func (u *vehicle) reach(a, b, t int32) int32 {
	if t >= never {
		return never
	}
	if l := u.legs; l.fixed {
		return u.arriveBy(l.sec[int(a)*l.n+int(b)], t)
	}
	return u.arrive(a-1, b-1, t)
}

// leave is the latest time after which no drive from a to b arrives by the deadline; -1
// when none does.
func (u *vehicle) leave(a, b, deadline int32) int32 {
	if l := u.legs; l.fixed && deadline >= 0 {
		return u.leaveFor(l.sec[int(a)*l.n+int(b)], deadline)
	}
	return u.leaveBy(a-1, b-1, deadline)
}

// least is what a drive takes at least.
func (u *vehicle) least(a, b int32) int32 {
	if l := u.legs; l.fixed {
		return l.sec[int(a)*l.n+int(b)]
	}
	return 0
}
