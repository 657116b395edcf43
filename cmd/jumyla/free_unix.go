//go:build unix

package main

import "golang.org/x/sys/unix"

// freeBytes returns how much may still be written where dir is.
func freeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec,unconvert,nolintlint // disks of 8 EB are to come; types differ between systems
}
