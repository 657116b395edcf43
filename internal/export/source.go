package export

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
	"github.com/jumyla/jumyla/ledger"
)

// source is where the rows of a kind come from.
type source struct {
	fields []Field
	ids    func(ctx context.Context, r store.Reader, a *Asked) ([]id.ID, error)
	row    func(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error)
}

// Fields returns what can be taken out of a kind, in the order of the columns.
func Fields(w What) []Field { return sources[w].fields }

var home = []Field{{"name", Contact}, {"phone", Contact}, {"address", Contact}, {"flat", Contact}, {"entrance", Contact}, {"floor", Contact},
	{"door_code", Contact}, {"coordinates", Contact}, {"people", Plain}, {"ages", Care}, {"infant", Care}, {"diabetic", Care}, {"language", Plain}}

// sources are all kinds with their fields.
var sources = map[What]source{
	Requests: {
		fields: append([]Field{{"ref", Plain}, {"since", Plain}, {"status", Plain}, {"centre", Plain}, {"checked", Plain}, {"kinds", Plain}, {"calls", Plain}, {"needs", Care}},
			append(slices.Clip(home), Field{"note", Care})...),
		ids: func(ctx context.Context, r store.Reader, a *Asked) ([]id.ID, error) {
			return request.Between(ctx, r, a.From, a.To)
		},
		row: requestRow,
	},
	Households: {
		fields: append(slices.Clip(home), Field{"note", Care}),
		ids:    func(ctx context.Context, r store.Reader, _ *Asked) ([]id.ID, error) { return household.Kept(ctx, r) },
		row: func(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error) {
			h, err := household.Kind.Get(ctx, r, rid)
			if err != nil {
				return nil, err
			}
			return homeCells(a.Lang, h, string(h.Note)), nil
		},
	},
	Volunteers: {
		fields: []Field{{"name", Contact}, {"phone", Contact}, {"adult", Plain}, {"languages", Plain}, {"skills", Plain}, {"vehicle", Contact}, {"plate", Contact},
			{"baskets", Plain}, {"available", Contact}, {"emergency", Contact}, {"pass", Contact}},
		ids: volunteerIDs,
		row: volunteerRow,
	},
	Runs: {
		fields: []Field{{"day", Plain}, {"number", Plain}, {"crew", Plain}, {"depart", Plain}, {"back", Plain}, {"stops", Plain}, {"step", Plain}},
		ids: func(ctx context.Context, r store.Reader, a *Asked) ([]id.ID, error) {
			return run.Between(ctx, r, day(a.From, a.Zone), day(a.To, a.Zone))
		},
		row: runRow,
	},
	Outcomes: {
		fields: []Field{{"at", Plain}, {"day", Plain}, {"number", Plain}, {"crew", Plain}, {"stop", Plain}, {"result", Plain}, {"ref", Plain}, {"note", Care}},
		ids: func(ctx context.Context, r store.Reader, a *Asked) ([]id.ID, error) {
			return run.OutcomesBetween(ctx, r, a.From, a.To)
		},
		row: outcomeRow,
	},
	Picture: {fields: []Field{{"of_centre", Plain}, {"level", Plain}, {"under", Plain}, {"as_of", Plain}, {"measure", Plain}, {"value", Plain}, {"waiting", Plain}, {"on_way", Plain}}},
}

func scanID(row *sql.Rows, v *id.ID) error { return row.Scan(v) }

// day is a moment's day in the centre's zone; "" for none.
func day(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateOnly)
}

func requestRow(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error) {
	q, err := request.Kind.Get(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	h, err := household.Kind.Get(ctx, r, q.Household.ID)
	if err != nil {
		return nil, err
	}
	needs, err := request.Needs(ctx, r, q.ID)
	if err != nil {
		return nil, err
	}
	note := strings.TrimSpace(string(q.Note) + "\n" + string(h.Note))
	out := homeCells(a.Lang, h, note)
	var words, kinds []string
	for _, n := range needs {
		words = append(words, strings.ReplaceAll(n.Detail, ";", ","))
		kinds = append(kinds, a.Lang.T("export.kind."+n.Class)+" × "+strconv.Itoa(n.Count)) // i18n: export.kind.*
	}
	out["ref"], out["since"] = q.Ref.String(), q.At.In(a.Zone).Format("02.01.2006 15:04")
	status, with, err := whose(ctx, r, q, needs)
	if err != nil {
		return nil, err
	}
	out["status"], out["centre"], out["checked"] = a.Lang.T("need.status_"+string(status)), with, checked(a.Lang, q.Verified) // i18n: need.status_*
	out["kinds"], out["calls"], out["needs"] = strings.Join(kinds, ", "), strconv.Itoa(q.Calls), strings.Join(words, "; ")
	return out, nil
}

// whose is where a request stands, and the name of the centre that has it where that is another: only that one's table
// counts it, or two tables laid together would count it twice.
func whose(ctx context.Context, r store.Reader, q *request.Request, needs []request.Need) (request.Status, string, error) {
	h, err := store.Held(ctx, r, q.ID.ID)
	if err != nil || h.Ours {
		return standing(needs), "", err
	}
	peer, err := store.Peer(ctx, r, ledger.ID(h.Owner))
	if errs.Is(err, errs.NotFound) {
		return request.Away, h.Owner.String(), nil
	}
	if err != nil {
		return "", "", err
	}
	return request.Away, peer.Name, nil
}

// standing is where a request stands: open while anything in it is.
func standing(needs []request.Need) request.Status {
	best := request.Cancelled
	rank := map[request.Status]int{request.Cancelled: 0, request.Away: 1, request.Done: 2, request.Planned: 3, request.Open: 4}
	for _, n := range needs {
		if rank[n.Status] > rank[best] {
			best = n.Status
		}
	}
	return best
}

func checked(lang i18n.Lang, v request.Verification) string {
	if v == request.Unverified {
		return lang.T("export.checked.no")
	}
	return lang.T("export.checked." + string(v)) // i18n: export.checked.*
}

func homeCells(lang i18n.Lang, h *household.Household, note string) map[string]string {
	out := map[string]string{"name": string(h.Head), "phone": phones(h.Phones), "address": string(h.Address), "flat": h.Flat, "entrance": h.Entrance,
		"floor": h.Floor, "door_code": h.Code, "language": "", "note": note}
	if h.People > 0 {
		out["people"] = strconv.Itoa(h.People)
	}
	if h.Lang != "" {
		out["language"] = lang.T("export.lang." + string(h.Lang)) // i18n: export.lang.*
	}
	ages := make([]string, 0, len(h.Children))
	for _, age := range h.Children {
		ages = append(ages, strconv.Itoa(age))
	}
	out["ages"] = strings.Join(ages, ", ")
	if h.Where != nil && !h.Where.Rough {
		out["coordinates"] = fmt.Sprintf("%.6f, %.6f", h.Where.Lat, h.Where.Lon)
	}
	for field, care := range map[string]household.Care{"infant": household.Infant, "diabetic": household.Diabetic} {
		if h.Has(care) {
			out[field] = lang.T("export.yes")
		}
	}
	return out
}

func phones(all []contact.Phone) string {
	out := make([]string, 0, len(all))
	for _, p := range all {
		out = append(out, string(p))
	}
	return strings.Join(out, ", ")
}

func volunteerIDs(ctx context.Context, r store.Reader, _ *Asked) ([]id.ID, error) {
	all, err := volunteer.List(ctx, r)
	out := make([]id.ID, 0, len(all))
	for i := range all {
		out = append(out, all[i].ID.ID)
	}
	return out, err
}

func volunteerRow(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error) {
	v, err := volunteer.Kind.Get(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"name": string(v.Name), "phone": string(v.Phone), "languages": strings.Join(v.Langs, ", "), "skills": strings.Join(v.Skills, ", "),
		"vehicle": v.Vehicle, "plate": v.Plate, "available": v.When, "emergency": v.Emergency, "pass": v.Pass}
	if v.Baskets > 0 {
		out["baskets"] = strconv.Itoa(v.Baskets)
	}
	if v.Adult != volunteer.Unknown {
		out["adult"] = a.Lang.T("export.yes")
	}
	return out, nil
}

func runRow(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error) {
	s, err := run.Get(ctx, r, run.ID{ID: rid})
	if err != nil {
		return nil, err
	}
	step := s.Step
	if step == "" {
		step = "here"
	}
	return map[string]string{"day": s.Day, "number": strconv.Itoa(s.Number), "crew": strconv.Itoa(s.CrewNo), "depart": clock(s.Depart), "back": clock(s.Back),
		"stops": strconv.Itoa(len(s.Stops)), "step": a.Lang.T("desk.step_" + string(step))}, nil // i18n: desk.step_*
}

// clock is a time of the day's count of seconds; past 24:00 for the next day.
func clock(seconds int32) string { return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60) }

func outcomeRow(ctx context.Context, r store.Reader, a *Asked, rid id.ID) (map[string]string, error) {
	o, err := run.OutcomeKind.Get(ctx, r, rid)
	if err != nil {
		return nil, err
	}
	out := map[string]string{"at": o.At.In(a.Zone).Format("02.01.2006 15:04"), "stop": strconv.Itoa(o.Stop), "result": a.Lang.T("outcome." + string(o.Result)), "note": string(o.Note)} // i18n: outcome.*
	if rec, err := run.Kind.Get(ctx, r, o.Run); err == nil {
		out["day"], out["number"], out["crew"] = rec.Day, strconv.Itoa(rec.Number), strconv.Itoa(rec.CrewNo)
	}
	if q, err := request.Kind.Get(ctx, r, o.Request); err == nil {
		out["ref"] = q.Ref.String()
	}
	return out, nil
}
