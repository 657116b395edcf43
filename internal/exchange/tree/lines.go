package tree

import (
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
)

// Say is how a picture is put into words for a table.
type Say struct {
	Lang  i18n.Lang
	Zone  *time.Location
	Area  func(name string) string // a district's name in the language
	Level func(level string) string
	Class func(class string) string
	Exact bool // may know numbers so small that they could point to somebody
}

// Lines are a picture as rows of a table, by field: of each centre what waits and is on its way, in all, by kind, urgency, age and
// place. One of which nothing has come has one row, without numbers.
func (p *Picture) Lines(s Say) []map[string]string {
	var out []map[string]string
	for i := range p.Parts {
		v := &p.Parts[i]
		row := func(measure, value, waiting, onWay string) {
			out = append(out, map[string]string{"of_centre": v.Name, "level": s.Level(v.Level), "under": p.Tree.Name(v.Above()), "as_of": s.asOf(&v.Node),
				"measure": measure, "value": value, "waiting": waiting, "on_way": onWay})
		}
		if v.Figures == nil {
			row(s.Lang.T("picture.silent"), "", "", "")
			continue
		}
		s.of(v.Figures, row)
	}
	return out
}

func (s Say) asOf(n *Node) string {
	if n.Figures.IsZero() {
		return ""
	}
	return n.Figures.In(s.Zone).Format("02.01.2006 15:04")
}

func (s Say) of(f *request.Figures, row func(measure, value, waiting, onWay string)) {
	t := s.Lang.T
	row(t("picture.requests"), "", s.n(f.Waiting), s.n(f.OnWay))
	for _, k := range f.Kinds {
		row(t("picture.kinds"), s.Class(k.Class), s.n(k.Open), s.n(k.Planned))
	}
	for _, b := range request.Bands() {
		row(t("picture.urgency"), t("board.urgency_"+string(b)), s.n(f.Bands[b]), "") // i18n: board.urgency_*
	}
	for _, a := range request.Ages() {
		row(t("picture.urgency"), t("board.age_"+string(a)), s.n(f.Ages[a]), "") // i18n: board.age_*
	}
	for _, d := range f.Places {
		name := t("picture.no_place")
		if d.District != "" {
			name = s.Area(d.District)
		}
		if d.Settlement != "" {
			name += ", " + s.Area(d.Settlement)
		}
		row(t("picture.places"), name, s.n(d.Waiting), s.n(d.OnWay))
	}
}

func (s Say) n(count int) string {
	if !s.Exact && count > 0 && count < request.Small {
		return "<" + strconv.Itoa(request.Small)
	}
	return strconv.Itoa(count)
}
