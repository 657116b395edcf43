// Package exchange is how centres talk: cards by which they come to know each other, bundles written to a stick and read
// from it, and a request that one hands over to another. Who may have what, and whose a record is, the ledger decides;
// this package carries it.
package exchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"filippo.io/age"
	"golang.org/x/crypto/argon2"

	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Levels returns the levels of centres, the widest first.
func Levels() []string { return []string{"national", "regional", "district", "post"} }

// card is a centre's card as a file: text, so that it goes through any chat.
type card struct {
	Jumyla string `json:"jumyla"` // "card"
	Format int    `json:"format"`
	Centre id.ID  `json:"centre"`
	Key    []byte `json:"key"`
	Box    string `json:"box"`
	Parent id.ID  `json:"parent"`
	Name   string `json:"name"`
	Area   string `json:"area"`
	Level  string `json:"level"`
	Sig    []byte `json:"signature"`

	Address string `json:"address,omitempty"` // where others may call; not signed, see compactCard
}

const cardFormat = 1

const maxCard = 16 << 10

func (c card) message() ([]byte, error) {
	c.Sig, c.Address = nil, ""
	raw, err := json.Marshal(c)
	return append([]byte("jumyla card 1\x00"), raw...), err
}

// Ours returns our own card as it was last told; NotFound where it never was.
func Ours(ctx context.Context, r store.Reader, db *store.DB) (store.Card, error) {
	c, err := store.Peer(ctx, r, ledger.ID(db.Centre()))
	return c.Card, err
}

// NameOf is a centre's name; "" where it is not known here.
func NameOf(ctx context.Context, r store.Reader, c id.ID) (string, error) {
	known, err := store.Peer(ctx, r, ledger.ID(c))
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	return known.Name, err
}

// Describe says at which level our centre stands and under which other one; a parent of zero is none. It writes our
// card, and answers with it.
func Describe(ctx context.Context, db *store.DB, actor store.Actor, level string, parent id.ID) (store.Card, error) {
	if !slices.Contains(Levels(), level) {
		return store.Card{}, errs.New(errs.Invalid, "exchange.level")
	}
	own, err := centre.Get(ctx, db)
	if err != nil {
		return store.Card{}, err
	}
	box, err := db.Box(ctx)
	if err != nil {
		return store.Card{}, err
	}
	c := store.Card{Centre: ledger.ID(db.Centre()), Key: db.PublicKey(), Box: box.Recipient().String(), Parent: ledger.ID(parent),
		Name: own.Name, Area: own.Area, Level: level}
	err = db.Write(ctx, actor, func(tx *store.Tx) error {
		was, err := store.Peer(ctx, tx, c.Centre)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err != nil || was.Parent != c.Parent { // what we said before may have become odd by others' word: the card goes out all the same
			if err := sound(ctx, tx, c); err != nil {
				return err
			}
		}
		return tx.Introduce(ctx, c)
	})
	return c, err
}

// sound refuses a parent that nobody knows, and one that stands under us.
func sound(ctx context.Context, tx *store.Tx, c store.Card) error {
	all, err := store.Centres(ctx, tx)
	if err != nil {
		return err
	}
	above := map[ledger.ID]ledger.ID{}
	for _, k := range all {
		above[k.Centre] = k.Parent
	}
	above[c.Centre] = c.Parent
	at := c.Parent
	for range len(all) + 1 {
		if at == (ledger.ID{}) {
			return nil
		}
		next, known := above[at]
		if !known && at == c.Parent {
			return errs.New(errs.Invalid, "exchange.parent")
		}
		at = next
	}
	return errs.New(errs.Invalid, "exchange.circle")
}

// Card returns our card as a file for other centres. A centre that never said its level is a district's.
func Card(ctx context.Context, db *store.DB, actor store.Actor) ([]byte, error) {
	c, err := signedCard(ctx, db, actor)
	if err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	return append(raw, '\n'), err
}

func signedCard(ctx context.Context, db *store.DB, actor store.Actor) (card, error) {
	now, err := Ours(ctx, db, db)
	if errs.Is(err, errs.NotFound) {
		now, err = store.Card{Level: "district"}, nil
	}
	if err != nil {
		return card{}, err
	}
	c, err := Describe(ctx, db, actor, now.Level, id.ID(now.Parent)) // the name may have changed meanwhile
	if err != nil {
		return card{}, err
	}
	out := card{Jumyla: "card", Format: cardFormat, Centre: id.ID(c.Centre), Key: c.Key, Box: c.Box, Parent: id.ID(c.Parent), Name: c.Name, Area: c.Area, Level: c.Level}
	m, err := out.message()
	if err != nil {
		return card{}, err
	}
	out.Sig = db.Signs(m)
	out.Address, err = AddressOf(ctx, db, db.Centre())
	return out, err
}

// ReadCard reads another centre's card. That its signature is right says that it is whole, not whose it is: people
// compare the Words.
func ReadCard(raw []byte) (store.Card, error) {
	c, _, err := ReadCardAddress(raw)
	return c, err
}

// ReadCardAddress reads a card, and where its centre may be called; "" where it does not say.
func ReadCardAddress(raw []byte) (store.Card, string, error) {
	c, err := parse(raw)
	if err != nil {
		return store.Card{}, "", err
	}
	out, err := c.checked()
	if len(c.Address) > maxAddress {
		c.Address = ""
	}
	return out, c.Address, err
}

// maxAddress is the longest address that is kept: a name of 253 and a port.
const maxAddress = 260

// parse reads a card in either form.
func parse(raw []byte) (card, error) {
	var c card
	if len(raw) > maxCard {
		return c, errs.New(errs.Invalid, "exchange.card")
	}
	if raw = bytes.TrimSpace(raw); isCompact(raw) {
		return readCompact(string(raw))
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	if err := dec.Decode(&c); err != nil || c.Jumyla != "card" {
		return c, errs.Wrap(errs.Invalid, errors.Join(err, errors.New("not a card")), "exchange.card")
	}
	return c, nil
}

// checked returns what a card says if all of it came and it is signed by its own key.
func (c card) checked() (store.Card, error) {
	if c.Format != cardFormat {
		return store.Card{}, errs.New(errs.Invalid, "exchange.newer")
	}
	m, err := c.message()
	if err != nil {
		return store.Card{}, err
	}
	_, boxed := age.ParseX25519Recipient(c.Box)
	if len(c.Key) != ed25519.PublicKeySize || !ed25519.Verify(c.Key, m, c.Sig) || boxed != nil || c.Centre.IsZero() || !slices.Contains(Levels(), c.Level) ||
		c.Name == "" || len([]rune(c.Name)) > 120 || len([]rune(c.Area)) > 200 {
		return store.Card{}, errs.Wrap(errs.Invalid, errors.Join(boxed, errors.New("not whole")), "exchange.card")
	}
	return store.Card{Centre: ledger.ID(c.Centre), Key: c.Key, Box: c.Box, Parent: ledger.ID(c.Parent), Name: c.Name, Area: c.Area, Level: c.Level}, nil
}

// ReadCardFile reads a card from a file.
func ReadCardFile(path string) (store.Card, error) {
	f, err := os.Open(path) //nolint:gosec // named by the caller
	if err != nil {
		return store.Card{}, errs.Wrap(errs.NotFound, err, "exchange.no_file")
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxCard+1))
	if err != nil {
		return store.Card{}, errs.Wrap(errs.Unavailable, err, "exchange.unreadable")
	}
	return ReadCard(raw)
}

// Pair keeps another centre's card after people have compared its words: its key is pinned from then on. A centre that
// comes with another key than the one that is pinned is refused.
func Pair(ctx context.Context, db *store.DB, actor store.Actor, c store.Card) error {
	if c.Centre == ledger.ID(db.Centre()) {
		return errs.New(errs.Invalid, "exchange.own_card")
	}
	if _, err := Card(ctx, db, actor); err != nil { // who knows others must be known
		return err
	}
	return db.Write(ctx, actor, func(tx *store.Tx) error {
		old, err := store.Peer(ctx, tx, c.Centre)
		switch {
		case errs.Is(err, errs.NotFound):
		case err != nil:
			return err
		case old.Pinned && !bytes.Equal(old.Key, c.Key):
			return errs.New(errs.Conflict, "exchange.other_key", "centre", old.Name)
		}
		return tx.Introduce(ctx, c)
	})
}

// wordCount is how many words people compare: six of 128, and a second's work for each guess of somebody who would
// find another key with the same ones.
const wordCount = 6

// Words are what people compare aloud about a card: both must hear the same six. Each language has its own list.
func Words(lang i18n.Lang, c store.Card) ([]string, error) {
	raw, err := ledger.Marshal([]any{c.Centre[:], c.Key, c.Box})
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	return SixWords(lang, raw, "jumyla card words 1"), nil
}

// SixWords are what people compare aloud about bytes that stand for something; purpose keeps them apart from the words of
// anything else.
func SixWords(lang i18n.Lang, raw []byte, purpose string) []string {
	list := strings.Fields(lang.T("exchange.words"))
	out := make([]string, 0, wordCount)
	for _, b := range argon2.IDKey(raw, []byte(purpose), 2, 32<<10, 1, wordCount) {
		out = append(out, list[int(b)%len(list)])
	}
	return out
}
