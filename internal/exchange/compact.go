package exchange

import (
	"context"
	"encoding/base32"
	"errors"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// compactPrefix begins a card that stands in a QR code: letters, digits and signs that a code holds densely and that
// anybody can type. It is the same card, under the same signature, in fewer characters.
const compactPrefix = "JUMYLA:1:"

var compactCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// compactCard is a card's values in their order.
type compactCard struct {
	_       struct{} `cbor:",toarray"`
	Centre  ledger.ID
	Key     []byte
	Box     string
	Parent  ledger.ID
	Name    string
	Area    string
	Level   uint8 // its place among Levels
	Sig     []byte
	Address string // not signed: it only says where to call, and who answers is known by the key
}

// CompactCard returns our card as text for a QR code.
func CompactCard(ctx context.Context, db *store.DB, actor store.Actor) (string, error) {
	c, err := signedCard(ctx, db, actor)
	if err != nil {
		return "", err
	}
	raw, err := ledger.Marshal(compactCard{Centre: ledger.ID(c.Centre), Key: c.Key, Box: c.Box, Parent: ledger.ID(c.Parent), Name: c.Name, Area: c.Area,
		Level: uint8(slices.Index(Levels(), c.Level)), Sig: c.Sig, Address: c.Address}) //nolint:gosec // one of four
	return compactPrefix + compactCode.EncodeToString(raw), err
}

// isCompact reports whether text is a compact card, however it was typed.
func isCompact(raw []byte) bool {
	head := strings.Join(strings.Fields(string(raw[:min(len(raw), 4*len(compactPrefix))])), "")
	return len(head) >= len(compactPrefix) && strings.EqualFold(head[:len(compactPrefix)], compactPrefix)
}

// readCompact reads a compact card: in small letters too, with spaces and line breaks anywhere.
func readCompact(text string) (card, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	raw, err := compactCode.DecodeString(strings.TrimPrefix(text, compactPrefix))
	var c compactCard
	if err == nil {
		err = ledger.Unmarshal(raw, &c)
	}
	if err == nil && int(c.Level) >= len(Levels()) {
		err = errors.New("no such level")
	}
	if err != nil {
		return card{}, errs.Wrap(errs.Invalid, err, "exchange.card")
	}
	return card{Jumyla: "card", Format: cardFormat, Centre: id.ID(c.Centre), Key: c.Key, Box: c.Box, Parent: id.ID(c.Parent), Name: c.Name, Area: c.Area,
		Level: Levels()[c.Level], Sig: c.Sig, Address: c.Address}, nil
}

// AddressOf returns where a centre may be called, of ours where others call us; "" where nobody said.
func AddressOf(ctx context.Context, r store.Reader, centre id.ID) (string, error) {
	at, err := store.One[string](ctx, r, "address", "SELECT address FROM exchange_link WHERE centre=$1", centre[:])
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	return at, err
}
