//go:build !amd64 || !gc

package cipher

// zeroUpper does nothing: these processors have no such registers.
func zeroUpper() {}
