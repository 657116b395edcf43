package twins

import (
	"context"
	"time"

	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/twin"
)

// Beside is what stands beside a call while it is typed: what other centres have told everybody of a household that is one of
// the records that the call may be of. It says, and asks nothing: what a pair is, is said where both are looked at.
type Beside struct{ rows []row }

// BesideOf reads it for a record and those that are linked with it. Nobody is asked: it is what was answered before.
func BesideOf(ctx context.Context, db *store.DB, lang i18n.Lang, loc *time.Location, homes ...household.ID) (Beside, error) {
	var b Beside
	for _, h := range homes {
		all, err := match.Of(ctx, db, h)
		if err != nil {
			return b, err
		}
		for _, p := range all {
			if p.Standing() != match.Apart { // our own people looked, and it is somebody else
				b.rows = append(b.rows, row{Pair: p, lang: lang, zone: loc})
			}
		}
	}
	return b, nil
}

// Asks reports whether what a call says will be asked of other centres once it is saved.
func Asks(ctx context.Context, db *store.DB) (bool, error) {
	own, err := twin.SettingOf(ctx, db, db.Centre())
	return !own.Matcher.IsZero() && own.Print != "" && !own.Offers, err
}
