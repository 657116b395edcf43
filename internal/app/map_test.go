package app_test

import (
	"context"
	"image"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/app/drill"
	"github.com/jumyla/jumyla/internal/demo"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/tiles"
)

// serveAlmaty serves the drill with the roads and the map of Almaty's extract; without it the test skips.
func serveAlmaty(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../../../shared/data/roads/almaty-2013.osm.pbf")
	if err != nil {
		t.Skipf("SKIPPED, no extract beside the project: %v", err)
	}
	defer f.Close()
	dir := filepath.Join(t.TempDir(), "demo")
	if err := os.MkdirAll(app.RoadsDir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	n, err := roads.Read(t.Context(), f, nil)
	if err != nil {
		t.Fatal(err)
	}
	network, err := os.Create(filepath.Join(app.RoadsDir(dir), app.RoadsFile))
	if err != nil {
		t.Fatal(err)
	}
	defer network.Close()
	if err := n.Encode(network); err != nil {
		t.Fatal(err)
	}
	ground, err := os.Create(filepath.Join(app.RoadsDir(dir), app.TilesFile))
	if err != nil {
		t.Fatal(err)
	}
	defer ground.Close()
	if _, err := tiles.Build(t.Context(), f, ground); err != nil {
		t.Fatal(err)
	}
	return serveFrom(t, dir)
}

// serveDrill serves the drill without roads.
func serveDrill(t *testing.T) string {
	t.Helper()
	return serveFrom(t, filepath.Join(t.TempDir(), "demo"))
}

func serveFrom(t *testing.T, dir string) string {
	t.Helper()
	cheap := store.KDF{Time: 1, Memory: 64, Threads: 1}
	ctx, cancel := context.WithCancel(t.Context())
	addr, done := make(chan string, 1), make(chan error, 1)
	go func() {
		done <- app.Serve(ctx, app.Options{Dir: dir, Listen: "127.0.0.1:0", Secret: store.Secret{Passphrase: drill.Passphrase},
			Log: slog.New(slog.DiscardHandler), KDF: cheap, Demo: true, Seed: 1, Now: drill.Clock(demo.Now(), time.Now), Ready: func(a string) { addr <- a },
			Filled: func(ctx context.Context, db *store.DB) error { return drill.Load(ctx, db, 1, cheap, nil) }})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "http://" + <-addr
}

// as signs the browser in with a role of the drill.
func as(p *browser.Page, base, role string) {
	p.Go(base + "/try")
	p.Click(`button[value="` + role + `"]`)
	p.See("nav.rail")
}

// TestTheMap draws the office's map in a browser, in day and night colours and all languages, and as the server draws it
// where there are no scripts. Pictures go to JUMYLA_SHOTS where that is set.
func TestTheMap(t *testing.T) {
	p := browser.Open(t)
	base := serveAlmaty(t)
	shot := func(name string) {
		if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
			p.Screenshot(filepath.Join(dir, name+".png"))
		}
	}
	as(p, base, "coordinator")
	for _, c := range []struct {
		name, lang, theme string
		w, h              int64
	}{{"wide-kk", "kk", "light", 1366, 900}, {"wide-ru-dark", "ru", "dark", 1366, 900}, {"phone-kk", "kk", "light", 390, 844}, {"wide-en", "en", "light", 1920, 1080}} {
		p.Viewport(c.w, c.h)
		p.Media("prefers-color-scheme", c.theme)
		p.Cookie(base, "lang", c.lang)
		p.Go(base + "/map")
		p.See("[data-chart][data-ready]")
		shot(c.name)
		for _, v := range p.Axe() {
			t.Errorf("%s: %s", c.name, v)
		}
		if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > c.w {
			t.Errorf("%s: %d px wide, the window has %d", c.name, w, c.w)
		}
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
	p.Scripts(false)
	p.Viewport(1366, 900)
	p.Cookie(base, "lang", "kk")
	p.Go(base + "/map")
	shot("drawn-kk")
	if n := p.Count(".chart-paper .g-road"); n == 0 {
		t.Error("the server drew no road")
	}
	if n := p.Count(".chart-paper .pin"); n < 3 {
		t.Errorf("the server drew %d pins", n)
	}
}

// TestAPlaceIsPicked opens the map behind the call desk's field and shows a place with the arrow keys, then with the mouse.
func TestAPlaceIsPicked(t *testing.T) {
	p := browser.Open(t)
	base := serveAlmaty(t)
	as(p, base, "coordinator")
	p.Go(base + "/call")
	p.Click(".picker summary")
	p.See("[data-chart][data-ready]")
	if dir := os.Getenv("JUMYLA_SHOTS"); dir != "" {
		p.Screenshot(filepath.Join(dir, "pick.png"))
	}
	const value = "document.getElementById('f-where').value"
	browser.Eval[bool](p, "document.querySelector('.picker canvas').focus() || true")
	p.Keys("Right")
	p.Until(value + ".startsWith('43.')")
	first := browser.Eval[string](p, value)
	p.Keys("Up")
	p.Until(value + " !== '" + first + "'")
	second := browser.Eval[string](p, value)
	p.Click(".picker canvas")
	p.Until(value + " !== '" + second + "'")
	for _, v := range p.Axe() {
		t.Error(v)
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}

// TestAPlaceIsPickedOnPaper shows a place on the map that the server drew, in browsers that cannot draw one: those that
// have no WebGL, and those that say they have and then fail.
func TestAPlaceIsPickedOnPaper(t *testing.T) {
	p := browser.Open(t)
	base := serveAlmaty(t)
	as(p, base, "coordinator")
	for _, broken := range []string{"() => null", "function (...a) { return this.isConnected ? null : had.apply(this, a) }"} {
		p.Go(base + "/call")
		browser.Eval[bool](p, "(() => { const had = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext = "+broken+"; return true })()")
		p.Click(".picker summary")
		p.See(".picker [data-picking]")
		p.See("[data-pick-words=show]")
		p.Type("#f-address", "Абай даңғылы 44")
		p.See(".picker .chart-known") // the address that is typed later
		const value = "document.getElementById('f-where').value"
		p.Click(".picker .chart-paper")
		p.Until(value + ".startsWith('43.')")
		first := browser.Eval[string](p, value)
		p.Keys("Right")
		p.Until(value + " !== '" + first + "'")
	}
}

// TestTheMapsTableFitsAPhone looks at the requests beside the map on a narrow window: each says apart from what it needs how it
// stands, and nothing is cut off, nor the centre's name above.
func TestTheMapsTableFitsAPhone(t *testing.T) {
	p := browser.Open(t)
	base := serveDrill(t)
	as(p, base, "coordinator")
	p.Viewport(360, 800)
	for _, lang := range i18n.Langs() {
		p.Cookie(base, "lang", string(lang))
		p.Go(base + "/map")
		if browser.Eval[bool](p, "(e => e.scrollWidth > e.clientWidth || !e.clientHeight)(document.querySelector('.bar .centre'))") {
			t.Errorf("%s: the centre's name is cut off", lang)
		}
		if rows := p.Count("[data-pin]"); rows == 0 || rows != p.Count("[data-pin] .badge") {
			t.Errorf("%s: of %d rows %d say how they stand", lang, rows, p.Count("[data-pin] .badge"))
		}
		if cut := browser.Eval[string](p, "[...document.querySelectorAll('[data-pin] :is(td, a, .badge)')].filter(e => !e.offsetWidth || e.getBoundingClientRect().right > innerWidth).map(e => e.textContent).join('; ')"); cut != "" {
			t.Errorf("%s: not seen: %s", lang, cut)
		}
	}
}

// TestTheMapWithoutAnExtract looks at the map of a centre that has loaded none: what waits is seen from the first moment,
// on the paper that the server drew until the browser shows as much, and on a grid in both.
func TestTheMapWithoutAnExtract(t *testing.T) {
	base := serveDrill(t)
	const seen = `(f => [...f.querySelectorAll(".chart-paper, .chart-live")].filter(e => e.checkVisibility({ visibilityProperty: true })).map(e => e.classList[0] + (e.getBoundingClientRect().top - f.getBoundingClientRect().top > 2 ? " pushed down" : "")).join())(document.querySelector("[data-chart]"))`
	p := browser.OpenPlain(t)
	as(p, base, "coordinator")
	p.Go(base + "/map")
	p.See("html[data-script]")
	if browser.Eval[bool](p, "document.createElement('canvas').getContext('webgl2') !== null") {
		t.Fatal("this browser has WebGL")
	}
	if got := browser.Eval[string](p, seen); got != "chart-paper" {
		t.Errorf("without WebGL the page shows %q", got)
	}
	if pins, grid := p.Count(".chart-paper .pin"), p.Count(".chart-paper .g-grid"); pins < 30 || grid != 1 {
		t.Errorf("the paper has %d pins and %d grids", pins, grid)
	}
	p = browser.Open(t)
	as(p, base, "coordinator")
	p.Viewport(1366, 900)
	p.Go(base + "/map")
	if got := browser.Eval[string](p, `new Promise(done => {
		const all = new Set();
		const look = () => {
			const now = `+seen+`;
			all.add(now);
			now === "chart-live" ? done([...all].join(" then ")) : requestAnimationFrame(look);
		};
		look();
	})`); got != "chart-paper then chart-live" && got != "chart-live" {
		t.Error("while the map loads the page shows", got)
	}
	file := filepath.Join(t.TempDir(), "map.png")
	p.Screenshot(file)
	box := browser.Eval[[]int](p, `(b => [b.left, b.top, b.right, b.bottom].map(Math.round))(document.querySelector(".chart-live canvas").getBoundingClientRect())`)
	if n := upright(t, file, image.Rect(box[0], box[1], box[2], box[3])); n < 4 {
		t.Errorf("%d lines of a grid stand on the map", n)
	}
	for _, s := range p.Complaints() {
		t.Error(s)
	}
}

// upright counts the lines that run through a picture's part from its top to its bottom, but for what is drawn over them.
func upright(t *testing.T, file string, part image.Rectangle) int {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	ground := img.At(part.Min.X+3, part.Min.Y+3)
	lines, before := 0, false
	for x := part.Min.X + 5; x < part.Max.X-5; x++ {
		other := 0
		for y := part.Min.Y; y < part.Max.Y; y++ {
			if img.At(x, y) != ground {
				other++
			}
		}
		line := other > part.Dy()*9/10
		if line && !before {
			lines++
		}
		before = line
	}
	return lines
}
