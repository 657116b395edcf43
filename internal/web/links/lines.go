package links

import (
	"context"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/export"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/store"
)

// PictureLines are the picture of every centre as rows of a table that somebody asks for.
func PictureLines(ctx context.Context, db *store.DB, a export.Asked) ([]map[string]string, error) {
	p, err := tree.Look(ctx, db, id.ID{}, false)
	if err != nil {
		return nil, err
	}
	book, err := area.Load(ctx, db)
	if err != nil {
		return nil, err
	}
	find := &where.Finder{}
	find.UseAreas(book)
	return p.Lines(tree.Say{Lang: a.Lang, Zone: a.Zone, Exact: a.Roles.Any(account.Coordinator),
		Area:  func(name string) string { return find.AreaName(a.Lang, name) },
		Level: func(level string) string { return LevelWord(a.Lang, level) },
		Class: func(class string) string { return ClassWord(a.Lang, class) }}), nil
}
