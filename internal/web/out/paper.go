package out

import (
	"bytes"
	"net/http"
	"strconv"
	"time"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/web"
)

// maxCopies is how many copies one print has: a hand that slips must not empty the tray.
const maxCopies = 200

// blank is a paper form.
type blank struct {
	name string
	part func(lang i18n.Lang, c *centre.Centre, copies int, day time.Time) []print.Part
}

// blanks are the paper forms, in the order of a day without power.
var blanks = []blank{
	{"call", func(lang i18n.Lang, c *centre.Centre, n int, _ time.Time) []print.Part {
		return []print.Part{print.CallForm(lang, print.CallFormInput{Centre: c.Name, Copies: n, Distress: "111", Consent: lang.T("desk.consent")})}
	}},
	{"route", func(lang i18n.Lang, c *centre.Centre, n int, day time.Time) []print.Part {
		return times(n, print.RunSheet(lang, print.RunSheetInput{Centre: c.Name, Date: day, Crew: "____", Phone: string(c.Phone), Blank: 8}))
	}},
	{"outcomes", func(lang i18n.Lang, c *centre.Centre, n int, _ time.Time) []print.Part {
		return times(n, print.OutcomeForm(lang, print.OutcomeFormInput{Centre: c.Name, Blank: 18}))
	}},
	{"given", func(lang i18n.Lang, c *centre.Centre, n int, _ time.Time) []print.Part {
		return times(n, print.Table(lang, given(lang, c)))
	}},
	{"register", func(lang i18n.Lang, c *centre.Centre, n int, _ time.Time) []print.Part {
		return []print.Part{print.RegisterForm(lang, print.RegisterFormInput{Centre: c.Name, Copies: n, Consent: lang.T("paper.consent")})}
	}},
}

func times(n int, p print.Part) []print.Part {
	out := make([]print.Part, n)
	for i := range out {
		out[i] = p
	}
	return out
}

// given is the list of what was handed out at a distribution point, with a place to sign.
func given(lang i18n.Lang, c *centre.Centre) print.TableInput {
	in := print.TableInput{Title: lang.T("paper.given"), Subtitle: c.Name + " · " + lang.T("print.form.date") + " ____________", Foot: c.Name}
	for _, key := range []string{"paper.no", "paper.name", "paper.address", "paper.people", "paper.things", "paper.signed"} { // i18n: paper.*
		in.Grid.Columns = append(in.Grid.Columns, print.Column{Title: lang.T(key)})
	}
	for i := range 22 {
		in.Grid.Rows = append(in.Grid.Rows, []string{strconv.Itoa(i+1) + "\n ", "", "", "", "", ""})
	}
	return in
}

func (o *Out) paper(w http.ResponseWriter, r *http.Request) error {
	p := paperPage{lang: web.Lang(r)}
	return web.Render(w, r, web.Page{Title: p.lang.T("nav.paper"), Nav: "paper", Body: p.body()})
}

func (o *Out) print(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	lang, ok := i18n.Parse(q.Get("lang"))
	if !ok {
		lang = web.Lang(r)
	}
	copies, err := strconv.Atoi(q.Get("copies"))
	if err != nil || copies < 1 || copies > maxCopies {
		return errs.New(errs.Invalid, "print.copies", "most", maxCopies)
	}
	c, err := centre.Get(r.Context(), o.db)
	if err != nil {
		return err
	}
	now := o.db.Now().In(c.Location())
	for _, b := range blanks {
		if b.name != r.PathValue("form") {
			continue
		}
		var pdf bytes.Buffer
		if err := print.Write(&pdf, print.Info{Title: lang.T("paper." + b.name), Created: now}, b.part(lang, c, copies, now)...); err != nil { // i18n: paper.*
			return err
		}
		w.Header().Set("Content-Type", "application/pdf")
		w.Header().Set("Content-Disposition", `inline; filename="`+b.name+`-`+string(lang)+`.pdf"`)
		_, err := w.Write(pdf.Bytes())
		return err
	}
	return errs.New(errs.NotFound, "web.no_page")
}
