package names

import (
	"slices"
	"strings"
)

// guessExtra is what another way to read what was typed costs, in bits: the other keyboard, a space too many or too few.
const guessExtra = 3.0

// Keys of the two keyboards, position by position: the Kazakh layout with its digits row, and the English one.
const (
	keysCyrillic = "йцукенгшщзхъфывапролджэячсмитьбюёәіңғүұқөһ" + "ХЪЖЭБЮ"
	keysLatin    = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`234589" + "0-=" + `{}:"<>`
)

var toCyrillic, toLatin = keyboards()

func keyboards() (toCyrillic, toLatin map[rune]rune) {
	toCyrillic, toLatin = map[rune]rune{}, map[rune]rune{}
	latin := []rune(keysLatin)
	for i, c := range []rune(keysCyrillic) {
		toCyrillic[latin[i]] = c
		if latin[i] < '0' || latin[i] > '9' {
			toLatin[c] = latin[i]
		}
	}
	return toCyrillic, toLatin
}

// retype returns what the same keys give on the other keyboard: Rfqhfn is Кайрат, Лфшкфе is Kairat. ok is false
// where the text is of neither keyboard alone.
func retype(text string) (other string, ok bool) {
	text = strings.ToLower(clip(text, maxRunes))
	cyr, lat := 0, 0
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z':
			lat++
		case toLatin[r] != 0:
			cyr++
		}
	}
	table := toCyrillic
	if cyr > 0 {
		table = toLatin
	}
	if cyr > 0 == (lat > 0) {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		if k := table[r]; k != 0 {
			return k
		}
		return r
	}, text), true
}

// guesses returns other ways to read a name: two words that are one name of the register, one word that is two, and,
// when nothing was found, the other keyboard.
func (x *Index) guesses(name string, key Key, found bool) []Key {
	var out []Key
	for _, j := range key.joined() {
		if x.borne(&j.key[j.at]) {
			out = append(out, j.key)
		}
	}
	out = append(out, x.split(key)...)
	if !found {
		out = append(out, retyped(name)...)
	}
	return out[:min(len(out), 4)]
}

// joint is a key with two neighbours as one word, at a place.
type joint struct {
	at  int
	key Key
}

// joined returns the key with two neighbours as one word: Нур Султан, Нурсултан.
func (k Key) joined() []joint {
	var out []joint
	for i := 0; i+1 < len(k); i++ {
		if k[i].Kind == Initial {
			continue
		}
		if t, ok := foldWord(k[i].Text + k[i+1].Text); ok {
			out = append(out, joint{i, slices.Concat(k[:i], Key{t}, k[i+2:])})
		}
	}
	return out
}

// split returns the key with a long word, that nobody bears, as two that somebody bears: кайратахметов.
func (x *Index) split(key Key) []Key {
	var out []Key
	for i, t := range key {
		if len([]rune(t.Text)) < 8 || len(key) == maxTokens || x.borne(&t) {
			continue
		}
		word := []rune(t.Text)
		for cut := 3; cut+3 <= len(word); cut++ {
			a, ok := foldWord(string(word[:cut]))
			b, also := foldWord(string(word[cut:]))
			if ok && also && x.borne(&a) && x.borne(&b) {
				out = append(out, slices.Concat(key[:i], Key{a, b}, key[i+1:]))
			}
		}
	}
	return out
}

// retyped returns the key of the other keyboard, if there is one.
func retyped(name string) []Key {
	if other, ok := retype(name); ok {
		if k := Fold(other); len(k) > 0 {
			return []Key{k}
		}
	}
	return nil
}

// guessed is another way to read two names.
type guessed struct {
	q, r  Key
	typed bool // on the other keyboard
}

// readAgain returns the other ways to read two names that do not agree.
func readAgain(a, b string, q, r Key, nothing bool) []guessed {
	var out []guessed
	for _, j := range q.joined() {
		out = append(out, guessed{q: j.key, r: r})
	}
	for _, j := range r.joined() {
		out = append(out, guessed{q: q, r: j.key})
	}
	if nothing {
		for _, k := range retyped(a) {
			out = append(out, guessed{k, r, true})
		}
		for _, k := range retyped(b) {
			out = append(out, guessed{q, k, true})
		}
	}
	return out
}

// borne reports whether somebody in the register bears exactly this part.
func (x *Index) borne(t *Token) bool {
	f, ok := x.byKey[formKey(t)]
	return ok && len(x.forms[f].bearers) > 0
}
