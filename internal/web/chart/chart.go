// Package chart is the map: the tiles of the centre's extract for browsers that can draw them, the same map drawn here as
// plain SVG for those that cannot and for paper, and the page that shows where what waits lies. Without an
// extract it draws a plain grid, and says so.
package chart

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/roads/tiles"
)

// Chart holds the centre's map. It is safe for several goroutines.
type Chart struct{ base atomic.Pointer[base] }

// base is the map of an extract, with what its addresses are told apart by from those of the one before.
type base struct {
	*tiles.Archive

	version string
}

// Use puts a file of tiles in the place of the one before; nil for none. Errors are those of tiles.Open.
func (c *Chart) Use(file []byte) error {
	if file == nil {
		c.base.Store(nil)
		return nil
	}
	a, err := tiles.Open(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		return err
	}
	sum := sha256.Sum256(file)
	c.base.Store(&base{a, hex.EncodeToString(sum[:6])})
	return nil
}

// Archive is the map in use; nil where there is none.
func (c *Chart) Archive() *tiles.Archive {
	if b := c.base.Load(); b != nil {
		return b.Archive
	}
	return nil
}

// Routes lists the tiles: where streets lie is no secret, but strangers have no business here.
func (c *Chart) Routes() []web.Route {
	return []web.Route{{Pattern: "GET /tiles/{version}/{z}/{x}/{y}", Allow: web.SignedIn(), Handle: c.tile}}
}

func (c *Chart) tile(w http.ResponseWriter, r *http.Request) error {
	b := c.base.Load()
	if b == nil {
		return errs.Missing("tile")
	}
	var at [3]uint32
	for i, name := range []string{"z", "x", "y"} {
		v, err := strconv.ParseUint(r.PathValue(name), 10, 31)
		if err != nil {
			return errs.Missing("tile")
		}
		at[i] = uint32(v)
	}
	tile, ok, err := b.Tile(at[0], at[1], at[2])
	if err != nil {
		return fmt.Errorf("read tile: %w", err)
	}
	h := w.Header()
	if r.PathValue("version") == b.version {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	h.Set("Content-Type", "application/vnd.mapbox-vector-tile")
	h.Set("Content-Encoding", "gzip") // as it lies in the file: whatever draws a map takes it so
	if _, err := w.Write(tile); err != nil {
		return fmt.Errorf("write tile: %w", err)
	}
	return nil
}
