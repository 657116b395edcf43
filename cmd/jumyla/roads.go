package main

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

type roadsCmd struct {
	Build roadsBuildCmd `cmd:"" help:"Make roads of an extract: .osm.pbf, .osm or .osm.gz."`
	Table roadsTableCmd `cmd:"" help:"Print travel between the points on standard input (lat,lon a line)."`
	Route roadsRouteCmd `cmd:"" help:"Print the fastest way between two points."`
	Find  roadsFindCmd  `cmd:"" help:"Find a street, a house or a landmark as one writes it."`
}

type roadsBuildCmd struct {
	File string `arg:"" help:"The extract."`
	Out  string `short:"o" help:"Folder for the result; else the centre's own, where its plans look for it." placeholder:"DIR"`
}

// Run makes the roads, the addresses and the map of an extract.
func (c *roadsBuildCmd) Run(e *env) error {
	if c.Out == "" {
		c.Out = app.RoadsDir(e.cli.Data)
	}
	f, err := os.Open(c.File)
	if err != nil {
		return usage.NoFile(err, c.File)
	}
	defer f.Close()
	s, err := app.BuildRoads(e.ctx, f, c.Out, nil)
	if err != nil {
		return err
	}
	if err := app.Remember(c.Out, filepath.Base(c.File), time.Now(), s); err != nil {
		return errs.Wrap(errs.Unavailable, err, "error.internal")
	}
	path := filepath.Join(c.Out, app.RoadsFile)
	return e.say(map[string]any{"file": path, "bytes": s.Bytes, "ways": s.Ways, "named": s.Named, "junctions": s.Junctions, "segments": s.Segments,
		"oneway": s.OneWay, "turns": s.Turns, "turns_skipped": s.TurnsSkipped, "missing_nodes": s.Missing, "metres": s.Metres, "places": s.Places, "tiles": s.Tiles},
		"%s: %d ways (%d with a name), %d junctions, %d segments, %d km, %d one-way, %d turn restrictions (%d not understood), %d nodes beyond the border, %d named places, %d tiles, %d bytes",
		path, s.Ways, s.Named, s.Junctions, s.Segments, s.Metres/1000, s.OneWay, s.Turns, s.TurnsSkipped, s.Missing, s.Places, s.Tiles, s.Bytes)
}

// artefact reads one file of a folder.
func artefact[T any](dir, name string, decode func(io.Reader) (T, error)) (out T, err error) {
	f, err := os.Open(filepath.Join(dir, name)) //nolint:gosec // the folder that was named
	if err != nil {
		return out, errs.Wrap(errs.Invalid, err, "roads.none", "dir", dir)
	}
	defer f.Close()
	out, err = decode(bufio.NewReaderSize(f, 1<<20))
	return out, app.RoadsError(err)
}

// asked is what tables and ways are asked with.
type asked struct {
	Dir     string `arg:"" help:"Folder with the roads."`
	Profile string `enum:"car,foot" default:"car" help:"car or foot."`
	At      string `default:"Mo 12:00" help:"Day and time of the drive." placeholder:"'Mo 08:30'"`
}

func (a *asked) weights() (*roads.Weights, error) {
	at, ok := parseMoment(a.At)
	if !ok {
		return nil, errs.New(errs.Invalid, "roads.at")
	}
	n, err := artefact(a.Dir, app.RoadsFile, roads.Decode)
	if err != nil {
		return nil, err
	}
	p, _ := roads.ParseProfile(a.Profile)
	return n.Weights(p, at), nil
}

func parseMoment(s string) (m roads.Moment, ok bool) {
	day, clock, _ := strings.Cut(s, " ")
	m.Weekday = slices.Index([]string{"Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"}, day)
	h, min, found := strings.Cut(clock, ":")
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(min, 10, 8)
	m.Minute = int(hour*60 + minute)
	return m, found && m.Weekday >= 0 && errH == nil && errM == nil && hour < 24 && minute < 60
}

func parsePoint(s string) (roads.Point, bool) {
	lat, lon, ok := strings.Cut(s, ",")
	a, errA := strconv.ParseFloat(strings.TrimSpace(lat), 64)
	b, errB := strconv.ParseFloat(strings.TrimSpace(lon), 64)
	return roads.Point{Lat: a, Lon: b}, ok && errA == nil && errB == nil && math.Abs(a) <= 90 && math.Abs(b) <= 180
}

type roadsTableCmd struct {
	asked
	Workers int `default:"0" help:"Goroutines; 0: one a core."`
}

// Run prints three blocks of CSV: seconds, metres, and how far each point lies from its road.
func (c *roadsTableCmd) Run(e *env) error {
	points, err := readPoints(os.Stdin)
	if err != nil {
		return err
	}
	w, err := c.weights()
	if err != nil {
		return err
	}
	snaps := make([]roads.Snap, len(points))
	for i, p := range points {
		snaps[i] = w.Snap(p)
	}
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	t, err := w.Table(e.ctx, snaps, snaps, workers)
	if err != nil {
		return err
	}
	return printTable(e.out, t, snaps)
}

// readPoints reads a point a line; a heading and empty lines are passed over.
func readPoints(in io.Reader) ([]roads.Point, error) {
	var out []roads.Point
	s := bufio.NewScanner(in)
	for line := 1; s.Scan(); line++ {
		text := strings.TrimSpace(strings.TrimPrefix(s.Text(), "\ufeff"))
		p, ok := parsePoint(text)
		switch {
		case ok:
			out = append(out, p)
		case text == "" || line == 1 && !strings.ContainsAny(text, "0123456789"):
		default:
			return nil, errs.New(errs.Invalid, "roads.point", "line", line)
		}
	}
	return out, s.Err()
}

func printTable(out io.Writer, t *roads.Table, snaps []roads.Snap) error {
	b := bufio.NewWriterSize(out, 1<<20)
	for _, block := range []struct {
		name  string
		cells []int32
	}{{"# seconds", t.Seconds}, {"# metres", t.Metres}} {
		fmt.Fprintln(b, block.name)
		w := csv.NewWriter(b)
		row := make([]string, t.To)
		for i := 0; i < len(block.cells); i += t.To {
			for j, v := range block.cells[i : i+t.To] {
				row[j] = ""
				if v != roads.None {
					row[j] = strconv.Itoa(int(v))
				}
			}
			if err := w.Write(row); err != nil {
				return err
			}
		}
		w.Flush()
	}
	fmt.Fprintln(b, "# snap")
	for _, s := range snaps {
		if math.IsInf(s.Metres, 1) {
			fmt.Fprintln(b)
			continue
		}
		fmt.Fprintf(b, "%.1f\n", s.Metres)
	}
	return b.Flush()
}

type roadsRouteCmd struct {
	asked
	From string `arg:"" help:"LAT,LON"`
	To   string `arg:"" help:"LAT,LON"`
}

// Run prints a way: with --json its shape too.
func (c *roadsRouteCmd) Run(e *env) error {
	var ends [2]roads.Snap
	w, err := c.weights()
	if err != nil {
		return err
	}
	for i, text := range []string{c.From, c.To} {
		p, ok := parsePoint(text)
		if !ok {
			return errs.New(errs.Invalid, "roads.point", "line", i+1)
		}
		ends[i] = w.Snap(p)
		if !ends[i].OnRoad() {
			return errs.New(errs.Invalid, "roads.far", "metres", strconv.FormatFloat(ends[i].Metres, 'f', 0, 64))
		}
	}
	r, ok := w.Route(ends[0], ends[1])
	if !ok {
		return errs.New(errs.NotFound, "roads.no_way")
	}
	shape := make([][2]float64, len(r.Shape))
	for i, p := range r.Shape {
		shape[i] = [2]float64{math.Round(p.Lat*1e7) / 1e7, math.Round(p.Lon*1e7) / 1e7}
	}
	var text strings.Builder
	steps := make([]map[string]any, len(r.Steps))
	for i, s := range r.Steps {
		steps[i] = map[string]any{"name": s.Name, "name:kk": s.KK, "name:ru": s.RU, "seconds": s.Seconds, "metres": s.Metres}
		fmt.Fprintf(&text, "\n%6d m  %s", s.Metres, s.Name)
	}
	return e.say(map[string]any{"seconds": r.Seconds, "metres": r.Metres, "steps": steps, "shape": shape, "side": r.Side.String(),
		"snap": []float64{math.Round(ends[0].Metres*10) / 10, math.Round(ends[1].Metres*10) / 10}},
		"%d s, %d m%s", r.Seconds, r.Metres, text.String())
}

type roadsFindCmd struct {
	Dir  string `arg:"" help:"Folder with the roads."`
	Text string `arg:"" help:"As one writes it: Абая 44, Abay st 44, мкр Самал-2 …"`
}

// Run prints what a text may mean, the likeliest first.
func (c *roadsFindCmd) Run(e *env) error {
	places, err := artefact(c.Dir, app.PlacesFile, roads.DecodePlaces)
	if err != nil {
		return err
	}
	type answer struct {
		Kind      string   `json:"kind"`
		Name      string   `json:"name"`
		Names     []string `json:"names"`
		House     string   `json:"house,omitempty"`
		In        string   `json:"in,omitempty"`
		Lat       float64  `json:"lat"`
		Lon       float64  `json:"lon"`
		Precision string   `json:"precision"`
		Score     float64  `json:"score"`
	}
	out := []answer{}
	var text strings.Builder
	for _, h := range gazetteer.New(places).Find(c.Text) {
		out = append(out, answer{h.Kind.String(), h.Names[0], h.Names, h.House, h.In, math.Round(h.At.Lat*1e7) / 1e7, math.Round(h.At.Lon*1e7) / 1e7,
			h.Precision.String(), math.Round(h.Score*1000) / 1000})
		fmt.Fprintf(&text, "%s %s · %s %s · %.6f,%.6f\n", h.Names[0], h.House, h.Kind, h.Precision, h.At.Lat, h.At.Lon)
	}
	return e.say(out, "%s", strings.TrimSuffix(text.String(), "\n"))
}
