package app

import (
	"bufio"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/roads"
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
	f, err := os.Open(filepath.Join(RoadsDir(data), RoadsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return dispatch.Straight{}, nil
	}
	if err != nil {
		return dispatch.Straight{}, errs.Wrap(errs.Unavailable, err, "roads.damaged")
	}
	defer f.Close()
	n, err := roads.Decode(bufio.NewReaderSize(f, 1<<20))
	if err != nil {
		return dispatch.Straight{}, RoadsError(err)
	}
	return dispatch.ByRoad{Network: n}, nil
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

// ways reads the centre's roads; an office goes on with straight lines when they cannot be read, and its pages say so.
func (s *server) ways(ctx context.Context) dispatch.Ways {
	ways, err := Ways(s.opt.Dir)
	if err != nil {
		s.opt.Log.ErrorContext(ctx, "read roads", "error", err)
	}
	return ways
}

// useMap gives the pages the centre's map; without one they draw a plain grid.
func (s *server) useMap(ctx context.Context) {
	b, err := os.ReadFile(filepath.Join(RoadsDir(s.opt.Dir), TilesFile))
	if errors.Is(err, fs.ErrNotExist) {
		b, err = nil, nil
	}
	if err == nil {
		err = s.chart.Use(b)
	}
	if err != nil {
		s.opt.Log.ErrorContext(ctx, "read map", "error", err)
	}
}
