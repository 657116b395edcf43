package demo

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// saying is where a text of data/said.tsv stands.
type saying struct {
	part string
	lang Lang
	key  string
}

var sayings = sync.OnceValue(func() map[saying][]string {
	all := map[saying][]string{}
	for _, row := range rows("said.tsv", 4) {
		k := saying{row[0], Lang(row[1]), row[2]}
		all[k] = append(all[k], row[3])
	}
	return all
})

// say picks one of the texts and fills it in; an empty string where there is none.
func (d dice) say(part string, lang Lang, key string, fill *strings.Replacer) string {
	texts := sayings()[saying{part, lang, key}]
	if len(texts) == 0 {
		return ""
	}
	s := pick(d, texts)
	if fill != nil {
		s = fill.Replace(s)
	}
	return s
}

// words puts together what the caller says, or what a hurried operator types, and sets the window.
func (d dice) words(r *Request) string {
	h := r.Household
	hour := d.window(r)
	kind := string(r.Needs[0].Kind)
	fill := filler(r, hour)
	var said []string
	switch {
	case r.Caller != nil:
		said = append(said, d.say("who", r.Language, r.Caller.Relation, fill), d.their(r, fill))
	case d.chance(18):
		said = append(said, d.say("op", r.Language, kind, fill))
	default:
		said = append(said, d.ask(r, fill))
	}
	for _, n := range r.Needs[1:] {
		said = append(said, d.say("also", r.Language, string(n.Kind), fill))
	}
	for _, f := range h.Flags {
		if d.chance(45) {
			said = append(said, d.say("flag", r.Language, string(f), fill))
		}
	}
	if r.Window != "" {
		said = append(said, r.Window)
	} else if goods(r.Needs[0].Kind) && d.chance(20) {
		said = append(said, d.say("till", r.Language, "any", fill))
	}
	if d.chance(35) {
		said = append(said, d.say("close", r.Language, "any", fill))
	}
	return joinSaid(said)
}

// ask is what somebody asks for oneself, in words that fit the household's age and size.
func (d dice) ask(r *Request, fill *strings.Replacer) string {
	h, kind := r.Household, r.Needs[0].Kind
	var parts []string
	if h.People == 1 {
		parts = append(parts, "alone")
	}
	if h.old() {
		parts = append(parts, "old")
	}
	if len(h.Children) > 0 {
		parts = append(parts, "kids")
	}
	if kind == Diapers && h.old() {
		parts = []string{"old"}
	}
	if len(parts) > 0 && (d.chance(60) || kind == Diapers) {
		if s := d.say(pick(d, parts), r.Language, string(kind), fill); s != "" {
			return s
		}
	}
	return d.say("ask", r.Language, string(kind), fill)
}

// their asks for somebody else; in English, and of visits and messages, everybody does.
func (d dice) their(r *Request, fill *strings.Replacer) string {
	kind := string(r.Needs[0].Kind)
	if s := d.say("their", r.Language, kind, fill); s != "" {
		return s
	}
	if r.Language == EN {
		return d.ask(r, fill)
	}
	if s := d.say("ask", r.Language, kind, fill); s != "" {
		return s
	}
	return d.say("also", r.Language, kind, fill)
}

func joinSaid(parts []string) string {
	var kept []string
	for _, s := range parts {
		if s != "" {
			kept = append(kept, s)
		}
	}
	return strings.Join(kept, " ")
}

// window gives half of the requests an hour until which somebody is at home, and returns the hour that the texts
// name: of a ride, when to be there.
func (d dice) window(r *Request) int {
	day0 := time.Date(r.At.Year(), r.At.Month(), r.At.Day(), 0, 0, 0, 0, Zone())
	if r.Needs[0].Kind == Ride {
		hour := pick(d, []int{8, 9, 10, 11, 14})
		r.To = day0.AddDate(0, 0, 1).Add(time.Duration(hour) * time.Hour)
		r.From = r.To.Add(-2 * time.Hour)
		return hour
	}
	hour := pick(d, []int{16, 17, 18, 19, 20})
	if !goods(r.Needs[0].Kind) || !d.chance(50) {
		return hour
	}
	if r.At.Hour() >= hour-1 {
		day0 = day0.AddDate(0, 0, 1)
	}
	r.From, r.To = day0.Add(9*time.Hour), day0.Add(time.Duration(hour)*time.Hour)
	if r.From.Before(r.At) {
		r.From = r.At.Truncate(time.Minute)
	}
	r.Window = d.say("till", r.Language, "till", strings.NewReplacer("{hour}", strconv.Itoa(hour)+":00"))
	return hour
}

// filler writes the numbers of a request into a text. Russian counts people in two forms.
func filler(r *Request, hour int) *strings.Replacer {
	h := r.Household
	q := r.Needs[0].Quantity
	age := h.Eldest
	if h.Has(Infant) && (r.Needs[0].Kind == BabyFood || r.Needs[0].Kind == Diapers) {
		age = 3 + h.Place.House%9 // months
	}
	city := ""
	if r.Caller != nil {
		city = cityIn(r.Caller.City, r.Language)
	}
	return strings.NewReplacer(
		"{n} человек", counted(h.People), "{q} человек", counted(q),
		"{n}", strconv.Itoa(h.People), "{q}", strconv.Itoa(q), "{age}", strconv.Itoa(age),
		"{hour}", fmt.Sprintf("%d:00", hour), "{city}", city,
	)
}

func counted(n int) string {
	if n%10 >= 2 && n%10 <= 4 && n%100/10 != 1 {
		return fmt.Sprintf("%d человека", n)
	}
	return fmt.Sprintf("%d человек", n)
}

func cityIn(en string, l Lang) string {
	for _, c := range foreignCities() {
		if c.en == en {
			return map[Lang]string{KK: c.kk, RU: c.ru, EN: c.en}[l]
		}
	}
	return ""
}
