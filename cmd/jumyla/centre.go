package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/area"
	"github.com/jumyla/jumyla/internal/exchange/tree"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake/where"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web/links"
)

type centreCmd struct {
	Tree    centreTreeCmd    `cmd:"" help:"The centres that are known here, and who stands under whom."`
	Place   centrePlaceCmd   `cmd:"" help:"Say at which level this centre stands, and under which other one."`
	Back    centreBackCmd    `cmd:"" help:"Put this centre where it stood before."`
	Picture centrePictureCmd `cmd:"" help:"How centres stand together: counts that name nobody, and from when they are."`
}

type treeOut struct {
	Centre   id.ID     `json:"centre"`
	Name     string    `json:"name"`
	Level    string    `json:"level"`
	Area     string    `json:"area"`
	Parent   *id.ID    `json:"parent,omitempty"`
	Depth    int       `json:"depth"`
	Standing string    `json:"standing"`
	Said     []id.ID   `json:"said,omitempty"`
	Words    []string  `json:"words,omitempty"`
	Ours     bool      `json:"ours,omitempty"`
	Known    time.Time `json:"as_of,omitzero"`
}

func nodeOut(e *env, find *where.Finder, t tree.Tree, n *tree.Node) treeOut {
	out := treeOut{Centre: n.ID(), Name: n.Name, Level: n.Level, Area: links.AreaWord(e.lang, find, n.Area), Depth: n.Depth, Standing: string(n.Standing),
		Said: n.Said, Words: t.Words(e.lang, n), Ours: n.Ours, Known: n.Known}
	if above := n.Above(); !above.IsZero() {
		out.Parent = &above
	}
	return out
}

// areas knows the areas that are loaded by their names.
func (e *env) areas(db *store.DB) (*where.Finder, error) {
	book, err := area.Load(e.ctx, db)
	find := &where.Finder{}
	find.UseAreas(book)
	return find, err
}

type centreTreeCmd struct{}

// Run shows the tree.
func (c *centreTreeCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		t, err := tree.Read(e.ctx, db)
		if err != nil {
			return err
		}
		find, err := e.areas(db)
		if err != nil {
			return err
		}
		all, lines := []treeOut{}, []string{}
		for i := range t {
			v := nodeOut(e, find, t, &t[i])
			all = append(all, v)
			lines = append(lines, strings.Repeat("  ", v.Depth)+strings.Join(append([]string{v.Name, links.LevelWord(e.lang, v.Level), v.Area}, v.Words...), " · "))
		}
		return e.say(all, "%s", strings.Join(lines, "\n"))
	})
}

type centrePlaceCmd struct {
	Level string `enum:"national,regional,district,post," default:"" help:"national, regional, district or post; as before where it is left out."`
	Under string `help:"The centre that this one stands under, or none; as before where it is left out." placeholder:"CENTRE"`
}

// Run says where the centre stands; another parent is one act.
func (c *centrePlaceCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		to, _, _, err := tree.Now(e.ctx, db)
		if err != nil {
			return err
		}
		to.Level = cmp.Or(c.Level, to.Level)
		switch c.Under {
		case "":
		case "none":
			to.Parent = id.ID{}
		default:
			if to.Parent, err = tree.Named(e.ctx, db, c.Under); err != nil {
				return err
			}
		}
		if err := tree.Stand(e.ctx, db, store.Actor{}, to); err != nil {
			return err
		}
		return e.stands(db)
	})
}

type centreBackCmd struct{}

// Run takes back what was said last.
func (c *centreBackCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		now, _, _, err := tree.Now(e.ctx, db)
		if err == nil {
			err = tree.Back(e.ctx, db, store.Actor{}, now)
		}
		if err != nil {
			return err
		}
		return e.stands(db)
	})
}

// stands says where our centre stands.
func (e *env) stands(db *store.DB) error {
	t, err := tree.Read(e.ctx, db)
	if err != nil {
		return err
	}
	find, err := e.areas(db)
	if err != nil {
		return err
	}
	own := t.Find(db.Centre())
	above := e.lang.T("links.no_parent")
	if p := own.Above(); !p.IsZero() {
		above = cmp.Or(t.Name(p), e.lang.T("network.unknown"))
	}
	return e.say(nodeOut(e, find, t, own), "%s", e.lang.T("tree.stands", "name", own.Name, "level", links.LevelWord(e.lang, own.Level), "parent", above))
}

type centrePictureCmd struct {
	Of    string `arg:"" optional:"" help:"The centre at its head; every centre that is known where it is left out." placeholder:"CENTRE"`
	Alone bool   `help:"That centre alone, without those below it."`
}

type pictureOut struct {
	At      time.Time        `json:"at"`
	Of      string           `json:"of,omitempty"`
	Centres []partOut        `json:"centres"`
	Sum     *request.Figures `json:"together"`
	Silent  []string         `json:"silent"` // nothing has come from these, and they are not counted as zero
	Astray  []string         `json:"astray"` // may belong here, and are not counted
	Strange int              `json:"strange"`
}

type partOut struct {
	treeOut

	Figures *request.Figures `json:"figures"` // null: none have come
	From    time.Time        `json:"figures_as_of,omitzero"`
}

// Run shows the picture.
func (c *centrePictureCmd) Run(e *env) error {
	return e.with(func(db *store.DB) error {
		of, err := tree.Named(e.ctx, db, c.Of)
		if err != nil {
			return err
		}
		p, err := tree.Look(e.ctx, db, of, c.Alone)
		if err != nil {
			return err
		}
		find, err := e.areas(db)
		if err != nil {
			return err
		}
		out := pictureOut{At: p.At, Centres: []partOut{}, Sum: p.Sum, Silent: centreNames(p.Silent), Astray: centreNames(p.Astray), Strange: p.Strange}
		if p.Of != nil {
			out.Of = p.Of.Name
		}
		lines := []string{}
		for i := range p.Parts {
			v := &p.Parts[i]
			out.Centres = append(out.Centres, partOut{nodeOut(e, find, p.Tree, &v.Node), v.Figures, v.Node.Figures})
			lines = append(lines, pictureLine(e, v))
		}
		return e.say(out, "%s", strings.Join(lines, "\n"))
	})
}

func centreNames(all []tree.Node) []string {
	out := []string{}
	for _, n := range all {
		out = append(out, n.Name)
	}
	return out
}

func pictureLine(e *env, v *tree.Part) string {
	line := strings.Repeat("  ", v.Depth) + v.Name + ": "
	switch {
	case v.Figures == nil:
		return line + e.lang.T("picture.silent")
	case v.Node.Figures.IsZero():
		line += e.lang.T("picture.given_only") + "; "
	default:
		line += v.Node.Figures.Format(time.RFC3339) + "; "
	}
	return line + fmt.Sprintf("%s %d, %s %d, %s %d", e.lang.T("picture.waiting"), v.Waiting, e.lang.T("picture.on_way"), v.OnWay, e.lang.T("picture.done"), v.Done)
}
