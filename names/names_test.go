package names_test

import (
	"slices"
	"testing"

	"github.com/jumyla/jumyla/names"
)

// heardAlike reports whether two keys share a free variant in each token.
func heardAlike(a, b names.Key) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || !slices.ContainsFunc(a[i].Variants, func(v names.Variant) bool {
			return v.Extra == 0 && slices.Contains(b[i].Variants, v)
		}) {
			return false
		}
	}
	return true
}

func register(all ...string) *names.Index {
	x := names.NewIndex(names.DefaultWeights())
	for _, n := range all {
		x.Add(names.Record{Name: n})
	}
	return x
}

// TestRegister holds that the register grows, finds, and shrinks.
func TestRegister(t *testing.T) {
	x := register("Ахметов Қайрат Серікұлы", "Ахметова Сәуле", "Ким Роман")
	first := func(name string) names.Slot {
		hits := x.Search(names.Record{Name: name}, 3)
		if len(hits) == 0 {
			return -1
		}
		return hits[0].Slot
	}
	for name, want := range map[string]names.Slot{"Kairat Akhmetov": 0, "Saule Achmetowa": 1, "Роман Ким": 2, "Kim": 2} {
		if got := first(name); got != want {
			t.Errorf("%s: slot %d, want %d", name, got, want)
		}
	}
	x.Remove(0)
	x.Remove(0)
	x.Remove(99)
	if x.Len() != 2 {
		t.Errorf("%d records", x.Len())
	}
	if got := first("Қайрат"); got != -1 {
		t.Errorf("a removed record is found in slot %d", got)
	}
	if slot := x.Add(names.Record{Name: "Болат Сейітов"}); slot != 0 {
		t.Errorf("the free slot was not used: %d", slot)
	}
}

// TestBands holds the two sentences of the package: a name alone never joins two people, and a shared phone proves
// a household, not a person.
func TestBands(t *testing.T) {
	x := register("Ахметов Қайрат", "Ахметова Сәуле", "Ким Роман")
	phone := []string{"8 (701) 555-12-34"}
	a := names.Record{Name: "Тоқтасынов Қайрат", Phones: phone, Born: names.Born{Year: 1961}}
	for _, c := range []struct {
		why  string
		b    names.Record
		want names.Band
	}{
		{"name, phone and year", names.Record{Name: "Kairat Toktasynov", Phones: []string{"+77015551234"}, Born: names.Born{Year: 1961}}, names.Same},
		{"name alone", names.Record{Name: "Kairat Toktasynov"}, names.Maybe},
		{"a brother with the phone", names.Record{Name: "Тоқтасынов Болат", Phones: phone}, names.Maybe},
		{"somebody else", names.Record{Name: "Ким Роман", Phones: []string{"87770001122"}}, names.Different},
	} {
		e := x.Compare(a, c.b)
		if e.Band != c.want {
			t.Errorf("%s: %v, want %v: %+v", c.why, e.Band, c.want, e)
		}
		for _, p := range e.Parts {
			if !slices.Contains(names.Messages(), p.Message()) {
				t.Errorf("the message %s is not in Messages", p.Message())
			}
		}
	}
}

// TestLearn holds that decisions move the weights they speak of, and only those.
func TestLearn(t *testing.T) {
	x := register("Ахметов Қайрат", "Ахметова Сәуле")
	a := names.Record{Name: "Тоқтасынов Қайрат", Place: "Алматы", Phones: []string{"87015551234"}}
	b := a
	b.Phones = []string{"87779990000"}
	var said []names.Decision
	for range 60 {
		said = append(said, names.Decision{Evidence: x.Compare(a, b), Same: true})
	}
	before := names.DefaultWeights()
	after := before.Learn(said)
	if after.PhoneOther <= before.PhoneOther || after.Year != before.Year || after.Phone != before.Phone {
		t.Errorf("%+v became %+v", before, after)
	}
	if same := before.Learn(nil); same != before {
		t.Error("no decisions changed the weights")
	}
}
