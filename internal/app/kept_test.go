package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
)

// record keeps a log that many goroutines write.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// serveWith serves with options that the test completes; what is logged comes back.
func serveWith(t *testing.T, opt app.Options) (base string, log *record) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	log = &record{}
	opt.Listen, opt.KDF = "127.0.0.1:0", store.KDF{Time: 1, Memory: 64, Threads: 1}
	opt.Log, opt.Ready = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})), func(a string) { addr <- a }
	go func() { done <- app.Serve(ctx, opt) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	select {
	case a := <-addr:
		return "http://" + a, log
	case err := <-done:
		done <- nil
		t.Fatal(err)
		return "", nil
	}
}

// TestTheLogCanBeShownToAStranger works through what people do, well and wrongly, and looks for them in the log.
func TestTheLogCanBeShownToAStranger(t *testing.T) {
	base, log := serveWith(t, app.Options{Dir: filepath.Join(t.TempDir(), "centre")})
	c := newClient(t, base)
	setUp(t, c)
	body, _, status := c.submit("/call", "/call", call())
	at := saved(t, body)
	if status != http.StatusOK {
		t.Fatalf("call: %d", status)
	}
	c.submit(at, at+"/check", url.Values{"how": {"phone"}})
	c.submit(at, at+"/place", url.Values{"where": {"nowhere near Сәуле"}})
	bad := call()
	bad.Set("phone", "мама 77011112233")
	c.submit("/call", "/call", bad)
	for _, page := range []string{"/board", "/search?q=%D0%A1%D3%99%D1%83%D0%BB%D0%B5", "/search?q=0001234", "/call/matches?phone=87000001234&address=%D0%90%D0%B1%D0%B0%D0%B9+44",
		"/call?phone=87000001234", "/nowhere/87000001234", "/requests/87000001234", "/volunteers", "/runs/sheets.pdf", "/situation"} {
		c.get(page)
	}
	stranger := newClient(t, base)
	stranger.submit("/sign-in", "/sign-in", url.Values{"name": {"Айгүл Тестова"}, "passphrase": {"құпия емес сөз"}})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	planted := []string{"Сәуле", "Ойдан", "0001234", "000-12-34", "77011112233", "Абай 44", "Айгүл", "Тестова", passphrase, "құпия емес", "инсулин", "%D0%A1%D3%99", "%D0%90%D0%B1"}
	for _, k := range c.http.Jar.Cookies(u) {
		if len(k.Value) > 8 {
			planted = append(planted, k.Value)
		}
	}
	said := log.String()
	if strings.Count(said, "\n") < 15 || !strings.Contains(said, "/requests/{") {
		t.Fatalf("the log hardly says anything: %s", said)
	}
	for line := range strings.Lines(said) {
		for _, p := range planted {
			if strings.Contains(line, p) {
				t.Errorf("the log names %q: %s", p, line)
			}
		}
	}
}

// TestServeKeepsASecondCopy: a centre that is served with a stick can be restored from it while it runs.
func TestServeKeepsASecondCopy(t *testing.T) {
	dir, stick := filepath.Join(t.TempDir(), "centre"), t.TempDir()
	base, _ := serveWith(t, app.Options{Dir: dir})
	c := newClient(t, base)
	setUp(t, c)
	if _, _, status := c.submit("/call", "/call", call()); status != http.StatusOK {
		t.Fatal(status)
	}
	if body, at, status := c.submit("/copy", "/copy", url.Values{"folder": {stick}}); status != http.StatusOK || at != "/copy" {
		t.Fatalf("%d at %s: %s", status, at, text(body))
	}
	begun, _, _ := strings.Cut(i18n.KK.T("copy.good", "at", "|", "n", 0), "|")
	for asked := time.Now(); ; {
		body, _, _ := c.get("/copy")
		if strings.Contains(text(body), strings.TrimSpace(begun)) {
			break
		}
		if time.Since(asked) > 2*time.Minute {
			t.Fatalf("no copy: %s", text(body))
		}
	}
	twin := filepath.Join(t.TempDir(), "twin")
	if err := store.Restore(stick, twin); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(t.Context(), store.Config{Dir: twin, Kinds: app.Kinds()}, store.Secret{Passphrase: passphrase})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	n, err := store.One[int](t.Context(), db, "count", "SELECT count(*) FROM request")
	if err != nil || n != 1 {
		t.Fatalf("%d requests in the copy: %v", n, err)
	}
	if _, err := db.Verify(t.Context()); err != nil {
		t.Fatal(err)
	}
}
