// Package archive is the file of a back-up: a tar of the database and of the keys that open it. It refuses whatever else
// calls itself one.
package archive

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/jumyla/jumyla/internal/errs"
)

// maxUnpacked bounds what a back-up's file may unpack to.
const maxUnpacked = 64 << 30

// File is a file that is to be in a back-up.
type File struct{ Name, Path string }

// Write writes the files.
func Write(out io.Writer, files ...File) error {
	w := tar.NewWriter(out)
	for _, f := range files {
		if err := add(w, f); err != nil {
			return err
		}
	}
	return w.Close()
}

func add(w *tar.Writer, file File) error {
	f, err := os.Open(file.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.WriteHeader(&tar.Header{Name: file.Name, Mode: 0o600, Size: fi.Size(), Format: tar.FormatPAX}); err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// Unpack unpacks a back-up's files, flushed, into a folder: those that are named, each once, and nothing else.
func Unpack(path, dir string, names ...string) error {
	f, err := os.Open(path) //nolint:gosec // named by the caller
	if err != nil {
		return errs.Wrap(errs.NotFound, err, "store.backup_absent")
	}
	defer f.Close()
	left := map[string]bool{}
	for _, name := range names {
		left[name] = true
	}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || !left[h.Name] || h.Size > maxUnpacked {
			return errs.Wrap(errs.Invalid, fmt.Errorf("read back-up: %w", errors.Join(err, errors.New("not a back-up of Jumyla"))), "store.backup_damaged")
		}
		delete(left, h.Name)
		if err := unpack(filepath.Join(dir, h.Name), r, h.Size); err != nil { //nolint:gosec // one of the names
			return err
		}
	}
	if len(left) > 0 {
		return errs.New(errs.Invalid, "store.backup_damaged")
	}
	return nil
}

// Copy copies a file that lies beside a back-up, flushed.
func Copy(from, to string) error {
	f, err := os.Open(from) //nolint:gosec // beside the back-up that the caller named
	if err != nil {
		return err
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	return unpack(to, f, fi.Size())
}

func unpack(path string, r io.Reader, size int64) error {
	out, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // inside the new folder
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, r, size)
	if err = errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(errs.Wrap(errs.Invalid, err, "store.backup_damaged"), os.Remove(path))
	}
	return nil
}
