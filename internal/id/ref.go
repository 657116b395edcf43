package id

import (
	"errors"
	"fmt"
	"strings"
)

// Ref is a number that a person can read aloud over a bad line: six digits written 47-21-90, later
// eight, the last a check digit after Damm (2004), which finds every single wrong digit and every
// swap of neighbours. It is permuted, so that it tells nothing about how many came before.
type Ref string

// damm is the quasigroup of order 10 published by H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004).
var damm = [10][10]byte{
	{0, 3, 1, 7, 5, 9, 8, 6, 4, 2},
	{7, 0, 9, 2, 1, 5, 4, 8, 6, 3},
	{4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
	{1, 7, 5, 0, 9, 8, 3, 4, 2, 6},
	{6, 1, 2, 3, 0, 4, 5, 9, 7, 8},
	{3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
	{5, 8, 6, 9, 7, 2, 0, 1, 3, 4},
	{8, 9, 4, 5, 3, 6, 2, 0, 1, 7},
	{9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
	{2, 5, 8, 1, 4, 3, 6, 7, 9, 0},
}

// short is how many refs six digits hold; long is how many eight digits hold.
const (
	short = 100_000
	long  = 10_000_000
)

// NewRef returns the n-th ref (n from 0) of a centre whose secret permutes them. The first 100,000
// have six digits, the next 10,000,000 eight; past that it returns an error.
func NewRef(n, secret uint64) (Ref, error) {
	switch {
	case n < short:
		return checked(fmt.Sprintf("%05d", permute(n, short, secret))), nil
	case n < short+long:
		return checked(fmt.Sprintf("%07d", permute(n-short, long, secret))), nil
	}
	return "", errors.New("id: refs of eight digits are used up")
}

// ParseRef reads digits with or without spaces and hyphens and tests the check digit.
func ParseRef(s string) (Ref, error) {
	d := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r == '-' || r == ' ' || r == '\u00a0':
			return -1
		}
		return 'x'
	}, s)
	if len(d) != 6 && len(d) != 8 || strings.Contains(d, "x") {
		return "", errors.New("id: a ref has six or eight digits")
	}
	if digit(d) != 0 {
		return "", errors.New("id: the ref's check digit does not fit")
	}
	return Ref(d), nil
}

// String writes the ref in pairs: 47-21-90.
func (r Ref) String() string {
	var pairs []string
	for i := 0; i+2 <= len(r); i += 2 {
		pairs = append(pairs, string(r[i:i+2]))
	}
	return strings.Join(pairs, "-")
}

func checked(digits string) Ref { return Ref(digits + string('0'+digit(digits))) }

func digit(s string) byte {
	var interim byte
	for i := range len(s) {
		interim = damm[interim][s[i]-'0']
	}
	return interim
}

// permute maps [0, size) onto itself: a Feistel network of eight rounds over the next even power of
// two, walked along its cycle until it falls inside (Black and Rogaway, 2002).
func permute(n, size, secret uint64) uint64 {
	half := uint(1)
	for uint64(1)<<(2*half) < size {
		half++
	}
	mask := uint64(1)<<half - 1
	for {
		l, r := n>>half, n&mask
		for round := range uint64(8) {
			l, r = r, l^(mix(r+secret+round*0x9e3779b97f4a7c15)&mask)
		}
		if n = l<<half | r; n < size {
			return n
		}
	}
}

// mix is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
func mix(z uint64) uint64 {
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}
