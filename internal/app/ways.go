package app

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/dispatch/sheet"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/chart"
	"github.com/jumyla/jumyla/roads"
	"github.com/jumyla/jumyla/roads/gazetteer"
)

// RoadsFile is the file of a folder of roads that holds the network.
const RoadsFile = "roads.jmr"

// TilesFile is the file of a folder of roads that holds the map.
const TilesFile = "map.pmtiles"

// RoadsDir is the folder in a centre's data that holds its roads.
func RoadsDir(data string) string { return filepath.Join(data, "roads") }

// Ways returns what a centre's plans reckon travel with: the roads in its folder, straight lines where there are none.
// Roads that cannot be read are an error with their words.
func Ways(data string) (dispatch.Ways, error) {
	n, err := network(data)
	if err != nil || n == nil {
		return dispatch.Straight{}, err
	}
	return dispatch.ByRoad{Network: n}, nil
}

// network reads the roads in a centre's folder; nil where there are none.
func network(data string) (*roads.Network, error) {
	f, err := artefact(data, RoadsFile)
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Close()
	n, err := roads.Decode(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, RoadsError(err)
	}
	return n, nil
}

// artefact opens a file of a centre's roads; nil where there is none. It is of the load that was written down, where one
// was: files of two loads side by side come of a program that was killed between them, and do not go together.
func artefact(data, name string) (*os.File, error) {
	sum := recorded(RoadsDir(data)).Sums[name]
	f, err := os.Open(filepath.Join(RoadsDir(data), name)) //nolint:gosec // in the centre's own folder
	if errors.Is(err, fs.ErrNotExist) && sum == "" {
		return nil, nil //nolint:nilnil // it has none
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, err, "roads.damaged")
	}
	if sum == "" {
		return f, nil // made before digests were written down
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err == nil && hex.EncodeToString(h.Sum(nil)) != sum {
		err = errors.New(name + " is not of the load in " + useFile)
	}
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, errors.Join(errs.Wrap(errs.Unavailable, err, "roads.damaged"), f.Close())
	}
	return f, nil
}

// RoadsError gives an error of package roads its kind and words.
func RoadsError(err error) error {
	for cause, key := range map[error]string{roads.ErrNotExtract: "roads.not_extract", roads.ErrTruncated: "roads.truncated", roads.ErrEmpty: "roads.empty",
		roads.ErrTooLarge: "roads.too_large", roads.ErrVersion: "roads.version", roads.ErrDamaged: "roads.damaged"} {
		if errors.Is(err, cause) {
			return errs.Wrap(errs.Invalid, err, key)
		}
	}
	return err
}

// PlacesFile is the file of a folder of roads that holds the named places.
const PlacesFile = "places.jmr"

// Streets returns the addresses of the roads in a centre's folder; nil where there are none.
func Streets(data string) (*gazetteer.Gazetteer, error) {
	f, err := artefact(data, PlacesFile)
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Close()
	places, err := roads.DecodePlaces(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return nil, RoadsError(err)
	}
	return gazetteer.New(places), nil
}

// useRoads reads the centre's roads; an office goes on with straight lines when they cannot be read, and its pages say
// so. Streets are read while the pages answer already.
func (s *server) useRoads(ctx context.Context) {
	network, err := network(s.opt.Dir)
	if s.work.note(RoadsFile, err) != nil {
		s.opt.Log.ErrorContext(ctx, "read roads", "error", err)
	}
	s.roads.Use(network)
	s.find.Use(nil, network)
}

// placeNewcomers reads the centre's addresses and areas, and looks for who has no place yet and in which area each lives:
// now, and after each list and each file of areas.
func (s *server) placeNewcomers(ctx context.Context, db *store.DB, again <-chan struct{}) {
	streets, err := Streets(s.opt.Dir)
	if s.work.note(PlacesFile, err) != nil {
		s.opt.Log.ErrorContext(ctx, "read streets", "error", err)
	}
	s.find.Use(streets, s.roads.Network())
	for {
		if err := s.placeNow(ctx, db); err != nil && ctx.Err() == nil {
			s.opt.Log.ErrorContext(ctx, "place households", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-again:
		}
	}
}

func (s *server) placeNow(ctx context.Context, db *store.DB) error {
	areas, err := area.Load(ctx, db)
	if err != nil {
		return err
	}
	s.find.UseAreas(areas)
	if s.find.Loaded() {
		if _, err := intake.PlaceAll(ctx, db, &s.find); err != nil {
			return err
		}
	}
	if len(areas.All()) > 0 {
		_, err = intake.SortAll(ctx, db, &s.find)
	}
	return err
}

// Ground is what a centre's sheets tell the way with: the roads and the map in its folder, where it has them.
func Ground(data string) (sheet.Ground, error) {
	n, err := network(data)
	if err != nil || n == nil {
		return sheet.Ground{}, err
	}
	var c chart.Chart
	b, err := mapFile(data)
	if err == nil && b != nil {
		err = c.Use(b)
	}
	return sheet.Ground{Roads: n, Map: c.Archive()}, err
}

func (s *server) ground() sheet.Ground {
	return sheet.Ground{Roads: s.roads.Network(), Map: s.chart.Archive()}
}

// mapFile reads the map in a centre's folder; nil where there is none.
func mapFile(data string) ([]byte, error) {
	f, err := artefact(data, TilesFile)
	if err != nil || f == nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// useMap gives the pages the centre's map; without one they draw a plain grid.
func (s *server) useMap(ctx context.Context) {
	b, err := mapFile(s.opt.Dir)
	if err == nil {
		err = s.chart.Use(b)
	}
	if s.work.note(TilesFile, err) != nil {
		s.opt.Log.ErrorContext(ctx, "read map", "error", err)
	}
}
