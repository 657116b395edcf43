// Package disk tells one place of a file from another: which machine, which disk, which file there. It also keeps a
// folder for one process, and finds words for a disk that is full or must not be written to.
package disk

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
)

// Place names this machine and the file's place on its disk, as 32 hexadecimal digits: a copy has another.
func Place(file string) string {
	machine, _ := os.ReadFile("/etc/machine-id")
	path, err := filepath.Abs(file)
	if err != nil {
		path = file
	}
	var inode []byte
	if fi, err := os.Stat(path); err == nil {
		inode = inodeOf(fi)
	}
	sum := sha256.Sum256(bytes.Join([][]byte{bytes.TrimSpace(machine), []byte(path), inode}, []byte{0}))
	return hex.EncodeToString(sum[:16])
}
