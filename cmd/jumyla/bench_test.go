package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const pair = "2\t10\t1\n0\t0\t0\t0\t0\t100\t0\t0\t0\n1\t3\t4\t5\t0\t50\t1\t0\t2\n2\t6\t8\t-5\t0\t60\t1\t1\t0\n"

func TestBenchRoutePrintsALineForEachFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "lt1.txt")
	if err := os.WriteFile(name, []byte(pair), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complain bytes.Buffer
	if code := execute(t.Context(), []string{"bench", "route", "--format", "lilim", "--objective", "vehicles", "--time", "50ms", "--cpu-time", name, name}, &out, &complain); code != 0 {
		t.Fatal(code, complain.String())
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 2 {
		t.Fatal(out.String())
	}
	var got struct {
		Instance           string
		Vehicles, Unserved int
		Distance           float64
		Iterations         int64
		Routes             [][]int
	}
	if err := json.Unmarshal([]byte(lines[0]), &got); err != nil {
		t.Fatal(err)
	}
	if got.Instance != "lt1" || got.Vehicles != 1 || got.Unserved != 0 || got.Distance != 20 || got.Iterations == 0 || !slices.Equal(got.Routes[0], []int{1, 2}) {
		t.Errorf("%s", lines[0])
	}
	if code := execute(t.Context(), []string{"bench", "route", "--format", "solomon", name}, &out, &complain); code != exitInvalid {
		t.Errorf("a file of another format: exit code %d", code)
	}
}

func TestBenchTableDrawsACurve(t *testing.T) {
	dir := t.TempDir()
	set := filepath.Join(dir, "li_lim_100")
	if err := os.Mkdir(set, 0o700); err != nil {
		t.Fatal(err)
	}
	best := "set,instance,vehicles,distance,convention\n"
	for _, name := range []string{"lr101", "lr112", "lr206", "lrc104", "lrc208", "lc109"} {
		if err := os.WriteFile(filepath.Join(set, name+".txt"), []byte(pair), 0o600); err != nil {
			t.Fatal(err)
		}
		best += "li_lim_100," + name + ",1,20,a\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "best_known.csv"), []byte(best), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, complain bytes.Buffer
	picture := filepath.Join(dir, "c.svg")
	if code := execute(t.Context(), []string{"bench", "table", "--only", "li_lim_100", "--steps", "10,100", "--picture", picture, dir}, &out, &complain); code != 0 {
		t.Fatal(code, complain.String())
	}
	if !strings.Contains(out.String(), "| 100 steps a stop | 6 | 0.00 | 0.00 | +0.00 |") {
		t.Errorf("%s", out.String())
	}
	if svg, err := os.ReadFile(picture); err != nil || !bytes.Contains(svg, []byte("<svg")) {
		t.Errorf("%s %v", svg, err)
	}
}
