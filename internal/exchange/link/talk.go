package link

import (
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/ledger"
)

// Why a centre does not talk with another. The word travels; each says it in its own people's language.
const (
	faultStranger = "stranger" // we never compared your key
	faultRevoked  = "revoked"  // you were ended by the key-holders
	faultAnchor   = "anchor"   // our key-holders are others
	faultProtocol = "protocol" // no version in common
	faultSession  = "session"  // begin again
	faultBusy     = "busy"     // we are at your last message still
	faultLocked   = "locked"   // our database is not open
	faultLimits   = "limits"   // more than a message may have
	faultGarbled  = "garbled"  // what you sent cannot be read
	faultInternal = "internal" // our fault
)

// talk is one side of an exchange: what it last offered, and what it owes an answer to. Both sides are alike.
type talk struct {
	flow   *exchange.Flow
	peer   uint16       // the version that both speak
	sent   ledger.Chunk // no answer has come yet
	got    int          // entries that came
	gave   int          // entries that were offered
	narrow bool         // the other side's key-holders are others: only dir is exchanged
}

// agree looks whether two centres can talk.
func agree(mine, h ledger.Hello) string {
	none := ledger.Anchor{}.Digest()
	others := h.Anchor != mine.Anchor && h.Anchor != none && mine.Anchor != none // else one of the two was not told yet
	h.Anchor = mine.Anchor
	switch _, err := mine.Agree(h); {
	case err != nil:
		return faultProtocol
	case others:
		return faultAnchor
	}
	return ""
}

// hear takes in what the other side says, and writes into out what is to be answered.
func (t *talk) hear(ctx context.Context, in, out *turn) error {
	if in.Have != nil {
		if err := t.flow.They(ctx, *in.Have); err != nil {
			return err
		}
	}
	if len(t.sent.Runs) > 0 {
		refused := make([]ledger.LaneHeads, 0, len(in.Refused))
		for _, r := range in.Refused {
			refused = append(refused, ledger.LaneHeads{Lane: r.Lane})
		}
		if err := t.flow.Took(ctx, in.Took, in.Refused); err != nil {
			return err
		}
		t.flow.Stuck(t.sent, slices.Concat(in.Took, refused))
		t.sent = ledger.Chunk{}
	}
	if in.Columns != nil && t.peer < apartSince {
		return errs.Wrap(errs.Invalid, errGarbled, "exchange.content")
	}
	c, err := in.chunk()
	if err != nil {
		return errs.Wrap(errs.Invalid, err, "exchange.content")
	}
	for _, r := range c.Runs {
		t.got += len(r.Entries)
	}
	out.Took, out.Refused, err = t.flow.Take(ctx, c)
	return err
}

// say writes what is next for the other side into out, of about so many bytes.
func (t *talk) say(ctx context.Context, out *turn, size int) error {
	c, behind, err := t.flow.Next(ctx, size)
	if err != nil {
		return err
	}
	for _, r := range c.Runs {
		t.gave += len(r.Entries)
	}
	t.sent = c
	out.put(c, t.peer)
	out.Behind = uint64(behind) //nolint:gosec // counts entries
	return nil
}

// offers reports whether a turn brings anything that must be answered.
func (t *turn) offers() bool { return len(t.Runs)+len(t.Sealed) > 0 || t.Columns != nil }

// tells reports whether a turn has anything to say at all.
func (t *turn) tells() bool { return t.offers() || len(t.Took)+len(t.Refused) > 0 || t.Have != nil }
