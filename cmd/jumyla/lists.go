package main

import (
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/store"
)

type importCmd struct {
	Kind   string `arg:"" enum:"places" help:"places."`
	File   string `arg:"" help:"CSV with street, house, lat, lon."`
	DryRun bool   `help:"Only say what would happen."`
}

// imported is what happened to a list: rows is taken, skipped and refused together.
type imported struct {
	Rows       int       `json:"rows"`
	Taken      int       `json:"taken"`
	Skipped    []problem `json:"skipped"`
	Refused    []problem `json:"refused"`
	Duplicates int       `json:"duplicates"`
}

type problem struct {
	Row    int    `json:"row"`
	Field  string `json:"field,omitempty"`
	Reason string `json:"reason"`
}

// chunk is how many rows share a write.
const chunk = 200

// Run imports places.
func (c *importCmd) Run(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	defer f.Close()
	places, out, err := readPlaces(e, f)
	if err != nil {
		return err
	}
	if !c.DryRun {
		if err := e.with(func(db *store.DB) error { return keepPlaces(e, db, places) }); err != nil {
			return err
		}
	}
	return e.say(out, "%d rows: %d taken, %d skipped, %d refused", out.Rows, out.Taken, len(out.Skipped), len(out.Refused))
}

// keepPlaces writes places, a chunk at a time.
func keepPlaces(e *env, db *store.DB, places []place.Place) error {
	for part := range slices.Chunk(places, chunk) {
		err := db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error {
			for _, p := range part {
				p.ID = place.ID{ID: tx.NewID()}
				if err := tx.Put(e.ctx, &p); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func readPlaces(e *env, f io.Reader) ([]place.Place, *imported, error) {
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return nil, nil, errs.Wrap(errs.Invalid, err, "error.invalid")
	}
	col := map[string]int{}
	for i, h := range head {
		col[strings.ToLower(strings.TrimSpace(h))] = i
	}
	if _, ok := col["house"]; !ok {
		col["house"] = col["housenumber"]
	}
	out := &imported{Skipped: []problem{}, Refused: []problem{}}
	var all []place.Place
	seen := map[string]bool{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return all, out, nil
		}
		if err != nil {
			return nil, nil, errs.Wrap(errs.Invalid, err, "error.invalid")
		}
		out.Rows++
		get := func(name string) string {
			if i, ok := col[name]; ok && i < len(row) {
				return strings.TrimSpace(row[i])
			}
			return ""
		}
		lat, err1 := strconv.ParseFloat(get("lat"), 64)
		lon, err2 := strconv.ParseFloat(get("lon"), 64)
		p := place.Place{Street: get("street"), House: get("house"), Lat: lat, Lon: lon}
		if err := errors.Join(err1, err2, p.Validate()); err != nil {
			out.Refused = append(out.Refused, problem{Row: out.Rows + 1, Field: "lat", Reason: e.lang.T("place.coordinates")})
			continue
		}
		if key := p.Street + "\x00" + p.House; seen[key] {
			out.Duplicates++
		} else {
			seen[key] = true
		}
		all = append(all, p)
		out.Taken++
	}
}
