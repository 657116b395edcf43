package rule

import (
	"fmt"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/i18n"
)

// refuse puts a clash into a refusal, with the way out that fits it: be done before it, start after it, go
// around it or at another time.
func refuse(r Rule, asked, clash span) Refusal {
	key, way := "rule.refused."+string(r.Kind), "other"
	switch {
	case r.Kind == Gathering:
		way = ""
		if r.Limit == 0 {
			key += ".none"
		}
	case r.Kind == EntryExit || r.Kind == ClosedZone && r.allDay():
		way = "around"
	case clash.from.After(asked.from):
		way = "before"
	case clash.to.Before(asked.to):
		way = "after"
	}
	return Refusal{Rule: r, From: clash.from, To: clash.to, Key: key,
		Args: []any{"window", r.Window(), "limit", r.Limit, "way", way, "pass", r.PassExempt}}
}

// Name returns the kind's name in a language; one that this version does not know comes back as it is.
func (k Kind) Name(lang i18n.Lang) string {
	if !i18n.Has("rule.kind." + string(k)) {
		return string(k)
	}
	return lang.T("rule.kind." + string(k)) // i18n: rule.kind.*
}

// SourceText returns who ordered the rule and where that was read: a preset's in the reader's language, others as typed.
func (r Rule) SourceText(lang i18n.Lang) string {
	if !i18n.Has(r.Source) {
		return r.Source
	}
	return lang.T(r.Source) // i18n: rule.source.*
}

// Window writes the rule's window of each day: "23:00–07:00", or "0–24".
func (r Rule) Window() string {
	if r.allDay() {
		return "0–24"
	}
	return minutes(r.Start) + "–" + minutes(r.End)
}

func minutes(m int) string { return fmt.Sprintf("%02d:%02d", m/60%24, m%60) }

// Text says in a language which rule is in the way, when, and what can be done.
func (f Refusal) Text(lang i18n.Lang) string {
	loc := f.Rule.location()
	key := f.Key
	if !i18n.Has(key) {
		key = "rule.refused.other"
	}
	args := append([]any{"area", AreaName(lang, f.Rule.Area)}, f.Args...)
	from, to := lang.DateClock(f.From.In(loc)), lang.DateClock(f.To.In(loc))
	text := lang.T(key, args...) + " " + lang.T("rule.clash", "from", from, "to", clockAfter(lang, f.From.In(loc), f.To.In(loc)))
	if way := f.way(); way != "" {
		text += " " + lang.T("rule.way."+way, "from", from, "to", to) // i18n: rule.way.*
	}
	if f.Rule.PassExempt {
		text += " " + lang.T("rule.way.pass")
	}
	return text
}

func (f Refusal) way() string {
	for i := 0; i+1 < len(f.Args); i += 2 {
		if w, ok := f.Args[i+1].(string); ok && f.Args[i] == "way" {
			return w
		}
	}
	return ""
}

// location is the rule's zone; UTC where this machine cannot read it.
func (r Rule) location() *time.Location {
	loc, err := location(r.Zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// clockAfter writes the end of a stretch: the day, too, where it is another day.
func clockAfter(lang i18n.Lang, from, to time.Time) string {
	if from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		return lang.Clock(to)
	}
	return lang.DateClock(to)
}

// AreaName returns an area's name as it stands in a rule's text; a code without one comes back as it is.
func AreaName(lang i18n.Lang, code string) string {
	if code == "" {
		return lang.T("rule.area.everywhere")
	}
	if i18n.Has("rule.area." + code) {
		return lang.T("rule.area." + code) // i18n: rule.area.*
	}
	if k, ok := area.ByCode(code); ok {
		code = k.Name(lang)
	}
	return lang.T("rule.area.other", "area", code)
}

// Line returns the short text of the strip on top of each screen: the curfew that binds in the areas now, or
// the next within 24 hours, and how long that is away; "" where there is none.
func Line(lang i18n.Lang, rules []Rule, areas []string, now time.Time) string {
	var next *Rule
	var open span
	for i, r := range rules {
		if r.Kind != Curfew {
			continue
		}
		for _, s := range blocked(r, rules, areas, false, span{now, now.Add(48 * time.Hour)}) {
			if next == nil || s.from.Before(open.from) || s.from.Equal(open.from) && s.to.After(open.to) {
				next, open = &rules[i], s
			}
		}
	}
	switch {
	case next == nil || open.from.Sub(now) >= 24*time.Hour:
		return ""
	case open.from.After(now):
		return lang.T("rule.line.next", "window", next.Window(), "span", lang.Span(open.from.Sub(now)))
	}
	return lang.T("rule.line.now", "window", next.Window(), "span", lang.Span(open.to.Sub(now)))
}

// KnownArea reports whether an area is one of the country's by its code. Of any other it is not known which rules bind, so
// every rule must count.
func KnownArea(code string) bool {
	_, ok := area.ByCode(code)
	return ok
}

// OutlineOf is by what the outline of a rule's area is found among the areas that are loaded: its KATO code where the area
// is known, else the name as it was typed.
func OutlineOf(code string) string {
	if k, ok := area.ByCode(code); ok {
		return k.KATO
	}
	return code
}
