package links_test

import (
	"bufio"
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// held is a code as a camera sees it when somebody holds it before it, some pixels wide.
func held(t *testing.T, text string, w, h, side int) *image.Gray {
	t.Helper()
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err == nil {
		code, err = barcode.Scale(code, side, side)
	}
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, w, h))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.Gray{90}), image.Point{}, draw.Src)
	at := image.Rect(0, 0, side, side).Add(image.Pt((w-side)/2, (h-side)/2))
	draw.Draw(img, at.Inset(-side/12), image.NewUniform(color.Gray{230}), image.Point{}, draw.Src)
	draw.Draw(img, at, code, image.Point{}, draw.Src)
	return img
}

// film is a camera that sees one picture all the time.
func film(t *testing.T, img *image.Gray) string {
	t.Helper()
	b := img.Bounds()
	var out bytes.Buffer
	fmt.Fprintf(&out, "YUV4MPEG2 W%d H%d F5:1 Ip A1:1 C420mpeg2\n", b.Dx(), b.Dy())
	for range 3 {
		out.WriteString("FRAME\n")
		out.Write(img.Pix)
		out.Write(bytes.Repeat([]byte{128}, b.Dx()*b.Dy()/2))
	}
	file := filepath.Join(t.TempDir(), "camera.y4m")
	if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func compact(t *testing.T, o *office) (text, words string) {
	t.Helper()
	text, err := exchange.CompactCard(t.Context(), o.db, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	card, err := exchange.ReadCard([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	six, err := exchange.Words(i18n.EN, card)
	if err != nil {
		t.Fatal(err)
	}
	return text, strings.Join(six, " · ")
}

// TestACardThroughTheCamera pairs by what the camera sees: started and stopped by keys, read, compared, added.
func TestACardThroughTheCamera(t *testing.T) {
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	text, words := compact(t, b)
	p := browser.OpenWithCamera(t, film(t, held(t, text, 1280, 720, 560)))
	p.Go(a.url + "/links")
	ready(p)
	p.See("[data-scan-start]")
	look(t, p, a, "/links")
	p.Go(a.url + "/links")
	ready(p)
	browser.Eval[bool](p, `document.querySelector("[data-scan-start]").focus(), true`)
	p.Keys("Enter")
	p.Until(`document.querySelector("#their-words") !== null`)
	if got := p.Text("#their-words"); got != words {
		t.Errorf("the page shows %q, they read %q", got, words)
	}
	p.Click(`form[action="/links/pair"] button`)
	p.Until(`document.querySelector("#their-words") === null && document.body.textContent.includes("Талдықорған")`)
	for _, s := range p.Complaints() {
		t.Error("the console says:", s)
	}
}

// TestACameraThatSeesNoCode goes on looking until it is switched off, by a key too; the focus is never lost.
func TestACameraThatSeesNoCode(t *testing.T) {
	a := open(t, "Оқу орталығы Алматы")
	p := browser.OpenWithCamera(t, film(t, image.NewGray(image.Rect(0, 0, 640, 480))))
	p.Go(a.url + "/links")
	ready(p)
	p.Click("[data-scan-start]")
	p.Until(`!document.querySelector("[data-scan-view]").hidden && document.querySelector("video").videoWidth > 0`)
	p.Until(`document.activeElement.matches("[data-scan-stop]")`)
	if shots := os.Getenv("JUMYLA_SHOTS"); shots != "" {
		p.Screenshot(filepath.Join(shots, "camera.png"))
	}
	for _, v := range p.Axe() {
		t.Error(v)
	}
	p.Keys("Esc")
	p.Until(`document.querySelector("[data-scan-view]").hidden && document.activeElement.matches("[data-scan-start]")`)
	if !strings.HasSuffix(browser.Eval[string](p, "location.pathname"), "/links") {
		t.Error("Esc left the page")
	}

	none := browser.OpenWithCamera(t, "")
	none.Go(a.url + "/links")
	ready(none)
	none.Click("[data-scan-start]")
	none.Until(`document.querySelector("[data-scan-says]").textContent.includes("The camera did not open")`)
}

// TestThePhotographOfACard needs no script: the words of the card in it come, or why there are none.
func TestThePhotographOfACard(t *testing.T) {
	a, b := open(t, "Оқу орталығы Алматы"), open(t, "Оқу орталығы Талдықорған")
	text, words := compact(t, b)
	own, _ := compact(t, a)
	drawn := func(text string) []byte {
		var out bytes.Buffer
		if err := png.Encode(&out, held(t, text, 1200, 900, 640)); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for _, c := range []struct {
		name   string
		file   []byte
		status int
		says   string
	}{
		{"their card", drawn(text), http.StatusOK, words},
		{"our own", drawn(own), http.StatusUnprocessableEntity, i18n.EN.T("exchange.own_card")},
		{"another code", drawn("https://example.org/"), http.StatusUnprocessableEntity, i18n.EN.T("photo.not_card")},
		{"no picture", []byte("Dear colleagues"), http.StatusUnprocessableEntity, i18n.EN.T("photo.format")},
		{"nothing", nil, http.StatusUnprocessableEntity, i18n.EN.T("web.choose_file")},
	} {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		if c.file != nil {
			f, err := m.CreateFormFile("photo", "card.png")
			if err == nil {
				_, err = f.Write(c.file)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		status, page := post(t, a.url+"/links/photo", m.FormDataContentType(), &body)
		if status != c.status || !strings.Contains(page, c.says) {
			t.Errorf("%s: %d, and it does not say %q", c.name, status, c.says)
		}
		if n := strings.Count(page, `role="alert"`); (n == 1) != (c.status != http.StatusOK) {
			t.Errorf("%s: %d forms say that something is wrong", c.name, n)
		}
	}
	if status, got := post(t, a.url+"/links/code", "image/jpeg", bytes.NewReader(drawn(text))); status != http.StatusOK || got != text {
		t.Errorf("the camera's reader says %d %.20q", status, got)
	}
	if status, _ := post(t, a.url+"/links/code", "image/jpeg", strings.NewReader("Dear colleagues")); status != http.StatusNoContent {
		t.Error("where there is no code it answers", status)
	}
}

func post(t *testing.T, url, kind string, body io.Reader) (status int, page string) {
	t.Helper()
	res, err := http.Post(url, kind, body)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var b strings.Builder
	if _, err := bufio.NewReader(res.Body).WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, html.UnescapeString(b.String())
}

// TestOurCodeIsNotTooDense: a card with long names is a code that a telephone reads from a screen at arm's length.
func TestOurCodeIsNotTooDense(t *testing.T) {
	o := open(t, "Облыстық төтенше жағдайлар штабының үйлестіру орталығы")
	text, _ := compact(t, o)
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d characters, %d modules a side", len(text), code.Bounds().Dx())
	if n := code.Bounds().Dx(); n > 85 {
		t.Errorf("the code has %d modules a side", n)
	}
}
