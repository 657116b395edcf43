package names

import "math/bits"

// Costs are in steps of a quarter bit: how surprising it is that one person's name is written once this way and
// once that way.
const (
	far    = 250 // not the same at all
	fault  = 2   // that there is any fault
	swap   = 15  // two neighbours changed places
	unlike = 32  // one sound for any other
	gap    = 18  // a consonant left out
)

// mistaken holds pairs of sounds that are heard, dictated or transcribed for each other.
var mistaken = map[string]uint8{
	"ou": 5, "oq": 1, "uq": 1, "ei": 5, "ao": 8, "ae": 10, "iu": 10, "io": 15, "ai": 15, "au": 15, "eo": 11, "eu": 15, "aq": 10, "eq": 11, "iq": 15,
	"bp": 8, "dt": 8, "gk": 8, "sz": 6, "jx": 9, "jz": 12, "sx": 12, "cj": 10, "cx": 10, "cs": 12, "ck": 16, "hk": 6, "gh": 6, "fv": 6, "vw": 1, "uw": 1,
	"uv": 6, "mn": 8, "ij": 9, "lr": 16, "ln": 18, "bv": 14, "fp": 12, "gj": 16, "kx": 20, "ct": 16, "st": 16, "fw": 8, "dj": 16,
}

// drop holds sounds that are often left out or put in.
var drop = map[byte]uint8{'i': 6, 'h': 14, 'j': 22, 'a': 14, 'u': 14, 'e': 14, 'o': 14, 'q': 14, 'w': 14}

// keyRows are the keys of the Kazakh and of the English keyboard as they lie in rows, and slipped is what it costs that
// a finger hit the key beside. The digits' row is where the Kazakh letters are.
var keyRows = []string{"йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "әіңғ", "үұқөһ", "qwertyuiop", "asdfghjkl", "zxcvbnm"}

const slipped = 24

// table of costs by sound.
type costs struct {
	sub  [32][32]uint8
	gap  [32]uint8
	code [32]byte // the coarse class of a sound

	least [32]uint8  // the least that it costs to be rid of a sound
	kin   [32]uint32 // the sounds for which that is less than to leave it out
}

var table = newCosts()

func newCosts() *costs {
	var c costs
	for i := range 32 {
		for j := range 32 {
			if i != j {
				c.sub[i][j] = unlike
			}
		}
		c.gap[i] = gap
	}
	for pair, cost := range mistaken {
		a, b := pair[0]&31, pair[1]&31
		c.sub[a][b], c.sub[b][a] = cost, cost
	}
	for _, row := range keyRows {
		c.beside([]rune(row))
	}
	for s, cost := range drop {
		c.gap[s&31] = cost
	}
	for i, s := range []byte(sounds) {
		c.code[s&31] = coarse[i]
	}
	for i := range c.sub {
		c.least[i] = c.gap[i]
		for j, cost := range c.sub[i] {
			if i != j && cost < c.gap[i] {
				c.kin[i] |= 1 << j
				c.least[i] = min(c.least[i], cost)
			}
		}
	}
	return &c
}

// beside makes the sounds of keys that are neighbours in a row likelier for each other.
func (c *costs) beside(row []rune) {
	for i := 1; i < len(row); i++ {
		a, b := plainest(string(row[i-1])), plainest(string(row[i]))
		if len(a) == 1 && len(b) == 1 && a != b {
			x, y := a[0]&31, b[0]&31
			c.sub[x][y] = min(c.sub[x][y], slipped)
			c.sub[y][x] = c.sub[x][y]
		}
	}
}

// atLeast returns a cost that the distance of two skeletons cannot be below, from the sounds that are in them: each sound
// that only one has must become another or be left out. Most pairs are told apart by it without being laid
// on each other.
func atLeast(a, b uint32) int { return max(unshared(a&^b, b), unshared(b&^a, a)) }

func unshared(only, other uint32) int {
	cost := 0
	for ; only != 0; only &= only - 1 {
		s := bits.TrailingZeros32(only)
		if table.kin[s]&other != 0 {
			cost += int(table.least[s])
		} else {
			cost += int(table.gap[s])
		}
	}
	return cost
}

// coarse is the class of each of sounds; '.' is a vowel, which the coarse code leaves out but for the first.
const coarse = ".bjd.vkk.jklmm.b.rzd.vvjz"

// distance returns the cheapest way to turn one skeleton into the other, or far when it costs more than limit.
func distance(a, b string, limit int) int {
	if a == b {
		return 0
	}
	if limit <= 0 || len(a) > maxSounds || len(b) > maxSounds || (len(a)-len(b))*4 > limit || (len(b)-len(a))*4 > limit {
		return far
	}
	var rows [3][maxSounds + 1]int32
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) {
		last[j+1] = last[j] + int32(table.gap[b[j]&31])
	}
	lastBest := int32(0)
	for i := range len(a) {
		x := a[i]
		sub, drop := &table.sub[x&31], int32(table.gap[x&31])
		left := last[0] + drop
		row[0] = left
		best := left
		for j := range len(b) {
			y := b[j]
			v := min(last[j]+int32(sub[y&31]), last[j+1]+drop, left+int32(table.gap[y&31]))
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				v = min(v, before[j-1]+swap)
			}
			row[j+1] = v
			left = v
			best = min(best, v)
		}
		if int(min(best, lastBest)) > limit {
			return far
		}
		lastBest = best
		before, last, row = last, row, before
	}
	if d := int(last[len(b)]) + fault; d <= limit {
		return d
	}
	return far
}
