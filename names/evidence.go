package names

import (
	"math"
	"slices"
)

// Weights are the bits that each finding is worth, and the thresholds of the bands. They are data: Learn makes
// better ones from decisions.
type Weights struct {
	Phone, PhoneNear, PhoneOther    float64 // Phone is a ceiling: a number that many share is worth less
	Day, Year, YearNear, YearOther  float64
	Place, PlaceOther               float64 // Place is a ceiling: a city that many live in is worth less
	Address, House, AddressOther    float64
	Children, ChildrenOther         float64
	Number, NumberNear, NumberOther float64
	Same, Maybe                     float64 // a pair is Same from here on, above the prior of the register
	Margin                          float64 // and only when the next is so far behind
}

// DefaultWeights returns the weights to begin with.
func DefaultWeights() Weights {
	return Weights{
		Phone: 15, PhoneNear: 9, PhoneOther: -2.2,
		Day: 14, Year: 4.6, YearNear: 1.6, YearOther: -3.5,
		Place: 8, PlaceOther: -1.8,
		Address: 14, House: 9, AddressOther: -1,
		Children: 6, ChildrenOther: -3,
		Number: 18, NumberNear: 10, NumberOther: -4,
		Same: 8, Maybe: -2, Margin: 3,
	}
}

// Born32 is a date of birth in four bytes.
type Born32 struct {
	year       int16
	month, day uint8
}

func (b Born) pack() Born32 {
	if b.Year < 1 || b.Year > 9999 {
		return Born32{}
	}
	p := Born32{year: int16(b.Year)}
	if b.About {
		p.month = 255
		return p
	}
	if b.Month >= 1 && b.Month <= 12 {
		p.month = uint8(b.Month)
		if b.Day >= 1 && b.Day <= 31 {
			p.day = uint8(b.Day)
		}
	}
	return p
}

// prepare folds what can be folded.
func prepare(r Record) query {
	q := query{key: Fold(r.Name), born: r.Born.pack(), number: addressWord(clip(r.Number, 60)), address: FoldAddress(r.Address)}
	q.place = FoldAddress(r.Place).street
	n := 0
	for _, s := range r.Phones {
		if p := Phone(s); p != 0 && n < len(q.phones) && !slices.Contains(q.phones[:n], p) {
			q.phones[n] = p
			n++
		}
	}
	for i, y := range r.Children {
		if i < len(q.children) && y > 1900 && y < 2155 {
			q.children[i] = uint8(y - 1900)
		}
	}
	slices.Sort(q.children[:])
	return q
}

// weigh adds the evidence to the name's and finds the band.
func (x *Index) weigh(q *query, r query, a alignment) Evidence {
	w := &x.weights
	e := Evidence{Name: float64(a.steps) / 4, Given: a.given}
	e.Bits = e.Name
	x.weighPhones(q, &r, &e)
	x.weighBorn(q, &r, &e)
	x.weighPlace(q, &r, &e)
	weighAddress(w, q, &r, &e)
	weighChildren(w, q, &r, &e)
	weighNumber(w, q, &r, &e)
	e.Prior = math.Log2(float64(x.live) + priorPeople)
	switch support := e.Bits - e.Name; {
	case e.Bits-e.Prior >= w.Same && e.Given && support >= w.Year:
		e.Band = Same // a name alone never joins two people
	case e.Bits-e.Prior >= w.Maybe || e.Household:
		e.Band = Maybe
	}
	return e
}

func (e *Evidence) say(f Field, key string, n int, bits float64) {
	e.Bits += bits
	e.Parts = append(e.Parts, Part{Field: f, Key: key, N: n, Bits: bits})
}

func (x *Index) weighPhones(q, r *query, e *Evidence) {
	like, which := phoneOther, uint64(0)
	for _, a := range q.phones {
		for _, b := range r.phones {
			if a != 0 && b != 0 {
				if l := likePhones(a, b); l > like {
					like, which = l, b
				}
			}
		}
	}
	w := &x.weights
	switch {
	case q.phones[0] == 0 || r.phones[0] == 0:
	case like == phoneSame:
		e.Household = true
		n := x.phones.bearers(which)
		key := "same"
		if n > 3 {
			key = "shared"
		}
		e.say(FieldPhone, key, n, min(w.Phone, math.Log2((float64(x.live)+priorPeople)/float64(max(n, 1)))))
	case like == phoneNear:
		e.say(FieldPhone, "near", 1, w.PhoneNear)
	default:
		e.say(FieldPhone, "other", 0, w.PhoneOther)
	}
}

func (x *Index) weighBorn(q, r *query, e *Evidence) {
	a, b, w := q.born, r.born, &x.weights
	if a.year == 0 || b.year == 0 {
		return
	}
	apart := int(a.year - b.year)
	if apart < 0 {
		apart = -apart
	}
	exact := a.month >= 1 && a.month <= 12 && b.month >= 1 && b.month <= 12
	switch {
	case apart == 0 && exact && a == b && a.day > 0:
		e.say(FieldBorn, "day", 0, w.Day)
	case apart == 0 && (!exact || a.month == b.month):
		e.say(FieldBorn, "year", 0, w.Year)
	case apart == 0 || apart <= 2:
		e.say(FieldBorn, "near", apart, w.YearNear)
	default:
		e.say(FieldBorn, "other", apart, w.YearOther)
	}
}

func (x *Index) weighPlace(q, r *query, e *Evidence) {
	w := &x.weights
	switch {
	case q.place == "" || r.place == "":
	case q.place == r.place || distance(clip(q.place, maxSounds), clip(r.place, maxSounds), 12) != far:
		n := 1.0
		if id, ok := x.texts.ids[r.place]; ok {
			n = float64(max(x.texts.counts[id], 1))
		}
		e.say(FieldPlace, "same", 0, max(0.5, min(w.Place, math.Log2((float64(x.live)+priorPeople)/(n+priorPeople/8)))))
	default:
		e.say(FieldPlace, "other", 0, w.PlaceOther)
	}
}

func weighAddress(w *Weights, q, r *query, e *Evidence) {
	if q.address.Empty() || r.address.Empty() {
		return
	}
	switch likeAddresses(q.address, r.address) {
	case addressFlat:
		e.Household = true
		e.say(FieldAddress, "same", 0, w.Address)
	case addressHouse:
		e.say(FieldAddress, "house", 0, w.House)
	case addressStreet:
		e.say(FieldAddress, "street", 0, 0)
	default:
		e.say(FieldAddress, "other", 0, w.AddressOther)
	}
}

func weighChildren(w *Weights, q, r *query, e *Evidence) {
	if q.children[3] == 0 || r.children[3] == 0 {
		return
	}
	shared, all := 0, 0
	for i, y := range q.children {
		if y != 0 {
			all++
			if slices.Contains(r.children[:], y) {
				shared++
			}
		}
		if r.children[i] != 0 {
			all++
		}
	}
	switch {
	case 2*shared == all:
		e.say(FieldChildren, "same", shared, w.Children)
	case shared > 0:
		e.say(FieldChildren, "near", shared, w.Children/2)
	default:
		e.say(FieldChildren, "other", 0, w.ChildrenOther)
	}
}

func weighNumber(w *Weights, q, r *query, e *Evidence) {
	switch {
	case q.number == "" || r.number == "":
	case q.number == r.number:
		e.say(FieldNumber, "same", 0, w.Number)
	case nearNumbers(q.number, r.number):
		e.say(FieldNumber, "near", 0, w.NumberNear)
	default:
		e.say(FieldNumber, "other", 0, w.NumberOther)
	}
}

// nearNumbers reports whether one sign is wrong, missing or added, or two neighbours are swapped.
func nearNumbers(a, b string) bool {
	if len(a) < 5 || len(b) < 5 {
		return false
	}
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}
