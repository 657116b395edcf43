package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// network serves a centre to a network: 127.0.0.2 stands for an address of the office's, which is treated as any
// other. It returns where the machine itself and where the network finds it.
func network(t *testing.T, dir string, secret store.Secret) (here, there string) {
	t.Helper()
	here = serveAt(t, dir, secret, "127.0.0.2:0")
	return here, strings.TrimPrefix(strings.Replace(here, "127.0.0.1", "127.0.0.2", 1), "http://")
}

// answer is what came back, read and closed.
type answer struct {
	StatusCode, ProtoMajor int
	Header                 http.Header
	cookies                []*http.Cookie
}

// Cookies returns those that the answer sets.
func (a answer) Cookies() []*http.Cookie { return a.cookies }

// unfollowed asks once and follows nothing.
func unfollowed(t *testing.T, c *http.Client, method, address string, change func(*http.Request)) (answer, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	once := &http.Client{Transport: c.Transport, Jar: c.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := once.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.ProtoMajor, res.Header, res.Cookies()}, string(b)
}

// trusting takes the authority's certificate from the plain page and returns a browser that trusts it alone.
func trusting(t *testing.T, there string) (*client, *x509.Certificate) {
	t.Helper()
	_, der := unfollowed(t, http.DefaultClient, http.MethodGet, "http://"+there+"/jumyla.crt", nil)
	ca, err := x509.ParseCertificate([]byte(der))
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(ca)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t, "https://" + there, &http.Client{Jar: jar, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}}, ca
}

func TestAnotherLaptopJoins(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	here, there := network(t, dir, store.Secret{})
	res, body := unfollowed(t, http.DefaultClient, http.MethodGet, "http://"+there+"/", nil)
	if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, i18n.KK.T("lan.closed")) {
		t.Errorf("before set-up: %d %s", res.StatusCode, text(body))
	}
	if r, err := http.Get("https://" + there + "/"); err == nil {
		r.Body.Close()
		t.Error("before set-up somebody comes in by TLS")
	}
	setUp(t, newClient(t, here))

	c, ca := trusting(t, there)
	signIn(t, c)
	if body, at, status := c.get("/call"); status != http.StatusOK || at != "/call" || !strings.Contains(body, "f-phone") {
		t.Errorf("call over the network: %d at %s", status, at)
	}
	res, _ = unfollowed(t, c.http, http.MethodGet, c.base+"/board", nil)
	if res.ProtoMajor != 2 || res.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("HTTP/%d, HSTS %q", res.ProtoMajor, res.Header.Get("Strict-Transport-Security"))
	}
	post, err := c.http.PostForm(c.base+"/language", url.Values{"lang": {"kk"}})
	if err != nil {
		t.Fatal(err)
	}
	_ = post.Body.Close()
	seen := 0
	for r := post.Request.Response; r != nil; r = r.Request.Response {
		for _, k := range r.Cookies() {
			seen++
			if !k.Secure || !k.HttpOnly {
				t.Errorf("the cookie %s would go over plain HTTP", k.Name)
			}
		}
	}
	if seen == 0 {
		t.Error("no cookie was set")
	}
	if r, err := http.Get(c.base + "/"); err == nil {
		r.Body.Close()
		t.Error("a device without the certificate comes in")
	} else if _, ok := errors.AsType[x509.UnknownAuthorityError](err); !ok {
		t.Errorf("without the certificate: %v", err)
	}
	_, got := unfollowed(t, http.DefaultClient, http.MethodGet, "http://"+there+"/jumyla.pem", nil)
	if b, _ := pem.Decode([]byte(got)); b == nil || string(b.Bytes) != string(ca.Raw) {
		t.Error("the PEM file is another certificate")
	}
}

// TestNothingElseGoesInTheClear asks the plain port of the network for everything that the program serves.
func TestNothingElseGoesInTheClear(t *testing.T) {
	here, there := network(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	setUp(t, newClient(t, here))
	golden, err := os.ReadFile("testdata/access.golden")
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for line := range strings.Lines(string(golden)) {
		method, path := strings.Fields(line)[0], strings.Fields(line)[1]
		if path == "/{$}" {
			continue // the page itself
		}
		path = strings.NewReplacer("{", "", "}", "", "...", "").Replace(path)
		res, body := unfollowed(t, http.DefaultClient, method, "http://"+there+path, nil)
		if method == http.MethodGet && (res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/") || method == http.MethodPost && res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d %.200s", method, path, res.StatusCode, body)
		}
		if len(res.Cookies()) > 0 {
			t.Errorf("%s %s sets a cookie", method, path)
		}
		asked++
	}
	if asked < 50 {
		t.Errorf("only %d pages asked for", asked)
	}
	for _, lang := range i18n.Langs() {
		res, body := unfollowed(t, http.DefaultClient, http.MethodGet, "http://"+there+"/?lang="+string(lang), nil)
		if res.StatusCode != http.StatusOK || strings.Contains(body, "<form") || strings.Contains(body, "<script") || strings.Contains(body, "⟦") || !strings.Contains(body, "https://"+there+"/") {
			t.Errorf("join page %s: %d %.300s", lang, res.StatusCode, body)
		}
	}
}

// TestTheNetworkIsNotThisMachine asks for what only whoever sits at the machine may have, and under names that are not the
// centre's.
func TestTheNetworkIsNotThisMachine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	here, there := network(t, dir, store.Secret{})
	setUp(t, newClient(t, here))
	c, _ := trusting(t, there)
	for _, path := range []string{"/set-up", "/unlock", "/try"} {
		if body, _, status := c.get(path); status != http.StatusNotFound {
			t.Errorf("%s from the network: %d %s", path, status, text(body))
		}
	}
	for name, host := range map[string]string{"a stranger's name": "evil.example", "with the port": "evil.example:8080", "another address": "192.168.99.99", "none": ""} {
		for _, base := range []string{c.base, here} {
			res, _ := unfollowed(t, c.http, http.MethodGet, base+"/sign-in", func(r *http.Request) {
				if r.Host = host; host == "" {
					r.Host = "."
				}
			})
			if res.StatusCode != http.StatusMisdirectedRequest {
				t.Errorf("%s at %s: %d", name, base, res.StatusCode)
			}
		}
	}
	for h, v := range map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"} {
		res, _ := unfollowed(t, c.http, http.MethodPost, c.base+"/sign-out", func(r *http.Request) { r.Header.Set(h, v) })
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("a form of another site, told by %s: %d", h, res.StatusCode)
		}
	}
}

// TestDevicesTrustTheCentreAfterARestart stops the program and starts it again on the same data, at another port.
func TestDevicesTrustTheCentreAfterARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "centre")
	var c *client
	t.Run("first", func(t *testing.T) {
		here, there := network(t, dir, store.Secret{})
		setUp(t, newClient(t, here))
		c, _ = trusting(t, there)
	})
	_, there := network(t, dir, store.Secret{Passphrase: passphrase})
	again := &client{t, "https://" + there, c.http}
	if _, at, status := again.get("/"); status != http.StatusOK || at != "/sign-in" {
		t.Errorf("%d at %s", status, at)
	}
}

// TestTheJoinPageLooks looks at the plain page and at the office's page about it. JUMYLA_SHOTS keeps screenshots.
func TestTheJoinPageLooks(t *testing.T) {
	p := browser.Open(t)
	here, there := network(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	setUp(t, newClient(t, here))
	typeIn(p, here)
	alone := serve(t, filepath.Join(t.TempDir(), "alone"), store.Secret{})
	setUp(t, newClient(t, alone))
	for _, lang := range i18n.Langs() {
		p.Cookie(here, "lang", string(lang))
		for name, address := range map[string]string{"join": "http://" + there + "/?lang=" + string(lang), "devices": here + "/devices"} {
			for size, wh := range map[string][2]int64{"wide": {1366, 768}, "phone": {390, 844}} {
				p.Viewport(wh[0], wh[1])
				p.Go(address)
				if name == "devices" {
					p.See("svg.qr")
				}
				p.See(".fingerprint")
				if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
					p.Screenshot(filepath.Join(shots, name+"-"+size+"-"+string(lang)+".png"))
				}
				for _, v := range p.Axe() {
					t.Errorf("%s %s %s: %s", name, lang, size, v)
				}
				if w := browser.Eval[int64](p, "document.documentElement.scrollWidth"); w > wh[0] {
					t.Errorf("%s %s %s: %d px wide", name, lang, size, w)
				}
			}
		}
	}
	if c := p.Complaints(); len(c) > 0 {
		t.Error(c)
	}
}

// TestACodeOpensOverTheNetwork takes a run of the drill from the office's page about its code to the crew's phone, and
// back to the office's list of runs.
func TestACodeOpensOverTheNetwork(t *testing.T) {
	p := browser.Open(t)
	here := serveDemoAt(t, "127.0.0.2:0")
	there := strings.TrimPrefix(strings.Replace(here, "127.0.0.1", "127.0.0.2", 1), "http://")
	p.Go(here + "/")
	p.Click("button[value=coordinator]")
	p.Until("location.pathname == '/board'")
	p.Go(here + "/runs")
	run := browser.Eval[string](p, `[...document.querySelectorAll("#runs tr")].find(r => r.querySelector("button[value=home]")).querySelector("a[data-open]").getAttribute("href")`)
	for _, lang := range i18n.Langs() {
		p.Cookie(here, "lang", string(lang))
		p.Go(here + run + "/phone")
		p.See("svg.qr")
		for _, v := range p.Axe() {
			t.Errorf("%s: %s", lang, v)
		}
		if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
			p.Screenshot(filepath.Join(shots, "phone-"+string(lang)+".png"))
		}
	}
	link := browser.Eval[string](p, `[...document.querySelectorAll("main p")].map(e => e.textContent).find(s => s.startsWith("https://"))`)
	if !strings.HasPrefix(link, "https://"+there+"/f/") {
		t.Fatalf("the code opens %s", link)
	}
	phone, _ := trusting(t, there)
	page := strings.TrimPrefix(link, phone.base)
	body, at, status := phone.get(page)
	if status != http.StatusOK || at != page || !strings.Contains(body, page+"/stops/1") {
		t.Fatalf("%d at %s: %s", status, at, text(body))
	}
	p.Go(here + "/runs")
	before := p.Text("#" + "run" + strings.TrimPrefix(run, "/runs/"))
	last := strings.Count(body, "data-stop-at=")
	_, _, status = phone.submit(page, page+"/stops/"+strconv.Itoa(last), url.Values{"result": {"nobody"}})
	if status != http.StatusOK {
		t.Fatalf("an outcome: %d", status)
	}
	p.Until(`document.getElementById("run` + strings.TrimPrefix(run, "/runs/") + `").innerText.trim() != ` + strconv.Quote(before)) // live, without reloading
	for _, path := range []string{"/try", "/board"} {
		if _, at, _ := phone.get(path); at == "/board" {
			t.Errorf("%s opens the office to a phone that has only a code", path)
		}
	}
}

// TestALockedCentreAnswersANewConnection closes the centre at its own machine: a device that connects after that reads that it
// is closed, under a certificate of some days whose key was never written; opened again, the office's own is back.
func TestALockedCentreAnswersANewConnection(t *testing.T) {
	here, there := network(t, filepath.Join(t.TempDir(), "centre"), store.Secret{})
	own := newClient(t, here)
	setUp(t, own)
	device, _ := trusting(t, there)
	signIn(t, device)
	if _, to, status := own.submit("/panic", "/close", nil); to != "/unlock" || status != http.StatusOK {
		t.Fatalf("%d at %s", status, to)
	}
	fresh := &http.Client{Transport: device.http.Transport.(*http.Transport).Clone()}
	r, err := fresh.Get("https://" + there + "/board")
	if err != nil {
		t.Fatal("a new connection:", err)
	}
	left := r.TLS.PeerCertificates[0].NotAfter
	body, _, status := device.read(r)
	if status != http.StatusServiceUnavailable || !strings.Contains(body, html.EscapeString(i18n.KK.T("office.closed_elsewhere"))) {
		t.Errorf("%d: %s", status, text(body))
	}
	if days := time.Until(left).Hours() / 24; days > 4 {
		t.Errorf("the certificate of a closed centre holds for %.0f days", days)
	}
	own.submit("/unlock", "/unlock", url.Values{"passphrase": {passphrase}})
	again := &http.Client{Transport: device.http.Transport.(*http.Transport).Clone()}
	if r, err = again.Get("https://" + there + "/sign-in"); err != nil {
		t.Fatal("opened again:", err)
	}
	if _, _, status := device.read(r); status != http.StatusOK || !r.TLS.PeerCertificates[0].NotAfter.After(left.AddDate(0, 1, 0)) {
		t.Errorf("opened again: %d, a certificate until %s", status, r.TLS.PeerCertificates[0].NotAfter)
	}
}
