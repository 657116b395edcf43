package exchange

import (
	"os"

	"golang.org/x/sys/unix"
)

// forgetCache makes reading back read the device, not what the machine remembers of it, where the system can.
func forgetCache(f *os.File) {
	_ = unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}
