//go:build gc

package cipher

import "golang.org/x/sys/cpu"

// clearUpper is the instruction VZEROUPPER.
func clearUpper()

// zeroUpper ends the use of the upper halves of the processor's registers, where it has them.
func zeroUpper() {
	if cpu.X86.HasAVX {
		clearUpper()
	}
}
