//go:build unix

package store

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

// sameDevice reports whether two folders lie on one device; false where it cannot be told.
func sameDevice(a, b string) bool {
	var one, other syscall.Stat_t
	return syscall.Stat(a, &one) == nil && syscall.Stat(b, &other) == nil && one.Dev == other.Dev
}
