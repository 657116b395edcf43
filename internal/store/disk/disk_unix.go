//go:build unix

package disk

import (
	"encoding/binary"
	"os"
	"syscall"
)

// inodeOf returns the file's number on its disk: a copy has another.
func inodeOf(fi os.FileInfo) []byte {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return nil
	}
	return binary.BigEndian.AppendUint64(nil, st.Ino)
}

// SameDevice reports whether two folders lie on one device; false where it cannot be told.
func SameDevice(a, b string) bool {
	var one, other syscall.Stat_t
	return syscall.Stat(a, &one) == nil && syscall.Stat(b, &other) == nil && one.Dev == other.Dev
}
