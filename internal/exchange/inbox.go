package exchange

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Proposal is a change of a record of ours that another centre wrote and that waits for a person.
type Proposal struct {
	Record id.ID     `json:"record"`
	Kind   string    `json:"kind"`
	Ref    id.Ref    `json:"ref,omitempty"` // of the request that it is about; "" where that is no single one
	From   string    `json:"from"`          // the centre's name; "" where it is not known
	At     time.Time `json:"at"`            // as its clock had it
	Name   string    `json:"proposal"`
	Erases bool      `json:"erases,omitempty"`
	Fields []Change  `json:"fields"`
	Sealed bool      `json:"sealed,omitempty"` // what it would change has not come here
}

// Change is one field as it is and as it would be.
type Change struct {
	Field string `json:"field"`
	Now   string `json:"now"`
	Would string `json:"would"`
}

// Inbox returns every proposal that waits, the oldest record first.
func Inbox(ctx context.Context, db *store.DB) ([]Proposal, error) {
	records, err := store.Proposed(ctx, db)
	if err != nil {
		return nil, err
	}
	names, err := store.Centres(ctx, db)
	if err != nil {
		return nil, err
	}
	decider, err := db.Decider(ctx)
	if err != nil {
		return nil, err
	}
	out := []Proposal{}
	for _, rid := range records {
		d, err := decider.Of(ctx, ledger.ID(rid))
		if err != nil {
			return nil, err
		}
		for _, p := range d.Proposals {
			if p.Resolved || slices.Contains(d.Pleas, p.Hash) { // the latter is answered as one act, elsewhere
				continue
			}
			v := ProposalOf(d, &p)
			if i := slices.IndexFunc(names, func(c store.Centre) bool { return c.Centre == p.Lane.Centre }); i >= 0 {
				v.From = names[i].Name
			}
			if v.Ref, err = refOf(ctx, db, v.Kind, rid); err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// refOf is the ref of the request that a record is about.
func refOf(ctx context.Context, r store.Reader, kind string, rid id.ID) (id.Ref, error) {
	switch kind {
	case "need":
		n, err := request.NeedKind.Get(ctx, r, rid)
		if errs.Is(err, errs.NotFound) {
			return "", nil // all that was written of it are proposals
		}
		if err != nil {
			return "", err
		}
		rid = n.Request.ID
	case "request":
	default:
		return "", nil
	}
	q, err := request.Kind.Get(ctx, r, rid)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return q.Ref, nil
}

// ProposalOf is a proposal as people read it; whose it is the caller says.
func ProposalOf(d *ledger.Decision, p *ledger.Proposal) Proposal {
	return Proposal{Record: id.ID(d.Record), Kind: d.Kind, Name: hex.EncodeToString(p.Hash[:]), Erases: p.Op == ledger.Erase,
		At: time.UnixMilli(ledger.Clock(p.Time).Milliseconds()).UTC(), Sealed: p.Body != nil && p.Opened == nil, Fields: changes(d, p.Would)}
}

func changes(d *ledger.Decision, would map[ledger.Class]ledger.Fields) []Change {
	out := []Change{}
	for class, fields := range would {
		for name, raw := range fields {
			out = append(out, Change{Field: name, Now: text(d.Fields[class][name]), Would: text(raw)})
		}
	}
	slices.SortFunc(out, func(a, b Change) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// text writes a field's value as a person can read it.
func text(raw []byte) string {
	if len(raw) == 0 {
		return ""
	}
	var v any
	if err := ledger.Unmarshal(raw, &v); err != nil {
		return "…"
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, p := range v {
			parts = append(parts, fmt.Sprint(p))
		}
		return strings.Join(parts, ", ")
	}
	return fmt.Sprint(v)
}

// Answer accepts or declines a proposal by the name that Inbox gave it.
func Answer(ctx context.Context, tx *store.Tx, record id.ID, name string, accept bool) error {
	raw, err := hex.DecodeString(name)
	if err != nil || len(raw) != len(ledger.Hash{}) {
		return errs.New(errs.NotFound, "store.resolved")
	}
	return resolve(ctx, tx, record, ledger.Hash(raw), accept)
}

// Find returns the paired centre that a person names: by its identity, or by its name or the beginning of it.
func Find(ctx context.Context, r store.Reader, text string) (store.Centre, error) {
	all, err := store.Centres(ctx, r)
	if err != nil {
		return store.Centre{}, err
	}
	var found []store.Centre
	for _, c := range all {
		if !c.Pinned {
			continue // introduced by others, or our own
		}
		if id.ID(c.Centre).String() == text || strings.EqualFold(c.Name, text) {
			return c, nil
		}
		if strings.HasPrefix(strings.ToLower(c.Name), strings.ToLower(text)) {
			found = append(found, c)
		}
	}
	if len(found) == 1 {
		return found[0], nil
	}
	return store.Centre{}, errs.New(errs.NotFound, "exchange.no_centre")
}
