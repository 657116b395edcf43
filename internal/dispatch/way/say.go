package way

import (
	"math"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/guide"
)

const (
	// straightOn is how many metres a street that goes straight on under another name may be long and still not be told.
	straightOn = 120
	nb         = "\u00a0" // keeps a number and its unit on one line
)

// Step is one turn of a way in a crew's words.
type Step struct {
	Do     string // "left"; of the first step where to one drives off: "south"
	Street string // "" where it has no name
	Far    string // along it: "1.2 km"
}

// Steps is the way in a crew's words.
func (l *Leg) Steps(lang i18n.Lang) []Step {
	var out []Step
	for i, s := range brief(guide.Stretches(l.route)) {
		out = append(out, Step{said(lang, s, i == 0), street(lang, s), Far(lang, s.Metres)})
	}
	return out
}

// Side says on which side the door lies as one comes; "" where the road leads up to it.
func (l *Leg) Side(lang i18n.Lang) string {
	if l.route.Side == roads.OnRoad {
		return ""
	}
	return lang.T("way.side." + l.route.Side.String()) // i18n: way.side.*
}

// brief leaves out what a driver passes without turning: a short piece straight on.
func brief(in []guide.Stretch) []guide.Stretch {
	var out []guide.Stretch
	for _, s := range in {
		if n := len(out); n > 0 && s.Turn == guide.Ahead && !s.Roundabout && !s.Ferry && s.Metres < straightOn {
			out[n-1].Metres += s.Metres
			continue
		}
		out = append(out, s)
	}
	return out
}

// said is what one does: at first in which direction one drives off, later how one turns.
func said(lang i18n.Lang, s guide.Stretch, first bool) string {
	switch {
	case first:
		return lang.T("way.off." + [...]string{"north", "east", "south", "west"}[int(math.Round(s.Heading/90))%4]) // i18n: way.off.*
	case s.Ferry:
		return lang.T("way.ferry")
	case s.Roundabout:
		return lang.T("way.ring." + s.Turn.String()) // i18n: way.ring.*
	}
	return lang.T("way.turn." + s.Turn.String()) // i18n: way.turn.*
}

// street is what a street is called in a language, as its sign may say it where the extract has no other.
func street(lang i18n.Lang, s guide.Stretch) string {
	name := s.Name
	switch {
	case lang == i18n.KK && s.KK != "":
		name = s.KK
	case lang == i18n.RU && s.RU != "":
		name = s.RU
	}
	if len([]rune(name)) > nameMost {
		name = string([]rune(name)[:nameMost]) + "…"
	}
	if before, after, ok := strings.Cut(name, " "); ok && len([]rune(before)) <= 3 { // "ул. Абая" stays together
		name = before + nb + after
	}
	return name
}

// nameMost is how many letters of a street's name are told.
const nameMost = 40

// Far is a distance as one says it: tens of metres, then tenths of kilometres.
func Far(lang i18n.Lang, metres int32) string {
	if metres < 995 {
		return strconv.Itoa(max((int(metres)+5)/10*10, 10)) + nb + lang.T("way.m")
	}
	km := strconv.FormatFloat(float64(metres)/1000, 'f', 1, 64)
	if metres >= 20_000 {
		km = strconv.Itoa((int(metres) + 500) / 1000)
	}
	if lang != i18n.EN {
		km = strings.Replace(km, ".", ",", 1)
	}
	return km + nb + lang.T("way.km")
}
