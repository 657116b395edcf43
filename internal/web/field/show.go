package field

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// page is a run as its crew sees it.
type page struct {
	lang  i18n.Lang
	form  *web.Form
	path  string
	o     outing
	sheet print.RunSheetInput
	at    int           // the stop that stands open, from 1
	told  map[int]told  // what was told of stops
	left  time.Duration // until the code opens nothing
}

// told is what was told last of a stop.
type told struct {
	result run.Result
	at     time.Time
}

func (f *Field) show(w http.ResponseWriter, r *http.Request) error {
	o, err := f.find(r)
	if err != nil {
		return err
	}
	if o.opens(f.db.Now()) != whole {
		return web.Gone(w, r, over(r, o))
	}
	if again, err := f.speak(w, r, o); again || err != nil {
		return err
	}
	at, _ := strconv.Atoi(r.URL.Query().Get("at")) // anything else opens the next stop
	p, err := f.page(r, o, web.NewForm(r), at)
	if err != nil {
		return err
	}
	if err := f.looked(r.Context(), o); err != nil {
		return err
	}
	w.Header().Set("X-Field-Left", strconv.Itoa(int(p.left.Seconds())))
	return web.Render(w, r, p.whole())
}

// speak gives a phone that has no language yet the crew's, once: the page comes again in it.
func (f *Field) speak(w http.ResponseWriter, r *http.Request, o outing) (again bool, err error) {
	if _, err := r.Cookie("lang"); err == nil || r.URL.Query().Has("lang") {
		return false, nil
	}
	c, err := crew.Kind.Get(r.Context(), f.db, o.Crew)
	if err != nil {
		return false, err
	}
	if _, known := i18n.Parse(string(c.Lang)); !known || c.Lang == web.Lang(r) {
		return false, nil
	}
	web.KeepLang(w, r, c.Lang)
	return true, web.See(w, r, path(r)+"?lang")
}

func (f *Field) page(r *http.Request, o outing, form *web.Form, at int) (*page, error) {
	lang := web.Lang(r)
	in, err := sheet.Of(r.Context(), f.db, o.State, lang, f.Ground())
	if err != nil {
		return nil, err
	}
	all, err := run.Told(r.Context(), f.db, o.ID)
	if err != nil {
		return nil, err
	}
	p := &page{lang: lang, form: form, path: path(r), o: o, sheet: in, at: at, told: map[int]told{}, left: o.ends.Sub(f.db.Now())}
	for _, t := range all {
		if o.Results[t.Stop] != "" {
			p.told[t.Stop] = told{t.Result, t.At.In(o.midnight.Location())}
		}
	}
	if at < 1 || at > len(o.Stops) {
		p.at = o.next(0)
	}
	return p, nil
}

// next returns the first stop after one of which nothing was told, else the first such at all; 0 where there is none.
func (o outing) next(stop int) int {
	silent := o.Silent()
	for _, s := range silent {
		if s > stop {
			return s
		}
	}
	if len(silent) > 0 {
		return silent[0]
	}
	return 0
}

// whole is the page in its frame.
func (p *page) whole() web.Page {
	return web.Page{Title: p.lang.T("field.title", "crew", p.o.CrewNo), Bare: true, Body: p.body(), Load: []string{"field.js"}}
}

// over is the page of a run that has ended: a phone that has kept something still sends it from here.
func over(r *http.Request, o outing) web.Page {
	lang := web.Lang(r)
	key := "field.over"
	if o.Step == run.Void {
		key = "field.void"
	}
	return web.Page{Title: lang.T("field.title", "crew", o.CrewNo), Bare: true, Body: overPage(lang, key), Load: []string{"field.js"}}
}

// looked keeps that the crew has seen the contact of each household of its run, once an hour at most: who looks is the
// crew, for nobody has signed in.
func (f *Field) looked(ctx context.Context, o outing) error {
	key := fmt.Sprintf("field look %s %d", o.ID, f.now().Unix()/3600)
	if _, err := store.One[string](ctx, f.db, "look", "SELECT result FROM once WHERE token=$1", key); err == nil {
		return nil
	}
	return f.db.Write(ctx, o.Crew, func(tx *store.Tx) error {
		if _, seen, err := tx.Once(ctx, key); seen || err != nil {
			return err
		}
		homes, err := households(ctx, tx, o)
		if err != nil {
			return err
		}
		for _, h := range homes {
			l := &household.Look{Household: h, Account: o.Crew, Page: "field"}
			l.ID.ID = tx.NewID()
			if err := tx.Put(ctx, l); err != nil {
				return err
			}
		}
		return tx.Done(ctx, key, "")
	})
}

func households(ctx context.Context, r store.Reader, o outing) ([]id.ID, error) {
	var out []id.ID
	for _, s := range o.Stops {
		q, err := request.Kind.Get(ctx, r, s.Request)
		if err != nil {
			return nil, err
		}
		if h := q.Household.ID; !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out, nil
}

// kept are the words "2 kept on this phone …" for every count that can be, by the count: the phone itself counts.
func (p *page) kept() string {
	words := make([]string, len(p.o.Stops)+1)
	for n := range words {
		if n > 0 {
			words[n] = p.lang.T("field.kept", "n", n)
		}
	}
	return list(words)
}

func list(words []string) string {
	b, err := json.Marshal(words)
	if err != nil {
		return "[]"
	}
	return string(b)
}

func (p *page) clock(t time.Time) string { return p.lang.Clock(t) }

func (p *page) result(r run.Result) string { return p.lang.T("outcome." + string(r)) } // i18n: outcome.*

// tone says how a result looks: delivered is done, the rest comes back to the centre.
func tone(r run.Result) web.Tone {
	if r == run.Delivered {
		return web.ToneGood
	}
	return web.ToneInfo
}

// tel is the address that dials a phone as the sheet writes it.
func tel(phone string) string {
	plus := ""
	if strings.HasPrefix(strings.TrimSpace(phone), "+") {
		plus = "+"
	}
	return "tel:" + plus + contact.Digits(phone)
}

// line joins what is known of where a door is.
func (p *page) door(s print.Stop) string {
	var out []string
	for _, part := range [][2]string{{"print.entrance", s.Entrance}, {"print.floor", s.Floor}, {"print.code", s.Code}} {
		if strings.TrimSpace(part[1]) != "" {
			out = append(out, p.lang.T(part[0])+" "+part[1])
		}
	}
	return strings.Join(out, " · ")
}

func (p *page) silent() int { return len(p.o.Silent()) }

func (p *page) action(stop int) string { return p.path + "/stops/" + strconv.Itoa(stop) }
