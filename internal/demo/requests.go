package demo

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what is needed.
type Kind string

// The kinds of need.
const (
	Basket   Kind = "basket"
	Bread    Kind = "bread"
	BabyFood Kind = "baby_food"
	Diapers  Kind = "diapers"
	Medicine Kind = "medicine"
	Insulin  Kind = "insulin"
	HotMeal  Kind = "hot_meal"
	Water    Kind = "water"
	Hygiene  Kind = "hygiene"
	Ride     Kind = "ride"
	Visit    Kind = "visit"
	Message  Kind = "message"
	Other    Kind = "other"
)

// Need is one thing that a request asks for.
type Need struct {
	Kind     Kind
	Quantity int    // baskets, loaves, packs, bottles, meals, rides; at least 1
	Note     string // what is to be known beside the kind; carries Mark where it is not empty
}

// Caller is who asks for somebody else.
type Caller struct {
	Name     Name
	Phone    string // E.164; InventedPhone; may be abroad
	Relation string // neighbour, son, daughter, grandchild, friend, social_worker
	City     string // in English, of a caller abroad
}

// Request is one call.
type Request struct {
	At        time.Time // between 8 and 12 January 2022, not after Now
	Said      string    // what was said, as the operator typed it
	Language  Lang      // of the call
	Household Household // for whom; one of Households or, with an ID that begins with C, one not known before
	Caller    *Caller   // nil who asks for oneself
	Needs     []Need
	From, To  time.Time // the window that was asked for; zero times where any time will do
	Window    string    // the same in words: "20:00 дейін", "до 20:00"
	RepeatOf  int       // index of an earlier request of the slice, or -1
	Note      string    // carries Mark
}

// The counts of Requests.
const (
	RequestCount = 500
	repeatCount  = 60
)

// Requests returns 500 calls in the order of time. About a third come from the records of Households(seed).
func Requests(seed uint64) []Request {
	d := newDice(seed, streamRequests)
	known := Households(seed)
	book := newPhoneBook(d, blockCallers, blockVolunteers-blockCallers)
	all := make([]Request, 0, RequestCount)
	for i := range RequestCount - repeatCount {
		h := pick(d, known)
		if !d.chance(35) {
			h = d.household(book)
			h.ID = fmt.Sprintf("C%03d", i+1)
			h.TruthID = h.ID
		}
		all = append(all, d.request(h, book))
	}
	slices.SortStableFunc(all, byTime)
	return d.withRepeats(all)
}

func byTime(a, b Request) int { return a.At.Compare(b.At) }

// withRepeats adds the second calls about the same, from four hours to two days later, and says of each which
// it repeats.
func (d dice) withRepeats(first []Request) []Request {
	type numbered struct {
		Request
		no, of int
	}
	all := make([]numbered, 0, RequestCount)
	for i, r := range first {
		all = append(all, numbered{r, i, -1})
	}
	for n := len(first); n < RequestCount; {
		of := d.IntN(len(first))
		r := first[of]
		r.At = awake(r.At.Add(time.Duration(d.between(4*60, 48*60)) * time.Minute))
		if r.At.After(Now()) || r.Language == EN && d.chance(50) {
			continue
		}
		r.Said = d.say("again", r.Language, "again", nil) + " " + r.Said
		r.Needs = slices.Clone(r.Needs)
		r.moveWindow(first[of].At)
		all = append(all, numbered{r, n, of})
		n++
	}
	slices.SortStableFunc(all, func(a, b numbered) int { return byTime(a.Request, b.Request) })
	at := make([]int, len(all))
	for i, r := range all {
		at[r.no] = i
	}
	out := make([]Request, len(all))
	for i, r := range all {
		out[i] = r.Request
		out[i].RepeatOf = -1
		if r.of >= 0 {
			out[i].RepeatOf = at[r.of]
		}
	}
	return out
}

// moveWindow gives a repeated call the same hours of the day on which it was taken, or of the next where they
// are nearly over.
func (r *Request) moveWindow(before time.Time) {
	if r.To.IsZero() {
		return
	}
	days := r.At.YearDay() - before.YearDay()
	r.From, r.To = r.From.AddDate(0, 0, days), r.To.AddDate(0, 0, days)
	if r.To.Sub(r.At) < time.Hour {
		r.From, r.To = r.From.AddDate(0, 0, 1), r.To.AddDate(0, 0, 1)
	}
	if r.From.Before(r.At) {
		r.From = r.At.Truncate(time.Minute)
	}
}

// awake moves a time in the night to the next morning, when the line is open again.
func awake(t time.Time) time.Time {
	switch h := t.Hour(); {
	case h >= 22:
		return t.Add(10 * time.Hour)
	case h < 8:
		return t.Add(8 * time.Hour)
	}
	return t
}

func (d dice) callTime() time.Time {
	for {
		// fewer on the first day, most when the city's connection came back on the tenth
		at := day(8+d.weighted(12, 18, 26, 26, 18), 8+d.weighted(2, 5, 9, 10, 10, 9, 8, 8, 8, 8, 7, 6, 4, 2), d.IntN(60))
		at = at.Add(time.Duration(d.IntN(60)) * time.Second)
		if !at.After(Now()) {
			return at
		}
	}
}

// request invents what a household, or somebody for it, calls about.
func (d dice) request(h Household, book *phoneBook) Request {
	r := Request{At: d.callTime(), Household: h, Language: spokenWith(h.Language), RepeatOf: -1}
	kind := d.kind(h)
	if forAnother(kind) || (h.old() && d.chance(45)) {
		r.Caller = d.caller(h, &r, book)
	}
	r.Needs = []Need{d.need(kind, h)}
	for goods(kind) && len(r.Needs) < 3 && d.chance(30) {
		more := d.kind(h)
		if goods(more) && !slices.ContainsFunc(r.Needs, func(n Need) bool { return n.Kind == more }) {
			r.Needs = append(r.Needs, d.need(more, h))
		}
	}
	r.Said = d.words(&r)
	r.Note = marked("")
	return r
}

// spokenWith is the language of the call: the desk answers in Kazakh and Russian, and relatives bring English.
func spokenWith(l Lang) Lang {
	if l == KK || l == EN {
		return l
	}
	return RU
}

// forAnother reports the kinds that only somebody else asks for.
func forAnother(k Kind) bool { return k == Visit }

// goods reports the kinds that a crew carries, so that several go in one request.
func goods(k Kind) bool {
	switch k {
	case Ride, Visit, Message, Other:
		return false
	default:
		return true
	}
}

// kind picks a need that this household can have.
func (d dice) kind(h Household) Kind {
	kinds := []Kind{Basket, Bread, BabyFood, Diapers, Medicine, Insulin, HotMeal, Water, Hygiene, Ride, Visit, Message, Other}
	weights := []int{34, 12, 0, 0, 14, 0, 4, 3, 3, 4, 0, 7, 7}
	if h.Has(Infant) {
		weights[2], weights[3] = 16, 16
	}
	if h.Has(Diabetic) {
		weights[5] = 30
	}
	if h.old() {
		weights[3] = 3
		weights[6], weights[9], weights[10] = 8, 7, 8
	}
	return kinds[d.weighted(weights...)]
}

func (d dice) need(k Kind, h Household) Need {
	n := Need{Kind: k, Quantity: 1}
	switch k {
	case Basket:
		n.Quantity = (h.People + 4) / 5
	case Bread:
		n.Quantity = min(6, max(2, h.People/2+1))
	case BabyFood, Diapers:
		n.Quantity = d.between(2, 3)
	case HotMeal:
		n.Quantity = h.People
	case Water:
		n.Quantity = d.between(2, 4)
	default:
	}
	if note := d.needNote(k, h); note != "" {
		n.Note = marked(note)
	}
	return n
}

func (d dice) needNote(k Kind, h Household) string {
	switch k {
	case Diapers:
		if !h.Has(Infant) {
			return "ересектерге · взрослые, M/L"
		}
		return "№ " + pick(d, []string{"2", "3", "4", "5"})
	case Medicine:
		return "рецепті бар · рецепт есть"
	case Message:
		return "Кімге / кому: " + mobile(blockEmergency+d.IntN(blockSize))
	default:
		return ""
	}
}

// caller invents who calls for a household: in one case of four a relative abroad, who may speak English.
func (d dice) caller(h Household, r *Request, book *phoneBook) *Caller {
	relation := pick(d, relations(h))
	c := &Caller{Relation: relation}
	female := d.chance(50)
	switch relation {
	case "son":
		female = false
	case "daughter":
		female = true
	}
	c.Name, _, _ = d.person(female)
	c.Phone = book.next()
	if (relation == "son" || relation == "daughter") && d.chance(30) {
		r.Language = EN
	}
	if relation == "friend" {
		r.Language = EN
	}
	if r.Language == EN || relation == "son" || relation == "daughter" {
		phone, city := abroad(d)
		c.Phone, c.City = phone, city.en
	}
	return c
}

// relations are those that the words of data/said.tsv fit: a son speaks of his mother, a daughter of her father.
func relations(h Household) []string {
	all := []string{"neighbour", "neighbour", "social_worker"}
	if h.Name.Female {
		return append(all, "son", "son", "grandchild")
	}
	return append(all, "daughter", "daughter", "friend")
}
