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
