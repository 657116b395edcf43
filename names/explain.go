package names

import "slices"

// Compare says what speaks for two records being one person, with the reasons. The register tells how common
// names, phones and places are; neither record needs to be in it.
func (x *Index) Compare(a, b Record) Evidence {
	x.mu.RLock()
	defer x.mu.RUnlock()
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	q, r := prepare(a), prepare(b)
	al, background := x.lay(q.key, r.key, s)
	typed := false
	if al.level != namesAgree {
		for _, g := range readAgain(a.Name, b.Name, q.key, r.key, al.steps < 4*foundName) {
			if l, bg := x.lay(g.q, g.r, s); l.steps-4*guessExtra > al.steps {
				l.steps -= 4 * guessExtra
				al, background, q.key, r.key, typed = l, bg, g.q, g.r, g.typed
			}
		}
	}
	v := x.weigh(&q, &r, &al)
	e := v.evidence()
	e.Parts = nameParts(q.key, r.key, al, background)
	if typed {
		e.Parts = append(e.Parts, Part{Field: FieldName, Key: "layout", A: a.Name, B: b.Name, Bits: -guessExtra})
	}
	if e.Kin = v.level == namesContradict && !al.fathers && (al.sure > 1 || al.sure == 1 && v.household); e.Kin {
		e.Parts = append(e.Parts, Part{Field: FieldName, Key: "kin", A: a.Name, B: b.Name})
	}
	for _, f := range v.found[:v.n] {
		one, two := written(f.field, a, b)
		e.Parts = append(e.Parts, Part{Field: f.field, Key: f.key.String(), A: one, B: two, N: f.n, Bits: f.bits})
	}
	return e
}

// lay lays a name on another that need not be in the register.
func (x *Index) lay(q, r Key, s *scratch) (alignment, []int) {
	background := make([]int, len(q))
	for i := range q {
		_, background[i] = x.neighbours(&q[i], s, maxCost)
	}
	tokens := make([]*Token, len(r))
	for j := range r {
		tokens[j] = &r[j]
	}
	return align(q, tokens, func(i, j int) int { return tokenCost(&q[i], tokens[j], limitFor(&q[i])) }, background), background
}

// evidence is the verdict without its reasons.
func (v *verdict) evidence() Evidence {
	return Evidence{Bits: v.bits, Prior: v.prior, Band: v.band, Name: v.name, Given: v.level == namesAgree, Household: v.household}
}

// written returns what two records say about a field, as they were written: of phones, the pair that is most alike.
func written(f Field, a, b Record) (string, string) {
	switch f {
	case FieldPhone:
		best, x, y := phoneOther, "", ""
		for _, p := range a.Phones {
			for _, q := range b.Phones {
				if like := likePhones(Phone(p), Phone(q)); x == "" || like > best {
					best, x, y = like, p, q
				}
			}
		}
		return x, y
	case FieldBorn:
		return a.Born.String(), b.Born.String()
	case FieldPlace:
		return a.Place, b.Place
	case FieldAddress:
		return a.Address, b.Address
	case FieldNumber:
		return a.Number, b.Number
	default:
		return "", ""
	}
}

// nameParts tells the alignment, and what it left over.
func nameParts(q, r Key, a alignment, background []int) []Part {
	var parts []Part
	var used [maxTokens]bool
	for _, p := range a.pairs[:a.n] {
		part := Part{Field: FieldName, Key: "missing", A: q[p.q].Text, Bits: missCore / 4.0}
		if q[p.q].Kind == Patronymic {
			part.Bits = missPatronymic / 4.0
		}
		if p.r >= 0 {
			used[p.r] = true
			part.B, part.Bits = r[p.r].Text, float64(p.gain)/4
			part.Key = likeness(&q[p.q], &r[p.r], p.cost, background[p.q])
		}
		parts = append(parts, part)
	}
	for j := range r {
		if used[j] {
			continue
		}
		if i := slices.IndexFunc(parts, func(p Part) bool { return p.Key == "missing" }); r[j].Kind == Patronymic && a.fathers && i >= 0 {
			parts[i].Key, parts[i].B, parts[i].Bits = "patronymic", r[j].Text, parts[i].Bits+twoPatronymics/4.0
			continue
		}
		parts = append(parts, Part{Field: FieldName, Key: "extra", B: r[j].Text, Bits: float64(extra(&r[j])) / 4})
	}
	return parts
}

// common is the surprise below which a name says little, in quarter bits: one in some 350 bears it.
const common = 34

// likeness names how two tokens are alike.
func likeness(q, r *Token, cost, background int) string {
	key := "far"
	switch {
	case q.Kind == Initial || r.Kind == Initial:
		return "initial"
	case cost > 0 && (q.nicknameOf(r) || r.nicknameOf(q)):
		return "nickname"
	case q.Kind != r.Kind || cost >= rootExtra && distance(q.Variants[0].Sounds, r.Variants[0].Sounds, cost) == far:
		return "root"
	case q.Text == r.Text:
		key = "equal"
	case cost == 0:
		key = "sound"
	case cost <= givenCost:
		return "near"
	default:
		return key
	}
	if background < common {
		key += "_common"
	}
	return key
}

// nicknameOf reports whether t may stand for the full name u, or both for one.
func (t *Token) nicknameOf(u *Token) bool {
	return slices.ContainsFunc(t.Variants, func(v Variant) bool {
		return v.Extra == nickExtra && slices.ContainsFunc(u.Variants, func(w Variant) bool { return w.Sounds == v.Sounds })
	})
}
