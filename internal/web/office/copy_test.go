package office_test

import (
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/store/second"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

// byHand is a second copy that is brought up to date when the test says so.
type byHand struct {
	d    *desk
	copy *second.Copy
}

func (b *byHand) State() (second.State, bool) {
	if b.copy == nil {
		return second.State{}, false
	}
	return b.copy.State(), true
}

func (b *byHand) Use(folder string) error {
	if _, err := os.Stat(folder); err != nil {
		return errs.Wrap(errs.Invalid, err, "store.copy_absent")
	}
	b.copy = b.d.db.NewCopy(folder, func() time.Time { return b.d.now })
	return nil
}

// TestThePageOfTheSecondCopy: nobody has to guess whether there is one, how old it is, and what to do.
func TestThePageOfTheSecondCopy(t *testing.T) {
	d := newDesk(t)
	b := &byHand{d: d}
	clock := func() time.Time { return d.now }
	d.mux = web.New(web.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, SignIn: "/sign-in", Viewer: office.Viewer(d.db, clock)},
		office.New(d.db, clock, cheap).Routes(), office.Copy(d.db, b, clock).Routes())
	d.want(http.StatusSeeOther, http.MethodPost, "/sign-in", url.Values{"name": {aigul}, "passphrase": {pass}})
	d.want(http.StatusOK, http.MethodGet, "/copy", nil, "Второй копии нет")
	stick := filepath.Join(t.TempDir(), "stick")
	d.want(http.StatusUnprocessableEntity, http.MethodPost, "/copy", url.Values{"folder": {stick}}, "Папки для второй копии нет", stick)
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	d.want(http.StatusSeeOther, http.MethodPost, "/copy", url.Values{"folder": {stick}})
	d.want(http.StatusOK, http.MethodGet, "/copy", nil, "Копия записывается", stick)
	if err := b.copy.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(12 * time.Second)
	d.want(http.StatusOK, http.MethodGet, "/copy", nil, "Скопировано в 14:00:00, 12 с назад", "на том же диске")
	if err := os.RemoveAll(stick); err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(time.Minute)
	if b.copy.Tick(t.Context()) == nil {
		t.Fatal("nobody noticed that the stick is gone")
	}
	d.want(http.StatusOK, http.MethodGet, "/copy", nil, "не обновлялась с 14:00:00", "вставьте флешку")
}
