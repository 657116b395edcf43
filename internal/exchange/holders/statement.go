package holders

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Statement is what key-holders sign: that a centre may go on with another's records, that a centre ends, or both; or that one
// works again that those before them ended. It is
// text, so that a half-signed one goes by stick or chat to whoever has the second paper.
type Statement struct {
	From   id.ID // the centre that is destroyed or was stolen
	To     id.ID // who goes on with its records; zero: nobody
	Number uint64
	End    bool             // its key is not its own any more
	Cut    []ledger.LaneSeq // how far what it wrote counts, where it ends
	Annuls []ledger.Hash    // the endings by those before that are annulled, where it works again; then nothing else is signed
	KeptBy []ledger.Hash    // the renewals that keep them, which do so no longer

	Warrants, Revocations, Readmissions []ledger.Signature
}

// statementFile is a statement as text.
type statementFile struct {
	Jumyla      string   `json:"jumyla"` // "statement"
	Format      int      `json:"format"`
	From        id.ID    `json:"from"`
	To          id.ID    `json:"to"`
	Number      uint64   `json:"number"`
	End         bool     `json:"end"`
	Cut         [][3]any `json:"cut,omitempty"`
	Warrants    [][]byte `json:"warrant_signatures,omitempty"`    // key and signature, one after the other
	Revocations [][]byte `json:"revocation_signatures,omitempty"` // as well

	Annuls       [][]byte `json:"annuls,omitempty"`
	KeptBy       [][]byte `json:"kept_by,omitempty"`
	Readmissions [][]byte `json:"readmission_signatures,omitempty"`
}

const (
	statementFormat = 1
	maxStatement    = 64 << 10
)

// Prepare writes down what is to be signed. Of a centre that ends, what it wrote until stolen counts, as far as that has
// come here; a zero time is now.
func Prepare(ctx context.Context, db *store.DB, from, to id.ID, end bool, stolen time.Time) (*Statement, error) {
	if _, err := Ours(ctx, db); err != nil {
		return nil, err
	}
	switch {
	case from.IsZero() || from == to || from == db.Centre() && !to.IsZero():
		return nil, errs.New(errs.Invalid, "holders.which")
	case to.IsZero() && !end:
		return nil, errs.New(errs.Invalid, "holders.nothing")
	}
	for _, c := range []id.ID{from, to} {
		if _, err := store.Peer(ctx, db, ledger.ID(c)); !c.IsZero() && err != nil {
			return nil, errs.Wrap(errs.Invalid, err, "holders.which")
		}
	}
	s := &Statement{From: from, To: to, End: end}
	if !to.IsZero() {
		n, err := nextNumber(ctx, db)
		if err != nil {
			return nil, err
		}
		s.Number = n
	}
	if end {
		cut, err := cutOf(ctx, db, ledger.ID(from), stolen)
		if err != nil {
			return nil, err
		}
		s.Cut = cut
	}
	return s, nil
}

// roundBits are drawn by chance, so that two warrants which people at both ends of a split sign do not have one number:
// one of them wins for every record.
const roundBits = 20

// nextNumber is above every warrant's that is known here.
func nextNumber(ctx context.Context, r store.Reader) (uint64, error) {
	said, err := store.Declared(ctx, r, ledger.KindWarrant)
	if err != nil {
		return 0, err
	}
	round := uint64(0)
	for _, k := range said {
		var w ledger.Warrant
		if k.Fields.Into(&w) == nil && w.Number < 1<<40 { // a stranger's lane may hold any number
			round = max(round, w.Number>>roundBits)
		}
	}
	var b [4]byte
	if _, err := io.ReadFull(rand.Reader, b[:]); err != nil {
		return 0, err
	}
	return (round+1)<<roundBits | uint64(binary.BigEndian.Uint32(b[:])%(1<<roundBits)), nil
}

// cutOf says how far each of a centre's lanes that are here counts.
func cutOf(ctx context.Context, db *store.DB, centre ledger.ID, stolen time.Time) ([]ledger.LaneSeq, error) {
	lanes, err := db.Lanes(ctx)
	if err != nil {
		return nil, err
	}
	var out []ledger.LaneSeq
	for _, l := range lanes {
		if l.Lane.Centre != centre || l.Lane.Class == ledger.Audit || l.Lane.Class == ledger.Local {
			continue
		}
		seq := l.End.Seq
		if !stolen.IsZero() {
			if seq, err = before(ctx, db, l, stolen); err != nil {
				return nil, err
			}
		}
		if seq > 0 {
			out = append(out, ledger.LaneSeq{Incarnation: l.Lane.Incarnation, Class: l.Lane.Class, Seq: seq})
		}
	}
	return out, nil
}

// before is the last entry of a lane before the first that its centre's clock dates at a time or later.
func before(ctx context.Context, db *store.DB, l store.Lane, at time.Time) (uint64, error) {
	seq := uint64(0)
	for seq < l.End.Seq {
		page, err := db.Page(ctx, l, seq, l.End.Seq)
		if err != nil || len(page) == 0 {
			return seq, err
		}
		for _, p := range page {
			e, err := ledger.Decode(p.Raw)
			if err != nil {
				return 0, err
			}
			if !time.UnixMilli(ledger.Clock(e.Time).Milliseconds()).Before(at) {
				return seq, nil
			}
			seq = e.Seq
		}
	}
	return seq, nil
}

func (s *Statement) warrant() *ledger.Warrant {
	return &ledger.Warrant{Number: s.Number, From: ledger.ID(s.From), To: ledger.ID(s.To), Signatures: s.Warrants}
}

func (s *Statement) revocation() *ledger.Revocation {
	return &ledger.Revocation{Centre: ledger.ID(s.From), Cut: s.Cut, Signatures: s.Revocations}
}

func (s *Statement) readmission() *ledger.Readmission {
	return &ledger.Readmission{Centre: ledger.ID(s.From), Revocations: s.Annuls, Renewals: s.KeptBy, Signatures: s.Readmissions}
}

// Sign adds a key-holder's signature by their paper. One who is none of the three is refused, as is one who has signed.
func (s *Statement) Sign(h ledger.Holders, paper Secret) error {
	public := paper.Public()
	if !slices.ContainsFunc(h.Keys, func(k []byte) bool { return bytes.Equal(k, public) }) {
		return errs.New(errs.Denied, "holders.stranger")
	}
	before := s.Signers(h)
	key := paper.Key()
	if !s.To.IsZero() {
		w := s.warrant()
		if err := w.Sign(key); err != nil {
			return err
		}
		s.Warrants = w.Signatures
	}
	if s.End {
		r := s.revocation()
		if err := r.Sign(key); err != nil {
			return err
		}
		s.Revocations = r.Signatures
	}
	if len(s.Annuls) > 0 {
		r := s.readmission()
		if err := r.Sign(key); err != nil {
			return err
		}
		s.Readmissions = r.Signatures
	}
	if s.Signers(h) == before {
		return errs.New(errs.Conflict, "holders.signed")
	}
	return nil
}

// Signers counts the key-holders that have signed all of it.
func (s *Statement) Signers(h ledger.Holders) int {
	n := len(h.Keys)
	if !s.To.IsZero() {
		n = min(n, s.warrant().Signers(h.Anchor()))
	}
	if s.End {
		n = min(n, s.revocation().Signers(h.Anchor()))
	}
	if len(s.Annuls) > 0 {
		n = min(n, s.readmission().Signers(h.Anchor()))
	}
	return n
}

// Whole reports whether enough have signed.
func (s *Statement) Whole(h ledger.Holders) bool { return h.Need > 0 && s.Signers(h) >= h.Need }

// Names are the two centres' names as they are known here.
func (s *Statement) Names(ctx context.Context, r store.Reader) (from, to string) {
	return name(ctx, r, s.From), name(ctx, r, s.To)
}

// Publish writes a whole statement into our lane that everybody has. To publish it again changes nothing.
func Publish(ctx context.Context, db *store.DB, actor store.Actor, s *Statement) error {
	h, err := Ours(ctx, db)
	if err != nil {
		return err
	}
	if !s.Whole(h) {
		return errs.New(errs.Invalid, "holders.unsigned", "n", s.Signers(h), "need", h.Need)
	}
	say, err := s.entries(ctx, db)
	if err != nil {
		return err
	}
	if len(say) > 0 {
		err = db.Write(ctx, actor, func(tx *store.Tx) error {
			tx.Touch("centre")
			for _, e := range say {
				entry := *e
				if err := tx.Append(ctx, &entry, nil); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("publish statement: %w", err)
		}
	}
	return db.Settle(ctx)
}

// entries are what of the statement is not known here yet.
func (s *Statement) entries(ctx context.Context, db *store.DB) (say []*ledger.Entry, err error) {
	d, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	if !s.To.IsZero() && !d.Directory.Warranted(s.Number, ledger.ID(s.From), ledger.ID(s.To)) {
		fields, err := ledger.FieldsOf(s.warrant())
		if err != nil {
			return nil, err
		}
		say = append(say, declare(ledger.ID(s.From), ledger.KindWarrant, fields))
	}
	if s.End {
		if say, err = undeclared(ctx, db, say, ledger.ID(s.From), ledger.KindRevocation, s.revocation()); err != nil {
			return nil, err
		}
	}
	if len(s.Annuls) > 0 {
		return undeclared(ctx, db, say, ledger.ID(s.From), ledger.KindReadmission, s.readmission())
	}
	return say, nil
}

// undeclared adds a statement that does not stand here as it is.
func undeclared(ctx context.Context, db *store.DB, say []*ledger.Entry, about ledger.ID, kind string, what any) ([]*ledger.Entry, error) {
	fields, err := ledger.FieldsOf(what)
	if err != nil {
		return nil, err
	}
	known, err := saidAlready(ctx, db, kind, fields)
	if err == nil && !known {
		say = append(say, declare(about, kind, fields))
	}
	return say, err
}

func saidAlready(ctx context.Context, r store.Reader, kind string, fields ledger.Fields) (bool, error) {
	said, err := store.Declared(ctx, r, kind)
	return slices.ContainsFunc(said, func(k ledger.Known) bool {
		for name, v := range fields {
			if !bytes.Equal(k.Fields[name], v) {
				return false
			}
		}
		return true
	}), err
}

// Text is the statement as text.
func (s *Statement) Text() (string, error) {
	f := statementFile{Jumyla: "statement", Format: statementFormat, From: s.From, To: s.To, Number: s.Number, End: s.End}
	for _, c := range s.Cut {
		f.Cut = append(f.Cut, [3]any{c.Incarnation, string(c.Class), c.Seq})
	}
	join := func(all []ledger.Signature) (out [][]byte) {
		for _, v := range all {
			out = append(out, append(slices.Clone(v.Holder), v.Sig...))
		}
		return out
	}
	f.Warrants, f.Revocations, f.Readmissions = join(s.Warrants), join(s.Revocations), join(s.Readmissions)
	f.Annuls, f.KeptBy = rawHashes(s.Annuls), rawHashes(s.KeptBy)
	raw, err := json.MarshalIndent(f, "", "  ")
	return string(raw) + "\n", err
}

// Read reads a statement's text.
func Read(text string) (*Statement, error) {
	bad := func(err error) error {
		return errs.Wrap(errs.Invalid, fmt.Errorf("read statement: %w", err), "holders.statement")
	}
	if len(text) > maxStatement {
		return nil, bad(fmt.Errorf("%d bytes", len(text)))
	}
	var f statementFile
	if err := json.NewDecoder(strings.NewReader(text)).Decode(&f); err != nil {
		return nil, bad(err)
	}
	if !f.sound() {
		return nil, bad(fmt.Errorf("%q, format %d", f.Jumyla, f.Format))
	}
	s := &Statement{From: f.From, To: f.To, Number: f.Number, End: f.End}
	for _, c := range f.Cut {
		incarnation, ok1 := c[0].(float64)
		class, ok2 := c[1].(string)
		seq, ok3 := c[2].(float64)
		if !ok1 || !ok2 || !ok3 || incarnation < 1 || incarnation >= 1<<32 || seq < 1 || seq >= 1<<53 {
			return nil, bad(fmt.Errorf("cut %v", c))
		}
		s.Cut = append(s.Cut, ledger.LaneSeq{Incarnation: uint32(incarnation), Class: ledger.Class(class), Seq: uint64(seq)})
	}
	s.Annuls, s.KeptBy = hashes(f.Annuls), hashes(f.KeptBy)
	var err error
	if s.Warrants, err = split(f.Warrants); err == nil {
		s.Revocations, err = split(f.Revocations)
	}
	if err == nil {
		s.Readmissions, err = split(f.Readmissions)
	}
	if err != nil {
		return nil, bad(err)
	}
	return s, nil
}

// sound reports whether it says one of the things that key-holders sign.
func (f *statementFile) sound() bool {
	for _, h := range slices.Concat(f.Annuls, f.KeptBy) {
		if len(h) != 32 {
			return false
		}
	}
	if len(f.KeptBy) > maxKeeps || len(f.KeptBy) > 0 && len(f.Annuls) == 0 {
		return false
	}
	again := len(f.Annuls) > 0 && len(f.Annuls) <= maxKeeps
	return f.Jumyla == "statement" && f.Format == statementFormat && !f.From.IsZero() && again != (!f.To.IsZero() || f.End) &&
		len(f.Warrants)+len(f.Revocations)+len(f.Readmissions) <= 4*Count && (f.To.IsZero() || f.Number > 0)
}

func rawHashes(all []ledger.Hash) (out [][]byte) {
	for _, h := range all {
		out = append(out, h[:])
	}
	return out
}

func hashes(raw [][]byte) (out []ledger.Hash) {
	for _, h := range raw {
		out = append(out, ledger.Hash(h))
	}
	return out
}

func split(raw [][]byte) (out []ledger.Signature, err error) {
	for _, v := range raw {
		if len(v) != 32+64 {
			return nil, fmt.Errorf("a signature of %d bytes", len(v))
		}
		out = append(out, ledger.Signature{Holder: v[:32], Sig: v[32:]})
	}
	return out, nil
}
