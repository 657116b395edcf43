package intake

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/tabular"
	"github.com/jumyla/jumyla/internal/tabular/cell"
)

// errKnown means that a row says what the register has already.
var errKnown = errors.New("known already")

// household reads a row of a list of households.
func (im *taking) household(r *row) draft {
	h, again := im.home(r)
	return draft{again: again, says: saysHome(&h), put: func(ctx context.Context, tx *store.Tx) (Made, error) {
		h := h
		if err := h.Validate(); err != nil {
			return Made{}, err
		}
		twin, above, err := im.known(ctx, tx, r.Number, &h)
		if err != nil {
			return Made{}, err
		}
		if err := locate(ctx, tx, nil, &h); err != nil {
			return Made{}, err
		}
		h.ID, h.List = household.ID{ID: tx.NewID()}, im.lid
		return Made{ID: h.ID.ID, Duplicate: above || !twin.IsZero(), Twin: twin}, tx.Put(ctx, &h)
	}}
}

// request reads a row of a list of requests.
func (im *taking) request(r *row) draft {
	h, again := im.home(r)
	c := Call{Household: h, Needs: r.needs(), Note: h.Note, List: im.lid}
	c.Household.Note = ""
	if len(h.Phones) > 0 {
		c.Phone = h.Phones[0]
	}
	if len(c.Needs) == 0 && r.idle == "" && r.why == "" {
		r.idle = "lists.skip.nothing"
	}
	return draft{again: again, says: join(saysHome(&h), strings.Join(c.Needs, ", ")), put: func(ctx context.Context, tx *store.Tx) (Made, error) {
		if err := c.Validate(); err != nil {
			return Made{}, err
		}
		twin, above, err := im.known(ctx, tx, r.Number, &c.Household)
		if err != nil {
			return Made{}, err
		}
		q, err := Take(ctx, tx, c, im.secret)
		if err == nil && im.plan.Verified {
			err = request.Check(ctx, tx, q, request.ByList)
		}
		if err != nil {
			return Made{}, err
		}
		return Made{ID: q.ID.ID, Ref: q.Ref, Duplicate: above || !twin.IsZero(), Twin: twin}, nil
	}}
}

// home reads who lives where, and whether they stood higher up in the list. A row that its sender has
// closed is skipped.
func (im *taking) home(r *row) (household.Household, bool) {
	if r.idle = closed(r.get(tabular.FieldStatus)); r.idle != "" {
		return household.Household{}, false
	}
	h := household.Household{Head: r.name(), Phones: r.phones(), Address: r.address(), Flat: r.door(tabular.FieldFlat),
		Entrance: r.get(tabular.FieldEntrance), Floor: r.get(tabular.FieldFloor), Code: r.get(tabular.FieldDoorCode),
		People: r.count(tabular.FieldPeople), Children: r.ages(), Lang: r.lang(tabular.FieldLanguage), Note: r.note()}
	if h.Address == "" || h.Address == "0" { // 0 is what a formula makes of an empty cell
		r.refuse(tabular.FieldAddress, "error.required")
	}
	h.Post = im.plan.Posts
	if h.Keep = r.yesOr(tabular.FieldConsent, im.plan.Keep); h.Keep {
		lang := cmp.Or(h.Lang, i18n.KK)
		h.Wording = lang.T("lists.keep_wording", "sender", cmp.Or(im.plan.Sender, lang.T("lists.keep_no_sender")))
	}
	if p := r.point(); p != nil {
		h.Where = &household.Point{Lat: p.Lat, Lon: p.Lon}
	}
	if r.yes(tabular.FieldInfant) {
		h.Cares = append(h.Cares, household.Infant)
	}
	if r.yes(tabular.FieldDiabetic) {
		h.Cares = append(h.Cares, household.Diabetic)
	}
	if r.why != "" {
		return h, false
	}
	keys := []string{"address\x00" + contact.Fold(string(h.Address)) + "\x00" + contact.Fold(h.Flat)}
	for _, p := range h.Phones {
		keys = append(keys, "phone\x00"+household.Tail(p))
	}
	im.homes.add(r.Number, &h)
	return h, im.stood(keys...)
}

// saysHome is how a household is shown before it is taken.
func saysHome(h *household.Household) string {
	phone := ""
	if len(h.Phones) > 0 {
		phone = string(h.Phones[0])
	}
	return join(string(h.Head), phone, strings.TrimSuffix(string(h.Address)+", "+h.Flat, ", "))
}

// join sets what is known of a row side by side.
func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// known returns the household that a row is, by phone, door or name, and whether it stood above by its name.
func (im *taking) known(ctx context.Context, r store.Reader, row int, h *household.Household) (twin id.ID, above bool, err error) {
	if twin, err = written(ctx, r, h); err != nil || !twin.IsZero() {
		return twin, false, err
	}
	twin, above = im.homes.twin(row, h)
	return twin, above, nil
}

// written returns the household that has one of these phones, or the same door, already; zero where none has.
func written(ctx context.Context, r store.Reader, h *household.Household) (id.ID, error) {
	for _, p := range h.Phones {
		if ids, err := household.ByPhone(ctx, r, p); err != nil || len(ids) > 0 {
			return first(ids), err
		}
	}
	ids, err := household.ByAddress(ctx, r, h.Address)
	if err != nil || len(ids) == 0 || h.Flat == "" {
		return first(ids), err
	}
	for _, hid := range ids {
		o, err := household.Kind.Get(ctx, r, hid.ID)
		if err != nil {
			return id.ID{}, err
		}
		if o.Flat == "" || contact.Fold(o.Flat) == contact.Fold(h.Flat) {
			return hid.ID, nil
		}
	}
	return id.ID{}, nil
}

func first(ids []household.ID) id.ID {
	if len(ids) == 0 {
		return id.ID{}
	}
	return ids[0].ID
}

// ages reads children's ages in years. Their number alone goes to the note.
func (r *row) ages() []int {
	s := r.get(tabular.FieldAges)
	if s == "" {
		return nil
	}
	if ok, why := cell.Bool(s); why == "" && !ok && !strings.ContainsAny(s, "0123456789") && !strings.HasPrefix(cell.Fold(s), "не ") {
		return nil // "нет" is none; "не знает" is something else
	}
	months, why := cell.Ages(s)
	if why != "" {
		r.refuse(tabular.FieldAges, string(why))
	}
	var out []int
	for _, m := range months {
		if m < 18*12 {
			out = append(out, m/12)
		}
	}
	return out
}

// note keeps the sender's words for which there is no field, each under its heading, so that none is lost.
func (r *row) note() contact.Note {
	lines := []string{r.Section, r.text(tabular.FieldNote, "\n")}
	for _, field := range []string{tabular.FieldDistrict, tabular.FieldChildren, tabular.FieldDisabled, tabular.FieldPregnant,
		tabular.FieldQuantity, tabular.FieldUrgency, tabular.FieldBefore, tabular.FieldSince} {
		for _, i := range r.cols.of[field] {
			if v := r.Cell(i); v != "" {
				lines = append(lines, strings.TrimPrefix(r.cols.headings[i]+": "+v, ": "))
			}
		}
	}
	return contact.Note(strings.Join(slices.DeleteFunc(lines, func(s string) bool { return s == "" }), "\n"))
}

// maxThings is how many things one cell can ask for before it is kept in one piece.
const maxThings = 10

// needs reads what is asked for: the words of the cell, or the heading of a column where yes is written.
func (r *row) needs() []string {
	var out []string
	for _, i := range r.cols.of[tabular.FieldNeeds] {
		value := r.Cell(i)
		switch asks(value) {
		case asksYes:
			out = append(out, thing(r.cols.headings[i]))
		case asksThis:
			things := words(value)
			if len(things) > maxThings {
				things = []string{value} // a letter rather than a list
			}
			out = append(out, things...)
		case asksNothing:
		}
	}
	return out
}

// thing is what a heading of a column of yes and no names: "food_req" is food.
func thing(heading string) string {
	return strings.TrimSpace(strings.ReplaceAll(strings.TrimSuffix(strings.ToLower(heading), "_req"), "_", " "))
}

// asking is what a cell of needs says.
type asking int

const (
	asksNothing asking = iota
	asksYes
	asksThis // in its own words
)

// asks tells a mark from words. "Available" and its kin mean that nothing is wanted.
func asks(value string) asking {
	if value == "" {
		return asksNothing
	}
	switch strings.Trim(cell.Fold(value), " ") {
	case "need", "needed", "required", "нужно", "нужна", "нужен", "нужны", "требуется", "керек", "кажет":
		return asksYes
	case "nil", "na", "n a", "none", "not needed", "no need", "not required", "no urgent requirements", "available", "sufficient", "satisfactory", "satisfied",
		"good", "не нужно", "не требуется", "не надо", "керек емес", "кажет емес", "достаточно", "жеткиликти", "closed", "camp closed":
		return asksNothing
	}
	if len(strings.Fields(value)) == 1 {
		if ok, why := cell.Bool(value); why == "" {
			if ok {
				return asksYes
			}
			return asksNothing
		}
	}
	return asksThis
}

// closed returns why a row that its sender has marked is skipped; "" for one that is open.
func closed(status string) string {
	f := contact.Fold(status)
	for reason, starts := range map[string][]string{
		"lists.skip.closed":    {"closed", "done", "completed", "delivered", "закрит", "виполн", "доставл", "орындал", "жабил", "жеткизил", "аяктал"},
		"lists.skip.duplicate": {"duplicate", "дубл", "повтор", "каитал"},
	} {
		for _, s := range starts {
			if strings.HasPrefix(f, contact.Fold(s)) {
				return reason
			}
		}
	}
	return ""
}
