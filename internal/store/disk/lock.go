package disk

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/gofrs/flock"

	"github.com/jumyla/jumyla/internal/errs"
)

// InUseError means that another program has the folder open.
type InUseError struct{ PID int } // 0 where the other program could not be read

// Error names the other program.
func (e *InUseError) Error() string { return fmt.Sprintf("data folder in use by process %d", e.PID) }

// Unwrap gives the error its kind and message.
func (e *InUseError) Unwrap() error { return errs.New(errs.Unavailable, "store.in_use", "pid", e.PID) }

// Lock takes a lock file for this process and returns what frees it. The lock goes with the process,
// however it ends; the number in the file is only for people.
func Lock(path string) (func() error, error) {
	f := flock.New(path, flock.SetPermissions(0o600))
	ok, err := f.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		b, _ := os.ReadFile(path) //nolint:gosec // the data folder's own file
		pid, _ := strconv.Atoi(strings.TrimSpace(string(b)))
		return nil, &InUseError{PID: pid}
	}
	if err := os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		return nil, err
	}
	return f.Unlock, nil
}
