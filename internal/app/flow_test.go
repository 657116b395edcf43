package app_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/rule"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/supply"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/internal/web"
)

// readyCentre makes a centre that can work a day: a coordinator, the rules of the day, places, bread and crew 7. It returns its folder.
func readyCentre(t *testing.T) string {
	t.Helper()
	c := found(t, store.Config{KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}, Now: func() time.Time { return time.Date(2022, 1, 12, 5, 0, 0, 0, time.UTC) }})
	places := "street,house,lat,lon\nАбай,44,43.238,76.91\nАбай,46,43.239,76.912\nАбай,48,43.24,76.914\nДостық,5,43.23,76.95\n"
	if _, err := intake.Import(t.Context(), c.db, c.boss, intake.Places, strings.NewReader(places), intake.Options{}); err != nil {
		t.Fatal(err)
	}
	c.write(func(tx *store.Tx) error { return crewSeven(t.Context(), tx) })
	if err := c.db.Close(); err != nil {
		t.Fatal(err)
	}
	return c.db.Dir()
}

func crewSeven(ctx context.Context, tx *store.Tx) error {
	v := &volunteer.Volunteer{Name: "Ерікті Ойдан", Phone: "+77000007707", Adult: volunteer.Said, Emergency: "анасы +7 700 000 88 08"}
	v.ID.ID = tx.NewID()
	if err := tx.Put(ctx, v); err != nil {
		return err
	}
	if err := volunteer.See(ctx, tx, v.ID); err != nil {
		return err
	}
	if err := supply.Set(ctx, tx, "bread", 100); err != nil {
		return err
	}
	rules, err := rule.Preset(rule.Almaty2022)
	if err != nil {
		return err
	}
	if err := rule.Apply(ctx, tx, rules); err != nil {
		return err
	}
	return crew.Form(ctx, tx, &crew.Crew{Number: 7, Vehicle: "Нива", Plate: "000 JUM 02", Baskets: 20, From: 8 * 60, To: 23 * 60, Lang: i18n.KK,
		Emergency: "+7 700 000 77 07", Members: []crew.Member{{Volunteer: v.ID.ID, Role: crew.Driver}}})
}

// flow is one person at one desk, with the board open in a second window that is never loaded again.
type flow struct {
	t           *testing.T
	base        string
	desk, board *browser.Page
	lang        i18n.Lang
	address     string // of the caller
	ref         string
}

// TestTheWholeFlowInThreeLanguages takes a call without a mouse, a list and takes it back, plans, prints, sends out and hears by a
// ring what came, in Kazakh, Russian and English one after the other; the board in a second window follows each step by itself.
func TestTheWholeFlowInThreeLanguages(t *testing.T) {
	p := browser.Open(t)
	if web.Embedded().URL("app.js") == "" {
		t.Skip("SKIPPED: the browser code is not bundled; `make assets` does it")
	}
	f := &flow{t: t, base: serve(t, readyCentre(t), store.Secret{Passphrase: passphrase}), desk: p}
	typeIn(p, f.base)
	f.board = p.Another()
	for i, lang := range i18n.Langs() {
		f.lang, f.address = lang, fmt.Sprintf("Абай %d", 44+2*i)
		p.Go(f.base + "/board")
		if p.Count("html[lang="+string(lang)+"]") == 0 {
			p.Click(".bar > .languages button[value=" + string(lang) + "]")
		}
		p.See("html[lang=" + string(lang) + "][data-script]")
		f.board.Go(f.base + "/board")
		f.board.See("html[lang=" + string(lang) + "][data-script]")
		browser.Eval[bool](f.board, "(window.neverLoadedAgain = true)")
		f.call(i)
		f.list()
		f.plan()
		f.sheet()
		f.outcome()
		if !browser.Eval[bool](f.board, "window.neverLoadedAgain === true") {
			t.Errorf("%s: the second window was loaded again", lang)
		}
	}
	for _, w := range []*browser.Page{f.desk, f.board} {
		for _, s := range w.Complaints() {
			t.Error(s)
		}
	}
}

// at opens a page by its keys and waits until it listens.
func (f *flow) at(path string, keys ...string) {
	f.t.Helper()
	f.desk.Keys(keys...)
	f.desk.Until(fmt.Sprintf("location.pathname.startsWith(%q) && document.documentElement.dataset.script", path))
}

// shows waits until a window shows these words.
func (f *flow) shows(w *browser.Page, words string) {
	f.t.Helper()
	w.Until(fmt.Sprintf("document.querySelector('main').innerText.includes(%q)", words))
}

// row waits until the board of the second window has a row of this address, with this status.
func (f *flow) row(address, status string) {
	f.t.Helper()
	f.board.Until(fmt.Sprintf("[...document.querySelectorAll('main tbody tr')].some(r => r.textContent.includes(%q) && r.textContent.includes(%q))", address, status))
}

// hides waits until it shows them no longer.
func (f *flow) hides(w *browser.Page, words string) {
	f.t.Helper()
	w.Until(fmt.Sprintf("!document.querySelector('main').innerText.includes(%q)", words))
}

// call is taken and checked by keys alone.
func (f *flow) call(i int) {
	f.t.Helper()
	p := f.desk
	f.at("/call", "n")
	p.Type("#f-phone", fmt.Sprintf("8 700 000 12 3%d", i))
	p.Keys("Tab", "Tab", "Сәуле Ойдан")
	p.Type("#f-address", f.address)
	p.Type("#f-needs", "нан 2")
	p.Keys("Ctrl+Enter")
	p.See(".saved .ref")
	f.ref = p.Text(".saved .ref")
	p.See("html[data-script]")
	f.row(f.address, f.lang.T("desk.status_unchecked"))
	f.at("/requests/", "F9")
	p.Keys("F8")
	f.row(f.address, f.lang.T("desk.status_ready"))
	p.See("html[data-script]")
}

// list is a file as a district sends it, taken and taken back.
func (f *flow) list() {
	f.t.Helper()
	p := f.desk
	cp1251, err := charmap.Windows1251.NewEncoder().String("Список\n\nФИО;Телефон;Адрес;Что нужно\nОйдан Бір;8 (701) 555-12-34;Достык 5;хлеб\nОйдан Екі;8 701 555 12 35;Достык 7;вода\n")
	if err != nil {
		f.t.Fatal(err)
	}
	file := filepath.Join(f.t.TempDir(), "тізім.csv")
	if err := os.WriteFile(file, []byte(cp1251), 0o600); err != nil {
		f.t.Fatal(err)
	}
	f.at("/lists", "g", "l")
	p.Upload("#f-file", file)
	p.Keys("Ctrl+Enter")
	p.See("html[data-script] #f-c0")
	p.Keys("Ctrl+Enter")
	f.shows(p, f.lang.T("lists.import", "n", 2))
	if strings.Contains(f.board.Text("main"), "Достык") {
		f.t.Error("a list is seen before it was taken")
	}
	p.See("html[data-script]")
	p.Keys("Ctrl+Enter")
	f.shows(p, f.lang.T("lists.taken", "n", 2))
	f.shows(f.board, "Достык 7")
	p.See("html[data-script]")
	p.Click("[data-dialog=undo]")
	p.Click("#undo button.grave")
	f.shows(p, f.lang.T("lists.was_undone", "n", 2))
	f.hides(f.board, "Достык")
	p.See("html[data-script]")
}

// plan is made and issued.
func (f *flow) plan() {
	f.t.Helper()
	p := f.desk
	f.at("/plan", "g", "p")
	if p.Count("details.plan-again") > 0 { // the language before has left a plan of the day
		p.Click("details.plan-again summary")
		p.Click("details.plan-again button.first")
	} else {
		p.Keys("Ctrl+Enter")
	}
	p.See("#plan form[action='/plan/issue']")
	f.shows(p, f.ref)
	p.See("html[data-script]")
	p.Keys("Ctrl+Enter")
	f.row(f.address, f.lang.T("desk.status_planned"))
	p.Until("location.pathname == '/runs' && document.documentElement.dataset.script")
}

// sheet is printed, and read back.
func (f *flow) sheet() {
	f.t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		f.t.Log("no pdftotext on this machine: the sheet is not read")
		return
	}
	pdf, err := base64.StdEncoding.DecodeString(browser.Eval[string](f.desk, `fetch("/runs/sheets.pdf").then(r => r.arrayBuffer()).then(b => btoa(new Uint8Array(b).reduce((s, c) => s + String.fromCharCode(c), "")))`))
	if err != nil {
		f.t.Fatal(err)
	}
	cmd := exec.CommandContext(f.t.Context(), tool, "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, want := range []string{f.address, f.ref, "000 JUM 02", i18n.KK.T("what.bread")} {
		if !strings.Contains(string(out), want) {
			f.t.Errorf("%s: the sheet lacks %q:\n%s", f.lang, want, out)
		}
	}
}

// outcome comes by a ring; then the crew is home and its sheet counted back, so that it can go again.
func (f *flow) outcome() {
	f.t.Helper()
	p := f.desk
	p.Click("button[value=out]")
	p.See("button[value=home]")
	p.See("html[data-script]")
	f.at("/outcomes", "g", "o")
	p.Type("#f-ring", "7 1")
	f.shows(p, f.address)
	p.Keys(" 1", "Enter")
	p.See("#heard")
	if heard := p.Text("#heard"); !strings.Contains(heard, f.address) || !strings.Contains(heard, f.lang.T("outcome.delivered")) {
		f.t.Errorf("%s: %s", f.lang, heard)
	}
	f.hides(f.board, f.address)
	p.See("html[data-script]")
	p.Go(f.base + "/runs") // the ring has the keys
	p.See("html[data-script]")
	p.Click("button[value=home]")
	p.See("html[data-script] button[value=sheet_back]")
	p.Keys("F9")
	p.Gone("button[value=sheet_back]")
}
