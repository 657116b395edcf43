package desk

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// line is one event of a history in words.
type line struct {
	at   time.Time
	who  string // "" for the program itself
	text string
	said string // people's words
	look bool   // somebody saw the contact
}

// folded reports whether the line is shown only to who asks: looks, and what the program did by itself.
func (l line) folded() bool { return l.look || l.who == "" && l.said == "" }

// history is everything that was written of a request and of its household, oldest first.
func (d *Desk) history(r *http.Request, rid id.ID, hid household.ID) ([]line, error) {
	events, err := store.History(r.Context(), d.db, rid)
	if err != nil {
		return nil, err
	}
	home, err := store.History(r.Context(), d.db, hid.ID)
	if err != nil {
		return nil, err
	}
	for _, e := range home {
		if e.Record == hid.ID || e.Kind == "look" {
			events = append(events, e)
		}
	}
	slices.SortStableFunc(events, func(a, b store.Event) int { return a.At.Compare(b.At) })
	names, err := d.accountNames(r.Context())
	if err != nil {
		return nil, err
	}
	lang := web.Lang(r)
	centres, err := store.Centres(r.Context(), d.db)
	if err != nil {
		return nil, err
	}
	passings, err := exchange.Passings(r.Context(), d.db, rid)
	if err != nil {
		return nil, err
	}
	var out []line
	taken := map[id.ID]bool{}
	for _, e := range events {
		l := eventLine(lang, e, !taken[e.Record])
		taken[e.Record] = true
		l.at, l.who = e.At, names[e.Actor]
		if e.Erased {
			l.text, l.said = lang.T("desk.event_erased"), ""
		}
		if l.text != "" {
			out = append(out, l)
		}
	}
	for _, p := range passings {
		out = append(out, line{at: p.At, who: names[p.Actor], text: passingLine(lang, p, d.db.Centre(), centres)})
	}
	slices.SortStableFunc(out, func(a, b line) int { return a.at.Compare(b.at) })
	return slices.CompactFunc(out, func(a, b line) bool { // an erasure touches each record of a household
		return a.text == b.text && a.said == b.said && a.who == b.who && a.at.Sub(b.at).Abs() < time.Second
	}), nil
}

// eventLine puts an event into words; first means that the record was not there before.
func eventLine(lang i18n.Lang, e store.Event, first bool) line {
	if _, mark := e.Fields["list"]; mark && !first && len(e.Fields) == 1 {
		return line{} // taken off when its list is taken back and it stays: nothing of it has changed
	}
	switch e.Kind {
	case "request":
		return line{text: requestEvent(lang, e), said: cmp.Or(e.Text("basket_why"), e.Text("note"))}
	case "household":
		if fields := changedFields(lang, e); !first && fields != "" {
			return line{text: lang.T("history.home", "fields", fields)}
		}
	case "need":
		if s := e.Text("status"); s != "" {
			return line{text: lang.T("need.status_" + s), said: e.Text("detail")} // i18n: need.status_*
		} else if fields := changedFields(lang, e); !first && fields != "" {
			return line{text: lang.T("history.need", "fields", fields), said: e.Text("detail")}
		}
	case "outcome":
		return line{text: lang.T("outcome." + e.Text("result")), said: e.Text("note")} // i18n: outcome.*
	case "quality":
		return line{text: lang.T("quality.event_" + e.Text("answer")), said: e.Text("note")} // i18n: quality.event_*
	case "run":
		return line{text: lang.T("desk.event_run", "n", int(e.Int("crew_no")))}
	case "callback":
		if first {
			return line{text: lang.T("history.callback"), said: e.Text("why")}
		}
		return line{text: callbackEvent(lang, e)}
	case "look":
		return line{text: lang.T("history.look"), look: true}
	}
	return line{}
}

// passingLine says from whose hands into whose a request went, and why.
func passingLine(lang i18n.Lang, c exchange.Passing, us id.ID, centres []store.Centre) string {
	name := func(v id.ID) string {
		for _, one := range centres {
			if id.ID(one.Centre) == v {
				return one.Name
			}
		}
		return lang.T("history.centre_unknown")
	}
	why := ""
	if c.Why != "" {
		why = lang.T("exchange.why_" + c.Why) // i18n: exchange.why_*
	}
	key, by, to := "history.passed", "", ""
	switch {
	case c.By == us && c.To == us:
		key = "history.recalled"
	case c.By == us:
		key, to = "history.handed", name(c.To)
	case c.To == us:
		key, by = "history.received", name(c.By)
	case c.By == c.To:
		key, by = "history.recalled_by", name(c.By)
	default:
		by, to = name(c.By), name(c.To)
	}
	said := lang.T(key, "by", by, "to", to) // i18n: history.*
	if why == "" {
		return said
	}
	return said + ": " + why
}

// changedFields names what was changed, in the words of the form that changes it.
func changedFields(lang i18n.Lang, e store.Event) string {
	words := map[string]string{"head": "name", "phones": "phones", "address": "address", "flat": "flat", "entrance": "entrance", "floor": "floor", "code": "code",
		"people": "people", "children": "children", "cares": "cares", "what": "what", "count": "count", "detail": "detail", "after": "after", "before": "before",
		"note": "note", "where": "where"}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		if w := words[name]; w != "" {
			out = append(out, strings.ToLower(lang.T("edit."+w))) // i18n: edit.*
		}
	}
	return strings.Join(out, ", ")
}

// callbackEvent says what came of a call-back: they were called, or nobody answered.
func callbackEvent(lang i18n.Lang, e store.Event) string {
	if e.Bool("done") {
		return lang.T("callback.event_done")
	}
	if n := int(e.Int("tries")); n > 0 {
		return lang.T("callback.event_tried", "n", n)
	}
	return ""
}

func requestEvent(lang i18n.Lang, e store.Event) string {
	switch {
	case e.Text("ref") != "":
		return lang.T("desk.event_taken")
	case e.Text("verified") != "":
		return lang.T("verified." + e.Text("verified")) // i18n: verified.*
	case e.Fields["verified"] != nil:
		return lang.T("history.unchecked")
	case e.Text("basket_why") != "":
		return lang.T("basket.event")
	case e.Int("calls") > 0:
		return lang.T("desk.event_again", "n", int(e.Int("calls")))
	case e.Fields["decided"] != nil:
		return lang.T("history.decided")
	case e.Fields["note"] != nil:
		return lang.T("history.note")
	}
	return lang.T("desk.event_changed")
}
