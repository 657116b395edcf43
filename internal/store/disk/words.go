package disk

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/ncruces/go-sqlite3"

	"github.com/jumyla/jumyla/internal/errs"
)

// Error gives a full disk, a read-only one and a database that is none their own words.
func Error(err error, doing string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sqlite3.FULL), errors.Is(err, syscall.ENOSPC):
		return errs.Wrap(errs.Unavailable, fmt.Errorf("%s: %w", doing, err), "store.disk_full")
	case errors.Is(err, sqlite3.READONLY), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EROFS):
		return errs.Wrap(errs.Unavailable, fmt.Errorf("%s: %w", doing, err), "store.read_only")
	case errors.Is(err, sqlite3.NOTADB), errors.Is(err, sqlite3.CORRUPT):
		return errs.Wrap(errs.Internal, fmt.Errorf("%s: %w", doing, err), "store.damaged")
	}
	return fmt.Errorf("%s: %w", doing, err)
}
