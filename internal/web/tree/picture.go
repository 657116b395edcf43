package tree

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/links"
)

// picturePage is how centres stand together.
type picturePage struct {
	page
	*tree.Picture
	alone bool
}

func (t *Pages) picture(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	base, err := t.page(r, "/links/picture", web.NewForm(r))
	if err != nil {
		return err
	}
	p := &picturePage{page: base}
	of, alone := strings.CutSuffix(q.Get("of"), aloneMark)
	p.alone = alone
	var at id.ID
	if of != "" {
		if at, err = id.Parse(of); err != nil {
			return errs.Missing("centre")
		}
	}
	all, err := t.figures.All(r.Context(), t.db.Now(), tree.Lately)
	if err != nil {
		return err
	}
	if p.Picture, err = tree.Of(r.Context(), t.db, all, at, p.alone); err != nil {
		return err
	}
	p.form.Set("of", q.Get("of"))
	return web.Render(w, r, web.Page{Title: p.lang.T("picture.title"), Nav: "links", Body: p.body(), Help: p.lang.T("picture.help"), Wide: true})
}

// aloneMark ends the choice of one centre without those below it.
const aloneMark = "-alone"

// choices are what a picture can be of: every centre, one with all below it, one alone.
func (p *picturePage) choices() []web.Option {
	out := []web.Option{{Value: "", Label: p.lang.T("picture.every")}}
	for _, n := range p.Tree {
		deep := strings.Repeat("\u2003", n.Depth)
		if len(p.Tree.Below(n.ID())) > 1 {
			out = append(out, web.Option{Value: n.ID().String(), Label: deep + p.lang.T("picture.and_below", "centre", n.Name)},
				web.Option{Value: n.ID().String() + aloneMark, Label: deep + p.lang.T("picture.alone", "centre", n.Name)})
		} else {
			out = append(out, web.Option{Value: n.ID().String(), Label: deep + n.Name})
		}
	}
	return out
}

// title says of whom the picture is.
func (p *picturePage) title() string {
	switch {
	case p.Of == nil:
		return p.lang.T("picture.every")
	case len(p.Tree.Below(p.Of.ID())) == 1:
		return p.Of.Name
	case p.alone:
		return p.lang.T("picture.alone", "centre", p.Of.Name)
	}
	return p.lang.T("picture.and_below", "centre", p.Of.Name)
}

// lead says how many wait, and at how many of the centres that is known.
func (p *picturePage) lead() string {
	return p.lang.T("picture.lead", "at", p.at(p.At), "waiting", p.n(p.Sum.Waiting), "on_way", p.n(p.Sum.OnWay), "known", len(p.Parts)-len(p.Silent), "of", len(p.Parts))
}

func (p *picturePage) names(all []tree.Node) string {
	out := make([]string, 0, len(all))
	for _, n := range all {
		out = append(out, n.Name)
	}
	return strings.Join(out, "; ")
}

// n writes a count for the reader.
func (p page) n(count int) string {
	if !p.exact && count > 0 && count < request.Small {
		return "<" + strconv.Itoa(request.Small)
	}
	return strconv.Itoa(count)
}

// asOf says from when a centre's figures are, or that there are none.
func (p *picturePage) asOf(n *tree.Node) string {
	switch {
	case n.Ours:
		return p.lang.T("picture.now")
	case n.Figures.IsZero():
		return p.lang.T("picture.silent")
	case sameDay(n.Figures.In(p.zone), p.At.In(p.zone)):
		return p.lang.Clock(n.Figures.In(p.zone))
	}
	return p.at(n.Figures)
}

// stale reports whether a centre's figures are so old that what they say may be over.
func (p *picturePage) stale(n *tree.Node) bool {
	return !n.Ours && !n.Figures.IsZero() && p.At.Sub(n.Figures) > tree.Lately
}

func sameDay(a, b time.Time) bool { return a.YearDay() == b.YearDay() && a.Year() == b.Year() }

// since says since when the one that waits longest waits.
func (p *picturePage) since(f *request.Figures) string {
	if f.Oldest.IsZero() {
		return "–"
	}
	return p.at(f.Oldest)
}

// indent is how deep a centre stands below the first of the picture.
func (p *picturePage) indent(n *tree.Node) int {
	if p.Of == nil {
		return n.Depth
	}
	return n.Depth - p.Of.Depth
}

func (p *picturePage) href(n *tree.Node) string {
	return "/links/picture?" + url.Values{"of": {n.ID().String()}}.Encode()
}

// kind is a need's class in words; one of a newer program stands as it came.
func (p *picturePage) kind(class string) string { return links.ClassWord(p.lang, class) }

// place is a district's name in the page's language, with its settlement where that is told.
func (p *picturePage) place(f request.PlaceFigure) string {
	out := p.lang.T("picture.no_place")
	if f.District != "" {
		out = p.find.AreaName(p.lang, f.District)
	}
	if f.Settlement != "" {
		out += ", " + p.find.AreaName(p.lang, f.Settlement)
	}
	return out
}

func (p *picturePage) band(b request.Band) string { return p.lang.T("board.urgency_" + string(b)) } // i18n: board.urgency_*

func (p *picturePage) age(a request.Age) string { return p.lang.T("board.age_" + string(a)) } // i18n: board.age_*
