package runs

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/web"
)

// blankRows is how many doors that were not on the sheet can be typed in at once, as many as a sheet has blank rows.
const blankRows = 3

// sheetPage is one run: what it is, and its sheet to type in. It shows addresses and first letters, as a row of the
// board does; the contact is on the request's own page, where each look is kept.
type sheetPage struct {
	lang  i18n.Lang
	form  *web.Form
	loc   *time.Location
	day   time.Time
	run   *run.State
	rows  []sheetRow
	doors []sheetRow // that were not on the sheet
	crews []web.Option
	reach []Contact // while the run is not over, for those who send crews
	send  bool
}

// sheetRow is one door.
type sheetRow struct {
	n       int // of the stop, from 1; 0 for a door that was not on the sheet
	arrive  string
	door    door
	needs   string
	now     run.Result // what counts; "" when nothing was told
	told    []run.Outcome
	forgets string // when its household will be erased
	gone    bool   // it was: nothing is left to correct
}

// door is what a row shows of a request: enough to know it by.
type door struct {
	id      request.ID
	ref     string
	address string
	name    string // first letters
}

// was is the last thing told of the row's stop, so that a stale form is noticed.
func (s sheetRow) was() string {
	if len(s.told) == 0 {
		return ""
	}
	return s.told[len(s.told)-1].ID.String()
}

func (d *Runs) sheet(w http.ResponseWriter, r *http.Request) error {
	rid, err := runID(r)
	if err != nil {
		return err
	}
	p, err := d.sheetPage(r, rid, web.NewForm(r))
	if err != nil {
		return err
	}
	return web.Render(w, r, p.page())
}

func (p sheetPage) page() web.Page {
	keys := []web.Key{{Keys: "1 … 5", Does: p.lang.T("sheet.key_result")}, {Keys: "J K", Does: p.lang.T("sheet.key_rows")}, {Keys: "0", Does: p.lang.T("sheet.key_clear")},
		{Keys: "Tab", Does: p.lang.T("sheet.key_note")}, {Keys: "Enter", Does: p.lang.T("sheet.key_save")}}
	return web.Page{Title: p.title(), Nav: "runs", Body: p.body(), Wide: true, Keys: keys, Help: p.lang.T("sheet.help")}
}

func (p sheetPage) title() string {
	return p.lang.T("sheet.title", "sheet", p.run.Number, "crew", p.run.CrewNo)
}

// sheetAgain is the page after something was refused.
func (d *Runs) sheetAgain(r *http.Request, rid run.ID, f *web.Form) web.Page {
	p, err := d.sheetPage(r, rid, f)
	if err != nil {
		return web.Page{Title: web.Lang(r).T("nav.runs"), Nav: "runs", Body: web.Empty(web.Say(web.Lang(r), err, ""), "")}
	}
	return p.page()
}

func (d *Runs) sheetPage(r *http.Request, rid run.ID, f *web.Form) (sheetPage, error) {
	ctx := r.Context()
	c, _, err := d.today(ctx)
	if err != nil {
		return sheetPage{}, err
	}
	p := sheetPage{lang: web.Lang(r), form: f, loc: c.Location(), send: web.ViewerOf(r).Roles.Any(sendRoles)}
	if p.run, err = run.Get(ctx, d.db, rid); err != nil {
		return p, err
	}
	p.day = DayOf(c, p.run)
	told, err := run.Told(ctx, d.db, rid)
	if err != nil {
		return p, err
	}
	for i, s := range p.run.Stops {
		row := sheetRow{n: i + 1, arrive: clockOf(p.day, s.Arrive), now: p.run.Results[i+1]}
		row.told = slices.Collect(func(yield func(run.Outcome) bool) {
			for _, o := range told {
				if o.Stop == row.n && !yield(o) {
					return
				}
			}
		})
		if err := d.fillRow(ctx, &row, s.Request, s.Needs, p.lang, p.loc); err != nil {
			return p, err
		}
		p.rows = append(p.rows, row)
	}
	if err := p.addDoors(ctx, d, told); err != nil {
		return p, err
	}
	if p.send {
		err = p.addCrews(r, d)
	}
	return p, err
}

// addCrews adds whom to call about the crew while its run is not over, and before it has left who else could go.
func (p *sheetPage) addCrews(r *http.Request, d *Runs) (err error) {
	if p.run.Step != "" && !p.run.UnderWay() {
		return nil
	}
	if p.reach, err = d.contacts.Of(r.Context(), web.Actor(r), p.run.Crew); err == nil && p.run.Step == "" {
		p.crews, err = d.otherCrews(r.Context(), p.run.CrewNo)
	}
	return err
}

// addDoors adds the doors that were not on the sheet, each with what counts of it.
func (p *sheetPage) addDoors(ctx context.Context, d *Runs, told []run.Outcome) error {
	at := map[id.ID]int{}
	for _, o := range told {
		if o.Stop > 0 {
			continue
		}
		i, seen := at[o.Request]
		if !seen {
			i = len(p.doors)
			at[o.Request] = i
			row := sheetRow{}
			if err := d.fillRow(ctx, &row, o.Request, nil, p.lang, p.loc); err != nil {
				return err
			}
			p.doors = append(p.doors, row)
		}
		p.doors[i].now = o.Result
		p.doors[i].told = append(p.doors[i].told, o)
	}
	p.doors = slices.DeleteFunc(p.doors, func(s sheetRow) bool { return s.now == run.Withdrawn })
	return nil
}

func (d *Runs) fillRow(ctx context.Context, row *sheetRow, rid id.ID, needs []id.ID, lang i18n.Lang, loc *time.Location) error {
	q, h, err := Whose(ctx, d.db, rid)
	if err != nil {
		return err
	}
	row.door, row.gone = doorOf(lang, q, h), h.Address == ""
	var list []request.Need
	for _, nid := range needs {
		n, err := request.NeedKind.Get(ctx, d.db, nid)
		if err != nil {
			return err
		}
		if n.What != "" {
			list = append(list, *n)
		}
	}
	row.needs = needWords(lang, list)
	row.forgets, err = Forgets(ctx, d.db, q.Household, lang, loc)
	return err
}

// Whose reads a request and its household.
func Whose(ctx context.Context, r store.Reader, rid id.ID) (*request.Request, *household.Household, error) {
	q, err := request.Kind.Get(ctx, r, rid)
	if err != nil {
		return nil, nil, err
	}
	h, err := household.Kind.Get(ctx, r, q.Household.ID)
	return q, h, err
}

func doorOf(lang i18n.Lang, q *request.Request, h *household.Household) door {
	p := door{id: q.ID, ref: q.Ref.String(), address: h.Door(), name: h.Head.Masked()}
	if h.Address == "" {
		p.address = lang.T("dispatch.erased")
	}
	return p
}

// Forgets says when a household will be erased, or "".
func Forgets(ctx context.Context, r store.Reader, h household.ID, lang i18n.Lang, loc *time.Location) (string, error) {
	p, ok, err := dispatch.WhenForgotten(ctx, r, h)
	if err != nil || !ok {
		return "", err
	}
	at := lang.DateClock(p.At.In(loc))
	if len(p.Sheets) == 0 {
		return lang.T("sheet.forget_at", "at", at), nil
	}
	numbers := make([]string, 0, len(p.Sheets))
	for _, n := range p.Sheets {
		numbers = append(numbers, strconv.Itoa(n))
	}
	return lang.T("sheet.forget_sheet", "sheet", strings.Join(numbers, ", "), "at", at), nil
}

func (d *Runs) otherCrews(ctx context.Context, not int) ([]web.Option, error) {
	all, err := crew.List(ctx, d.db)
	var out []web.Option
	for _, c := range all {
		if c.Number != not && !c.Void() && !c.Posts {
			out = append(out, web.Option{Value: c.ID.String(), Label: strconv.Itoa(c.Number) + " · " + c.Vehicle})
		}
	}
	return out, err
}

func swapCrew(ctx context.Context, tx *store.Tx, f *web.Form, rid run.ID) (web.Toast, error) {
	v, err := id.Parse(f.Value("crew"))
	if err != nil {
		return web.Toast{}, &errs.Error{Kind: errs.Invalid, Key: "web.choose", Fields: errs.Fields{"crew": "web.choose"}}
	}
	return web.Toast{Key: "runs.swapped"}, dispatch.Swap(ctx, tx, rid, crew.ID{ID: v})
}

// typed is what somebody has typed of one door.
type typed struct {
	stop int
	req  request.ID // of a door that was not on the sheet
	was  string     // the last thing told of the stop, as the form had it
	res  run.Result
	note contact.Note
}

// saveSheet takes what was typed from paper, all rows in one write. A row of which somebody else has told something
// meanwhile comes back with what was typed.
func (d *Runs) saveSheet(w http.ResponseWriter, r *http.Request) error {
	f, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	rid, err := runID(r)
	if err != nil {
		return err
	}
	p, err := d.sheetPage(r, rid, f)
	if err != nil {
		return err
	}
	rows := append(typedStops(f, p.rows), d.typedDoors(r.Context(), f)...)
	f.Check(len(rows) > 0 || !f.OK(), "", "sheet.nothing")
	return f.Submit(w, r, func() (string, error) {
		err := d.db.Write(r.Context(), web.Actor(r), func(tx *store.Tx) error { return writeRows(r.Context(), tx, rid, rows) })
		if err == nil {
			web.SetToast(w, r, web.Toast{Key: "sheet.saved", Args: []any{"n", len(rows)}})
		}
		return "/runs/" + rid.String(), err
	}, func() web.Page { return d.sheetAgain(r, rid, f) })
}

func writeRows(ctx context.Context, tx *store.Tx, rid run.ID, rows []typed) error {
	if err := notStale(ctx, tx, rid, rows); err != nil {
		return err
	}
	for _, t := range rows {
		var err error
		if t.stop > 0 {
			err = dispatch.Report(ctx, tx, rid, t.stop, t.res, tx.Now, t.note)
		} else {
			err = dispatch.Door(ctx, tx, rid, t.req, t.res, tx.Now, t.note)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// notStale refuses rows of which somebody else has told something since the form was shown. It looks within the write,
// so that of two who save at once the second is told.
func notStale(ctx context.Context, tx *store.Tx, rid run.ID, rows []typed) error {
	told, err := run.Told(ctx, tx, rid)
	if err != nil {
		return err
	}
	last := map[int]string{}
	for _, o := range told {
		last[o.Stop] = o.ID.String()
	}
	stale := errs.Fields{}
	for _, t := range rows {
		if t.stop > 0 && t.was != last[t.stop] {
			stale["r"+itoa(t.stop)] = "sheet.stale"
		}
	}
	if len(stale) > 0 {
		return &errs.Error{Kind: errs.Conflict, Key: "sheet.stale", Fields: stale}
	}
	return nil
}

// typedStops reads the rows that say something new.
func typedStops(f *web.Form, rows []sheetRow) []typed {
	var out []typed
	for _, row := range rows {
		if row.gone {
			continue
		}
		field, note := "r"+itoa(row.n), f.Text("note"+itoa(row.n), 500)
		key := f.Value(field)
		if key == "" {
			f.Check(note == "", field, "sheet.note_alone")
			continue
		}
		res, err := run.ParseResult(key)
		if err != nil {
			f.Fail(field, "run.result")
			continue
		}
		if res == row.now && note == "" {
			continue
		}
		out = append(out, typed{stop: row.n, was: f.Value("was" + itoa(row.n)), res: res, note: contact.Note(note)})
	}
	return out
}

// typedDoors reads the blank rows.
func (d *Runs) typedDoors(ctx context.Context, f *web.Form) []typed {
	var out []typed
	for i := range blankRows {
		at := itoa(i)
		said, key := f.Text("ref"+at, 20), f.Value("d"+at)
		if said == "" && key == "" {
			continue
		}
		ref, err := id.ParseRef(said)
		var q *request.Request
		if err == nil {
			q, err = request.ByRef(ctx, d.db, ref)
		}
		if err != nil {
			f.Fail("ref"+at, "sheet.no_ref")
			continue
		}
		res, err := run.ParseResult(key)
		if err != nil {
			f.Fail("d"+at, "run.result")
			continue
		}
		out = append(out, typed{req: q.ID, res: res, note: contact.Note(f.Text("dnote"+at, 500))})
	}
	return out
}
