package request

import (
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
)

// What is the kind of a need.
type What string

// The kinds.
const (
	Basket   What = "basket"
	Bread    What = "bread"
	BabyFood What = "baby_food"
	Diapers  What = "diapers"
	Medicine What = "medicine"
	Insulin  What = "insulin"
	HotMeal  What = "hot_meal"
	Water    What = "water"
	Hygiene  What = "hygiene"
	Ride     What = "ride"
	Visit    What = "visit"
	Message  What = "message"
	Other    What = "other"
)

// Whats returns every kind, in the order in which they are offered.
func Whats() []What {
	return []What{Basket, Bread, BabyFood, Diapers, Medicine, Insulin, HotMeal, Water, Hygiene, Ride, Visit, Message, Other}
}

// Known reports whether w is one of the kinds.
func (w What) Known() bool { return slices.Contains(Whats(), w) }

// Counted reports whether needs of this kind are met from a stock that is counted.
func (w What) Counted() bool {
	return !slices.Contains([]What{Ride, Visit, Message, Other, Medicine}, w)
}

// Class is what other centres may know of the kind.
func (w What) Class() string {
	if w == Medicine || w == Insulin {
		return "medical"
	}
	return string(w)
}

// words are beginnings of folded words by which a kind is known, in the order in which they are tried.
var words = []struct {
	what  What
	stems []string
}{
	{Insulin, []string{"инсулин"}},
	{BabyFood, []string{"бала тама", "балалар тама", "детское пит", "детск пит", "смес", "формул", "баби фоод", "бабифоод"}},
	{Diapers, []string{"жоргек", "подгузн", "памперс", "диапер"}},
	{Basket, []string{"себет", "корзин", "набор", "азик", "продукт", "баскет", "фоод"}},
	{Bread, []string{"нан", "хлеб", "бреад"}},
	{HotMeal, []string{"истик", "горяч", "обед", "хот меал", "меал"}},
	{Water, []string{"су ", "вода", "воду", "води ", "водичк", "водой", "уатер"}},
	{Hygiene, []string{"гигиен", "мило", "саби", "хигиене"}},
	{Medicine, []string{"дари", "лекарств", "таблет", "медицин", "препарат", "медисин"}},
	{Ride, []string{"отвез", "довез", "ависип", "апар", "жеткиз", "больниц", "диализ", "риде"}},
	{Visit, []string{"навест", "проведа", "бари", "висит"}},
	{Message, []string{"хабар", "передат", "сообщ", "связат", "мессаге"}},
}

// ParseNeed reads a need as it is typed: "бала тамағы 2", "инсулин 20:00 дейін". What it does not know is
// Other, with the words kept.
func ParseNeed(line string) Need {
	n := Need{What: Other, Count: 1, Status: Open, Detail: strings.TrimSpace(line)}
	t := take(line)
	n.After, n.Before = t.after, t.before
	if t.count >= 0 {
		n.Count = t.count
	}
	folded := contact.Fold(strings.Join(t.words, " ")) + " "
	if begins(folded, visitors) || leads(folded, doctors) {
		n.What = Visit
		return n
	}
	for _, w := range words {
		if begins(folded, w.stems) {
			n.What = w.what
			return n
		}
	}
	return n
}

// visitors are beginnings of folded words for who comes to look at a patient, treatments those of what only they do. A
// medicine that a doctor prescribed is no visit: a doctor counts where they are asked for first.
var (
	visitors   = []string{"медсестр", "медбрат", "меиирбике", "меииргер", "осмотр врач", "врача на дом", "даригер шакир", "нурсе", "доктор вис"}
	treatments = []string{"укол", "инекц", "инъекц", "капельниц", "перевяз", "егу ", "ине сал", "танип", "тану ", "инжектион", "дрессинг", "медик "}
	doctors    = []string{"врач", "даригер", "доктор"}
)

// begins reports whether a word of a folded text begins with one of the stems.
func begins(folded string, stems []string) bool {
	for _, stem := range stems {
		if strings.HasPrefix(folded, stem) || strings.Contains(folded, " "+stem) {
			return true
		}
	}
	return false
}

// WantsMedic reports whether a nurse or a doctor must come, as its words say.
func (n *Need) WantsMedic() bool {
	if n.What != Visit && n.What != Other { // an insulin that is injected is brought by anybody
		return false
	}
	folded := contact.Fold(strings.Join(take(n.Detail).words, " ")) + " "
	return begins(folded, visitors) || begins(folded, treatments) || leads(folded, doctors)
}

// leads reports whether a folded text begins with one of the stems.
func leads(folded string, stems []string) bool {
	return slices.ContainsFunc(stems, func(s string) bool { return strings.HasPrefix(folded, s) })
}

// Says returns the words of the need where they say more than its kind and count, as a brand, a size or a
// second thing in the same line do; "" where they do not.
func (n *Need) Says() string {
	for w := range strings.FieldsSeq(contact.Fold(strings.Join(take(n.Detail).words, " "))) {
		if !slices.ContainsFunc(fillers, func(f string) bool { return contact.Fold(f) == w }) && !n.What.named(w) {
			return n.Detail
		}
	}
	return ""
}

// fillers are words of a need that tell the crew nothing.
var fillers = []string{"x", "х", "дана", "керек", "шт", "штук", "штуки", "нужен", "нужна", "нужно", "нужны", "дейін", "кейін", "бастап", "до", "после", "с", "к", "before", "after", "from", "by", "ко", "со", "в", "at", "to", "until", "till", "since", "шейін"}

// named reports whether a folded word is one of those by which the kind is known.
func (w What) named(word string) bool {
	for _, k := range words {
		for _, stem := range k.stems {
			for _, part := range strings.SplitAfter(stem, " ") {
				if k.what == w && part != "" && strings.HasPrefix(word+" ", part) {
					return true
				}
			}
		}
	}
	return false
}

// Part is one reason for a request's urgency, with its points.
type Part struct {
	Key    string // message key
	Args   []any
	Points int
}

// Urgency is the published rule: it reckons how urgent a request is from what is needed, who lives there,
// how long they have waited and how often they called, and says each reason. The sum is what the board
// sorts by; nothing else enters it.
func Urgency(needs []Need, h *household.Household, waited time.Duration, calls int) (total int, why []Part) {
	add := func(points int, key string, args ...any) {
		if points > 0 {
			total += points
			why = append(why, Part{Key: key, Args: args, Points: points})
		}
	}
	best, kind := wanted(needs)
	add(best, "what."+string(kind))
	if h != nil {
		homePoints(h, func(points int, key string) { add(points, key) })
	}
	add(waitPoints(waited), "urgency.waited", "h", int(waited.Hours()))
	add(callPoints(calls), "urgency.calls", "n", calls)
	slices.SortStableFunc(why, func(a, b Part) int {
		if a.Points != b.Points {
			return b.Points - a.Points
		}
		return strings.Compare(a.Key, b.Key)
	})
	return total, why
}

// points is Urgency's sum alone, for thousands at once.
func points(needs []Need, h *household.Household, waited time.Duration, calls int) int {
	total, _ := wanted(needs)
	homePoints(h, func(points int, _ string) { total += points })
	return total + waitPoints(waited) + callPoints(calls)
}

// wanted is the most urgent kind of what is open or on a run.
func wanted(needs []Need) (best int, kind What) {
	kind = Other
	for _, n := range needs {
		if p := kindPoints(n.What); (n.Status == Open || n.Status == Planned) && p > best {
			best, kind = p, n.What
		}
	}
	return best, kind
}

func waitPoints(waited time.Duration) int { return max(0, min(int(waited.Hours()*6/10), 24)) }

func callPoints(calls int) int { return max(0, min(8*(calls-1), 24)) }

// homePoints adds what a household's own circumstances count.
func homePoints(h *household.Household, add func(points int, key string)) {
	youngest := 99
	for _, age := range h.Children {
		youngest = min(youngest, age)
	}
	if youngest <= 3 || h.Has(household.Infant) {
		add(14, "urgency.infant")
	} else if youngest < 18 {
		add(5, "urgency.child")
	}
	for _, c := range h.Cares {
		if p := carePoints(c); p > 0 {
			add(p, "care."+string(c))
		}
	}
}

func carePoints(c household.Care) int {
	switch c { //nolint:exhaustive // the rest count nothing by themselves
	case household.Diabetic:
		return 10
	case household.CannotCarry, household.Alone:
		return 6
	case household.NoCash, household.Deaf:
		return 4
	}
	return 0
}

func kindPoints(w What) int {
	switch w { //nolint:exhaustive // the rest share the last line
	case Insulin:
		return 40
	case Medicine, BabyFood:
		return 30
	case Ride, Diapers, Water:
		return 20
	case HotMeal, Bread, Basket:
		return 12
	}
	return 6
}
