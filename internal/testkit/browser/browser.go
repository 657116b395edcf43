// Package browser drives a real Chromium in tests: open a page, press keys, look at what stands there, ask axe
// whether everybody can use it. Where Chromium or axe-core is absent a test skips and says so; `make test`
// installs both. It is for tests only.
package browser

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long one step may take before the test fails.
const patience = 60 * time.Second

// Page is one tab of a browser. Every method fails the test when its step cannot be done.
type Page struct {
	t   testing.TB
	ctx context.Context // chromedp keeps the browser in it

	mu         sync.Mutex
	complaints []string
}

// Open starts a browser of its own for the test, with an empty profile, and returns its tab. The browser
// ends with the test.
func Open(tb testing.TB) *Page {
	tb.Helper()
	return start(tb)
}

// OpenPlain is Open for a browser that has no WebGL, as on an old laptop or behind a remote desktop.
func OpenPlain(tb testing.TB) *Page {
	tb.Helper()
	return start(tb, chromedp.Flag("disable-3d-apis", true))
}

// OpenWithCamera is Open with a camera that sees the pictures of a file (.y4m or .mjpeg), again and again, and whose use is granted; with
// "" there is none.
func OpenWithCamera(tb testing.TB, sees string) *Page {
	tb.Helper()
	if sees == "" {
		return start(tb, chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", "device-count=0"))
	}
	return start(tb, chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", sees))
}

func start(tb testing.TB, more ...chromedp.ExecAllocatorOption) *Page {
	tb.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		tb.Skip("SKIPPED: no Chromium on this machine; `make test` installs it")
	}
	bundled(tb)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1366, 768),
		chromedp.WSURLReadTimeout(patience))
	options = append(options, more...)
	ctx, stop := chromedp.NewExecAllocator(tb.Context(), options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	tb.Cleanup(func() {
		closeTab()
		stop()
	})
	return tab(ctx, tb)
}

// tab begins to use a tab. Its first use is with the context that it lives by: chromedp binds a tab to the context that
// attaches to it, and one that ends after a step leaves a tab that never answers again.
func tab(ctx context.Context, tb testing.TB) *Page {
	tb.Helper()
	p := &Page{t: tb, ctx: ctx}
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == chromedp.ConsoleError || m.Source == "security" {
				p.mu.Lock()
				p.complaints = append(p.complaints, m.String())
				p.mu.Unlock()
			}
		}
	}()
	if err := chromedp.Do(ctx); err != nil {
		tb.Fatalf("browser: open a tab: %v", err)
	}
	return p
}

// Another opens a second window of the same browser: another window of the same person, who sees both.
func (p *Page) Another() *Page {
	p.t.Helper()
	ctx, closeTab := chromedp.NewContext(p.ctx)
	p.t.Cleanup(closeTab)
	return tab(ctx, p.t)
}

// Do runs chromedp actions, for what this package has no word for.
func (p *Page) Do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Eval returns the value of a JavaScript expression. A page that goes while it is asked may never answer: then the next one is asked.
func Eval[T any](p *Page, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	for {
		once, stop := context.WithCancel(ctx)
		go p.watch(once, stop)
		v, err := chromedp.Run(once, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
		gone := once.Err() != nil
		stop()
		if err == nil {
			return v
		}
		if ctx.Err() != nil || !gone && !leaving(err) {
			p.t.Fatalf("browser: %.80s: %v", expression, err)
		}
		pause(ctx)
	}
}

// watch gives up on what was asked of a page once another page stands in its place.
func (p *Page) watch(asked context.Context, giveUp context.CancelFunc) {
	asks := time.NewTicker(3 * time.Second)
	defer asks.Stop()
	var page float64
	for {
		ctx, cancel := context.WithTimeout(asked, 3*time.Second)
		now, err := chromedp.Run(ctx, chromedp.Evaluate[float64]("performance.timeOrigin"))
		cancel()
		switch {
		case err != nil: // it loads, or is busy
		case page == 0:
			page = now
		case now != page:
			giveUp()
			return
		}
		select {
		case <-asked.Done():
			return
		case <-asks.C:
		}
	}
}

func pause(ctx context.Context) {
	again := time.NewTimer(100 * time.Millisecond)
	defer again.Stop()
	select {
	case <-ctx.Done():
	case <-again.C:
	}
}

// leaving reports whether the page was on its way to another one: what was asked may be asked again there.
func leaving(err error) bool {
	for _, says := range []string{"navigated or closed", "context was destroyed", "Cannot find context"} {
		if strings.Contains(err.Error(), says) {
			return true
		}
	}
	return false
}

// Go opens an address and waits until it is loaded.
func (p *Page) Go(url string) {
	p.t.Helper()
	p.Do(chromedp.Navigate(url))
}

// Viewport makes the window this large, in CSS pixels.
func (p *Page) Viewport(width, height int64) {
	p.t.Helper()
	p.Do(chromedp.EmulateViewport(width, height))
}

// Media sets what the device prefers: Media("prefers-color-scheme", "dark"). Media("", "print") shows the printed page.
func (p *Page) Media(feature, value string) {
	p.t.Helper()
	params := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}}
	if feature == "" {
		params = emulation.SetEmulatedMediaParams{Media: value}
	}
	if _, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, params); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Scripts allows or forbids the page's own scripts, as an old phone does; it holds from the next page on.
func (p *Page) Scripts(allowed bool) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !allowed}); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Cookie sets a cookie for the address.
func (p *Page) Cookie(url, name, value string) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, network.SetCookie, network.SetCookieParams{URL: url, Name: name, Value: value}); err != nil {
		p.t.Fatalf("browser: %v", err)
	}
}

// Click clicks the first element that the CSS selector finds, once it can be seen.
func (p *Page) Click(selector string) {
	p.t.Helper()
	p.See(selector)
	p.Do(chromedp.Click(selector, chromedp.NodeVisible))
}

// Type types text into a field, after what stands there.
func (p *Page) Type(selector, text string) {
	p.t.Helper()
	p.See(selector)
	p.Do(chromedp.SendKeys(selector, text, chromedp.NodeVisible))
}

// Upload chooses a file in a field for files.
func (p *Page) Upload(selector, file string) {
	p.t.Helper()
	p.Do(chromedp.SetUploadFiles(selector, []string{file}))
}

// Keys presses keys wherever the focus is, one after the other: Keys("g", "b"), Keys("Ctrl+Enter"),
// Keys("Әйгерім"). A word of Enter, Esc, Tab, F1…F12, Up, Down, Left, Right is that key; other text is typed.
func (p *Page) Keys(keys ...string) {
	p.t.Helper()
	named := map[string]string{
		"Enter": kb.Enter, "Esc": kb.Escape, "Tab": kb.Tab, "Up": kb.ArrowUp, "Down": kb.ArrowDown, "Left": kb.ArrowLeft, "Right": kb.ArrowRight,
		"F1": kb.F1, "F2": kb.F2, "F3": kb.F3, "F4": kb.F4, "F5": kb.F5, "F6": kb.F6, "F7": kb.F7, "F8": kb.F8, "F9": kb.F9, "F10": kb.F10, "F11": kb.F11, "F12": kb.F12,
	}
	modifiers := map[string]kb.Modifier{"Ctrl": kb.ModifierCtrl, "Shift": kb.ModifierShift, "Alt": kb.ModifierAlt}
	for _, key := range keys {
		var held kb.Modifier
		for {
			word, rest, found := strings.Cut(key, "+")
			m, ok := modifiers[word]
			if !found || !ok {
				break
			}
			held |= m
			key = rest
		}
		if k, ok := named[key]; ok {
			key = k
		}
		for _, r := range key {
			p.press(r, held)
		}
	}
}

// press sends one key down and up. The text goes with the key, as from a keyboard: a page that takes the
// key for itself keeps the letter from being typed.
func (p *Page) press(r rune, held kb.Modifier) {
	p.t.Helper()
	events := kb.Encode(r)
	down, up := *events[0], *events[len(events)-1]
	down.Modifiers |= int64(held)
	up.Modifiers |= int64(held)
	if len(events) == 3 && held&^kb.ModifierShift == 0 {
		down.Text = events[1].Text
	}
	for _, e := range []input.DispatchKeyEventParams{down, up} {
		if _, err := chromedp.Call(p.ctx, input.DispatchKeyEvent, e); err != nil {
			p.t.Fatalf("browser: press key: %v", err)
		}
	}
}

// See waits until an element that the selector finds can be seen.
func (p *Page) See(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("(e => e && e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length)(document.querySelector(%q))", selector))
}

// Gone waits until the selector finds nothing.
func (p *Page) Gone(selector string) {
	p.t.Helper()
	p.Until(fmt.Sprintf("!document.querySelector(%q)", selector))
}

// Until waits until a JavaScript expression is true, also across the way to another page.
func (p *Page) Until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	again := time.NewTicker(30 * time.Millisecond)
	defer again.Stop()
	for {
		once, stop := context.WithTimeout(ctx, 3*time.Second) // a page that goes while it is asked never answers
		met, err := chromedp.Run(once, chromedp.Evaluate[bool]("Boolean("+expression+")"))
		stop()
		if met {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("browser: waited in vain for %s: %v", expression, err)
		case <-again.C:
		}
	}
}

// Text returns the text of the first element that the selector finds, as it can be read on the screen.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	return Eval[string](p, fmt.Sprintf("(document.querySelector(%q)||{innerText:''}).innerText.trim()", selector))
}

// Count returns how many elements the selector finds.
func (p *Page) Count(selector string) int {
	p.t.Helper()
	return Eval[int](p, fmt.Sprintf("document.querySelectorAll(%q).length", selector))
}

// Focused returns the id of the element that has the focus, or its name, or its tag.
func (p *Page) Focused() string {
	p.t.Helper()
	return Eval[string](p, "(e => e.id || e.name || e.tagName.toLowerCase())(document.activeElement)")
}

// Complaints returns what the page wrote to the console as an error: scripts that broke, what the content
// policy refused. A good page has none.
func (p *Page) Complaints() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.complaints...)
}

// Screenshot writes the whole page as a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o750)
	}
	if err == nil {
		err = os.WriteFile(file, png, 0o600)
	}
	if err != nil {
		p.t.Fatalf("browser: screenshot: %v", err)
	}
}
