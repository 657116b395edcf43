package photo_test

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/photo"
	"github.com/jumyla/jumyla/internal/i18n"
)

// cardLike is as long as a card with a long name, an area and an address in Kazakh.
func cardLike() string {
	raw := make([]byte, 360)
	for i := range raw {
		raw[i] = byte(rand.New(rand.NewPCG(uint64(i), 7)).Uint32())
	}
	return "JUMYLA:1:" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
}

// shot is how somebody holds a telephone before a code.
type shot struct {
	name   string
	w, h   int
	side   float64 // of the code, in pixels
	turn   float64 // degrees
	lean   float64 // of its upper edge: it looks shorter by so much of its length
	blur   float64 // of the lens, in pixels
	dark   float64 // how much light there is, of 1
	shadow float64 // how much less there is at one side
	noise  float64
	png    bool
}

// take makes the picture that a camera would.
func (s shot) take(t *testing.T, text string) []byte {
	t.Helper()
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	n := code.Bounds().Dx()
	rng := rand.New(rand.NewPCG(1, uint64(s.w)))
	sin, cos := math.Sincos(s.turn * math.Pi / 180)
	plane := make([]float64, s.w*s.h)
	const sub = 3 // a pixel sees an area, not a point
	for y := range s.h {
		for x := range s.w {
			sum := 0.
			for i := range sub * sub {
				px := float64(x) + (float64(i%sub)+.5)/sub - float64(s.w)/2
				py := float64(y) + (float64(i/sub)+.5)/sub - float64(s.h)/2
				u, v := (px*cos+py*sin)/s.side, (py*cos-px*sin)/s.side
				d := 1 + s.lean*v // what is further is smaller
				u, v = u/d, v/d
				cx, cy := int(math.Floor((u+.5)*float64(n))), int(math.Floor((v+.5)*float64(n)))
				switch {
				case cx >= 0 && cy >= 0 && cx < n && cy < n:
					if code.At(cx, cy) != color.Black {
						sum += 1
					}
				case cx >= -4 && cy >= -4 && cx < n+4 && cy < n+4:
					sum += 1
				default:
					sum += .35 + .2*math.Sin(px/37)*math.Cos(py/53) // a desk
				}
			}
			plane[y*s.w+x] = sum / (sub * sub)
		}
	}
	plane = blurred(plane, s.w, s.h, s.blur)
	img := image.NewNRGBA(image.Rect(0, 0, s.w, s.h))
	for i, v := range plane {
		lit := s.dark * (1 - s.shadow*float64(i%s.w)/float64(s.w))
		g := byte(min(max(255*(.04+.9*v*lit)+rng.NormFloat64()*s.noise, 0), 255))
		img.SetNRGBA(i%s.w, i/s.w, color.NRGBA{g, g, byte(float64(g) * .9), 255})
	}
	var out bytes.Buffer
	if s.png {
		err = png.Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 75})
	}
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// blurred is a lens that is not sharp: each direction by itself.
func blurred(in []float64, w, h int, sigma float64) []float64 {
	if sigma == 0 {
		return in
	}
	r := int(3 * sigma)
	kernel, sum := make([]float64, 2*r+1), 0.
	for i := range kernel {
		kernel[i] = math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
		sum += kernel[i]
	}
	pass := func(in []float64, step, n, lines, stride int) []float64 {
		out := make([]float64, len(in))
		for l := range lines {
			for i := range n {
				v := 0.
				for k, f := range kernel {
					v += f * in[l*stride+min(max(i+k-r, 0), n-1)*step]
				}
				out[l*stride+i*step] = v / sum
			}
		}
		return out
	}
	return pass(pass(in, 1, w, h, w), w, h, w, 1)
}

// TestCodesAreReadAsTelephonesSeeThem: turned, leaning, blurred, dim, shaded, noisy, small in a large picture.
func TestCodesAreReadAsTelephonesSeeThem(t *testing.T) {
	text := cardLike()
	for _, s := range []shot{
		{name: "straight", w: 1200, h: 900, side: 700, dark: 1},
		{name: "a screen as it is", w: 900, h: 900, side: 600, dark: 1, png: true},
		{name: "turned a little", w: 1200, h: 900, side: 640, turn: 17, dark: 1, noise: 4},
		{name: "turned by a quarter", w: 900, h: 1200, side: 640, turn: 90, dark: .8, noise: 4},
		{name: "upside down", w: 1200, h: 900, side: 640, turn: 183, dark: .8, noise: 4},
		{name: "turned by half a quarter", w: 1200, h: 1200, side: 700, turn: 45, dark: .9, noise: 4},
		{name: "from below", w: 1200, h: 900, side: 650, lean: .12, turn: 5, dark: .9, noise: 4},
		{name: "from above", w: 1200, h: 900, side: 650, lean: -.12, turn: -7, dark: .9, noise: 4},
		{name: "blurred", w: 1200, h: 900, side: 760, turn: 3, blur: 3, dark: 1, noise: 2},
		{name: "dim", w: 1200, h: 900, side: 700, turn: 4, dark: .12, noise: 1.5},
		{name: "half in shadow", w: 1200, h: 900, side: 700, turn: -4, dark: .9, shadow: .75, noise: 3},
		{name: "noisy", w: 1200, h: 900, side: 720, turn: 2, dark: .6, noise: 18},
		{name: "small in a large picture", w: 2000, h: 1500, side: 560, turn: 8, dark: .8, blur: 1, noise: 5},
		{name: "all together", w: 1600, h: 1200, side: 850, turn: 11, lean: .07, blur: 1.6, dark: .35, shadow: .3, noise: 4},
	} {
		t.Run(s.name, func(t *testing.T) {
			got, err := photo.New().Code(t.Context(), bytes.NewReader(s.take(t, text)))
			if err != nil || got != text {
				t.Errorf("%.30q %v", got, err)
			}
		})
	}
}

func key(err error) string {
	for _, k := range []string{"photo.none", "photo.format", "photo.large", "photo.busy"} {
		if err != nil && strings.Contains(err.Error(), k) {
			return k
		}
	}
	return ""
}

// TestBadPictures: each is refused in words, at a bounded price.
func TestBadPictures(t *testing.T) {
	whole := shot{w: 400, h: 300, side: 200, dark: 1, png: true}.take(t, "JUMYLA")
	for _, c := range []struct {
		name, key string
		raw       []byte
	}{
		{"nothing", "photo.format", nil},
		{"text", "photo.format", []byte("Dear colleagues")},
		{"cut", "photo.format", whole[:len(whole)/2]},
		{"no code", "photo.none", shot{w: 600, h: 400, side: 0.1, dark: .8, noise: 30}.take(t, "A")},
		{"a bomb of pixels", "photo.large", claims(60_000, 60_000)},
		{"a long one", "photo.large", claims(1<<20, 8)},
		{"nothing wide", "photo.format", claims(0, 8)},
		{"too many bytes", "photo.large", make([]byte, photo.MaxBytes+1)},
		{"nothing but corner marks", "photo.none", marks(t)},
	} {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := photo.New().Code(t.Context(), bytes.NewReader(c.raw))
			runtime.ReadMemStats(&after)
			if !errs.Is(err, errs.Invalid) || key(err) != c.key {
				t.Errorf("%v, want %s", err, c.key)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 160<<20 {
				t.Errorf("it took %d MB", took>>20)
			}
			if said := i18n.EN.T(c.key); said == c.key {
				t.Errorf("%s has no words", c.key)
			}
		})
	}
}

// claims is a PNG of a few bytes that says that it is so large.
func claims(w, h uint32) []byte {
	b := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, data []byte) {
		b = binary.BigEndian.AppendUint32(b, uint32(len(data)))
		b = append(append(b, name...), data...)
		b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(append([]byte(name), data...)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
	chunk("IHDR", append(head, 8, 2, 0, 0, 0))
	chunk("IDAT", nil)
	chunk("IEND", nil)
	return b
}

// marks is a picture that is made to keep a reader busy: some ten thousand corner marks, each three of which could be a code's.
func marks(t *testing.T) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, 1500, 1500))
	for y := range 1500 {
		for x := range 1500 {
			u, v := max(x%14-3, 3-x%14), max(y%14-3, 3-y%14)
			d := max(u, v)
			c := byte(255)
			if d == 3 || d <= 1 {
				c = 0
			}
			img.SetGray(x, y, color.Gray{c})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestOneAtATime: whoever does not wait any more is told so.
func TestOneAtATime(t *testing.T) {
	d := photo.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Code(ctx, bytes.NewReader(marks(t))); err == nil {
		t.Error("a code was read for nobody")
	}
}

// FuzzPictures: no picture brings the reader down.
func FuzzPictures(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	f.Add(claims(9, 9))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<16 {
			return
		}
		if c, _, err := image.DecodeConfig(bytes.NewReader(raw)); err == nil && c.Width*c.Height > 1<<18 {
			return // dear, and nothing new
		}
		_, _ = photo.New().Code(t.Context(), bytes.NewReader(raw))
	})
}
