package kernel

// Solution is a sequence of stops for each route, and what it is worth.
type Solution struct {
	Routes [][]int32
	Lost   int64
	Cost   int64
}

// less compares what is left out, then cost.
func (s *Solution) less(o *Solution) bool {
	return s.Lost < o.Lost || s.Lost == o.Lost && s.Cost < o.Cost
}

func (s *Solution) vehicles() int {
	n := 0
	for _, q := range s.Routes {
		if len(q) > 0 {
			n++
		}
	}
	return n
}

func (s *Solution) copyFrom(o *Solution) {
	s.Lost, s.Cost = o.Lost, o.Cost
	for len(s.Routes) < len(o.Routes) {
		s.Routes = append(s.Routes, nil)
	}
	for i := range s.Routes {
		s.Routes[i] = s.Routes[i][:0]
		if i < len(o.Routes) {
			s.Routes[i] = append(s.Routes[i], o.Routes[i]...)
		}
	}
}

// keep remembers the best plan over all restarts.
func (w *walk) keep() {
	if len(w.kept.Routes) == 0 || w.best.less(&w.kept) {
		w.kept.copyFrom(&w.best)
	}
}
