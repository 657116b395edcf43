package names

import (
	"math"
	"slices"
	"strings"
)

// Weights are the bits that each finding is worth, and the thresholds of the bands. They are data: Learn makes
// better ones from decisions.
type Weights struct {
	Phone, PhoneNear, PhoneOther    float64 // Phone is a ceiling: a number that many share is worth less
	Day, DayNear                    float64 // DayNear: one digit of the date is wrong, or day and month are swapped
	Year, YearNear, YearOther       float64
	Place, PlaceOther               float64 // Place is a ceiling: a city that many live in is worth less
	Address, House, Street          float64 // ceilings: the flat, the house, the street
	AddressOther                    float64
	Children, ChildrenOther         float64
	Number, NumberNear, NumberOther float64
	Same, Maybe                     float64 // a pair is Same from here on, above the prior of the register
	Margin                          float64 // and only when the next is so far behind
}

// DefaultWeights returns the weights to begin with.
func DefaultWeights() Weights {
	return Weights{
		Phone: 15, PhoneNear: 9, PhoneOther: -2.2,
		Day: 14, DayNear: 8, Year: 4.6, YearNear: 1.6, YearOther: -3.5,
		Place: 8, PlaceOther: -1.8,
		Address: 13, House: 10, Street: 6, AddressOther: -1,
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
	q := prepareEvidence(r)
	q.key = Fold(r.Name)
	return q
}

// prepareEvidence folds all but the name.
func prepareEvidence(r Record) query {
	q := query{born: r.Born.pack()}
	if r.Number != "" {
		q.number = addressWord(clip(r.Number, 60))
	}
	if r.Address != "" {
		q.address = FoldAddress(r.Address)
	}
	if r.Place != "" {
		q.place = FoldAddress(r.Place).street
	}
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

// remark is what is found of a field.
type remark uint8

const (
	same remark = iota
	shared
	near
	other
	day
	year
	house
	street
	contradict // of names
	remarks    // how many there are
)

func (r remark) String() string {
	return [...]string{"same", "shared", "near", "other", "day", "year", "house", "street", "contradict"}[r]
}

// finding is what one field says.
type finding struct {
	field Field
	key   remark
	n     int
	bits  float64
}

// verdict is evidence as it is counted.
type verdict struct {
	bits, name, prior float64
	person            float64 // bits of what only one person has: birth, number
	level             agreement
	band              Band
	household         bool
	n                 int
	found             [FieldNumber + 1]finding
}

func (v *verdict) say(f Field, key remark, n int, bits float64) {
	v.bits += bits
	if f == FieldBorn || f == FieldNumber {
		v.person += bits
	}
	v.found[v.n] = finding{f, key, n, bits}
	v.n++
}

// weigh adds the evidence to the name's and finds the band.
func (x *Index) weigh(q, r *query, a *alignment) verdict {
	v := verdict{name: float64(a.steps) / 4, level: a.level, prior: math.Log2(float64(x.live) + priorPeople)}
	v.bits = v.name
	x.weighPhones(q, r, &v)
	x.weighBorn(q, r, &v)
	x.weighPlace(q, r, &v)
	x.weighAddress(q, r, &v)
	weighChildren(&x.weights, q, r, &v)
	weighNumber(&x.weights, q, r, &v)
	v.decide(&x.weights, true)
	return v
}

// decide finds the band. families says that the register has brothers and sisters, who share what a household shares.
func (v *verdict) decide(w *Weights, families bool) {
	over, support := v.bits-v.prior, v.bits-v.name
	switch {
	case over >= w.Same && support >= w.Year && v.person >= w.proof(v.level):
		v.band = Same
	case !families && over >= w.Same-w.Margin && support >= w.Year:
		v.band = Same
	case v.bits-v.prior >= w.Maybe || v.household && v.name > 0:
		v.band = Maybe
	default:
		v.band = Different
	}
}

// proof returns how many bits of what one person has alone (birth, number) must stand beside the names. Phones, addresses
// and surnames are a household's: a brother has them. Where the names agree, none are needed; where a name is
// missing or garbled, a day of birth; where they contradict each other, the number of a document: twins
// share the day.
func (w *Weights) proof(level agreement) float64 {
	switch level {
	case namesAgree:
		return math.Inf(-1)
	case namesPartly:
		return w.DayNear
	default:
		return w.Number
	}
}

func (x *Index) weighPhones(q, r *query, v *verdict) {
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
		v.household = true
		n := x.phones.bearers(which)
		key := same
		if n > 3 {
			key = shared
		}
		v.say(FieldPhone, key, n, min(w.Phone, math.Log2((float64(x.live)+priorPeople)/float64(max(n, 1)))))
	case like == phoneNear:
		v.say(FieldPhone, near, 1, w.PhoneNear)
	default:
		v.say(FieldPhone, other, 0, w.PhoneOther)
	}
}

func (x *Index) weighBorn(q, r *query, v *verdict) {
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
		v.say(FieldBorn, day, 0, w.Day)
	case apart == 0 && (!exact || a.month == b.month):
		v.say(FieldBorn, year, 0, w.Year)
	case exact && a.day > 0 && b.day > 0 && nearDays(a, b):
		v.say(FieldBorn, near, apart, w.DayNear)
	case apart == 0 || apart <= 2:
		v.say(FieldBorn, near, apart, w.YearNear)
	default:
		v.say(FieldBorn, other, apart, w.YearOther)
	}
}

// weighPlace counts what the two places share: a settlement, a district, a postcode. A city that half the
// register lives in says one bit.
func (x *Index) weighPlace(q, r *query, v *verdict) {
	if q.place == "" || r.place == "" {
		return
	}
	w := &x.weights
	bits, all := x.sharedWords(q.place, r.place)
	switch {
	case bits == 0:
		v.say(FieldPlace, other, 0, w.PlaceOther)
	case !all:
		v.say(FieldPlace, near, 0, min(w.Place, bits))
	default:
		v.say(FieldPlace, same, 0, min(w.Place, bits))
	}
}

// sharedWords returns what the words that two folded texts share are worth, by how many have them, and whether
// the shorter has no other.
func (x *Index) sharedWords(a, b string) (bits float64, all bool) {
	shared, n := 0, 0
	for v := range strings.FieldsSeq(a) {
		n++
		for w := range strings.FieldsSeq(b) {
			if v == w || len(v) > 3 && likeTexts(v, w) {
				bearers := float64(max(x.words.count(v), x.words.count(w)))
				bits += max(0.25, math.Log2((float64(x.live)+priorPeople)/(bearers+priorPeople/32)))
				shared++
				break
			}
		}
	}
	return bits, shared >= min(n, strings.Count(b, " ")+1)
}

func (x *Index) weighAddress(q, r *query, v *verdict) {
	if q.address.Empty() || r.address.Empty() {
		return
	}
	w := &x.weights
	bits, _ := x.sharedWords(q.address.street, r.address.street)
	if bits == 0 && likeTexts(q.address.street, r.address.street) {
		bits = w.Street
	}
	bits = min(bits, w.Street)
	a, b := &q.address, &r.address
	switch {
	case bits == 0:
		v.say(FieldAddress, other, 0, w.AddressOther)
	case a.house == "" || a.house != b.house:
		v.say(FieldAddress, street, 0, bits)
	case a.flat != b.flat:
		v.say(FieldAddress, house, 0, min(w.House, bits+w.House-w.Street))
	default:
		v.household = true
		v.say(FieldAddress, same, 0, min(w.Address, bits+w.Address-w.Street))
	}
}

func weighChildren(w *Weights, q, r *query, v *verdict) {
	if q.children[3] == 0 || r.children[3] == 0 {
		return
	}
	both, all := 0, 0
	for i, y := range q.children {
		if y != 0 {
			all++
			if slices.Contains(r.children[:], y) {
				both++
			}
		}
		if r.children[i] != 0 {
			all++
		}
	}
	switch {
	case 2*both == all:
		v.say(FieldChildren, same, both, w.Children)
	case both > 0:
		v.say(FieldChildren, near, both, w.Children/2)
	default:
		v.say(FieldChildren, other, 0, w.ChildrenOther)
	}
}

func weighNumber(w *Weights, q, r *query, v *verdict) {
	switch {
	case q.number == "" || r.number == "":
	case q.number == r.number:
		v.say(FieldNumber, same, 0, w.Number)
	case nearNumbers(q.number, r.number):
		v.say(FieldNumber, near, 0, w.NumberNear)
	default:
		v.say(FieldNumber, other, 0, w.NumberOther)
	}
}

// nearDays reports whether two dates are one but for a digit, or for day and month in the other order.
func nearDays(a, b Born32) bool {
	digits := func(d Born32) uint64 { return uint64(d.year)*10000 + uint64(d.month)*100 + uint64(d.day) }
	return a.year == b.year && a.month == b.day && a.day == b.month || oneOff(digits(a), digits(b))
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
