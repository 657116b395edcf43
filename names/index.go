package names

import (
	"math"
	"slices"
	"sync"
)

// Slot is a record's place in an index.
type Slot int32

// Index is a register of people that is searched by what a name sounds like. It keeps what it needs to compare, not
// the records. It grows with Add and shrinks with Remove, and may be used from several goroutines.
type Index struct {
	mu      sync.RWMutex
	weights Weights
	forms   []form           // distinct parts of names
	byKey   map[string]int32 // a form's key → form
	blocks  map[uint32][]int32
	people  []person
	free    []Slot
	live    int
	tokens  int // parts of all names
	texts   texts
	phones  phoneBook
	scratch sync.Pool
}

// form is one distinct part of a name and who bears it.
type form struct {
	token   Token
	key     string
	mask    uint32
	bearers []Slot
}

// person is one record, as indices.
type person struct {
	names    [maxTokens]int32 // forms + 1; 0 is none
	phones   [2]uint64
	number   uint32 // of texts
	place    uint32
	street   uint32
	house    uint32
	flat     uint16
	born     Born32
	children [4]uint8 // years of birth since 1900
	live     bool
}

// NewIndex returns an empty register.
func NewIndex(w Weights) *Index {
	x := &Index{weights: w, byKey: map[string]int32{}, blocks: map[uint32][]int32{}, texts: newTexts(), phones: newPhoneBook()}
	x.scratch.New = func() any { return &scratch{} }
	return x
}

// Len returns how many records the register holds.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.live
}

// Add puts a record into the register and returns its slot. A removed record's slot is used again.
func (x *Index) Add(r Record) Slot {
	q := prepare(r)
	x.mu.Lock()
	defer x.mu.Unlock()
	var slot Slot
	if n := len(x.free); n > 0 {
		slot, x.free = x.free[n-1], x.free[:n-1]
	} else {
		slot = Slot(len(x.people))
		x.people = append(x.people, person{})
	}
	p := person{live: true, phones: q.phones, born: q.born, children: q.children}
	p.place, p.number = x.texts.add(q.place), x.texts.add(q.number)
	p.street, p.house, p.flat = x.texts.add(q.address.street), x.texts.add(q.address.house), q.address.flat
	n := 0
	for _, t := range q.key {
		f := x.form(t)
		if slices.Contains(p.names[:n], f+1) {
			continue
		}
		p.names[n] = f + 1
		n++
		x.forms[f].bearers = append(x.forms[f].bearers, slot)
		x.tokens++
	}
	for _, phone := range p.phones {
		x.phones.add(phone, slot)
	}
	x.people[slot] = p
	x.live++
	return slot
}

// Remove takes a record out of the register. A slot that is empty stays so.
func (x *Index) Remove(slot Slot) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot < 0 || int(slot) >= len(x.people) || !x.people[slot].live {
		return
	}
	p := &x.people[slot]
	for _, f := range p.names {
		if f == 0 {
			break
		}
		b := x.forms[f-1].bearers
		if i := slices.Index(b, slot); i >= 0 {
			b[i] = b[len(b)-1]
			x.forms[f-1].bearers = b[:len(b)-1]
			x.tokens--
		}
	}
	for _, phone := range p.phones {
		x.phones.remove(phone, slot)
	}
	for _, t := range []uint32{p.place, p.number, p.street, p.house} {
		x.texts.remove(t)
	}
	*p = person{}
	x.free = append(x.free, slot)
	x.live--
}

// form returns the form of a token, a new one if nobody has borne it.
func (x *Index) form(t Token) int32 {
	b := []byte{'0' + byte(t.Kind)}
	for _, v := range t.Variants {
		b = append(append(b, v.Sounds...), '0'+v.Extra)
	}
	key := string(b)
	if f, ok := x.byKey[key]; ok {
		return f
	}
	f := int32(len(x.forms))
	t.Text = ""
	x.forms = append(x.forms, form{token: t, key: key, mask: mask(&t)})
	x.byKey[key] = f
	var keys []uint32
	for _, v := range t.Variants {
		keys = blockKeys(keys, v.Sounds)
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		x.blocks[k] = append(x.blocks[k], f)
	}
	return f
}

// blockKeys appends the keys under which a skeleton is found: its coarse code, and the code with each sound left
// out. Two skeletons with one wrong, missing, added or swapped consonant share a key.
func blockKeys(keys []uint32, s string) []uint32 {
	var code [maxSounds]byte
	n := 0
	for i := range len(s) {
		c := table.code[s[i]&31]
		if c == '.' && i > 0 || n > 0 && code[n-1] == c {
			continue
		}
		code[n] = c
		n++
	}
	n = min(n, 10)
	keys = append(keys, hash(code[:n], -1))
	if n > 1 {
		for i := range n {
			keys = append(keys, hash(code[:n], i))
		}
	}
	return keys
}

// hash is FNV-1a of a code without its sound at skip.
func hash(code []byte, skip int) uint32 {
	h := uint32(2166136261)
	for i, c := range code {
		if i != skip {
			h = (h ^ uint32(c)) * 16777619
		}
	}
	return h
}

// steps turns a probability into quarter bits of surprise.
func steps(p float64) int { return int(math.Round(-4 * math.Log2(p))) }
