// Package durable writes, cuts and destroys the files of a data folder so that a power cut leaves none of them half.
package durable

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// Write replaces a file so that after a power cut either the old or the new one is there, whole.
func Write(path string, b []byte) error {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the data folder's own file
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return Rename(path+".new", path)
}

// Rename gives a file the name of another and makes the new name certain: without the flush of its folder a power cut may
// take the name back, and with keys.json the only way into the data.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	if runtime.GOOS == "windows" { // it keeps names by itself and cannot flush a folder
		return nil
	}
	d, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Cut shortens a file to whole blocks of so many bytes. One that is absent stays so.
func Cut(path string, block int64) error {
	fi, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && fi.Size()%block != 0 {
		err = os.Truncate(path, fi.Size()/block*block)
	}
	return err
}

// Shred writes noise over a file of at most 4096 bytes where it lies, and then deletes it. A disk that writes elsewhere each
// time may still hold the old bytes for who takes it apart.
func Shred(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // the data folder's own file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		noise := make([]byte, 4096)
		_, _ = rand.Read(noise) // it never fails
		_, err = f.WriteAt(noise, 0)
		err = errors.Join(err, f.Sync(), f.Close())
	}
	return errors.Join(err, os.Remove(path))
}
