package roads

import (
	"strings"
	"testing"
)

// streetsOf are the streets of a way in their order.
func streetsOf(r Route) string {
	var out []string
	for _, s := range r.Steps {
		out = append(out, s.Name)
	}
	return strings.Join(out, " ")
}

func TestDrivesGoRoundWhatIsClosed(t *testing.T) {
	n := grid().read(t)
	middle := Shut{Closure{at(9, 9), at(9, 11), at(11, 11), at(11, 9)}, 10 * 60, 12 * 60}
	d := n.Drives(Car, 0, middle)
	from, to := at(9, 0), at(9, 20)
	open, ok := d.Route(from, to, 8*60)
	if !ok || streetsOf(open) != "abc beh ghi" {
		t.Fatalf("%v %s", ok, streetsOf(open))
	}
	for minute, closed := range map[int]bool{9*60 + 30: true, 11 * 60: true, 12 * 60: false, 1440 + 11*60: false} { // a closure is out of mind an hour before
		r, ok := d.Route(from, to, minute)
		if around := ok && r.Metres > open.Metres; around != closed {
			t.Errorf("minute %d: %v, %d m, %d m when open", minute, ok, r.Metres, open.Metres)
		}
	}
}
