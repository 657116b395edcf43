package brief

import (
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/report"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/run"
)

// sections puts a situation in words, the same for the screen and for paper. Without words, what people said and
// wrote is left out.
func sections(lang i18n.Lang, s *report.Situation, words bool) []print.Section {
	out := []print.Section{holds(lang, s), open(lang, s), changed(lang, s), crews(lang, s), results(lang, s, words)}
	if words {
		out = append(out, asks(lang, s), notes(lang, s))
	}
	for i := range out {
		if len(out[i].Lines) == 0 && out[i].Table == nil {
			out[i].Lines = []string{lang.T("brief.none")}
		}
	}
	return out
}

func holds(lang i18n.Lang, s *report.Situation) print.Section {
	out := print.Section{Heading: lang.T("brief.holds")}
	for _, r := range s.Rules {
		out.Lines = append(out.Lines, lang.T("brief.rule", "kind", r.Kind.Name(lang), "area", rule.AreaName(lang, r.Area), "window", r.Window()))
	}
	return out
}

func open(lang i18n.Lang, s *report.Situation) print.Section {
	t := s.Tally
	out := print.Section{Heading: lang.T("brief.open"), Lines: []string{lang.T("brief.waiting", "n", t.Waiting, "unchecked", t.Unchecked, "noplace", t.NoPlace)}}
	if !t.Oldest.IsZero() {
		out.Lines = append(out.Lines, lang.T("brief.longest", "span", lang.Span(s.At.Sub(t.Oldest))))
	}
	grid := print.Grid{Columns: []print.Column{{Title: lang.T("brief.kind")}, {Title: lang.T("brief.status_open"), Right: true},
		{Title: lang.T("brief.status_planned"), Right: true}, {Title: lang.T("brief.status_done"), Right: true}}}
	for _, w := range request.Whats() {
		if n := t.Needs[w]; n != nil {
			grid.Rows = append(grid.Rows, []string{lang.T("what." + string(w)), // i18n: what.*
				strconv.Itoa(n[request.Open]), strconv.Itoa(n[request.Planned]), strconv.Itoa(n[request.Done])})
		}
	}
	if len(grid.Rows) > 0 {
		out.Table = &grid
	}
	return out
}

func changed(lang i18n.Lang, s *report.Situation) print.Section {
	key := "brief.since_midnight"
	if s.Last != nil {
		key = "brief.since_note"
	}
	return print.Section{Heading: lang.T(key, "at", lang.DateClock(s.Since)),
		Lines: append([]string{lang.T("brief.new", "n", s.Tally.New)}, counts(lang, s.Changed)...)}
}

// counts says on one line how often each outcome was told.
func counts(lang i18n.Lang, n map[run.Result]int) []string {
	var out []string
	for _, res := range run.Results() {
		if n[res] > 0 {
			out = append(out, lang.T("brief.count", "what", result(lang, res), "count", n[res]))
		}
	}
	if len(out) == 0 {
		return nil
	}
	return []string{strings.Join(out, ", ")}
}

func result(lang i18n.Lang, r run.Result) string { return lang.T("outcome." + string(r)) } // i18n: outcome.*

func crews(lang i18n.Lang, s *report.Situation) print.Section {
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
	return print.Section{Heading: lang.T("brief.crews"), Lines: append([]string{total}, each...)}
}

func results(lang i18n.Lang, s *report.Situation, words bool) print.Section {
	out := print.Section{Heading: lang.T("brief.today"), Lines: counts(lang, s.Outcomes)}
	if !words {
		return out
	}
	for _, v := range s.Said {
		text := string(v.Text)
		if v.Hidden {
			text = lang.T("brief.hidden")
		}
		out.Lines = append(out.Lines, lang.T("brief.said", "at", lang.Clock(v.At), "crew", v.Crew, "result", result(lang, v.Result), "text", text))
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
