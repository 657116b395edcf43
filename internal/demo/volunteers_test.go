package demo

import (
	"strings"
	"testing"
)

func TestVolunteers(t *testing.T) {
	for _, seed := range seeds {
		all := Volunteers(seed)
		phones, plates := map[string]bool{}, map[string]bool{}
		ages, minors, passes := map[Age]int{}, 0, 0
		for _, v := range all {
			if phones[v.Phone] || phones[v.Emergency.Phone] {
				t.Errorf("seed %d: %s has somebody else's phone", seed, v.ID)
			}
			phones[v.Phone], phones[v.Emergency.Phone] = true, true
			ages[v.Age]++
			minors += count(v.Minor)
			passes += count(v.Pass != "")
			if v.Minor && (v.Age != AgeUnknown || v.Vehicle != nil || v.Pass != "") {
				t.Errorf("%s is a minor with %s, %v, %s", v.ID, v.Age, v.Vehicle, v.Pass)
			}
			if (v.Age == AgeSeen) != (v.SeenBy != "") || len(v.Languages) == 0 || len(v.Skills) == 0 || len(v.Slots) == 0 {
				t.Errorf("%s is incomplete: %+v", v.ID, v)
			}
			for _, s := range v.Slots {
				if !s.From.Before(s.To) || s.From.Hour() < 7 || s.To.Hour() > 22 {
					t.Errorf("%s comes from %v to %v", v.ID, s.From, s.To)
				}
			}
			if v.Vehicle != nil {
				if !strings.HasPrefix(v.Vehicle.Plate, "000 ") || plates[v.Vehicle.Plate] || v.Vehicle.Kg <= 0 || v.Vehicle.Baskets <= 0 {
					t.Errorf("%s drives %+v", v.ID, v.Vehicle)
				}
				plates[v.Vehicle.Plate] = true
			}
		}
		if len(all) != VolunteerCount || minors != minorCount || ages[AgeSaid] < 3 || ages[AgeUnknown] < minorCount || passes < 20 {
			t.Errorf("seed %d: %d volunteers, %d minors, ages %v, %d passes", seed, len(all), minors, ages, passes)
		}
	}
}

func TestCrews(t *testing.T) {
	for _, seed := range seeds {
		volunteers, crews := Volunteers(seed), Crews(seed)
		busy, beyond := map[int]bool{}, 0
		for _, c := range crews {
			if busy[c.Driver] || busy[c.Navigator] || c.Driver == c.Navigator {
				t.Errorf("crew %d shares somebody", c.Number)
			}
			busy[c.Driver], busy[c.Navigator] = true, true
			for _, i := range []int{c.Driver, c.Navigator} {
				if volunteers[i].Age != AgeSeen || volunteers[i].Pass == "" {
					t.Errorf("crew %d has %s without a seen age or a pass", c.Number, volunteers[i].ID)
				}
			}
			if c.Vehicle.Plate != volunteers[c.Driver].Vehicle.Plate || len(c.Languages) == 0 || !c.From.Before(c.To) || c.Pass == "" != (c.Number == CrewCount) || c.Pass != "" && c.To.Hour() > 22 {
				t.Errorf("crew %d: %+v", c.Number, c)
			}
			beyond += count(c.PassesPost)
		}
		if len(crews) != CrewCount || beyond != 3 {
			t.Errorf("seed %d: %d crews, %d beyond the posts", seed, len(crews), beyond)
		}
	}
}

func TestStock(t *testing.T) {
	items := map[string]Item{}
	for _, it := range Items() {
		if it.Kg <= 0 || it.Litres <= 0 || !goods(it.Kind) {
			t.Errorf("%+v", it)
		}
		items[it.Code] = it
	}
	for _, l := range MorningStock() {
		if _, ok := items[l.Item]; !ok || l.Count <= 0 {
			t.Errorf("%+v", l)
		}
		delete(items, l.Item)
	}
	if len(items) > 0 {
		t.Errorf("not counted: %v", items)
	}
}
