package app

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/extract"
)

const town = `<osm version="0.6">
	<node id="1" lat="43.2389" lon="76.8897"/><node id="2" lat="43.2389" lon="76.9397"/><node id="3" lat="43.2659" lon="76.9397"/>
	<way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="tertiary"/><tag k="name" v="Абай даңғылы"/></way></osm>`

func workAt(dir string) *server {
	s := &server{opt: Options{Dir: dir, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return time.Date(2022, 1, 12, 6, 0, 0, 0, time.UTC) }}, events: &web.Events{}}
	s.work.s = s
	s.work.begin()
	return s
}

// bring gives a file to the work and waits for its end.
func (s *server) bring(t *testing.T, name, content string) extract.State {
	t.Helper()
	_ = s.work.Take(t.Context(), name, int64(len(content)), strings.NewReader(content)) // State tells it, too
	s.work.working.Wait()
	return s.work.State()
}

// left are the files of the centre's roads.
func left(t *testing.T, s *server) map[string]string {
	t.Helper()
	out := map[string]string{}
	all, err := os.ReadDir(RoadsDir(s.opt.Dir))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	for _, e := range all {
		b, err := os.ReadFile(filepath.Join(RoadsDir(s.opt.Dir), e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		out[e.Name()] = string(b)
	}
	return out
}

func TestAnExtractComesIntoUse(t *testing.T) {
	s := workAt(t.TempDir())
	if s.work.State().Use != nil || s.roads.Network() != nil {
		t.Fatal("there are roads already")
	}
	st := s.bring(t, "town.osm", town)
	if st.Err != nil || st.Busy() || st.Use == nil || st.Use.Name != "town.osm" || st.Use.Ways != 1 || !st.Use.Since.Equal(s.opt.Now()) {
		t.Fatalf("%+v %v", st, st.Err)
	}
	if s.roads.Network() == nil || s.chart.Archive() == nil || !s.find.Loaded() {
		t.Error("what was built is not in use")
	}
	if got := left(t, s); len(got) != 4 {
		t.Errorf("%d files", len(got))
	}
	again := workAt(s.opt.Dir) // the program comes again
	if u := again.work.State().Use; u == nil || *u != *st.Use {
		t.Errorf("%+v", u)
	}
	if err := s.work.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.roads.Network() != nil || s.chart.Archive() != nil || s.work.State().Use != nil || len(left(t, s)) != 0 {
		t.Errorf("it is removed, and %v is left", left(t, s))
	}
}

func TestABadFileLeavesWhatWasThere(t *testing.T) {
	s := workAt(t.TempDir())
	s.bring(t, "town.osm", town)
	network, before := s.roads.Network(), left(t, s)
	for name, c := range map[string]struct{ content, key string }{
		"notes.txt":      {"бұл карта емес", "roads.not_extract"},
		"nothing.osm":    {"", "roads.not_extract"},
		"half.osm":       {town[:len(town)/2], "roads.truncated"},
		"empty city.osm": {`<osm version="0.6"><node id="1" lat="43.2" lon="76.9"/></osm>`, "roads.empty"},
		"half.osm.gz":    {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xb3\xb1", "roads.truncated"},
	} {
		st := s.bring(t, name, c.content)
		var e *errs.Error
		if !errors.As(st.Err, &e) || e.Key != c.key || st.Name != name || st.Use == nil || st.Use.Name != "town.osm" {
			t.Errorf("%s: %v, want %s", name, st.Err, c.key)
			continue
		}
		if words := web.Say(i18n.KK, st.Err, ""); words == "" || strings.Contains(words, "⟦") {
			t.Errorf("%s: %q", name, words)
		}
		if s.roads.Network() != network || s.chart.Archive() == nil {
			t.Errorf("%s: the roads from before are out of use", name)
		}
		if after := left(t, s); len(after) != len(before) {
			t.Errorf("%s: %d files, there were %d", name, len(after), len(before))
		} else {
			for f := range before {
				if after[f] != before[f] {
					t.Errorf("%s: %s is another", name, f)
				}
			}
		}
	}
	err := s.work.Take(t.Context(), "cut.osm", 1000, io.MultiReader(strings.NewReader(town[:100]), iotest.ErrReader(io.ErrUnexpectedEOF)))
	if !errs.Is(err, errs.Invalid) || s.work.State().Err == nil || s.work.State().Busy() || len(left(t, s)) != len(before) {
		t.Errorf("a connection that breaks off: %v, %+v", err, s.work.State())
	}
}

// TestOneFileAtATime brings a second one while the first still comes, then cancels the first.
func TestOneFileAtATime(t *testing.T) {
	s := workAt(t.TempDir())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.work.Take(t.Context(), "slow.osm", int64(2*len(town)), r) }()
	if _, err := w.Write([]byte(town)); err != nil {
		t.Fatal(err)
	}
	if st := s.work.State(); !st.Busy() || st.Stage != extract.Bringing || st.Name != "slow.osm" {
		t.Errorf("%+v", st)
	}
	if err := s.work.Take(t.Context(), "second.osm", -1, bytes.NewReader([]byte(town))); !errs.Is(err, errs.Conflict) {
		t.Errorf("a second file: %v", err)
	}
	if err := s.work.Remove(t.Context()); !errs.Is(err, errs.Conflict) {
		t.Errorf("removing meanwhile: %v", err)
	}
	s.work.Cancel() // nothing more comes, and nothing closes the other end
	if err := <-done; err == nil {
		t.Error("cancelled, and taken")
	}
	if st := s.work.State(); st.Busy() || !st.Cancelled || st.Err != nil || len(left(t, s)) != 0 {
		t.Errorf("%+v %v", st, left(t, s))
	}
	if st := s.bring(t, "town.osm", town); st.Use == nil {
		t.Errorf("the next one: %+v", st)
	}
}

// TestAStopInTheMiddleLeavesNothingHalf finds what a program that was killed while it built has left.
func TestAStopInTheMiddleLeavesNothingHalf(t *testing.T) {
	s := workAt(t.TempDir())
	s.bring(t, "town.osm", town)
	before := left(t, s)
	for _, half := range []string{"extract-123.part", RoadsFile + ".77", PlacesFile + ".8", TilesFile + ".9"} {
		if err := os.WriteFile(filepath.Join(RoadsDir(s.opt.Dir), half), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := workAt(s.opt.Dir)
	if after := left(t, again); len(after) != len(before) || after[RoadsFile] != before[RoadsFile] || again.work.State().Use == nil {
		t.Errorf("%d files, there were %d", len(after), len(before))
	}
	if err := os.Remove(filepath.Join(RoadsDir(s.opt.Dir), useFile)); err != nil {
		t.Fatal(err)
	}
	if u := workAt(s.opt.Dir).work.State().Use; u == nil || u.Name != "" || u.Since.IsZero() {
		t.Errorf("roads that somebody built elsewhere: %+v", u)
	}
}

// TestWhatCannotBeReadIsSaid damages each file, and puts one of another load beside the others.
func TestWhatCannotBeReadIsSaid(t *testing.T) {
	s := workAt(t.TempDir())
	s.bring(t, "town.osm", town)
	good := left(t, s)
	other := workAt(t.TempDir())
	other.bring(t, "other.osm", strings.ReplaceAll(town, "43.2659", "43.2700"))
	for name, bad := range map[string]func(extract.State) bool{
		RoadsFile:  func(st extract.State) bool { return st.BadRoads && !st.BadPlaces && !st.BadMap },
		PlacesFile: func(st extract.State) bool { return st.BadPlaces && !st.BadRoads && !st.BadMap },
		TilesFile:  func(st extract.State) bool { return st.BadMap && !st.BadRoads && !st.BadPlaces },
	} {
		for what, content := range map[string]string{"cut": good[name][:len(good[name])-1], "of another load": left(t, other)[name] + "\x00"} {
			path := filepath.Join(RoadsDir(s.opt.Dir), name)
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			again := workAt(s.opt.Dir)
			again.useMap(t.Context())
			again.useRoads(t.Context())
			_, err := Streets(s.opt.Dir)
			_ = again.work.note(PlacesFile, err)
			if st := again.work.State(); !bad(st) || (again.roads.Network() == nil) != (name == RoadsFile) || (again.chart.Archive() == nil) != (name == TilesFile) {
				t.Errorf("%s %s: %+v", name, what, st)
			}
			if err := os.WriteFile(path, []byte(good[name]), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(RoadsDir(s.opt.Dir), RoadsFile), []byte(left(t, other)[RoadsFile]), 0o600); err != nil {
		t.Fatal(err)
	}
	again := workAt(s.opt.Dir)
	again.useRoads(t.Context())
	if !again.work.State().Bad() || again.roads.Network() != nil {
		t.Error("whole roads of another load are used")
	}
	if st := again.bring(t, "town.osm", town); st.Bad() || st.Use == nil || again.roads.Network() == nil {
		t.Errorf("loaded again: %+v", st)
	}
}

// TestAFileThatWasLostIsSaid kills the program while a file is under way: it is said until the next load.
func TestAFileThatWasLostIsSaid(t *testing.T) {
	s := workAt(t.TempDir())
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- s.work.Take(t.Context(), "lost.osm", -1, r) }()
	if _, err := w.Write([]byte(town)); err != nil {
		t.Fatal(err)
	}
	copied := left(t, s)
	s.work.Cancel()
	if err := <-done; err == nil {
		t.Error("cancelled, and taken")
	}
	if workAt(s.opt.Dir).work.State().Lost {
		t.Error("cancelled, and lost")
	}
	for name, content := range copied {
		if err := os.WriteFile(filepath.Join(RoadsDir(s.opt.Dir), name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if st := workAt(s.opt.Dir).work.State(); !st.Lost || st.Name != "lost.osm" {
			t.Errorf("%+v", st)
		}
	}
	again := workAt(s.opt.Dir)
	if st := again.bring(t, "town.osm", town); st.Lost || workAt(s.opt.Dir).work.State().Lost {
		t.Error("said after the next load")
	}
}
