// Package photo finds the code in a photograph: the QR code in which a centre shows its card, as a telephone's camera sees it, askew,
// dim or blurred. It looks at pictures from strangers, so it bounds what one may cost; what the text means it does not know.
package photo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what cameras write
	_ "image/png"  // what screens are kept as
	"io"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"github.com/jumyla/jumyla/internal/errs"
)

// What a picture may cost.
const (
	MaxBytes  = 16 << 20
	maxPixels = 26 << 20 // a telephone's ordinary picture has 12 to 24 million
	maxSide   = 20_000
	maxTime   = 20 * time.Second
	maxMarks  = 400 // corner marks that are weighed against each other: the library compares each three of them
)

// sides are the longer sides to which a picture is shrunk in turn: a sharp one is read at the first, a blurred or noisy one at the last.
func sides() []int { return []int{1600, 1000, 2400, 640} }

// Reader reads one picture at a time: together several could take more memory than an old machine has.
type Reader struct{ turn chan struct{} }

// New returns a reader.
func New() *Reader { return &Reader{turn: make(chan struct{}, 1)} }

// Code returns the text of the code in a JPEG or PNG picture. An Invalid error says in words why there is none.
func (d *Reader) Code(ctx context.Context, r io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return "", errs.Wrap(errs.Unavailable, ctx.Err(), "photo.busy")
	}
	img, err := picture(r)
	if err != nil {
		return "", err
	}
	light := lightOf(img)
	for _, side := range sides() {
		p, shrunk := light.within(side)
		if !shrunk && side != sides()[0] && side > max(light.w, light.h) {
			continue // as it is it was tried before
		}
		p.stretch()
		for _, binary := range []func(gozxing.LuminanceSource) gozxing.Binarizer{gozxing.NewHybridBinarizer, gozxing.NewGlobalHistgramBinarizer} {
			text, err := p.decode(ctx, binary)
			if err == nil {
				return text, nil
			}
			if ctx.Err() != nil {
				return "", errs.Wrap(errs.Invalid, ctx.Err(), "photo.none")
			}
		}
	}
	return "", errs.New(errs.Invalid, "photo.none")
}

// picture reads a picture after it has looked how large it says it is: a few bytes may claim to be gigabytes.
func picture(r io.Reader) (image.Image, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read picture: %w", err)
	}
	if len(raw) > MaxBytes {
		return nil, errs.New(errs.Invalid, "photo.large")
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "photo.format")
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxSide || c.Height > maxSide || c.Width*c.Height > maxPixels {
		return nil, errs.New(errs.Invalid, "photo.large")
	}
	img, _, err := image.Decode(bytes.NewReader(raw))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, err, "photo.format")
	}
	return img, nil
}

var errTooBusy = errors.New("more corner marks than a picture of one code has")

// decode looks for one code.
func (p *lightness) decode(ctx context.Context, binary func(gozxing.LuminanceSource) gozxing.Binarizer) (text string, err error) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case errTooBusy:
			err = errTooBusy
		default: // the library stumbled over a picture
			err = fmt.Errorf("decode: %v", v)
		}
	}()
	src, err := p.source()
	if err != nil {
		return "", err
	}
	bits, err := gozxing.NewBinaryBitmap(binary(src))
	if err != nil {
		return "", err
	}
	marks := 0
	res, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_TRY_HARDER: true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: gozxing.ResultPointCallback(func(gozxing.ResultPoint) {
			if marks++; marks > maxMarks || ctx.Err() != nil {
				panic(errTooBusy)
			}
		}),
	})
	if err != nil {
		return "", err
	}
	return res.GetText(), nil
}
