package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/jumyla/jumyla/internal/errs"
)

//go:embed assets/css/*.css all:assets/dist
var embedded embed.FS

// Assets are the style sheet, which is always there, and the bundles of assets/dist, which are there once
// `make assets` has run; pages work without them.
type Assets struct {
	fsys fs.FS
	live bool // read anew for every page: development

	mu    sync.Mutex
	hash  string
	files map[string][]byte
}

// Embedded returns the assets that were built into the program.
var Embedded = sync.OnceValue(func() *Assets {
	sub, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic("web: " + err.Error()) // a constant path: a defect that any test finds
	}
	a := &Assets{fsys: sub}
	if err := a.load(); err != nil {
		panic("web: " + err.Error())
	}
	return a
})

// AssetsFrom returns the assets of a directory like internal/web/assets, read anew for every page.
func AssetsFrom(fsys fs.FS) (*Assets, error) {
	a := &Assets{fsys: fsys, live: true}
	return a, a.load()
}

// load reads all files and takes one hash over them: any change gives every file a new address, so that
// bundles which import one another always belong together.
func (a *Assets) load() error {
	files := map[string][]byte{}
	sheets, err := fs.Glob(a.fsys, "css/*.css")
	if err != nil {
		return fmt.Errorf("list styles: %w", err)
	}
	for _, name := range sheets {
		b, err := fs.ReadFile(a.fsys, name)
		if err != nil {
			return fmt.Errorf("read style: %w", err)
		}
		files["app.css"] = append(files["app.css"], b...)
	}
	err = fs.WalkDir(a.fsys, "dist", func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && (d.IsDir() || d.Name() == ".keep") {
			return nil
		}
		if err != nil {
			return err
		}
		files[strings.TrimPrefix(name, "dist/")], err = fs.ReadFile(a.fsys, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("read bundles: %w", err)
	}
	h := sha256.New()
	for _, name := range sortedKeys(files) {
		fmt.Fprintf(h, "%s %d\n", name, len(files[name]))
		h.Write(files[name])
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.files, a.hash = files, hex.EncodeToString(h.Sum(nil))[:12]
	return nil
}

// URL returns the address of an asset, or "" when there is none by that name: leave its tag out then.
func (a *Assets) URL(name string) string {
	if a.live {
		_ = a.load() // a file being saved: the assets read before are served once more
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, ok := a.files[name]; !ok {
		return ""
	}
	return "/assets/" + a.hash + "/" + name
}

// Read returns an asset's bytes, for pages that are served outside the Mux; ok is false where there is none by that name.
func (a *Assets) Read(name string) (b []byte, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, ok = a.files[name]
	return b, ok
}

func (a *Assets) get(hash, name string) ([]byte, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	b, ok := a.files[name]
	return b, ok && (hash == a.hash || a.live)
}

func (a *Assets) serve(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	b, ok := a.get(r.PathValue("hash"), name)
	if !ok {
		return errs.Missing("asset")
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err := w.Write(b)
	if err != nil {
		return fmt.Errorf("write asset: %w", err)
	}
	return nil
}
