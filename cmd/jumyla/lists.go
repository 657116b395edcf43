package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jumyla/jumyla/cmd/jumyla/usage"
	"github.com/jumyla/jumyla/internal/app"
	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/centre"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
)

type importCmd struct {
	Kind     string `arg:"" enum:"places,volunteers,crews,households,requests,areas" help:"places, volunteers, crews, households, requests or areas."`
	File     string `arg:"" help:"XLSX or CSV, as it came; of areas GeoJSON."`
	Map      string `help:"Which column becomes what, as JSON; else as the headings suggest." placeholder:"FILE"`
	DryRun   bool   `help:"Only say what would happen."`
	Sender   string `help:"Who sent it: how their columns are read is remembered." placeholder:"NAME"`
	Posts    bool   `help:"Every row is that of an institution, a hospital or a checkpoint: never on a run with homes."`
	Keep     bool   `help:"The sender says that the people on it agreed to be kept; else they are erased once helped."`
	Verified bool   `help:"The sender vouches for the requests: they count as checked by a list."`
	Level    string `enum:",region,district,settlement" default:"" help:"Of areas: what they are, where the file does not say."`
	From     string `help:"Of areas: the first day on which they were so." placeholder:"2022-06-08"`
	To       string `help:"Of areas: the first day on which they were no longer so." placeholder:"DAY"`
	Source   string `help:"Of areas: who drew them, under what licence; else the file's name." placeholder:"TEXT"`
}

// Run takes a list; doing it again goes on where it broke off, and takes only what was not taken.
func (c *importCmd) Run(e *env) error {
	if c.Kind == "areas" {
		return c.areas(e)
	}
	opt := intake.Options{DryRun: c.DryRun, Posts: c.Posts, Keep: c.Keep, Verified: c.Verified, Sender: c.Sender, File: filepath.Base(c.File)}
	if c.Map != "" {
		b, err := os.ReadFile(c.Map)
		if err != nil {
			return usage.NoFile(err, c.Map)
		}
		opt.Mapping = &tabular.Mapping{}
		if err := json.Unmarshal(b, opt.Mapping); err != nil {
			return errs.Wrap(errs.Invalid, err, "app.mapping", "file", c.Map, "sample", `{"columns":[{"column":0,"field":"name"},{"column":1,"field":"phone"}]}`)
		}
	}
	f, err := openList(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	return e.with(func(db *store.DB) error {
		own, err := centre.Get(e.ctx, db)
		if err != nil {
			return err
		}
		opt.Secret = own.Secret
		res, err := intake.Import(e.ctx, db, store.Actor{}, intake.Kind(c.Kind), f, opt)
		if err != nil {
			return err
		}
		if err := placeAll(e, db, opt.DryRun); err != nil {
			return err
		}
		said := res.In(e.lang)
		return e.say(said, "%s", importText(e.lang, said))
	})
}

// maxReasons is how many rows that were not taken are named; --json names them all.
const maxReasons = 200

// importText says what became of a list, and of each row that was not taken why.
func importText(lang i18n.Lang, r *intake.Result) string {
	var b strings.Builder
	b.WriteString(lang.T("cli.imported", "rows", r.Rows, "taken", r.Taken, "skipped", len(r.Skipped), "refused", len(r.Refused)))
	if r.List != "" {
		b.WriteString("\n" + lang.T("cli.list", "id", r.List))
	}
	for _, row := range r.Refused[:min(len(r.Refused), maxReasons)] {
		fmt.Fprintf(&b, "\n%s %d, %s: %s", lang.T("lists.row"), row.Row, lang.T("lists.status_refused"), fieldWords(lang, row.Field)+row.Reason)
	}
	for _, row := range r.Skipped[:min(len(r.Skipped), maxReasons)] {
		fmt.Fprintf(&b, "\n%s %d, %s: %s", lang.T("lists.row"), row.Row, lang.T("lists.status_skipped"), row.Reason)
	}
	return b.String()
}

// fieldWords names the field that a reason is about: "needed" alone would leave its reader guessing.
// i18n: lists.field.*
func fieldWords(lang i18n.Lang, field string) string {
	if key := "lists.field." + field; i18n.Has(key) {
		return lang.T(key) + ": "
	}
	return ""
}

// openList opens a file, unless its size alone says that it is no list.
func openList(name string) (*os.File, error) {
	f, err := os.Open(name) //nolint:gosec // the file that the command names
	if err != nil {
		return nil, usage.NoFile(err, name)
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() && info.Size() > intake.MaxFile {
		return nil, errors.Join(intake.TooLarge(), f.Close())
	}
	return f, nil
}

type undoCmd struct {
	List string `arg:"" help:"The list, as import named it."`
}

// Run takes a whole list back, but for the rows that somebody has worked on.
func (c *undoCmd) Run(e *env) error {
	lid, err := id.Parse(c.List)
	if err != nil {
		return errs.Missing("list")
	}
	return e.with(func(db *store.DB) error {
		t, err := intake.Undo(e.ctx, db, store.Actor{}, list.ID{ID: lid}, nil)
		if err != nil {
			return err
		}
		rows, err := list.Rows(e.ctx, db, list.ID{ID: lid}, list.Choice{Status: list.RowStayed})
		if err != nil {
			return err
		}
		out := undone{Undone: t.Gone, Stayed: []stayed{}}
		for _, r := range rows {
			out.Stayed = append(out.Stayed, stayed{Row: r.Row, Ref: r.Ref.String(), Reason: e.lang.T(r.Reason)})
		}
		return e.say(out, "%s", undoneText(e.lang, out))
	})
}

// undone is what undo prints.
type undone struct {
	Undone int      `json:"undone"`
	Stayed []stayed `json:"stayed"`
}

type stayed struct {
	Row    int    `json:"row"`
	Ref    string `json:"ref,omitempty"`
	Reason string `json:"reason"`
}

// undoneText says how much was taken back, and of each row that stays why.
func undoneText(lang i18n.Lang, u undone) string {
	var b strings.Builder
	b.WriteString(lang.T("cli.undone", "gone", u.Undone, "stay", len(u.Stayed)))
	for _, s := range u.Stayed {
		fmt.Fprintf(&b, "\n%s %d %s: %s", lang.T("lists.row"), s.Row, s.Ref, s.Reason)
	}
	return b.String()
}

// areas takes a file of outlines, and says anew in which area each household lies.
func (c *importCmd) areas(e *env) error {
	f, err := os.Open(c.File)
	if err != nil {
		return usage.NoFile(err, c.File)
	}
	defer f.Close()
	areas, sum, err := area.Read(f, area.Loading{Level: area.Level(c.Level), From: c.From, To: c.To, Source: cmp.Or(c.Source, filepath.Base(c.File))})
	if err != nil {
		return err
	}
	return e.with(func(db *store.DB) error {
		kept, err := c.keepAreas(e, db, areas)
		if err != nil {
			return err
		}
		said := struct {
			area.Loaded
			area.Kept
		}{sum, kept}
		return e.say(said, "%s %s", kept.In(e.lang), e.lang.T("area.skipped", "count", sum.Skipped))
	})
}

// keepAreas writes areas, or only says what would become of them.
func (c *importCmd) keepAreas(e *env, db *store.DB, areas []area.Area) (kept area.Kept, err error) {
	if c.DryRun {
		book, err := area.Load(e.ctx, db)
		return book.Compare(areas), err
	}
	err = db.Write(e.ctx, store.Actor{}, func(tx *store.Tx) error {
		kept, err = area.Keep(e.ctx, tx, areas)
		return err
	})
	if err != nil {
		return kept, err
	}
	return kept, sortAll(e, db)
}

func sortAll(e *env, db *store.DB) error {
	book, err := area.Load(e.ctx, db)
	if err != nil {
		return err
	}
	find := &where.Finder{}
	find.UseAreas(book)
	_, err = intake.SortAll(e.ctx, db, find)
	return err
}

// placeAll looks up, among the addresses of the centre's extract, who came with a list and has no place yet.
func placeAll(e *env, db *store.DB, dryRun bool) error {
	if dryRun {
		return nil
	}
	streets, err := app.Streets(e.cli.Data)
	if err != nil || streets == nil {
		return err
	}
	find := &where.Finder{}
	find.Use(streets, nil)
	_, err = intake.PlaceAll(e.ctx, db, find)
	return err
}
