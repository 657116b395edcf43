package lists

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/web"
)

func (l *Lists) one(w http.ResponseWriter, r *http.Request) error {
	lid, err := listID(r)
	if err != nil {
		return err
	}
	p, err := l.onePage(r, lid, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p)
}

// onePage shows a list in the step in which it is.
func (l *Lists) onePage(r *http.Request, lid list.ID, f *web.Form) (web.Page, error) {
	ctx := r.Context()
	d, err := list.Open(ctx, l.db, lid)
	if err != nil {
		return web.Page{}, err
	}
	p := onePage{lang: f.Lang, form: f, act: web.NewForm(r), d: d, busy: l.isBusy(lid)}
	page := web.Page{Title: p.title(), Nav: "lists", Wide: true, Help: f.Lang.T("lists.help")}
	if p.tally, err = list.Count(ctx, l.db, lid); err != nil {
		return page, err
	}
	switch {
	case p.busy:
		page.Body = p.working()
		return page, nil
	case d.Step == list.StepTaking || d.Step == list.StepUndoing:
		page.Body = p.stopped()
		return page, nil
	case d.Step == list.Read, d.Step == list.Looking, d.Step == list.Looked && r.URL.Query().Get("step") == "1", !f.OK() && r.Method == http.MethodPost && d.Step == list.Looked:
		err = l.readColumns(ctx, &p)
		page.Body = p.columns()
		return page, err
	}
	if err := l.readRows(r, &p); err != nil {
		return page, err
	}
	page.Body = p.rowsPage()
	return page, nil
}

// readColumns reads the file for the first step: its columns with what stands in them.
func (l *Lists) readColumns(ctx context.Context, p *onePage) error {
	b, err := list.Content(ctx, l.db, p.d.ID)
	if err != nil {
		return orAgain(err)
	}
	t, book, err := intake.Table(ctx, b, &p.d.Plan)
	if err != nil {
		return err
	}
	p.table, p.sheets = t, book.Sheets
	if p.sheet = p.d.Sheet; p.sheet < 0 {
		p.sheet = book.Best()
	}
	if p.senders, err = list.Senders(ctx, l.db); err != nil {
		return err
	}
	if p.form.Value("what") == "" {
		p.form.Set("what", p.d.What).Set("sender", p.d.Sender).Set("header", strconv.Itoa(t.HeaderRow)).Set("sheet", strconv.Itoa(p.sheet))
		if p.d.Verified {
			p.form.Set("verified", "1")
		}
		if p.d.Posts {
			p.form.Set("posts", "1")
		}
		if p.d.Keep {
			p.form.Set("keep", "1")
		}
		for _, a := range p.d.Mapping.Columns {
			p.form.Set(columnField(a.Column), a.Field)
		}
	}
	return nil
}

func columnField(i int) string { return "c" + strconv.Itoa(i) }

func orAgain(err error) error {
	if errs.Is(err, errs.NotFound) {
		return errs.New(errs.Conflict, "lists.again")
	}
	return err
}

// perPage is how many rows are shown at once.
const perPage = 100

// readRows reads the rows that the page shows.
func (l *Lists) readRows(r *http.Request, p *onePage) error {
	q := r.URL.Query()
	p.show = q.Get("show")
	if !slices.Contains(shows, p.show) {
		p.show = "all"
		if p.tally.Refused > 0 && p.d.Step == list.Looked {
			p.show = "refused"
		}
		if p.tally.Stayed > 0 {
			p.show = "stayed"
		}
	}
	after, err := strconv.Atoi(q.Get("after"))
	if err != nil || after < 0 {
		after = 0
	}
	c := list.Choice{Status: list.Status(p.show), After: after, Limit: perPage + 1}
	switch p.show {
	case "all":
		c.Status = ""
	case "same":
		c.Status, c.Same = list.RowTaken, true
	}
	if p.rows, err = list.Rows(r.Context(), l.db, p.d.ID, c); err != nil {
		return err
	}
	if len(p.rows) > perPage {
		p.rows = p.rows[:perPage]
		p.next = p.rows[perPage-1].Row
	}
	if p.d.Step == list.Looked && p.show == "refused" {
		return l.readCells(r.Context(), p)
	}
	return nil
}

// readCells reads what stands in the cells that are refused, so that it can be corrected in place.
func (l *Lists) readCells(ctx context.Context, p *onePage) error {
	b, err := list.Content(ctx, l.db, p.d.ID)
	if err != nil {
		return orAgain(err)
	}
	t, _, err := intake.Table(ctx, b, &p.d.Plan)
	if err != nil {
		return err
	}
	p.cells = map[int]string{}
	wrong := map[int]int{}
	for _, row := range p.rows {
		if col := p.column(row.Field); col >= 0 {
			wrong[row.Row] = col
		}
	}
	for _, row := range t.Rows {
		if col, ok := wrong[row.Number]; ok {
			p.cells[row.Number] = row.Cell(col)
		}
	}
	return nil
}

// look reads how the columns are to be read, and finds out what would happen.
func (l *Lists) look(w http.ResponseWriter, r *http.Request) error {
	lid, f, d, err := l.posted(r)
	if err != nil {
		return err
	}
	var lost error
	err = f.Submit(w, r, func() (string, error) {
		if d.Step != list.Read && d.Step != list.Looking && d.Step != list.Looked || l.isBusy(lid) {
			return "", errs.New(errs.Conflict, "lists.again")
		}
		anew, err := l.reread(r.Context(), f, d)
		if err != nil {
			return "", err
		}
		read := d.Step
		err = l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error {
			if err := stillAt(r.Context(), tx, lid, read); err != nil {
				return err
			}
			if d.Step = list.Looking; anew {
				d.Step = list.Read
			}
			return errors.Join(list.Forget(r.Context(), tx, lid), d.Save(r.Context(), tx))
		})
		if err != nil || anew {
			return href(lid), err
		}
		secret, err := l.secret(r.Context())
		if err != nil {
			return "", err
		}
		l.start(r, lid, "look at list", func(ctx context.Context) error {
			return intake.Look(ctx, l.db, d.Account, lid, secret, nil)
		})
		return href(lid), nil
	}, func() (p web.Page) {
		p, lost = l.onePage(r, lid, f)
		return p
	})
	return errors.Join(err, lost)
}

// stillAt answers where somebody has gone on with the list in another window meanwhile: what this one has read is stale.
func stillAt(ctx context.Context, tx *store.Tx, lid list.ID, step list.Step) error {
	now, err := list.Open(ctx, tx, lid)
	if err == nil && now.Step != step {
		return errs.New(errs.Conflict, "lists.again")
	}
	return err
}

// reread takes what was said of the columns into the draft. Where it is another sheet, heading row or kind of list,
// the columns are another matter, and are to be looked at anew.
func (l *Lists) reread(ctx context.Context, f *web.Form, d *list.Draft) (anew bool, err error) {
	b, err := list.Content(ctx, l.db, d.ID)
	if err != nil {
		return false, orAgain(err)
	}
	t, book, err := intake.Table(ctx, b, &d.Plan)
	if err != nil {
		return false, err
	}
	sheet := d.Sheet
	if sheet < 0 {
		sheet = book.Best()
	}
	what, header, chosen := f.OneOf("what", kindNames()...), f.Int("header", 0, 1_000_000), sheet
	if f.Value("sheet") != "" {
		chosen = f.Int("sheet", 0, len(book.Sheets)-1)
	}
	d.Sender, d.Verified, d.Posts, d.Keep = f.Text("sender", 200), f.Bool("verified"), f.Bool("posts"), f.Bool("keep")
	if err := f.Err(); err != nil {
		return false, err
	}
	if what != d.What || header != t.HeaderRow || chosen != sheet {
		d.What, d.Sheet, d.Header = what, chosen, header
		if chosen != sheet {
			d.Header = -1
		}
		d.Fixes = nil
		return true, intake.Reread(ctx, l.db, b, &d.Plan)
	}
	known := map[string]bool{"": true}
	for _, x := range intake.ListFields(intake.Kind(what)) {
		known[x.Name] = true
	}
	for i := range d.Mapping.Columns {
		field := f.Value(columnField(d.Mapping.Columns[i].Column))
		if !known[field] {
			return false, errs.New(errs.Invalid, "lists.mapping")
		}
		d.Mapping.Columns[i].Field = field
	}
	return false, intake.Enough(t, d.What, d.Mapping)
}

func (l *Lists) posted(r *http.Request) (list.ID, *web.Form, *list.Draft, error) {
	lid, err := listID(r)
	if err != nil {
		return lid, nil, nil, err
	}
	f, err := web.ReadForm(r)
	if err != nil {
		return lid, nil, nil, err
	}
	d, err := list.Open(r.Context(), l.db, lid)
	return lid, f, d, err
}

// fix puts what was typed in place of refused cells, and looks at those rows again.
func (l *Lists) fix(w http.ResponseWriter, r *http.Request) error {
	lid, f, d, err := l.posted(r)
	if err != nil {
		return err
	}
	if d.Step != list.Looked || l.isBusy(lid) {
		return errs.New(errs.Conflict, "lists.again")
	}
	refused, err := list.Rows(r.Context(), l.db, lid, list.Choice{Status: list.RowRefused})
	if err != nil {
		return err
	}
	p := onePage{d: d}
	only := map[int]bool{}
	fixes := map[int]map[int]string{}
	for _, row := range refused {
		name := "r" + strconv.Itoa(row.Row)
		col := p.column(row.Field)
		if len(f.All(name)) == 0 || col < 0 {
			continue
		}
		text := f.Text(name, 4000)
		if fixes[row.Row] == nil {
			fixes[row.Row] = map[int]string{}
		}
		fixes[row.Row][col] = text
		only[row.Row] = true
	}
	var lost error
	err = f.Submit(w, r, func() (string, error) {
		if err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return keepFixes(r.Context(), tx, lid, fixes) }); err != nil {
			return "", err
		}
		secret, err := l.secret(r.Context())
		if err != nil {
			return "", err
		}
		l.start(r, lid, "look at list", func(ctx context.Context) error {
			return intake.Look(ctx, l.db, d.Account, lid, secret, only)
		})
		return href(lid), nil
	}, func() (p web.Page) {
		p, lost = l.onePage(r, lid, f)
		return p
	})
	return errors.Join(err, lost)
}

// keepFixes adds what was typed to what others have typed into the same list.
func keepFixes(ctx context.Context, tx *store.Tx, lid list.ID, fixes map[int]map[int]string) error {
	now, err := list.Open(ctx, tx, lid)
	if err != nil {
		return err
	}
	if now.Step != list.Looked {
		return errs.New(errs.Conflict, "lists.again")
	}
	if now.Fixes == nil {
		now.Fixes = map[int]map[int]string{}
	}
	for row, cells := range fixes {
		if now.Fixes[row] == nil {
			now.Fixes[row] = map[int]string{}
		}
		maps.Copy(now.Fixes[row], cells)
	}
	return now.Save(ctx, tx)
}

// act does something with a whole list and leads back to it.
func (l *Lists) act(w http.ResponseWriter, r *http.Request, may func(d *list.Draft) bool, do func(lid list.ID) (string, error)) error {
	lid, f, d, err := l.posted(r)
	if err != nil {
		return err
	}
	var lost error
	err = f.Submit(w, r, func() (string, error) {
		if !may(d) {
			return "", errs.New(errs.Conflict, "lists.again")
		}
		return do(lid)
	}, func() (p web.Page) {
		p, lost = l.onePage(r, lid, f)
		return p
	})
	return errors.Join(err, lost)
}

// take takes the list that was looked at, or goes on with one that broke off.
func (l *Lists) take(w http.ResponseWriter, r *http.Request) error {
	may := func(d *list.Draft) bool {
		return d.Step == list.Looked || d.Step == list.StepTaking || d.Step == list.StepTaken
	}
	return l.act(w, r, may, func(lid list.ID) (string, error) {
		secret, err := l.secret(r.Context())
		if err != nil {
			return "", err
		}
		by := web.Actor(r)
		l.start(r, lid, "take list", func(ctx context.Context) error {
			return intake.TakeList(ctx, l.db, by, lid, secret, nil)
		})
		return href(lid), nil
	})
}

// undo takes a list back.
func (l *Lists) undo(w http.ResponseWriter, r *http.Request) error {
	may := func(d *list.Draft) bool {
		return !l.isBusy(d.ID) && (d.Step == list.StepTaken || d.Step == list.StepTaking || d.Step == list.StepUndoing || d.Step == list.StepUndone)
	}
	return l.act(w, r, may, func(lid list.ID) (string, error) {
		by := web.Actor(r)
		l.start(r, lid, "undo list", func(ctx context.Context) error {
			_, err := intake.Undo(ctx, l.db, by, lid, nil)
			return err
		})
		return href(lid), nil
	})
}

// drop takes a list off the table that nobody has taken.
func (l *Lists) drop(w http.ResponseWriter, r *http.Request) error {
	return l.act(w, r, func(d *list.Draft) bool { return !l.isBusy(d.ID) }, func(lid list.ID) (string, error) {
		err := l.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return list.Drop(r.Context(), tx, lid) })
		web.SetToast(w, r, web.Toast{Key: "lists.dropped"})
		return "/lists", err
	})
}

// column returns the column that a field is read from; -1 where it is none, or several.
func (p *onePage) column(field string) int {
	cols := p.d.Mapping.Of(field)
	if field == "" || len(cols) == 0 {
		return -1
	}
	return cols[0]
}

// samples returns a few different values of a column, for the eye.
func samples(t *tabular.Table, col int) string {
	var out []string
	for _, r := range t.Rows {
		if v := r.Cell(col); v != "" && !slices.Contains(out, v) {
			if out = append(out, short(v)); len(out) == 3 {
				break
			}
		}
	}
	return strings.Join(out, " · ")
}

func short(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
