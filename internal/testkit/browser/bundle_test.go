package browser

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestTheAgesOfScripts holds that the oldest and the newest script are found, whatever lies beside them, and that a folder without any has none.
func TestTheAgesOfScripts(t *testing.T) {
	dir := t.TempDir()
	if oldest, newest, err := ages(dir); err != nil || !oldest.IsZero() || !newest.IsZero() {
		t.Errorf("of nothing: %v, %v, %v", oldest, newest, err)
	}
	day := func(n int) time.Time { return time.Date(2022, 1, n, 12, 0, 0, 0, time.UTC) }
	if err := os.Mkdir(filepath.Join(dir, "kit"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, at := range map[string]time.Time{"a.js": day(3), "kit/b.js": day(2), "kit/c.js": day(5), ".keep": day(1), "d.css": day(9)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	if oldest, newest, err := ages(dir); err != nil || !oldest.Equal(day(2)) || !newest.Equal(day(5)) {
		t.Errorf("oldest %v, newest %v, %v", oldest, newest, err)
	}
}
