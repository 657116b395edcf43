// Package gallery is one page that shows every part of package web, with invented people, so that it can
// be looked at and tried in a real browser. It is for tests only.
package gallery

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
)

// Gallery is an office with one page.
type Gallery struct {
	*web.Mux

	Events web.Events
	Drafts chan string // what was saved as a draft
}

// New returns a gallery whose viewer may do everything.
func New(now func() time.Time) *Gallery {
	g := &Gallery{Drafts: make(chan string, 100)}
	everything := []web.Route{
		{Pattern: "GET /gallery", Allow: web.SignedIn(), Handle: g.show},
		{Pattern: "POST /gallery", Allow: web.SignedIn(), Handle: g.save},
		{Pattern: "GET /blank", Allow: web.Public(), Handle: bare},
		{Pattern: "GET /broken", Allow: web.Public(), Handle: broken},
		{Pattern: "POST /undo", Allow: web.SignedIn(), Handle: undo},
		{Pattern: "GET /events", Allow: web.SignedIn(), Handle: func(w http.ResponseWriter, r *http.Request) error {
			return g.Events.Serve(w, r, "requests")
		}},
		{Pattern: "POST /draft", Allow: web.SignedIn(), Handle: func(w http.ResponseWriter, r *http.Request) error {
			f, err := web.ReadForm(r)
			if err != nil {
				return err
			}
			g.Drafts <- f.Value("name")
			return web.DraftSaved(w, r, now())
		}},
		{Pattern: "POST /sign-out", Allow: web.SignedIn(), Handle: undo},
		{Pattern: "GET /search", Allow: web.SignedIn(), Handle: g.show},
	}
	for _, page := range []string{"call", "board", "lists", "plan", "runs", "outcomes", "people", "places", "rules", "stock", "situation", "settings"} {
		everything = append(everything, web.Route{Pattern: "GET /" + page, Allow: web.SignedIn(), Handle: g.show})
	}
	g.Mux = web.New(web.Config{
		Log: slog.New(slog.DiscardHandler), Now: now, SignIn: "/blank", Demo: true,
		Viewer: func(r *http.Request) (*web.Viewer, error) {
			if r.URL.Path == "/blank" {
				return nil, errs.Missing("session")
			}
			return &web.Viewer{AccountID: "a1", Name: "Айгүл Тестова", Roles: account.Operator | account.Coordinator, Lang: i18n.KK, Demo: true}, nil
		},
		Centre: func(context.Context) string { return "Алматы, үйлестіру орталығы" },
		Strip: func(_ context.Context, l i18n.Lang) []web.StripItem {
			return []web.StripItem{
				{Text: words{lang: l}.say("Коменданттық сағат 23:00–07:00 · 2 сағ 10 мин кейін", "Комендантский час 23:00–07:00 · через 2 ч 10 мин", "Curfew 23:00–07:00 · in 2 h 10 min"), Href: "/rules", Tone: web.ToneWait},
				{Text: words{lang: l}.say("Жиналуға тыйым салынған", "Собрания запрещены", "Gatherings: banned"), Href: "/rules"},
				{Text: words{lang: l}.say("3 экипаж жолда, 1 кешігуде", "3 экипажа в пути, 1 опаздывает", "3 crews out, 1 overdue"), Href: "/runs", Tone: web.ToneUrgent},
			}
		},
	}, everything)
	return g
}

func (g *Gallery) show(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r).Set("phone", "+7 701 555 12 34").Set("keep", "yes").Set("matters", "lift")
	return web.Render(w, r, page(f))
}

func (g *Gallery) save(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f.Required("name", 120)
	f.Check(len(f.Value("phone")) > 5, "phone", "error.phone")
	if !f.OK() {
		return web.Invalid(w, r, page(f))
	}
	return web.Redirect(w, r, "/gallery", web.Toast{Key: "web.saved", Undo: "/undo"})
}

func page(f *web.Form) web.Page {
	g := words{f.Lang, f}
	return web.Page{
		Title: g.say("Тақта", "Доска", "Board"), Nav: "board", Wide: true, Body: g.body(),
		Help: g.say("Жоғарыдан төмен қарай жұмыс істеңіз.", "Идите сверху вниз.", "Work from the top down."),
		Keys: []web.Key{{Keys: "F8", Does: g.say("Жоспарлау", "Спланировать", "Plan these")}, {Keys: "Ctrl+Enter", Does: g.say("Сақтап, келесіге", "Сохранить и дальше", "Save and next")}},
	}
}

func bare(w http.ResponseWriter, r *http.Request) error {
	f := web.NewForm(r)
	g := words{f.Lang, f}
	return web.Render(w, r, web.Page{Title: g.say("Кіру", "Вход", "Sign in"), Bare: true, Body: g.signIn()})
}

func broken(http.ResponseWriter, *http.Request) error { return errs.New(errs.Conflict, "") }

func undo(w http.ResponseWriter, r *http.Request) error {
	return web.Redirect(w, r, "/gallery", web.Toast{Key: "web.undone"})
}

// say chooses among a text in Kazakh, Russian and English: the gallery's words are not the product's.
func (g words) say(texts ...string) string { return texts[slices.Index(i18n.Langs(), g.lang)] }

type row struct {
	urgency, ref string
	what         []string
	where, who   string
	waits        time.Duration
	tone         web.Tone
	status       []string
	run          string
}

// pair is two records of which somebody says whether they are one.
func (g words) pair() web.Pair {
	return web.Pair{Form: g.form, Action: "/gallery", A: "1", B: "2", Question: g.say("Бір үй ме?", "Одна семья?", "One household?"), Word: g.say("мүмкін", "возможно", "perhaps"),
		Left: g.say("кезекте 3", "в очереди 3", "3 waiting"), Why: []web.Why{{For: true, Text: "Сәуле = Сауле"}, {Text: g.say("телефоны басқа", "другой телефон", "another phone")}},
		Answers: []web.Answer{{Says: "same", Label: g.say("Бір үй", "Одна", "Same"), Key: "8"}, {Label: g.say("Кейін", "Позже", "Later"), Key: "9", Href: "?later"}}}
}

func rows() []row {
	basket := []string{"азық-түлік себеті ×1", "продуктовая корзина ×1", "food basket ×1"}
	insulin := []string{"инсулин, 20:00 дейін", "инсулин до 20:00", "insulin before 20:00"}
	meals := []string{"ыстық тамақ ×60", "горячее питание ×60", "hot meals ×60"}
	ready := []string{"дайын", "готова", "ready"}
	some := []row{
		{"74", "58-03-18", insulin, "Абай 44, 12", "4 · 1, 6", 20 * time.Hour, web.ToneUrgent, []string{"шұғыл", "срочно", "urgent"}, ""},
		{"51", "47-21-90", basket, "Төле би 201а, 7", "2", 9*time.Hour + 5*time.Minute, web.ToneWait, []string{"тексерілмеген", "не проверено", "unchecked"}, ""},
		{"46", "61-40-21", meals, "блок-бекет 4", "60", 3 * time.Hour, web.ToneInfo, []string{"жолда", "в пути", "out"}, "7"},
		{"40", "33-15-02", basket, "Сейфуллин даңғ. 512, 88", "5 · 3", 76 * time.Hour, web.TonePlain, ready, ""},
		{"12", "90-77-41", basket, "мкр. Аксай-4, 17, 45", "1", 25 * time.Hour, web.ToneGood, []string{"жеткізілді", "доставлено", "delivered"}, "3"},
	}
	for range 3 {
		some = append(some, some[1:4]...)
	}
	return some
}
