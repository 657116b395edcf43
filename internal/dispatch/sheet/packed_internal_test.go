package sheet

import (
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/run"
)

// TestEachTripIsPackedFromItsOwnList holds that nothing of the second trip is loaded for the first.
func TestEachTripIsPackedFromItsOwnList(t *testing.T) {
	day := time.Date(2022, 1, 12, 0, 0, 0, 0, time.UTC)
	load := print.PackingInput{Crew: "7", LoadAt: day.Add(9 * time.Hour), Depart: day.Add(9*time.Hour + 20*time.Minute)}
	var stops []run.Stop
	for i, trip := range []int{0, 0, 1, 2, 2} {
		load.Loads = append(load.Loads, print.Load{Stop: i + 1})
		stops = append(stops, run.Stop{Trip: trip, Leave: int32(10+i) * 3600})
	}
	got := packed(load, stops, day)
	if len(got) != 3 {
		t.Fatalf("%d lists", len(got))
	}
	for i, want := range []struct {
		loads, first int
		at           time.Duration
	}{{2, 1, 9 * time.Hour}, {1, 3, 11 * time.Hour}, {2, 4, 12 * time.Hour}} {
		g := got[i]
		if len(g.Loads) != want.loads || g.Loads[0].Stop != want.first || !g.LoadAt.Equal(day.Add(want.at)) || g.Trip != i+1 || g.Trips != 3 {
			t.Errorf("trip %d: %+v", i+1, g)
		}
	}
	if one := packed(load, make([]run.Stop, 5), day); len(one) != 1 || one[0].Trips != 1 || len(one[0].Loads) != 5 || one[0].Depart.IsZero() {
		t.Errorf("a run of one trip: %+v", one)
	}
	if len(packed(print.PackingInput{}, nil, day)) != 0 {
		t.Error("a run without stops has a packing list")
	}
}
