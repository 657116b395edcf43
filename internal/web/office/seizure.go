package office

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/store/second"
	"github.com/jumyla/jumyla/internal/web"
)

// Doors is what a centre needs to be shut in a moment.
type Doors struct {
	Close   func(ctx context.Context) error // closes the database: the next page asks for the centre's passphrase
	Destroy func() error                    // takes the keys away, for ever
	Gone    func()                          // ends the program at once, after the answer
	Copy    SecondCopy                      // that stays
}

// Routes returns the pages of who must shut the centre in a moment.
func (d *Doors) Routes() []web.Route {
	keepers := web.Roles(account.Keepers)
	return []web.Route{
		{Pattern: "POST /close", Allow: keepers, Handle: d.shut},
		{Pattern: "GET /panic", Allow: keepers, Handle: d.ask},
		{Pattern: "POST /panic", Allow: keepers, Handle: d.panic},
	}
}

// shut closes the whole centre, for every device.
func (d *Doors) shut(w http.ResponseWriter, r *http.Request) error {
	if err := d.Close(r.Context()); err != nil {
		return err
	}
	keepToken(w, r, "")
	return web.See(w, r, "/unlock")
}

func (d *Doors) ask(w http.ResponseWriter, r *http.Request) error {
	return web.Render(w, r, d.page(web.NewForm(r)))
}

func (d *Doors) page(f *web.Form) web.Page {
	st := second.State{}
	if d.Copy != nil {
		st, _ = d.Copy.State()
	}
	return web.Page{Title: f.Lang.T("panic.title"), Nav: "settings", Body: panicPage(f, st.Dir)}
}

// panic destroys the keys of this centre on this machine, once its word was typed, and ends the program.
func (d *Doors) panic(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	f.Check(strings.EqualFold(f.Text("word", 40), f.Lang.T("panic.word")), "word", "panic.word_wrong")
	if !f.OK() {
		return web.Invalid(w, r, d.page(f))
	}
	if err := d.Destroy(); err != nil {
		return fmt.Errorf("destroy keys: %w", err)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Clear-Site-Data", `"cache", "cookies", "storage"`)
	_, _ = w.Write([]byte(f.Lang.T("panic.done"))) //nolint:gosec // plain text of the catalogue; nothing is left to fail for
	_ = http.NewResponseController(w).Flush()
	d.Gone()
	return nil
}
