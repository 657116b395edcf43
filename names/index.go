package names

import (
	"math"
	"slices"
	"strings"
	"sync"
)

// Slot is a record's place in an index.
type Slot int32

// Index is a register of people that is searched by what a name sounds like. It keeps what it needs to compare, not
// the records. It grows with Add and shrinks with Remove, and may be used from several goroutines.
type Index struct {
	mu       sync.RWMutex
	weights  Weights
	forms    []form           // distinct parts of names
	outlines []outline        // of the forms, apart: most forms are looked at no further
	byKey    map[string]int32 // a form's key → form
	spelled  map[string]spelling
	blocks   map[uint32][]int32
	people   []*[page]person
	slots    int // in use or free
	free     []Slot
	live     int
	tokens   int // parts of all names
	texts    texts
	words    texts // of places and streets
	phones   phoneBook
	scratch  sync.Pool
}

// form is one distinct part of a name and who bears it.
type form struct {
	token   Token
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

// page is how many people are kept together: the register grows without being copied.
const page = 1 << 12

func (x *Index) person(slot Slot) *person { return &x.people[slot/page][slot%page] }

// NewIndex returns an empty register.
func NewIndex(w Weights) *Index {
	x := &Index{weights: w, byKey: map[string]int32{}, spelled: map[string]spelling{}, blocks: map[uint32][]int32{}, texts: newTexts(), words: newTexts(), phones: newPhoneBook()}
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
	ready := prepared{prepareEvidence(r), words(r.Name)}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.add(&ready)
}

// prepared is a record of which all is folded that needs no register.
type prepared struct {
	query
	spelled []string
}

func (x *Index) add(q *prepared) Slot {
	var slot Slot
	if n := len(x.free); n > 0 {
		slot, x.free = x.free[n-1], x.free[:n-1]
	} else {
		slot = Slot(x.slots)
		if x.slots%page == 0 {
			x.people = append(x.people, new([page]person))
		}
		x.slots++
	}
	p := person{live: true, phones: q.phones, born: q.born, children: q.children}
	p.place, p.number = x.texts.add(q.place), x.texts.add(q.number)
	p.street, p.house, p.flat = x.texts.add(q.address.street), x.texts.add(q.address.house), q.address.flat
	for w := range strings.FieldsSeq(q.place + " " + q.address.street) {
		x.words.add(w)
	}
	n := 0
	for _, f := range x.heard(q.spelled) {
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
	*x.person(slot) = p
	x.live++
	return slot
}

// Remove takes a record out of the register. A slot that is empty stays so.
func (x *Index) Remove(slot Slot) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot < 0 || int(slot) >= x.slots || !x.person(slot).live {
		return
	}
	p := x.person(slot)
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
	for w := range strings.FieldsSeq(x.texts.all[p.place] + " " + x.texts.all[p.street]) {
		x.words.remove(x.words.ids[w])
	}
	for _, t := range []uint32{p.place, p.number, p.street, p.house} {
		x.texts.remove(t)
	}
	*p = person{}
	x.free = append(x.free, slot)
	x.live--
}

// spelling is what a word in writing was heard as: names repeat.
type spelling struct {
	form   int32 // -1 where nothing is heard
	core   bool
	ending bool
}

// heard returns the forms of a name's words, as Fold hears them.
func (x *Index) heard(spelled []string) []int32 {
	var forms []int32
	last := Token{}
	for _, w := range spelled {
		s, known := x.spelled[w]
		if !known {
			s = spelling{form: -1, ending: isEnding(w)}
			if t, ok := foldWord(w); ok {
				s.form, s.core = x.form(t), t.Kind == Core
			}
			x.spelled[strings.Clone(w)] = s
		}
		if n := len(forms); s.ending && n > 0 && last.Kind == Core && last.Text != "" {
			last = asPatronymic(last, w)
			forms[n-1] = x.form(last)
			continue
		}
		if s.form < 0 || len(forms) == maxTokens {
			continue
		}
		forms = append(forms, s.form)
		last = Token{Kind: Patronymic}
		if s.core {
			last = x.forms[s.form].token
			last.Text = w
		}
	}
	return forms
}

// form returns the form of a token, a new one if nobody has borne it.
func (x *Index) form(t Token) int32 {
	key := formKey(&t)
	if f, ok := x.byKey[key]; ok {
		return f
	}
	f := int32(len(x.forms))
	t.Text, t.Variants = "", slices.Clone(t.Variants)
	x.forms = append(x.forms, form{token: t})
	x.outlines = append(x.outlines, outlineOf(&t))
	x.byKey[key] = f
	var keys []uint32
	for _, v := range t.Variants {
		keys = blockKeys(keys, v)
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		x.blocks[k] = append(x.blocks[k], f)
	}
	return f
}

// formKey tells forms apart: kind and variants.
func formKey(t *Token) string {
	b := []byte{'0' + byte(t.Kind)}
	for _, v := range t.Variants {
		b = append(append(b, v.Sounds...), '0'+v.Extra)
	}
	return string(b)
}

// blockKeys appends the keys under which a variant is found: its coarse code, and the code with each sound left
// out. Two skeletons with one wrong, missing, added or swapped consonant share a key. A root has only its code.
func blockKeys(keys []uint32, v Variant) []uint32 {
	var code [maxCode]byte
	n := 0
	last := byte('.')
	for i := range len(v.Sounds) {
		c := table.code[v.Sounds[i]&31]
		if (c != '.' && c != last || i == 0) && n < maxCode {
			code[n] = c
			n++
		}
		last = c
	}
	keys = append(keys, hash(code[:n], -1))
	if n > 1 && v.Extra != rootExtra {
		for i := range n {
			keys = append(keys, hash(code[:n], i))
		}
	}
	return keys
}

// maxCode bounds a coarse code: two names that differ after ten consonants are alike.
const maxCode = 10

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
