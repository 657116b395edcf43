package instance

import (
	"context"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/route"
)

const (
	solomon = `T1

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        100          0
    1      3         4          6          0         50         10
    2      6         8          6          0         60         10
`
	lilim = "2\t10\t1\n0\t0\t0\t0\t0\t100\t0\t0\t0\n1\t3\t4\t5\t0\t50\t1\t0\t2\n2\t6\t8\t-5\t0\t60\t1\t1\t0\n"
	vrp   = `NAME : V
TYPE : PCVRPTW
DIMENSION : 3
VEHICLES : 2
CAPACITY : 10
SERVICE_TIME : 5
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 60 80
DEMAND_SECTION
1 0
2 6
3 6
TIME_WINDOW_SECTION
1 0 500
2 0 100
3 0 300
PRIZE_SECTION
1 0
2 11
3 7
DEPOT_SECTION
1
-1
EOF
`
	trips = `NAME : M
DIMENSION : 3
VEHICLES : 1
CAPACITY : 10
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 6
TIME_WINDOW_SECTION
1 0 500
2 0 50
3 0 300
RELEASE_TIME_SECTION
1 0
2 0
3 70
VEHICLES_RELOAD_DEPOT_SECTION
1 1
EOF
`
)

func TestReadSolveCount(t *testing.T) {
	for _, c := range []struct {
		format Format
		text   string
		o      Objective
		want   Count
	}{
		{Solomon, solomon, Distance, Count{Vehicles: 2, Distance: 30, Cost: 30}},
		{Solomon, solomon, Vehicles, Count{Vehicles: 2, Distance: 30, Cost: 30}},
		{LiLim, lilim, Vehicles, Count{Vehicles: 1, Distance: 20, Cost: 20}},
		{PCVRPTW, vrp, Distance, Count{Vehicles: 1, Distance: 100, Unserved: 1, Prizes: 11, Cost: 170}},
		{MTVRPTWR, trips, Distance, Count{Vehicles: 1, Distance: 300, Cost: 300}},
	} {
		in, err := Read(c.format, strings.NewReader(c.text))
		if err != nil {
			t.Fatal(c.format, err)
		}
		p := in.Problem(c.o)
		plan, _, err := route.Solve(context.Background(), p, route.Options{Seed: 1, MaxIter: 500})
		if err != nil {
			t.Fatal(c.format, err)
		}
		if v := route.Check(p, plan); len(v) > 0 {
			t.Errorf("%s: %v", c.format, v)
		}
		got := in.Count(plan, c.o)
		if got.Vehicles != c.want.Vehicles || got.Distance != c.want.Distance || got.Unserved != c.want.Unserved ||
			got.Prizes != c.want.Prizes || got.Cost != c.want.Cost {
			t.Errorf("%s by %s: %+v, want %+v", c.format, c.o, got, c.want)
		}
	}
}

func TestTripsWaitForTheirLoad(t *testing.T) {
	in, err := Read(MTVRPTWR, strings.NewReader(trips))
	if err != nil {
		t.Fatal(err)
	}
	p := in.Problem(Distance)
	plan, _, err := route.Solve(context.Background(), p, route.Options{Seed: 1, MaxIter: 500})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.Routes[0].Stops
	if len(s) != 3 || s[1].Kind != route.Reload || s[2].Arrive != 700+100 {
		t.Errorf("the second trip must leave at 700: %+v", s)
	}
}

func TestReadRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		format Format
		text   string
	}{
		"nothing":         {Solomon, ""},
		"an unknown kind": {"xml", solomon},
		"a short row":     {Solomon, strings.Replace(solomon, "50         10", "50", 1)},
		"half a pair":     {LiLim, strings.Replace(lilim, "1\t1\t0\n", "1\t0\t0\n", 1)},
		"a pair's cycle":  {LiLim, strings.Replace(lilim, "1\t1\t0\n", "1\t1\t1\n", 1)},
		"a strange node":  {PCVRPTW, strings.Replace(vrp, "3 60 80", "9 60 80", 1)},
		"a huge number":   {PCVRPTW, strings.Replace(vrp, "3 60 80", "3 60 1e300", 1)},
		"many nodes":      {PCVRPTW, strings.Replace(vrp, "DIMENSION : 3", "DIMENSION : 999999999", 1)},
		"road distances":  {PCVRPTW, strings.Replace(vrp, "EUC_2D", "EXPLICIT", 1)},
		"a late window":   {Solomon, strings.Replace(solomon, "0         50 ", "70         50 ", 1)},
	} {
		if _, err := Read(c.format, strings.NewReader(c.text)); err == nil {
			t.Errorf("%s was read", name)
		}
	}
}

// FuzzRead holds the readers to an error, or an instance whose problem the engine takes.
func FuzzRead(f *testing.F) {
	for format, text := range map[Format]string{Solomon: solomon, LiLim: lilim, PCVRPTW: vrp, MTVRPTWR: trips} {
		f.Add(string(format), text)
	}
	f.Fuzz(func(t *testing.T, format, text string) {
		in, err := Read(Format(format), strings.NewReader(text))
		if err != nil || len(in.Nodes) > 50 || in.Vehicles > 50 {
			return
		}
		for _, o := range []Objective{Distance, Vehicles} {
			p := in.Problem(o)
			plan, _, err := route.Solve(context.Background(), p, route.Options{MaxIter: 3})
			if err != nil {
				t.Fatal(err)
			}
			if v := route.Check(p, plan); len(v) > 0 {
				t.Fatal(v)
			}
			in.Count(plan, o)
		}
	})
}
