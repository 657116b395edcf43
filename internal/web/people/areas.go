package people

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// areasPage is the regions and districts that are loaded, by the files they came with, and a form for another.
type areasPage struct {
	lang  i18n.Lang
	form  *web.Form
	files []areaFile
	told  []area.Telling
	may   bool // load and remove
}

// areaFile is the areas that came together.
type areaFile struct {
	first    id.ID // of its areas: what it is removed by
	level    area.Level
	source   string
	from, to string
	count    int
}

func (p *People) areas(w http.ResponseWriter, r *http.Request) error {
	v, err := p.areasPage(r, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, v.page())
}

func (p *People) areasPage(r *http.Request, f *web.Form) (*areasPage, error) {
	b, err := area.Load(r.Context(), p.db)
	if err != nil {
		return nil, err
	}
	v := &areasPage{lang: f.Lang, form: f, may: may(r, deciders)}
	for _, a := range b.All() {
		one := areaFile{first: a.ID.ID, level: a.Level, source: a.Source, from: a.From, to: a.To, count: 1}
		i := slices.IndexFunc(v.files, func(o areaFile) bool { return o.of(a) })
		if i < 0 {
			v.files = append(v.files, one)
			continue
		}
		v.files[i].count++
	}
	v.told = b.Tellings(p.db.Now().Format(time.DateOnly))
	return v, nil
}

// of reports whether an area came with the file.
func (o *areaFile) of(a *area.Area) bool {
	return o.level == a.Level && o.source == a.Source && o.from == a.From && o.to == a.To
}

func (v *areasPage) page() web.Page {
	return web.Page{Title: v.lang.T("area.title"), Nav: "places", Body: v.view()}
}

func (p *People) loadAreas(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.areasPage(r, f)
	if err != nil {
		return err
	}
	how := area.Loading{Level: area.Level(f.Value("level")), From: f.Text("from", 10), To: f.Text("to", 10), Source: f.Required("source", maxText)}
	f.Check(how.Level == "" || slices.Contains(area.Levels(), how.Level), "level", "error.required")
	var areas []area.Area
	if file, _, ok := f.File("file"); ok {
		defer file.Close()
		if how.Source != "" {
			areas, _, err = area.Read(file, how)
			if bad, is := err.(*errs.Error); is && len(bad.Fields) == 0 { //nolint:errorlint // as Read makes it
				err = errs.Fields{"file": bad.Key}.Err()
			}
			f.Take(err)
		}
	}
	return f.Submit(w, r, func() (string, error) {
		toast := web.Toast{Key: "area.loaded"} // sent twice, nothing is kept anew
		d := done{to: "/areas"}
		err := p.write(r, f.Token, d, func(ctx context.Context, tx *store.Tx) error {
			sum, err := area.Keep(ctx, tx, areas)
			toast = web.Toast{Key: "area.kept", Args: sum.Args()}
			return err
		})
		if err != nil {
			return "", err
		}
		web.SetToast(w, r, toast)
		return d.to, nil
	}, v.page)
}

// removeAreas takes back all that came with the file of one.
func (p *People) removeAreas(w http.ResponseWriter, r *http.Request) error {
	d := done{to: "/areas", toast: web.Toast{Key: "area.removed"}}
	return p.act(w, r, d, func(ctx context.Context, tx *store.Tx, rid id.ID) error {
		b, err := area.Load(ctx, tx)
		if err != nil {
			return err
		}
		all := b.All()
		i := slices.IndexFunc(all, func(a *area.Area) bool { return a.ID.ID == rid })
		if i < 0 {
			return nil // removed already
		}
		file := areaFile{level: all[i].Level, source: all[i].Source, from: all[i].From, to: all[i].To}
		var gone []id.ID
		for _, a := range all {
			if file.of(a) {
				gone = append(gone, a.ID.ID)
			}
		}
		return area.Remove(ctx, tx, gone)
	})
}

// countArea keeps how many live in an area.
func (p *People) countArea(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	v, err := p.areasPage(r, f)
	if err != nil {
		return err
	}
	aid, err := id.Parse(f.Value("area"))
	f.Check(err == nil, "area", "web.choose")
	people := f.Int("people", 0, area.MostPeople)
	return f.Submit(w, r, func() (string, error) {
		d := done{to: "/areas#told", toast: web.Toast{Key: "web.saved"}}
		err := p.write(r, f.Token, d, func(ctx context.Context, tx *store.Tx) error {
			return area.Count(ctx, tx, area.ID{ID: aid}, people)
		})
		if err == nil {
			web.SetToast(w, r, d.toast)
		}
		return d.to, err
	}, v.page)
}

// counted are the areas of today, each settlement below its district.
func (v *areasPage) counted() []web.Option {
	out := make([]web.Option, 0, len(v.told))
	for _, t := range v.told {
		name := t.Name(v.lang)
		if t.Level == area.Settlement {
			name = "\u2003" + name
		}
		out = append(out, web.Option{Value: t.ID.String(), Label: name})
	}
	return out
}

// as says under which name other centres are told of whoever lives in an area.
func (v *areasPage) as(t area.Telling) string {
	switch {
	case t.Itself:
		return t.Name(v.lang)
	case t.District == nil:
		return v.lang.T("area.told_region")
	}
	return t.District.Name(v.lang)
}

// days says from when until when areas were so.
func (o *areaFile) days(lang i18n.Lang) string {
	from, to := o.from, o.to
	if from == "" {
		from = lang.T("area.always")
	}
	if to == "" {
		to = lang.T("area.until_now")
	}
	return strings.Join([]string{from, to}, " — ")
}
