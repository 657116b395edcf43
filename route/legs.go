package route

// legs are the drives of a profile, by two places. A place is counted from 1 here; 0 is no
// place, from and to which it takes and costs nothing.
type legs struct {
	n     int
	fixed bool    // they do not depend on the time of day
	cost  []int64 // row-major; at least so much, where they depend on the time
	costT []int64 // the same by where they lead
	sec   []int32 // what a drive takes, or at least takes; never where there is no way
	secT  []int32
}

func newLegs(places int, t Travel, w Weights) *legs {
	l := &legs{n: places + 1}
	l.cost, l.costT = make([]int64, l.n*l.n), make([]int64, l.n*l.n)
	l.sec, l.secT = make([]int32, l.n*l.n), make([]int32, l.n*l.n)
	mat, ok := t.(*Matrix)
	l.fixed = ok
	least, bounded := t.(Bounded)
	for a := range places {
		for b := range places {
			k, back, sec := (a+1)*l.n+b+1, (b+1)*l.n+a+1, int32(0)
			if ok {
				sec = mat.Sec[a*mat.N+b]
			} else if bounded {
				sec = least.Least(a, b)
			}
			l.cost[k] = w.Second*int64(max(sec, 0)) + w.Metre*int64(max(t.Metres(a, b), 0))
			if sec < 0 {
				sec = never
			}
			l.sec[k], l.secT[back], l.costT[back] = sec, sec, l.cost[k]
		}
	}
	return l
}

// ways are the drives to and from one place, by the other.
type ways struct {
	to, from       []int64 // what they cost, at least
	secTo, secFrom []int32 // what they take, at least
}

func (l *legs) ways(x int32) ways {
	at := int(x) * l.n
	return ways{l.costT[at:][:l.n], l.cost[at:][:l.n], l.secT[at:][:l.n], l.sec[at:][:l.n]}
}

// from is what drives from a place cost at least, by where they lead.
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
