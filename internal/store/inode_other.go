//go:build !unix

package store

import "os"

// inodeOf returns nothing where files have no number that Go shows: the path and the machine must do.
func inodeOf(os.FileInfo) []byte { return nil }
