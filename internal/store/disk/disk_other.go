//go:build !unix

package disk

import (
	"os"
	"path/filepath"
	"strings"
)

// inodeOf returns nothing where files have no number that Go shows: the path and the machine must do.
func inodeOf(os.FileInfo) []byte { return nil }

// SameDevice reports whether two folders lie on one device; false where it cannot be told.
func SameDevice(a, b string) bool {
	one, err := filepath.Abs(a)
	if err != nil {
		return false
	}
	other, err := filepath.Abs(b)
	return err == nil && strings.EqualFold(filepath.VolumeName(one), filepath.VolumeName(other))
}
