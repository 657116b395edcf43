package kernel

import "testing"

// TestAWayThatOnlySeveralPayIsFound has five stops together, none of which pays the way there.
func TestAWayThatOnlySeveralPayIsFound(t *testing.T) {
	n := 8
	p := &Problem{N: n, Vehicles: 3, Capacity: 5}
	at := []int32{1000, 1010, 1020, 1030, 1040, 3000, -20, -40, 0, 0} // on a line; the depot last
	for i := range at {
		for j := range at {
			p.Dur = append(p.Dur, max(at[i]-at[j], at[j]-at[i]))
		}
		p.Early, p.Late, p.Service = append(p.Early, 0), append(p.Late, 10_000), append(p.Service, 0)
		p.Load = append(p.Load, 1)
	}
	p.Cost, p.Load[n], p.Load[n+1] = p.Dur, 0, 0
	for range n {
		p.Pair, p.Weight, p.Price = append(p.Pair, -1), append(p.Weight, 0), append(p.Price, 500)
	}
	w := newWalk(newModel(p), 1, Logs())
	w.save()
	for range 500 {
		w.step()
		if fault := w.audit(); fault != "" {
			t.Fatal(fault)
		}
	}
	// The five for 2080, the two for 80, and the price of the one that is too far.
	if w.best.Cost != 2080+80+500 || w.where[5] >= 0 {
		t.Errorf("the plan costs %d: %v", w.best.Cost, w.best.Routes)
	}
}
