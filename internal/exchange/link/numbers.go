package link

// numbers are whole numbers as they travel: how many bytes each has, then the lowest byte of all, then the next of all, and so
// on; of each the lowest bit is its sign (0, -1, 1, -2 are 0, 1, 2, 3). So bytes that are alike stand together, which compresses
// well, and a list is as long in memory as it is in the message.
type numbers []byte

// pieces are byte strings, one after the other.
type pieces struct {
	_     struct{} `cbor:",toarray"`
	Sizes numbers
	Bytes []byte
}

// packed returns a list as it travels.
func packed(list []int64) numbers {
	if len(list) == 0 {
		return numbers{}
	}
	var all uint64
	for _, v := range list {
		all |= signed(v)
	}
	width := 1
	for all >>= 8; all > 0; all >>= 8 {
		width++
	}
	out := make(numbers, 1, 1+width*len(list))
	out[0] = byte(width)
	for shift := 0; shift < 8*width; shift += 8 {
		for _, v := range list {
			out = append(out, byte(signed(v)>>shift)) //nolint:gosec // eight bits of it
		}
	}
	return out
}

func signed(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) } //nolint:gosec // its bits

// reading takes one number after the other.
type reading struct {
	planes      []byte
	width, n, i int
}

// read begins to read; ok is false where these are no numbers.
func (v numbers) read() (r reading, ok bool) {
	if len(v) == 0 {
		return r, true
	}
	r = reading{planes: v[1:], width: int(v[0])}
	if r.width < 1 || r.width > 8 || len(r.planes)%r.width != 0 {
		return reading{}, false
	}
	r.n = len(r.planes) / r.width
	return r, true
}

// take takes the next number.
func (r *reading) take(ok *bool) int64 {
	if r.i == r.n {
		*ok = false
		return 0
	}
	var u uint64
	for p := range r.width {
		u |= uint64(r.planes[p*r.n+r.i]) << (8 * p)
	}
	r.i++
	return int64(u>>1) ^ -int64(u&1)
}

// left says how many were not taken.
func (r *reading) left() int { return r.n - r.i }

// bite takes the first bytes of a column.
func bite(from *[]byte, n int64, ok *bool) []byte {
	if n < 0 || n > int64(len(*from)) {
		*ok = false
		return nil
	}
	v := (*from)[:n:n]
	*from = (*from)[n:]
	return v
}
