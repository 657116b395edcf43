package names

// texts keeps each distinct text once and counts who has it. The text 0 is empty.
type texts struct {
	ids    map[string]uint32
	all    []string
	counts []int32
}

func newTexts() texts {
	return texts{ids: map[string]uint32{"": 0}, all: []string{""}, counts: []int32{0}}
}

func (t *texts) add(s string) uint32 {
	if s == "" {
		return 0
	}
	i, ok := t.ids[s]
	if !ok {
		i = uint32(len(t.all))
		t.ids[s] = i
		t.all = append(t.all, s)
		t.counts = append(t.counts, 0)
	}
	t.counts[i]++
	t.counts[0]++
	return i
}

func (t *texts) remove(i uint32) {
	if i != 0 {
		t.counts[i]--
		t.counts[0]--
	}
}

// count returns how many have a text.
func (t *texts) count(s string) int {
	if i := t.ids[s]; i != 0 {
		return int(t.counts[i])
	}
	return 0
}
