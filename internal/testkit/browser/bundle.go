package browser

import (
	"io/fs"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// bundled holds that the code which pages load was built from the sources that lie beside it: with an older one a page fails without saying
// why. Without Node there is none, and no test in a browser.
func bundled(tb testing.TB) {
	tb.Helper()
	_, here, _, ok := runtime.Caller(0)
	if !ok {
		tb.Fatal("where do the tests lie?")
	}
	assets := filepath.Join(filepath.Dir(here), "..", "..", "web", "assets")
	built, _, err := ages(filepath.Join(assets, "dist"))
	if err != nil || built.IsZero() {
		tb.Skipf("SKIPPED: no browser code in internal/web/assets/dist, run `make assets` (%v)", err)
	}
	if _, written, err := ages(filepath.Join(assets, "src")); err != nil || written.After(built) {
		tb.Fatalf("internal/web/assets/dist is older than its sources, run `make assets` (%v)", err)
	}
}

// ages returns when the oldest and the newest script under a folder were written; zero where there is none.
func ages(dir string) (oldest, newest time.Time, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".js" {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := info.ModTime()
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		if at.After(newest) {
			newest = at
		}
		return nil
	})
	return oldest, newest, err
}
