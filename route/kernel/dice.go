package kernel

import "math/bits"

// Dice is xoshiro256++ (Blackman and Vigna, 2019): the same numbers on every machine.
type Dice [4]uint64

// NewDice seeds one by splitmix64.
func NewDice(seed uint64) *Dice {
	var d Dice
	for i := range d {
		seed += 0x9e3779b97f4a7c15
		z := seed
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		d[i] = z ^ z>>31
	}
	return &d
}

// Next is 64 random bits.
func (d *Dice) Next() uint64 {
	r := bits.RotateLeft64(d[0]+d[3], 23) + d[0]
	t := d[1] << 17
	d[2] ^= d[0]
	d[3] ^= d[1]
	d[1] ^= d[2]
	d[0] ^= d[3]
	d[2] ^= t
	d[3] = bits.RotateLeft64(d[3], 45)
	return r
}

// Below is a number from 0 to n-1.
func (d *Dice) Below(n int) int {
	hi, _ := bits.Mul64(d.Next(), uint64(n))
	return int(hi)
}

// Chance is true once in n.
func (d *Dice) Chance(n int) bool { return d.Below(n) == 0 }

// Logs holds -ln((i+½)/4096): what an exponential draw looks up. It is summed
// by hand, each product rounded, so that it is the same on every machine.
func Logs() []float64 {
	out := make([]float64, 4096)
	for i := range out {
		x := (float64(i) + 0.5) / 4096
		halves := 0.0
		for x < 0.5 {
			x *= 2
			halves++
		}
		// ln x = 2 atanh((x-1)/(x+1))
		y := (x - 1) / (x + 1)
		square, term, sum := float64(y*y), y, y
		for k := 3; k < 40; k += 2 {
			term = float64(term * square)
			sum += float64(term / float64(k))
		}
		out[i] = float64(halves*0.6931471805599453) - float64(2*sum)
	}
	return out
}
