// Package powercut is a disk for tests that fails as disks do: it keeps only what was flushed when the power goes,
// tears what was under way, is full, or answers with errors. It lies under the encrypting file system of the real
// store; what the store itself does is unchanged.
package powercut

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"sync"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/jumyla/jumyla/internal/store/cipher"
)

// sector is what a disk writes whole or not at all.
const sector = 512

// Disk is a disk whose writes are certain only once they are flushed. Its files stand in the real file system as
// the running program sees them; beside them it remembers what would be left of each.
type Disk struct {
	name string
	base vfs.VFS

	mu    sync.Mutex
	rng   *rand.Rand
	files map[string]*file
	steps int // writes, flushes and deletions so far
	cutAt int // the step at which the power goes; 0 is never
	dead  bool
	room  int64 // bytes that may still be added; negative is no limit
	fails int   // steps from now on that answer with an error
	fail  int   // the one step that does; 0 is none
}

// file is what a disk knows of one file.
type file struct {
	certain []byte // what was flushed
	listed  bool   // its name was flushed too
	deleted bool   // its name is gone, but that was not flushed
	size    int64  // as the program sees it
	pending []write
}

// write is a change that was not flushed yet: bytes at an offset, or a new size.
type write struct {
	off  int64
	data []byte
	cut  bool
}

// New makes a disk for one test. Its Name is the file system to open a store with.
func New(tb testing.TB, seed uint64) *Disk {
	tb.Helper()
	d := &Disk{name: fmt.Sprintf("powercut-%s-%d", tb.Name(), seed), base: vfs.Find(""), files: map[string]*file{}, room: -1,
		rng: rand.New(rand.NewPCG(seed, 20220112))} //nolint:gosec // a test must be able to do it again
	vfs.Register(d.name, cipher.On(d))
	tb.Cleanup(func() { vfs.Unregister(d.name) })
	return d
}

// Name returns the name of the encrypting file system on this disk.
func (d *Disk) Name() string { return d.name }

// CutAfter lets the power go at the n-th write or flush from now.
func (d *Disk) CutAfter(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cutAt = d.steps + n
}

// Cut lets the power go now. Whatever is asked of the disk until Recover is an error.
func (d *Disk) Cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead = true
}

// Room leaves so many bytes free from now on; a negative number frees the disk.
func (d *Disk) Room(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Fail answers the next n writes and flushes with an input/output error.
func (d *Disk) Fail(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fails = n
}

// FailAt answers the n-th write or flush from now with an input/output error, and no other.
func (d *Disk) FailAt(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail = d.steps + n
}

// Steps returns how many writes, flushes and deletions there were.
func (d *Disk) Steps() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.steps
}

// Recover switches the power on again, once all handles are closed: of each file there is what was flushed, and of
// the rest whatever chance has kept, some of it torn.
func (d *Disk) Recover(tb testing.TB) {
	tb.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	for path, f := range d.files {
		image, there := d.survives(f)
		if err := os.Remove(path + "-shm"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			tb.Fatal(err)
		}
		if !there {
			if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
				tb.Fatal(err)
			}
			delete(d.files, path)
			continue
		}
		if err := os.WriteFile(path, image, 0o600); err != nil { // into the same file: it keeps its inode
			tb.Fatal(err)
		}
		*f = file{certain: image, listed: true, size: int64(len(image))}
	}
	d.dead, d.cutAt = false, 0
}

// survives decides what is left of a file after a cut.
func (d *Disk) survives(f *file) ([]byte, bool) {
	if !f.listed && d.rng.IntN(2) == 0 || f.deleted && d.rng.IntN(2) == 0 {
		return nil, false
	}
	image := f.certain
	for _, w := range f.pending {
		switch d.rng.IntN(4) {
		case 0, 1: // lost
		case 2:
			image = w.apply(image)
		case 3:
			image = d.torn(w, image)
		}
	}
	return image, true
}

// torn applies some sectors of a write.
func (d *Disk) torn(w write, image []byte) []byte {
	for len(w.data) > 0 {
		n := min(len(w.data), sector-int(w.off%sector))
		if d.rng.IntN(2) == 0 {
			image = write{off: w.off, data: w.data[:n]}.apply(image)
		}
		w.off, w.data = w.off+int64(n), w.data[n:]
	}
	return image
}

func (w write) apply(image []byte) []byte {
	if w.cut {
		return grown(image, w.off)[:w.off]
	}
	image = grown(image, w.off+int64(len(w.data)))
	copy(image[w.off:], w.data)
	return image
}

// grown returns the image with at least n bytes.
func grown(image []byte, n int64) []byte {
	if more := n - int64(len(image)); more > 0 {
		return append(image, make([]byte, more)...)
	}
	return image
}

// step counts one act that changes the disk. It answers an error when the power is gone, goes with this act (then
// what the act wrote may or may not have arrived), or the disk is to fail.
func (d *Disk) step() (last bool, err error) {
	switch d.steps++; {
	case d.dead:
		return false, sqlite3.IOERR
	case d.cutAt > 0 && d.steps >= d.cutAt:
		d.dead = true
		return true, sqlite3.IOERR
	case d.fail == d.steps:
		return false, sqlite3.IOERR
	case d.fails > 0:
		d.fails--
		return false, sqlite3.IOERR
	}
	return false, nil
}

// handle is an open file.
type handle struct {
	vfs.File
	disk *Disk
	file *file
}

// Open is not called: SQLite gives file names.
func (d *Disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	return vfsutil.WrapOpen(d.base, name, flags)
}

// OpenFilename opens a file, remembering it as certain if it was there.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return nil, flags, sqlite3.CANTOPEN
	}
	path := name.String()
	f := d.files[path]
	switch b, err := os.ReadFile(path); { //nolint:gosec // named by the store under test
	case err == nil && (f == nil || f.pending == nil && f.size != int64(len(b))): // new to us, or cut by the store itself
		f = &file{certain: b, listed: true, size: int64(len(b))}
	case err != nil && f == nil:
		f = &file{}
	case err != nil: // deleted, and now made anew
		f.pending, f.size = append(f.pending, write{cut: true}), 0
	}
	h, flags, err := vfsutil.WrapOpenFilename(d.base, name, flags)
	if err != nil || path == "" {
		return h, flags, err
	}
	f.deleted = false
	d.files[path] = f
	return &handle{File: h, disk: d, file: f}, flags, nil
}

// Delete deletes a file; without syncDir it may be there again after a cut.
func (d *Disk) Delete(path string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.step(); err != nil {
		return err
	}
	if err := d.base.Delete(path, false); err != nil {
		return err
	}
	if f := d.files[path]; f != nil && syncDir {
		delete(d.files, path)
	} else if f != nil {
		f.deleted = true
	}
	return nil
}

// Access asks the real file system.
func (d *Disk) Access(name string, flags vfs.AccessFlag) (bool, error) {
	return d.base.Access(name, flags)
}

// FullPathname asks the real file system.
func (d *Disk) FullPathname(name string) (string, error) { return d.base.FullPathname(name) }

// ReadAt reads what the program has written, flushed or not.
func (h *handle) ReadAt(p []byte, off int64) (int, error) {
	h.disk.mu.Lock()
	defer h.disk.mu.Unlock()
	if h.disk.dead {
		return 0, sqlite3.IOERR_READ
	}
	return h.File.ReadAt(p, off)
}

// WriteAt writes what is certain only after Sync.
func (h *handle) WriteAt(p []byte, off int64) (int, error) {
	d, f := h.disk, h.file
	d.mu.Lock()
	defer d.mu.Unlock()
	last, err := d.step()
	if err != nil && !last {
		return 0, err
	}
	if more := off + int64(len(p)) - f.size; d.room >= 0 && more > 0 && err == nil {
		if more > d.room {
			return 0, sqlite3.FULL
		}
		d.room -= more
	}
	f.pending = append(f.pending, write{off: off, data: slices.Clone(p)})
	if err != nil {
		return 0, err
	}
	n, err := h.File.WriteAt(p, off)
	f.size = max(f.size, off+int64(n))
	return n, err
}

// Truncate gives the file a new size that is certain only after Sync.
func (h *handle) Truncate(size int64) error {
	d, f := h.disk, h.file
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.step(); err != nil {
		return err
	}
	f.pending, f.size = append(f.pending, write{off: size, cut: true}), size
	return h.File.Truncate(size)
}

// Sync makes what was written certain.
func (h *handle) Sync(vfs.SyncFlag) error {
	d, f := h.disk, h.file
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.step(); err != nil {
		return err
	}
	for _, w := range f.pending {
		f.certain = w.apply(f.certain)
	}
	f.pending, f.listed = nil, true
	return nil
}

// SharedMemory is the real one: it does not outlive a cut, and need not.
func (h *handle) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(h.File) }

// LockState is the real one.
func (h *handle) LockState() vfs.LockLevel { return vfsutil.WrapLockState(h.File) }

// HasMoved is the real one.
func (h *handle) HasMoved() (bool, error) { return vfsutil.WrapHasMoved(h.File) }
