package web

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// code is a QR code as a path of squares, side modules wide with its quiet zone.
type code struct {
	side int
	path string
}

// quiet is the white around a code that readers need, in modules.
const quiet = 4

// encode returns the code of a text; an empty one where no code can hold it: it is always written in words too.
func encode(text string) code {
	img, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return code{}
	}
	n := img.Bounds().Dx()
	var b strings.Builder
	for y := range n {
		for x := 0; x < n; x++ {
			from := x
			for x < n && img.At(x, y) == color.Black {
				x++
			}
			if x > from {
				fmt.Fprintf(&b, "M%d %dh%dv1h-%dz", from+quiet, y+quiet, x-from, x-from)
			}
		}
	}
	return code{n + 2*quiet, b.String()}
}

func (c code) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.side, c.side) }
