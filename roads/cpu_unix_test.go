//go:build unix

package roads

import (
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// processorTime is how long all threads of this process have computed: a busy machine takes none of it.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
