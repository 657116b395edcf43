package tree

import (
	"context"
	"slices"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/ledger"
)

// Place is where a centre says that it stands: its level, and the centre above it; zero for none.
type Place struct {
	Level  string
	Parent id.ID
}

// Stand says where our centre stands from now on.
func Stand(ctx context.Context, db *store.DB, actor store.Actor, p Place) error {
	t, err := Read(ctx, db)
	if err != nil {
		return err
	}
	if err := t.fits(p); err != nil {
		return err
	}
	own := t.Find(db.Centre())
	if own != nil && own.Standing == Split && own.Level == p.Level && own.Above() == p.Parent && !p.Parent.IsZero() {
		// a copy of this database said otherwise after us: what counts has to be said anew, and saying the same writes nothing
		if _, err := exchange.Describe(ctx, db, actor, p.Level, id.ID{}); err != nil {
			return err
		}
	}
	_, err = exchange.Describe(ctx, db, actor, p.Level, p.Parent)
	return err
}

// fits refuses a centre above that is no more, or is not of a wider level.
func (t Tree) fits(p Place) error {
	levels := exchange.Levels()
	at := slices.Index(levels, p.Level)
	if at < 0 {
		return errs.New(errs.Invalid, "exchange.level")
	}
	if p.Parent.IsZero() {
		return nil
	}
	above := t.Find(p.Parent)
	switch {
	case above == nil:
		return errs.New(errs.Invalid, "exchange.parent")
	case !above.GoesOn.IsZero():
		return errs.New(errs.Invalid, "tree.parent_lost", "centre", above.Name)
	case above.Ended:
		return errs.New(errs.Invalid, "tree.parent_ended", "centre", above.Name)
	case above.Level != "" && slices.Index(levels, above.Level) >= at:
		return errs.New(errs.Invalid, "tree.parent_level", "centre", above.Name)
	}
	return nil
}

// Now returns where our centre stands, and where it stood before that; had is false where it never stood elsewhere.
func Now(ctx context.Context, db *store.DB) (now, before Place, had bool, err error) {
	said, err := store.Declared(ctx, db, ledger.KindIntroduction)
	if err != nil {
		return now, before, false, err
	}
	us := ledger.ID(db.Centre())
	for _, k := range slices.Backward(said) {
		var c store.Card
		if k.Lane.Centre != us || k.Record != us || k.Fields.Into(&c) != nil {
			continue
		}
		switch p := (Place{Level: c.Level, Parent: id.ID(c.Parent)}); {
		case now.Level == "":
			now = p
		case p != now:
			return now, p, true, nil
		}
	}
	return now, before, false, nil
}

// Back puts our centre where it stood before, if it still stands where whoever asks saw it.
func Back(ctx context.Context, db *store.DB, actor store.Actor, seen Place) error {
	now, before, had, err := Now(ctx, db)
	if err != nil {
		return err
	}
	if !had || now != seen {
		return errs.New(errs.Conflict, "error.conflict")
	}
	return Stand(ctx, db, actor, before)
}
