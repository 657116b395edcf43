package names

import "unicode"

// Phone reads a number in any of the ways people write it: 8 (701) 555-12-34, +7 701…, 701…, with words around it and
// digits of any script. It returns the digits with the country's code, a local number of five to seven digits as
// it is, and 0 for what is no number.
func Phone(s string) uint64 {
	var n uint64
	digits := 0
	plus, first := false, uint64(0)
	for _, r := range clip(s, maxRunes) {
		switch d := digit(r); {
		case d >= 0 && digits < 16:
			if digits == 0 {
				first = uint64(d)
			}
			n, digits = n*10+uint64(d), digits+1
		case r == '+' && digits == 0:
			plus = true
		}
	}
	switch {
	case digits < 5 || digits > 15:
		return 0
	case digits == 11 && first == 8 && !plus: // the trunk prefix of Kazakhstan and Russia
		return n - 8e10 + 7e10
	case digits == 10 && first != 0 && !plus:
		return n + 7e10
	}
	return n
}

func digit(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r > 0x7f && unicode.Is(unicode.Nd, r):
		for z := r; ; z-- { // the digits of a script stand in a row of ten that begins at a multiple of it, or at 6
			if !unicode.Is(unicode.Nd, z-1) || r-z == 9 {
				return int(r - z)
			}
		}
	}
	return -1
}

// phoneLikeness is how two numbers stand to each other.
type phoneLikeness uint8

const (
	phoneOther phoneLikeness = iota
	phoneNear                // one digit wrong, missing, added, or two swapped
	phoneSame
)

// likePhones compares two numbers. A local number is compared with the end of a long one.
func likePhones(a, b uint64) phoneLikeness {
	if a == b {
		return phoneSame
	}
	if a < 1e7 || b < 1e7 {
		short, long := min(a, b), max(a, b)
		m := uint64(1)
		for m <= short {
			m *= 10
		}
		if short >= 1e4 && long%m == short {
			return phoneSame
		}
		if short < 1e5 {
			return phoneOther
		}
		long %= m
		if oneOff(short, long) {
			return phoneNear
		}
		return phoneOther
	}
	if oneOff(a, b) {
		return phoneNear
	}
	return phoneOther
}

// oneOff reports whether one digit is wrong, missing or added, or two neighbours are swapped.
func oneOff(a, b uint64) bool {
	for a != 0 && b != 0 && a%10 == b%10 {
		a, b = a/10, b/10
	}
	switch {
	case a/10 == b/10, a/10 == b, b/10 == a:
		return true
	}
	return a/100 == b/100 && a%10 == b/10%10 && b%10 == a/10%10
}

// phoneBook finds whose number looks like one: by its last five digits and by the five before them, so that a
// wrong digit leaves one of the two whole.
type phoneBook struct {
	tail, middle map[uint32]int32 // five digits → first node + 1
	nodes        []phoneNode
	free         int32 // first free node + 1
}

type phoneNode struct {
	phone        uint64
	slot         Slot
	tail, middle int32 // next node + 1
}

func newPhoneBook() phoneBook {
	return phoneBook{tail: map[uint32]int32{}, middle: map[uint32]int32{}}
}

func tailOf(phone uint64) uint32   { return uint32(phone % 1e5) }
func middleOf(phone uint64) uint32 { return uint32(phone / 1e5 % 1e5) }

func (p *phoneBook) add(phone uint64, slot Slot) {
	if phone == 0 {
		return
	}
	i := p.free - 1
	if i < 0 {
		i = int32(len(p.nodes))
		p.nodes = append(p.nodes, phoneNode{})
	} else {
		p.free = p.nodes[i].tail
	}
	p.nodes[i] = phoneNode{phone, slot, p.tail[tailOf(phone)], p.middle[middleOf(phone)]}
	p.tail[tailOf(phone)], p.middle[middleOf(phone)] = i+1, i+1
}

func (p *phoneBook) remove(phone uint64, slot Slot) {
	if phone == 0 {
		return
	}
	p.unlink(p.middle, middleOf(phone), phone, slot, func(n *phoneNode) *int32 { return &n.middle })
	if gone := p.unlink(p.tail, tailOf(phone), phone, slot, func(n *phoneNode) *int32 { return &n.tail }); gone != 0 {
		p.nodes[gone-1] = phoneNode{tail: p.free}
		p.free = gone
	}
}

// unlink takes the node of a number and a slot out of one of the two chains and returns it.
func (p *phoneBook) unlink(heads map[uint32]int32, key uint32, phone uint64, slot Slot, link func(*phoneNode) *int32) int32 {
	before := int32(0)
	for at := heads[key]; at != 0; at = *link(&p.nodes[at-1]) {
		if n := &p.nodes[at-1]; n.phone == phone && n.slot == slot {
			if before == 0 {
				heads[key] = *link(n)
			} else {
				*link(&p.nodes[before-1]) = *link(n)
			}
			return at
		}
		before = at
	}
	return 0
}

// maxPhones bounds how many look-alikes of one number are looked at: a hotline proves nothing.
const maxPhones = 2000

// each calls fn with the slots whose number is like this one.
func (p *phoneBook) each(phone uint64, fn func(Slot, phoneLikeness)) {
	if phone == 0 {
		return
	}
	n := 0
	for at := p.tail[tailOf(phone)]; at != 0 && n < maxPhones; n++ {
		node := &p.nodes[at-1]
		if like := likePhones(phone, node.phone); like != phoneOther {
			fn(node.slot, like)
		}
		at = node.tail
	}
	for at := p.middle[middleOf(phone)]; at != 0 && n < 2*maxPhones; n++ {
		node := &p.nodes[at-1]
		if tailOf(node.phone) != tailOf(phone) && likePhones(phone, node.phone) == phoneNear {
			fn(node.slot, phoneNear)
		}
		at = node.middle
	}
}

// bearers returns how many records have exactly this number.
func (p *phoneBook) bearers(phone uint64) int {
	n := 0
	for at, seen := p.tail[tailOf(phone)], 0; at != 0 && seen < maxPhones; at, seen = p.nodes[at-1].tail, seen+1 {
		if p.nodes[at-1].phone == phone {
			n++
		}
	}
	return n
}
