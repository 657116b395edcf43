package holders

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Renewal says who the key-holders are from now on: two of those before sign it, and two of the new ones. Like a permission
// it is text while it goes from one to the next.
type Renewal struct{ ledger.Holders }

type renewalFile struct {
	Jumyla     string   `json:"jumyla"` // "renewal"
	Format     int      `json:"format"`
	Renews     []byte   `json:"renews"` // digest of those before
	Keys       [][]byte `json:"keys"`
	Keeps      [][]byte `json:"keeps,omitempty"`
	Signatures [][]byte `json:"signatures,omitempty"` // key and signature, one after the other
}

// maxKeeps is how many statements a renewal may keep.
const maxKeeps = 1024

// Renew writes down who the key-holders are to be. All that those before signed, as far as it has come here, goes on counting.
func Renew(ctx context.Context, db *store.DB, keys [][]byte) (*Renewal, error) {
	ours, err := Ours(ctx, db)
	if err != nil {
		return nil, err
	}
	next := With(keys)
	if err := check(next); err != nil {
		return nil, err
	}
	if same(ours, next) {
		return nil, errs.New(errs.Conflict, "holders.no_change")
	}
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	if d.Directory.Was(next.Anchor()) {
		return nil, errs.New(errs.Conflict, "holders.gone_by")
	}
	digest := ours.Anchor().Digest()
	next.Renews, next.Keeps = &digest, d.Directory.Keeping()
	return &Renewal{next}, nil
}

// Instead returns the keys of key-holders with another in the place of one of them.
func Instead(h ledger.Holders, leaves int, paper Secret) ([][]byte, error) {
	if leaves < 0 || leaves >= len(h.Keys) {
		return nil, errs.New(errs.Invalid, "holders.who_leaves")
	}
	keys := slices.Clone(h.Keys)
	keys[leaves] = paper.Public()
	return keys, nil
}

// Which is the place among the key-holders that a paper is for; a Denied where it is none of theirs.
func Which(h ledger.Holders, paper Secret) (int, error) {
	i := slices.IndexFunc(h.Keys, func(k []byte) bool { return bytes.Equal(k, paper.Public()) })
	if i < 0 {
		return 0, errs.New(errs.Denied, "holders.stranger")
	}
	return i, nil
}

// Mark tells a key from the others: two words, of which nobody can make the key.
func Mark(lang i18n.Lang, key []byte) string {
	return strings.Join(exchange.SixWords(lang, key, "jumyla key-holder mark 1")[:2], " ")
}

// Marks tell the key-holders' keys from each other: "1 · two words".
func Marks(lang i18n.Lang, h ledger.Holders) (out []string) {
	for i, k := range h.Keys {
		out = append(out, strconv.Itoa(i+1)+" · "+Mark(lang, k))
	}
	return out
}

// Before are the key-holders that the renewal is of: ours, or those that another centre goes by.
func (r *Renewal) Before(ctx context.Context, db *store.DB) (ledger.Holders, error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return ledger.Holders{}, err
	}
	a, named := d.Directory.Set(*r.Renews)
	if !named {
		return ledger.Holders{}, errs.New(errs.Conflict, "holders.other_renewal")
	}
	return holdersOf(a), nil
}

// Reading is what a renewal says of decisions, as far as it can be known here.
type Reading struct {
	Keeps   []Decision // go on counting
	Unknown int        // it keeps, and they are not known here or do not count: nobody may sign that
	Lost    []Decision // count now, and would no longer
}

// Read looks up what the renewal keeps: whoever signs it, signs that by name.
func (r *Renewal) Read(ctx context.Context, db *store.DB) (out Reading, err error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return out, err
	}
	dir := d.Directory
	if a, named := dir.Set(*r.Renews); named && a.Digest() != dir.Anchor().Digest() {
		dir = dir.With(a)
	}
	if dir.Was(r.Anchor()) {
		return out, errs.New(errs.Conflict, "holders.gone_by")
	}
	counting, then := map[ledger.Hash]bool{}, dir.With(r.Anchor()).Counting() // two of the new ones may have signed it too
	for _, s := range dir.Statements() {
		switch kept := slices.Contains(r.Keeps, s.Name); {
		case !s.Counts:
		case kept && s.Kept():
			counting[s.Name] = true
			out.Keeps = append(out.Keeps, decision(ctx, db, s))
		case s.Entry.Kind != ledger.KindRevocation && !slices.Contains(then, s.Name): // an ending outlives it
			out.Lost = append(out.Lost, decision(ctx, db, s))
		}
	}
	for _, name := range r.Keeps {
		if !counting[name] {
			out.Unknown++
		}
	}
	return out, nil
}

// may reports whether it may be signed and published here: of all that it keeps it must be known what it is.
func (r *Renewal) may(ctx context.Context, db *store.DB) error {
	reading, err := r.Read(ctx, db)
	if err == nil && reading.Unknown > 0 {
		err = errs.New(errs.Conflict, "holders.keeps_unknown", "n", reading.Unknown)
	}
	return err
}

// Sign adds a key-holder's signature by their paper: one of those before, or of the new ones. What is signed has to be known
// where it is signed.
func (r *Renewal) Sign(ctx context.Context, db *store.DB, paper Secret) error {
	before, err := r.Before(ctx, db)
	if err != nil {
		return err
	}
	public := paper.Public()
	if !slices.ContainsFunc(slices.Concat(before.Keys, r.Keys), func(k []byte) bool { return bytes.Equal(k, public) }) {
		return errs.New(errs.Denied, "holders.stranger_renewal")
	}
	if slices.ContainsFunc(r.Signatures, func(s ledger.Signature) bool { return bytes.Equal(s.Holder, public) }) {
		return errs.New(errs.Conflict, "holders.signed")
	}
	if err := r.may(ctx, db); err != nil {
		return err
	}
	return r.Holders.Sign(paper.Key())
}

// Signed counts the signatures of those before and of the new ones.
func (r *Renewal) Signed(before ledger.Holders) (old, fresh int) {
	return r.Signers(before.Anchor()), r.Signers(r.Anchor())
}

// Whole reports whether enough have signed.
func (r *Renewal) Whole(before ledger.Holders) bool {
	return before.Anchor().Renewed(r.Holders)
}

// Leaves are those before who are not among the new ones, by their place; Comes are the new ones' keys that were not before.
func (r *Renewal) Leaves(before ledger.Holders) (leaves []int, comes [][]byte) {
	has := func(all [][]byte, key []byte) bool {
		return slices.ContainsFunc(all, func(k []byte) bool { return bytes.Equal(k, key) })
	}
	for i, k := range before.Keys {
		if !has(r.Keys, k) {
			leaves = append(leaves, i)
		}
	}
	for _, k := range r.Keys {
		if !has(before.Keys, k) {
			comes = append(comes, k)
		}
	}
	return leaves, comes
}

// PublishRenewal takes over a whole renewal: whoever goes by the same key-holders follows when they hear of it.
func PublishRenewal(ctx context.Context, db *store.DB, actor store.Actor, r *Renewal) error {
	ours, err := Ours(ctx, db)
	if err != nil {
		return err
	}
	if same(ours, r.Holders) {
		return nil
	}
	if *r.Renews != ours.Anchor().Digest() {
		return errs.New(errs.Conflict, "holders.other_renewal")
	}
	if !r.Whole(ours) {
		old, fresh := r.Signed(ours)
		return errs.New(errs.Invalid, "holders.renewal_unsigned", "old", old, "new", fresh, "need", Need)
	}
	if err := r.may(ctx, db); err != nil {
		return err
	}
	return keep(ctx, db, actor, r.Holders)
}

// Text is the renewal as text.
func (r *Renewal) Text() (string, error) {
	f := renewalFile{Jumyla: "renewal", Format: statementFormat, Renews: r.Renews[:], Keys: r.Keys}
	for _, k := range r.Keeps {
		f.Keeps = append(f.Keeps, k[:])
	}
	for _, s := range r.Signatures {
		f.Signatures = append(f.Signatures, append(slices.Clone(s.Holder), s.Sig...))
	}
	raw, err := json.MarshalIndent(f, "", "  ")
	return string(raw) + "\n", err
}

// ReadRenewal reads a renewal's text.
func ReadRenewal(text string) (*Renewal, error) {
	bad := func(err error) error {
		return errs.Wrap(errs.Invalid, fmt.Errorf("read renewal: %w", err), "holders.renewal_text")
	}
	if len(text) > maxRenewal {
		return nil, bad(fmt.Errorf("%d bytes", len(text)))
	}
	var f renewalFile
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&f); err != nil {
		return nil, bad(err)
	}
	if f.Jumyla != "renewal" || f.Format != statementFormat || len(f.Renews) != 32 || len(f.Keeps) > maxKeeps || len(f.Signatures) > 4*Count {
		return nil, bad(fmt.Errorf("%q, format %d", f.Jumyla, f.Format))
	}
	h, digest := With(f.Keys), ledger.Hash(f.Renews)
	if err := check(h); err != nil {
		return nil, bad(err)
	}
	h.Renews = &digest
	for _, k := range f.Keeps {
		if len(k) != 32 {
			return nil, bad(fmt.Errorf("a name of %d bytes", len(k)))
		}
		h.Keeps = append(h.Keeps, ledger.Hash(k))
	}
	var err error
	if h.Signatures, err = split(f.Signatures); err != nil {
		return nil, bad(err)
	}
	return &Renewal{h}, nil
}

// maxRenewal is how long its text may be.
const maxRenewal = 128 << 10
