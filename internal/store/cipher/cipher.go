// Package cipher is the file system under the database: what SQLite reads and writes, encrypted by Adiantum, page by page.
// All of that is a library's; here is only what the library leaves undone. Its hash uses the processor's 256-bit registers and
// does not say when it is done with them (VZEROUPPER). Processors then carry their upper halves through every instruction that
// is older than those registers: a SHA-256 after a page was read took 160 times as long, and the ledger hashes every entry.
package cipher

import (
	"sync"

	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
)

// name is the file system's, for databases on the machine's own disk.
const name = "jumyla"

var register = sync.OnceFunc(func() { vfs.Register(name, On(vfs.Find(""))) })

// Name returns the name of the encrypting file system on the machine's own disk.
func Name() string {
	register()
	return name
}

// On returns an encrypting file system on another.
func On(base vfs.VFS) vfs.VFS { return &system{adiantum.Wrap(base, nil)} }

// system opens files that leave the processor as others expect it.
type system struct{ vfs.VFS }

// Open is not called: SQLite gives file names.
func (s *system) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpen(s.VFS, name, flags)
	return wrapped(f, err), flags, err
}

// OpenFilename opens a file.
func (s *system) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := vfsutil.WrapOpenFilename(s.VFS, name, flags)
	return wrapped(f, err), flags, err
}

func wrapped(f vfs.File, err error) vfs.File {
	if err != nil {
		return f
	}
	return &file{f}
}

// file is an encrypted file.
type file struct{ vfs.File }

// ReadAt reads and deciphers.
func (f *file) ReadAt(p []byte, off int64) (int, error) {
	n, err := f.File.ReadAt(p, off)
	zeroUpper()
	return n, err
}

// WriteAt enciphers and writes.
func (f *file) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	zeroUpper()
	return n, err
}

// What a file may do beyond that is passed on as it is.

// Unwrap returns the file beneath.
func (f *file) Unwrap() vfs.File { return f.File }

// Pragma takes the key.
func (f *file) Pragma(name, value string) (string, error) {
	return vfsutil.WrapPragma(f.File, name, value)
}

// SharedMemory is the index of the log.
func (f *file) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }

// LockState says how the file is locked.
func (f *file) LockState() vfs.LockLevel { return vfsutil.WrapLockState(f.File) }

// HasMoved says whether the file is no longer where it was opened.
func (f *file) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(f.File) }

// SizeHint says how long the file will be.
func (f *file) SizeHint(size int64) error { return vfsutil.WrapSizeHint(f.File, size) }

// ChunkSize says in what steps the file grows.
func (f *file) ChunkSize(size int) { vfsutil.WrapChunkSize(f.File, size) }

// Overwrite says that all of the file will be written anew.
func (f *file) Overwrite() error { return vfsutil.WrapOverwrite(f.File) }

// SyncSuper flushes with the journal of several databases.
func (f *file) SyncSuper(super string) error { return vfsutil.WrapSyncSuper(f.File, super) }

// CommitPhaseTwo is the end of a commit.
func (f *file) CommitPhaseTwo() error { return vfsutil.WrapCommitPhaseTwo(f.File) }

// BeginAtomicWrite begins writes that the disk will do all or none of, where it can (F2FS): SQLite asks for that wherever the
// file beneath says that it can.
func (f *file) BeginAtomicWrite() error { return vfsutil.WrapBeginAtomicWrite(f.File) }

// CommitAtomicWrite does them.
func (f *file) CommitAtomicWrite() error { return vfsutil.WrapCommitAtomicWrite(f.File) }

// RollbackAtomicWrite does none of them.
func (f *file) RollbackAtomicWrite() error { return vfsutil.WrapRollbackAtomicWrite(f.File) }

// CheckpointStart says that the log is taken into the database.
func (f *file) CheckpointStart() { vfsutil.WrapCheckpointStart(f.File) }

// CheckpointDone says that it was.
func (f *file) CheckpointDone() { vfsutil.WrapCheckpointDone(f.File) }

// BusyHandler waits for another's lock.
func (f *file) BusyHandler(handler func() bool) { vfsutil.WrapBusyHandler(f.File, handler) }
