package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/jumyla/jumyla/internal/testkit/country"
)

// almaty is an extract that stands beside the project; what wants it skips without.
const almaty = "../../../shared/data/roads/almaty-2013.osm.pbf"

// building is what a build of roads took, as the system counts it for a process of its own.
type building struct {
	processor float64 // seconds
	peak      float64 // MB of memory
	share     float64 // bytes made for each byte of the extract
}

func buildRoads(tb testing.TB, extract string) building {
	tb.Helper()
	info, err := os.Stat(extract)
	if err != nil {
		tb.Skipf("SKIPPED, no extract %s: %v", extract, err)
	}
	var out, complain bytes.Buffer
	cmd := exec.CommandContext(tb.Context(), "jumyla", "--json", "roads", "build", extract, "-o", filepath.Join(tb.TempDir(), "roads"))
	cmd.Stdout, cmd.Stderr = &out, &complain
	if err := cmd.Run(); err != nil {
		tb.Fatal(err, complain.String())
	}
	var said struct{ Bytes float64 }
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		tb.Fatal(err, out.String())
	}
	u := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return building{processor: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(),
		peak: float64(u.Maxrss) / 1000, share: said.Bytes / float64(info.Size())}
}

// TestWhatABuildTakes holds the room that an office's laptop has.
func TestWhatABuildTakes(t *testing.T) {
	b := buildRoads(t, almaty)
	t.Logf("%+v", b)
	if b.peak > 500 || b.share > 3 {
		t.Errorf("%.0f MB of memory, want at most 500; %.2f bytes for a byte of the extract, want at most 3", b.peak, b.share)
	}
}

// BenchmarkRoadsBuild builds the roads, the addresses and the map of Almaty and of an invented country, each in a process of
// its own. JUMYLA_COUNTRY names another size than the usual.
func BenchmarkRoadsBuild(b *testing.B) {
	nodes := 300_000
	if s := os.Getenv("JUMYLA_COUNTRY"); s != "" {
		var err error
		if nodes, err = strconv.Atoi(s); err != nil {
			b.Fatal(err)
		}
	}
	invented := filepath.Join(b.TempDir(), "country.osm.pbf")
	f, err := os.Create(invented)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := country.Write(f, nodes, 1); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	for name, extract := range map[string]string{"almaty": almaty, strconv.Itoa(nodes): invented} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				got := buildRoads(b, extract)
				b.ReportMetric(got.processor, "cpu-s")
				b.ReportMetric(got.peak, "peak-MB")
				b.ReportMetric(got.share, "artefact/extract")
			}
		})
	}
}
