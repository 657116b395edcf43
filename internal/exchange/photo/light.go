package photo

import (
	"image"
	"image/color"

	"github.com/makiuchi-d/gozxing"
)

// lightness is a picture without colour.
type lightness struct {
	w, h int
	pix  []byte
}

func lightOf(img image.Image) *lightness {
	b := img.Bounds()
	p := &lightness{w: b.Dx(), h: b.Dy()}
	switch v := img.(type) {
	case *image.YCbCr: // as cameras write: lightness stands by itself
		p.pix = make([]byte, p.w*p.h)
		for y := range p.h {
			copy(p.pix[y*p.w:(y+1)*p.w], v.Y[v.YOffset(b.Min.X, b.Min.Y+y):])
		}
	default:
		p.pix = make([]byte, 0, p.w*p.h)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				p.pix = append(p.pix, light(img.At(x, y)))
			}
		}
	}
	return p
}

// light is a colour's lightness on white paper.
func light(c color.Color) byte {
	r, g, b, a := c.RGBA()
	return byte((299*r+587*g+114*b)/1000>>8 + (0xffff-a)>>8) //nolint:gosec // at most 255
}

// within returns a picture whose longer side has at most so many pixels, each the mean of those that it stands for.
func (p *lightness) within(side int) (out *lightness, shrunk bool) {
	longer := max(p.w, p.h)
	if longer <= side {
		return &lightness{p.w, p.h, append([]byte(nil), p.pix...)}, false
	}
	out = &lightness{w: max(1, p.w*side/longer), h: max(1, p.h*side/longer)}
	out.pix = make([]byte, out.w*out.h)
	for y := range out.h {
		top, end := y*p.h/out.h, max((y+1)*p.h/out.h, y*p.h/out.h+1)
		for x := range out.w {
			left, right := x*p.w/out.w, max((x+1)*p.w/out.w, x*p.w/out.w+1)
			sum := 0
			for at := top; at < end; at++ {
				for _, v := range p.pix[at*p.w+left : at*p.w+right] {
					sum += int(v)
				}
			}
			out.pix[y*out.w+x] = byte(sum / ((end - top) * (right - left))) //nolint:gosec // a mean of bytes
		}
	}
	return out, true
}

// stretch makes the darkest hundredth black and the lightest white: a picture of a dim room has few shades.
func (p *lightness) stretch() {
	var count [256]int
	for _, v := range p.pix {
		count[v]++
	}
	low, high := 0, 255
	for n := 0; low < 255 && n+count[low] < len(p.pix)/100; low++ {
		n += count[low]
	}
	for n := 0; high > 0 && n+count[high] < len(p.pix)/100; high-- {
		n += count[high]
	}
	if high <= low {
		return
	}
	for i, v := range p.pix {
		p.pix[i] = byte(min(max(int(v)-low, 0)*255/(high-low), 255)) //nolint:gosec // at most 255
	}
}

// source lets the library read the picture.
func (p *lightness) source() (gozxing.LuminanceSource, error) {
	return gozxing.NewPlanarYUVLuminanceSource(p.pix, p.w, p.h, 0, 0, p.w, p.h, false)
}
