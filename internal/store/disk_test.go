package store

import (
	"errors"
	"fmt"
	"syscall"
	"testing"

	"github.com/jumyla/jumyla/internal/store/disk"

	"github.com/ncruces/go-sqlite3"

	"github.com/jumyla/jumyla/internal/errs"
)

// TestWhatADiskSaysInWords: media that are full, read-only or damaged are named so that somebody can mend them.
func TestWhatADiskSaysInWords(t *testing.T) {
	for _, c := range []struct {
		err  error
		kind errs.Kind
		key  string
	}{
		{sqlite3.FULL, errs.Unavailable, "store.disk_full"},
		{syscall.ENOSPC, errs.Unavailable, "store.disk_full"},
		{sqlite3.READONLY, errs.Unavailable, "store.read_only"},
		{syscall.EROFS, errs.Unavailable, "store.read_only"},
		{syscall.EACCES, errs.Unavailable, "store.read_only"},
		{sqlite3.NOTADB, errs.Internal, "store.damaged"},
		{sqlite3.CORRUPT, errs.Internal, "store.damaged"},
		{errors.New("something else"), errs.Internal, ""},
	} {
		err := disk.Error(fmt.Errorf("deep down: %w", c.err), "write")
		var say *errs.Error
		if errors.As(err, &say); errs.KindOf(err) != c.kind || c.key != "" && (say == nil || say.Key != c.key) || !errors.Is(err, c.err) {
			t.Errorf("%v gave %v", c.err, err)
		}
	}
	if disk.Error(nil, "write") != nil {
		t.Error("no error gave one")
	}
}
