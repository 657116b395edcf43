package links

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	known "github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// Waits is what the pages about other centres wait for a person with.
type Waits struct {
	Proposals int
	Teams     int // homes to which two crews may have gone
	Pairs     int // households that another centre may have too
	Pleas     int // households that another centre asks us to forget, and that we have still to bring something
}

// Waiting counts it.
func Waiting(ctx context.Context, db *store.DB) (w Waits, err error) {
	if w.Proposals, _, err = store.Pending(ctx, db); err == nil {
		w.Teams, err = exchange.CountTeams(ctx, db)
	}
	if err == nil {
		w.Pairs, err = match.Waiting(ctx, db)
	}
	if err == nil {
		w.Pleas, err = exchange.CountPleas(ctx, db)
	}
	return w, err
}

// Tabs are the pages about other centres. That of two teams is there while there is a warning.
func Tabs(lang i18n.Lang, acts bool, waits Waits, here string) []web.Tab {
	tabs := []web.Tab{{Label: lang.T("links.centres"), Href: "/links"}, {Label: lang.T("picture.tab"), Href: "/links/picture"}}
	if waits.Teams > 0 || here == "/links/teams" {
		tabs = append(tabs, web.Tab{Label: lang.T("teams.title"), Href: "/links/teams", Count: count(waits.Teams)})
	}
	if acts {
		tabs = append(tabs, web.Tab{Label: lang.T("links.stick"), Href: "/links/stick"},
			web.Tab{Label: lang.T("links.proposals"), Href: "/links/proposals", Count: count(waits.Proposals)},
			web.Tab{Label: lang.T("match.title"), Href: "/links/match", Count: count(waits.Pairs)})
	}
	tabs = append(tabs, web.Tab{Label: lang.T("erasures.title"), Href: "/links/erasures", Count: count(waits.Pleas)},
		web.Tab{Label: lang.T("network.lost"), Href: "/links/lost"})
	for i := range tabs {
		tabs[i].Here = tabs[i].Href == here
	}
	return tabs
}

// count is a tab's figure; nothing where nothing waits.
func count(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// fieldKeys are the fields that people are told of, by kind, with the key of their words.
func fieldKeys(kind string) map[string]string {
	switch kind {
	case "household":
		return map[string]string{"head": "edit.name", "phones": "edit.phones", "address": "edit.address", "flat": "edit.flat", "entrance": "edit.entrance",
			"floor": "edit.floor", "code": "edit.code", "people": "edit.people", "children": "edit.children", "cares": "edit.cares", "lang": "record.lang",
			"where": "edit.where", "area": "record.area", "note": "edit.note", "post": "record.post", "keep": "record.keep", "wording": "record.wording"}
	case "request":
		return map[string]string{"at": "record.at", "caller": "record.caller", "phone": "record.phone", "may_tell": "record.may_tell", "note": "edit.note",
			"verified": "record.verified", "verified_at": "record.verified_at", "calls": "record.calls", "basket_why": "record.basket_why", "basket_at": "record.basket_at"}
	case "need":
		return map[string]string{"what": "edit.what", "class": "links.class", "detail": "edit.detail", "count": "edit.count", "after": "edit.after", "before": "edit.before",
			"status": "record.status", "settled": "record.settled", "closed": "record.closed"}
	case "callback":
		return map[string]string{"phone": "record.phone", "name": "edit.name", "why": "record.why", "at": "record.at", "after": "edit.after", "tries": "record.tries", "done": "record.done"}
	case "word":
		return map[string]string{"to": "record.to", "phones": "edit.phones", "words": "record.words"}
	}
	return nil
}

// Shown returns the changes that people decide by, those with words first; what only the program needs stays out, unless
// there is nothing else.
func Shown(kind string, all []exchange.Change) []exchange.Change {
	keys := fieldKeys(kind)
	var out []exchange.Change
	for _, c := range all {
		if keys[c.Field] != "" {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return all
	}
	return out
}

// FieldWord is a field's name in words; one of a newer program stands as it came.
func FieldWord(lang i18n.Lang, kind, field string) string {
	if key := fieldKeys(kind)[field]; key != "" {
		return lang.T(key)
	}
	return field
}

// FieldWords names the fields of a change.
func FieldWords(lang i18n.Lang, kind string, all []exchange.Change) string {
	var out []string
	for _, c := range Shown(kind, all) {
		out = append(out, FieldWord(lang, kind, c.Field))
	}
	return strings.Join(out, ", ")
}

// Would writes what a change would make of its fields.
func Would(lang i18n.Lang, zone *time.Location, kind string, all []exchange.Change) string {
	var out []string
	for _, c := range Shown(kind, all) {
		out = append(out, ValueWord(lang, zone, c.Field, c.Would))
	}
	return strings.Join(out, ", ")
}

// ValueWord is a field's value as people say it.
func ValueWord(lang i18n.Lang, zone *time.Location, field, v string) string {
	switch v {
	case "true":
		return lang.T("record.yes")
	case "false", "":
		return "–"
	}
	switch field {
	case "status":
		return lang.T("need.status_" + v) // i18n: need.status_*
	case "verified":
		return lang.T("verified." + v) // i18n: verified.*
	case "what", "class":
		return whatWord(lang, v)
	case "cares":
		return each(v, func(c string) string { return careWord(lang, c) })
	case "before", "after":
		if n, err := strconv.Atoi(v); err == nil && n > 0 {
			return time.Time{}.Add(time.Duration(n) * time.Minute).Format("15:04")
		}
	case "where":
		return lang.T("record.point")
	}
	return plainWord(lang, zone, v)
}

// ClassWord is what other centres know of a need's kind, in words; one of a newer program stands as it came.
func ClassWord(lang i18n.Lang, class string) string { return whatWord(lang, class) }

func whatWord(lang i18n.Lang, v string) string {
	switch {
	case request.What(v).Known():
		return lang.T("what." + v) // i18n: what.*
	case v == "medical":
		return lang.T("links.medical")
	}
	return v
}

func careWord(lang i18n.Lang, c string) string {
	if slices.Contains(household.Cares(), household.Care(c)) {
		return lang.T("care." + c) // i18n: care.*
	}
	return c
}

// plainWord is a value that its field does not explain: a time, another record, or what somebody wrote.
func plainWord(lang i18n.Lang, zone *time.Location, v string) string {
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		if at.Year() < 2000 {
			return "–"
		}
		return lang.DateClock(at.In(zone))
	}
	if _, err := id.Parse(v); err == nil {
		return lang.T("record.record")
	}
	return v
}

func each(list string, say func(string) string) string {
	var out []string
	for v := range strings.SplitSeq(list, ", ") {
		out = append(out, say(v))
	}
	return strings.Join(out, ", ")
}

// KindWord says what kind of record a proposal is about.
func KindWord(lang i18n.Lang, kind string) string {
	switch kind {
	case "household", "request", "need", "callback", "word", "run", "crew", "volunteer":
		return lang.T("record.kind_" + kind) // i18n: record.kind_*
	}
	return kind
}

// TeamWords says how two centres' crews may come to go to one home, and what to do.
func TeamWords(lang i18n.Lang, t exchange.Team) string {
	return lang.T("teams.how_"+t.How, "centre", t.Centre) // i18n: teams.how_*
}

// AreaWord is what a centre serves, in words: a name of the set-up's own, else that of an area that is loaded, else as its
// people typed it.
func AreaWord(lang i18n.Lang, find *where.Finder, area string) string {
	if key := "tree.area." + area; i18n.Has(key) { // i18n: tree.area.*
		return lang.T(key)
	}
	if k, ok := known.ByCode(area); ok {
		return k.Name(lang)
	}
	return find.AreaName(lang, area)
}

// LevelWord is a centre's level in words; a dash where it never said.
func LevelWord(lang i18n.Lang, level string) string {
	if !slices.Contains(exchange.Levels(), level) {
		return "–"
	}
	return lang.T("exchange.level_" + level) // i18n: exchange.level_*
}
