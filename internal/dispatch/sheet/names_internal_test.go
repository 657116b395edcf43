package sheet

import (
	"bytes"
	"os"
	"testing"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/print"
	"github.com/jumyla/jumyla/roads/tiles"
)

// TestAWideViewHasNames holds that a sketch of 25 kilometres, whose own tiles hold no names, has those of the main streets.
func TestAWideViewHasNames(t *testing.T) {
	f, err := os.Open("../../../../shared/data/roads/almaty-2013.osm.pbf")
	if err != nil {
		t.Skip("SKIPPED: the extract of Almaty (../shared/data/roads) is not there; names on sketches are not looked for")
	}
	defer f.Close()
	var b bytes.Buffer
	if _, err := tiles.Build(t.Context(), f, &b); err != nil {
		t.Fatal(err)
	}
	a, err := tiles.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		t.Fatal(err)
	}
	v := tiles.Fit([][2]float64{{43.15, 76.8}, {43.38, 77.0}}, print.SketchW, print.SketchH, 34, 16)
	main := map[string]bool{}
	for _, n := range (Ground{Map: a}).names(v, i18n.RU) {
		if n.Main {
			main[n.Text] = true
		}
	}
	if len(main) < 8 {
		t.Errorf("zoom %.1f: main streets %v", v.Zoom, main)
	}
}
