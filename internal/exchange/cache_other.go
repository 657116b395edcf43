//go:build !linux

package exchange

import "os"

func forgetCache(*os.File) {}
