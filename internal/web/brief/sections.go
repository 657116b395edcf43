package brief

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/report"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/supply"
)

// reader is for whom a situation is put in words.
type reader struct {
	lang  i18n.Lang
	find  *where.Finder
	words bool // may read what people said and wrote
	asks  bool // is asked for something
	exact bool // may know numbers so small that they could point to somebody
}

// n writes a count for the reader.
func (v reader) n(count int) string {
	if !v.exact && count > 0 && count < request.Small {
		return "<" + strconv.Itoa(request.Small)
	}
	return strconv.Itoa(count)
}

// sections puts a situation in words, the same for the screen and for paper. No area and nobody stands above another:
// they are in the order of their names.
func sections(v reader, s *report.Situation) []print.Section {
	lang := v.lang
	out := []print.Section{holds(v, s), open(v, s), urgency(v, s)}
	if len(s.Open.Areas) > 0 {
		out = append(out, areas(v, s))
	}
	out = append(out, changed(v, s), crews(v, s), results(v, s), stock(lang, s))
	if v.asks {
		out = append(out, asks(lang, s))
	}
	if v.words {
		out = append(out, notes(lang, s))
	}
	return slices.DeleteFunc(out, func(p print.Section) bool { return len(p.Lines) == 0 && p.Table == nil }) // one page is short
}

// urgency says how urgent what is open is, and how long it waits.
func urgency(v reader, s *report.Situation) print.Section {
	out := print.Section{Heading: v.lang.T("brief.urgency")}
	var bands, ages []string
	for _, b := range request.Bands() {
		bands = append(bands, v.lang.T("brief.count", "what", v.lang.T("board.urgency_"+string(b)), "count", v.n(s.Open.Bands[b]))) // i18n: board.urgency_*
	}
	for _, a := range request.Ages() {
		ages = append(ages, v.lang.T("brief.count", "what", v.lang.T("board.age_"+string(a)), "count", v.n(s.Open.Ages[a]))) // i18n: board.age_*
	}
	out.Lines = []string{strings.Join(bands, ", "), strings.Join(ages, ", ")}
	calls := v.lang.T("brief.calls", "count", v.n(s.Calls))
	if s.Calls > 0 {
		calls += " " + v.lang.T("brief.calls_longest", "span", v.lang.Span(s.At.Sub(s.CallsAt)))
	}
	out.Lines = append(out.Lines, calls)
	return out
}

func areas(v reader, s *report.Situation) print.Section {
	grid := print.Grid{Columns: []print.Column{{Title: v.lang.T("board.area")}, {Title: v.lang.T("brief.status_open"), Right: true}}}
	named := map[string]int{} // an area that was typed in one language and outlined in another is one
	for a, n := range s.Open.Areas {
		named[v.find.AreaName(v.lang, a)] += n
	}
	for _, a := range slices.Sorted(maps.Keys(named)) {
		grid.Rows = append(grid.Rows, []string{cmp.Or(a, v.lang.T("brief.area_unknown")), v.n(named[a])})
	}
	return print.Section{Heading: v.lang.T("brief.areas"), Table: &grid}
}

func stock(lang i18n.Lang, s *report.Situation) print.Section {
	out := print.Section{Heading: lang.T("brief.stock")}
	for _, item := range supply.Items() {
		if c, ok := s.Stock[item]; ok {
			out.Lines = append(out.Lines, lang.T("brief.counted", "what", lang.T("what."+item), "count", c.N, "at", lang.DateClock(c.At.In(s.At.Location())))) // i18n: what.*
		}
	}
	return out
}

func holds(v reader, s *report.Situation) print.Section {
	lang := v.lang
	out := print.Section{Heading: lang.T("brief.holds")}
	for _, r := range s.Rules {
		out.Lines = append(out.Lines, lang.T("brief.rule", "kind", r.Kind.Name(lang), "area", v.ruled(r.Area), "window", r.Window()))
	}
	if len(out.Lines) == 0 {
		out.Lines = []string{lang.T("brief.none")}
	}
	for _, r := range s.Coming {
		out.Lines = append(out.Lines, lang.T("brief.rule_coming", "kind", r.Kind.Name(lang), "area", v.ruled(r.Area), "window", r.Window(),
			"at", lang.DateClock(r.From.In(s.At.Location()))))
	}
	return out
}

// ruled is the name of an area that a rule holds in: the catalogue's, else that of the areas that are loaded.
func (v reader) ruled(area string) string {
	if i18n.Has("rule.area." + area) {
		return rule.AreaName(v.lang, area)
	}
	return rule.AreaName(v.lang, v.find.AreaName(v.lang, area))
}

func open(v reader, s *report.Situation) print.Section {
	lang, t := v.lang, s.Tally
	out := print.Section{Heading: lang.T("brief.open"), Lines: []string{lang.T("brief.waiting", "n", v.n(t.Waiting), "unchecked", v.n(t.Unchecked), "noplace", v.n(t.NoPlace))}}
	if !t.Oldest.IsZero() {
		out.Lines = append(out.Lines, lang.T("brief.longest", "span", lang.Span(s.At.Sub(t.Oldest))))
	}
	grid := print.Grid{Columns: []print.Column{{Title: lang.T("brief.kind")}, {Title: lang.T("brief.status_open"), Right: true},
		{Title: lang.T("brief.status_planned"), Right: true}, {Title: lang.T("brief.status_done"), Right: true}}}
	for _, w := range request.Whats() {
		if n := t.Needs[w]; n != nil {
			grid.Rows = append(grid.Rows, []string{lang.T("what." + string(w)), // i18n: what.*
				v.n(n[request.Open]), v.n(n[request.Planned]), v.n(n[request.Done])})
		}
	}
	if len(grid.Rows) > 0 {
		out.Table = &grid
	}
	return out
}

func changed(v reader, s *report.Situation) print.Section {
	lang := v.lang
	key := "brief.since_midnight"
	if s.Last != nil {
		key = "brief.since_note"
	}
	return print.Section{Heading: lang.T(key, "at", lang.DateClock(s.Since)),
		Lines: append([]string{lang.T("brief.new", "n", v.n(s.Tally.New)), lang.T("brief.closed", "count", v.n(s.Tally.Closed))}, counts(v, s.Changed)...)}
}

// counts says on one line how often each outcome was told.
func counts(v reader, n map[run.Result]int) []string {
	var out []string
	for _, res := range run.Results() {
		if n[res] > 0 {
			out = append(out, v.lang.T("brief.count", "what", result(v.lang, res), "count", v.n(n[res])))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []string{strings.Join(out, ", ")}
}

func result(lang i18n.Lang, r run.Result) string { return lang.T("outcome." + string(r)) } // i18n: outcome.*

func crews(v reader, s *report.Situation) print.Section {
	lang := v.lang
	late := 0
	var each []string
	for _, o := range s.Out {
		key := "brief.crew_out"
		if o.Late {
			key = "brief.crew_late"
			late++
		}
		each = append(each, lang.T(key, "crew", o.Crew, "at", lang.DateClock(o.Due)))
	}
	total := lang.T("brief.runs", "out", len(s.Out), "late", late, "home", s.Home, "here", s.Here)
	if s.Sheets > 0 {
		each = append(each, lang.T("brief.sheets", "count", s.Sheets, "silent", v.n(s.Silent)))
	}
	return print.Section{Heading: lang.T("brief.crews"), Lines: append([]string{total}, each...)}
}

func results(v reader, s *report.Situation) print.Section {
	lang := v.lang
	out := print.Section{Heading: lang.T("brief.today"), Lines: counts(v, s.Outcomes)}
	if asked := s.Quality[request.Received] + s.Quality[request.Partly] + s.Quality[request.Nothing]; asked > 0 {
		out.Lines = append(out.Lines, lang.T("brief.quality", "asked", v.n(asked), "not", v.n(asked-s.Quality[request.Received])))
	}
	if !v.words {
		return out
	}
	for _, said := range s.Said {
		text := string(said.Text)
		if said.Hidden {
			text = lang.T("brief.hidden")
		}
		out.Lines = append(out.Lines, lang.T("brief.said", "at", lang.Clock(said.At), "crew", said.Crew, "result", result(lang, said.Result), "text", text))
	}
	return out
}

func asks(lang i18n.Lang, s *report.Situation) print.Section {
	out := print.Section{Heading: lang.T("brief.asks")}
	if s.Last != nil {
		out.Lines = lines(s.Last.Ask)
	}
	return out
}

func notes(lang i18n.Lang, s *report.Situation) print.Section {
	out := print.Section{Heading: lang.T("brief.notes")}
	for _, n := range s.Notes {
		at := lang.DateClock(n.At.In(s.At.Location()))
		for _, l := range lines(n.Text) {
			out.Lines = append(out.Lines, lang.T("brief.note_line", "at", at, "text", l))
		}
	}
	return out
}
