package intake

import (
	"context"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/store"
)

// Correct writes a household whose fields somebody has corrected. One that has moved is looked for anew.
// What was erased cannot be corrected.
func Correct(ctx context.Context, tx *store.Tx, find *where.Finder, h *household.Household) error {
	if err := h.Validate(); err != nil {
		return err
	}
	old, err := household.Kind.Get(ctx, tx, h.ID.ID)
	if err != nil {
		return err
	}
	if old.Address == "" {
		return errs.New(errs.Conflict, "run.erased")
	}
	if old.Address != h.Address {
		h.Where, h.Area, h.District, h.Settlement = nil, "", "", ""
		if err := locate(ctx, tx, find, h); err != nil {
			return err
		}
	}
	return tx.Put(ctx, h)
}
