package links_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// plug puts in a stick of its own file system. Pulling it out leaves an empty folder, as a desk shows it.
func plug(t *testing.T, kilobytes int) (stick string, pull func()) {
	t.Helper()
	stick = t.TempDir()
	if err := syscall.Mount("stick", stick, "tmpfs", 0, fmt.Sprintf("size=%dk", kilobytes)); err != nil {
		t.Skip("SKIPPED: no file system may be mounted here:", err)
	}
	pull = func() { _ = syscall.Unmount(stick, syscall.MNT_DETACH) }
	t.Cleanup(pull)
	return stick, pull
}

// sends posts a form of the stick's page, and returns what the page says.
func (o *office) sends(t *testing.T, what, stick string, to *office) (status int, page string) {
	t.Helper()
	form := url.Values{"folder": {stick}}
	if to != nil {
		form.Set("to", to.db.Centre().String())
	}
	return post(t, o.url+"/links/stick/"+what, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()))
}

func (o *office) state(t *testing.T) string {
	t.Helper()
	h, err := o.db.StateHash(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestTheStickScreen plays the stick between two centres: all that may go wrong with one is said in words in each language, nothing here
// changes by it, and when it is mended all goes on.
func TestTheStickScreen(t *testing.T) {
	a, b, c := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған"), open(t, "Оқу орталығы Шымкент")
	know(t, a, b, c)
	var q *request.Request
	for n := range 20 {
		q = a.request(t, ref(n), "Ойдан Шығарылған")
	}
	hand(t, a, q, b)

	full, _ := plug(t, 4)
	locked, _ := plug(t, 512)
	if err := syscall.Mount("stick", locked, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	gone, pull := plug(t, 512)
	pull()
	if err := os.Remove(gone); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []struct{ what, stick, key string }{
		{"a full stick", full, "exchange.stick_full"},
		{"a stick that is locked", locked, "exchange.stick_locked"},
		{"a stick that is not in", gone, "exchange.no_folder"},
	} {
		before := a.state(t)
		for _, a.lang = range i18n.Langs() {
			status, page := a.sends(t, "write", bad.stick, b)
			if status != http.StatusUnprocessableEntity || !strings.Contains(page, a.lang.T(bad.key)) {
				t.Errorf("%s, %s: %d", bad.what, a.lang, status)
			}
		}
		a.lang = i18n.EN
		if left, err := filepath.Glob(filepath.Join(bad.stick, "*")); err != nil || len(left) > 0 {
			t.Errorf("%s: something is left: %v", bad.what, left)
		}
		if a.state(t) != before {
			t.Errorf("%s: the state is another", bad.what)
		}
	}

	// a good one, with a thousand other files, and what systems and people leave on sticks
	stick, pull := plug(t, 20_000)
	crowd(t, stick)
	status, page := a.sends(t, "write", stick, b)
	if status != http.StatusOK || !strings.Contains(page, "1 hand-overs") || !strings.Contains(page, "may be taken out") {
		t.Fatal("it was not written:", status)
	}
	if status, _ := a.sends(t, "write", stick, c); status != http.StatusOK {
		t.Fatal("for the third it was not written:", status)
	}
	names, err := filepath.Glob(filepath.Join(stick, "2*.jumyla"))
	if err != nil || len(names) != 2 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if !regexp.MustCompile(`^[0-9a-z.-]{1,60}$`).MatchString(filepath.Base(name)) {
			t.Errorf("%q is no name that every stick takes", filepath.Base(name))
		}
	}
	before := b.state(t)
	status, page = b.sends(t, "read", gone, nil)
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, i18n.EN.T("exchange.no_folder")) || b.state(t) != before {
		t.Error("a stick that is not in was read:", status)
	}
	status, page = b.sends(t, "read", stick, nil)
	for _, says := range []string{"1 requests handed to us", "Files taken in: 1. For other centres: 1", "letter.jumyla: " + i18n.EN.T("exchange.not_bundle")} {
		if status != http.StatusOK || !strings.Contains(page, says) {
			t.Errorf("%d, and it does not say %q", status, says)
		}
	}
	if strings.Contains(page, "._") {
		t.Error("it speaks of what a system hides")
	}

	// yesterday's again
	before = b.state(t)
	for _, b.lang = range i18n.Langs() {
		if status, page = b.sends(t, "read", stick, nil); status != http.StatusOK || !strings.Contains(page, b.lang.T("links.nothing_new", "centre", "Оқу орталығы Алматы")) {
			t.Errorf("%s: yesterday's again: %d", b.lang, status)
		}
	}
	b.lang = i18n.EN
	if b.state(t) != before {
		t.Error("yesterday's again: the state is another")
	}
	pull()
	if status, page = b.sends(t, "read", stick, nil); status != http.StatusOK || !strings.Contains(page, i18n.EN.T("links.nothing_here")) {
		t.Error("a stick that was pulled out:", status)
	}
}

// crowd is what lies on a stick that goes from hand to hand.
func crowd(t *testing.T, stick string) {
	t.Helper()
	for n := range 1000 {
		if err := os.WriteFile(filepath.Join(stick, fmt.Sprintf("Сурет %d.JPG", n)), []byte("a photo"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"._20220112.jumyla": "hidden by a system", "letter.jumyla": "Dear colleagues"} {
		if err := os.WriteFile(filepath.Join(stick, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(stick, "pipe.jumyla"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(stick, "System Volume Information"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func ref(n int) id.Ref { return id.Ref(fmt.Sprintf("%06d", 100000+n)) }

// hand hands a request over.
func hand(t *testing.T, from *office, q *request.Request, to *office) {
	t.Helper()
	from.write(t, func(ctx context.Context, tx *store.Tx) error {
		_, err := exchange.HandOver(ctx, tx, q.ID, to.db.Centre(), "area")
		return err
	})
}
