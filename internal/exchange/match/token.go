// Package match finds that two centres may serve the same household, without telling anybody who that is. Centres that ask
// share a key that the one that compares has not; they give that one keyed hashes of telephones and doors, sealed so that
// nobody else can hold them, and it answers both where two are alike. People decide; nothing is merged.
package match

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/holders"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/twin"
	"github.com/jumyla/jumyla/names"
)

// Key is what the centres that ask share.
type Key holders.Secret

// mark stands before a key on paper, so that nobody takes a key-holder's paper for it, or the other way round.
const mark = "M-"

// NewKey draws a key.
func NewKey(random io.Reader) (Key, error) {
	s, err := holders.NewSecret(random)
	return Key(s), err
}

// Printed writes the key as it stands on paper: "M-7KQ2M 0D3FX …".
func (k Key) Printed() string { return mark + holders.Secret(k).Printed() }

// ParseKey reads a key as it was typed from paper.
func ParseKey(typed string) (Key, error) {
	text := strings.ToUpper(strings.TrimSpace(typed))
	if text == "" {
		return Key{}, errs.New(errs.Invalid, "error.required")
	}
	rest, ok := strings.CutPrefix(text, mark)
	if !ok {
		return Key{}, errs.New(errs.Invalid, "match.not_a_key")
	}
	s, err := holders.Parse(rest)
	return Key(s), err
}

// Print tells two keys apart, and nothing of them.
func (k Key) Print() string { return hex.EncodeToString(k.mac("print", "")[:4]) }

func (k Key) mac(what, value string) []byte {
	h := hmac.New(sha256.New, k[:])
	h.Write([]byte("jumyla match 1\x00" + what + "\x00" + value))
	return h.Sum(nil)
}

// Phone is the token of a telephone, however it was typed; nil where it is no whole number: a local one is another
// household's in the next town.
func (k Key) Phone(typed string) []byte {
	n := strconv.FormatUint(names.Phone(typed), 10)
	if len(n) < wholePhone {
		return nil
	}
	return k.mac("phone", n)[:twin.TokenSize]
}

// wholePhone is how many digits a number has at least with its country's code.
const wholePhone = 10

// Door is the token of a name with its door, as both sound; nil where either is not known well enough.
func (k Key) Door(name, address, flat string) []byte {
	at := names.FoldAddress(address)
	if flat = strings.TrimSpace(flat); flat == "" && at.Flat() > 0 {
		flat = strconv.Itoa(at.Flat())
	}
	who := slices.DeleteFunc(names.Fold(name), func(t names.Token) bool { return t.Kind != names.Core })
	if len(who) < 2 || at.Street() == "" || at.House() == "" {
		return nil // a first name, or a street: that fits too many
	}
	return k.mac("door", who.Skeleton()+"\x00"+at.Street()+"\x00"+at.House()+"\x00"+flat)[:twin.TokenSize]
}

// Of makes a household's question; ok is false where nothing of it can be compared.
func (k Key) Of(h *household.Household) (q twin.Question, ok bool) {
	q = twin.Question{Household: h.ID.ID, Print: k.Print()}
	for _, p := range h.Phones {
		if t := k.Phone(string(p)); t != nil && !has(q.Phones, t) && len(q.Phones) < twin.MaxTokens-1 {
			q.Phones = append(q.Phones, t)
		}
	}
	if t := k.Door(string(h.Head), string(h.Address), h.Flat); t != nil {
		q.Doors = [][]byte{t}
	}
	return q, len(q.Phones)+len(q.Doors) > 0
}

func has(all [][]byte, t []byte) bool {
	return slices.ContainsFunc(all, func(o []byte) bool { return slices.Equal(o, t) })
}

// pairOf names two households by the comparing centre's own key, the same whenever they are compared: what was said of
// them then still holds, and nobody else can tell which two they are.
func pairOf(secret []byte, a, b asked) id.ID {
	x, y := a.raw(), b.raw()
	if slices.Compare(x, y) > 0 {
		x, y = y, x
	}
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("jumyla pair 1\x00"))
	h.Write(x)
	h.Write(y)
	return id.ID(h.Sum(nil)[:len(id.ID{})])
}
