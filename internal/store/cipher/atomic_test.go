package cipher_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/jumyla/jumyla/internal/store/cipher"
)

// batching is a file system that can do several writes all or none, as F2FS does on phones and sticks.
type batching struct {
	vfs.VFS

	begun, done, undone int
	full                bool // no batch can be done
}

func (b *batching) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(b.VFS, name, flags)
	if err != nil {
		return f, flags, err
	}
	return &batch{File: f, on: b}, flags, nil
}

// batch is a file whose writes wait while a batch is open.
type batch struct {
	vfs.File

	on      *batching
	open    bool
	waiting []func() error
}

var errNoRoom = errors.New("no batch fits on the disk")

func (f *batch) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return f.File.DeviceCharacteristics() | vfs.IOCAP_BATCH_ATOMIC
}

func (f *batch) WriteAt(p []byte, off int64) (int, error) {
	if !f.open {
		return f.File.WriteAt(p, off)
	}
	b := append([]byte(nil), p...)
	f.waiting = append(f.waiting, func() error { _, err := f.File.WriteAt(b, off); return err })
	return len(p), nil
}

func (f *batch) BeginAtomicWrite() error {
	f.on.begun++
	f.open = true
	return nil
}

func (f *batch) CommitAtomicWrite() error {
	if f.on.full {
		return errNoRoom
	}
	f.on.done++
	for _, write := range f.waiting {
		if err := write(); err != nil {
			return err
		}
	}
	f.open, f.waiting = false, nil
	return nil
}

func (f *batch) RollbackAtomicWrite() error {
	f.on.undone++
	f.open, f.waiting = false, nil
	return nil
}

func (f *batch) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f *batch) SizeHint(n int64) error         { return vfsutil.WrapSizeHint(f.File, n) }
func (f *batch) SyncSuper(s string) error       { return vfsutil.WrapSyncSuper(f.File, s) }

// TestADiskThatWritesAllOrNone: SQLite writes in batches where the disk says that it can, so the cipher must pass them on; a
// back-up that is restored there is such a write (a database without a log yet).
func TestADiskThatWritesAllOrNone(t *testing.T) {
	for name, full := range map[string]bool{"done": false, "full": true} {
		t.Run(name, func(t *testing.T) { batches(t, full) })
	}
}

func batches(t *testing.T, full bool) {
	t.Helper()
	disk := &batching{VFS: vfs.Find(""), full: full}
	vfs.Register("batching", cipher.On(disk))
	t.Cleanup(func() { vfs.Unregister("batching") })
	path, restored := filepath.Join(t.TempDir(), "x.db"), filepath.Join(t.TempDir(), "y.db")
	db := open(t, path, "batching", "a5")
	if err := db.Exec("CREATE TABLE word (text TEXT); INSERT INTO word VALUES ('сөз'), ('сөз')"); err != nil {
		t.Fatal("written in batches:", err)
	}
	if disk.begun == 0 || full && (disk.done > 0 || disk.undone == 0) || !full && disk.done != disk.begun {
		t.Errorf("%d batches begun, %d done, %d undone", disk.begun, disk.done, disk.undone)
	}
	if err := db.Exec("VACUUM INTO 'file:" + filepath.ToSlash(restored) + "?vfs=batching&hexkey=" + strings.Repeat("a5", 32) + "'"); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, restored} {
		db := open(t, path, "batching", "a5")
		if err := db.Exec("PRAGMA journal_mode=WAL; INSERT INTO word VALUES ('сөз')"); err != nil {
			t.Errorf("restored and opened: %v", err)
		}
		if n := words(t, open(t, path, "adiantum", "a5")); n != 3 {
			t.Errorf("%d rows", n)
		}
	}
}
