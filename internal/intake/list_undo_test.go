package intake_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/crew"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/place"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/run"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func listID(tb testing.TB, res *intake.Result) list.ID {
	tb.Helper()
	v, err := id.Parse(res.List)
	if err != nil {
		tb.Fatal(err)
	}
	return list.ID{ID: v}
}

func undo(t *testing.T, db *store.DB, res *intake.Result) list.Tally {
	t.Helper()
	tally, err := intake.Undo(t.Context(), db, coordinator, listID(t, res), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tally
}

// shown counts what screens ask for.
func shown(t *testing.T, db *store.DB) string {
	t.Helper()
	board, err := request.Board(t.Context(), db, request.Filter{View: "open", Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	tally, err := request.Count(t.Context(), db, db.Now().AddDate(-1, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	found, err := household.ByPhone(t.Context(), db, "+77012000000")
	if err != nil {
		t.Fatal(err)
	}
	match, err := intake.Matches(t.Context(), db, nil, intake.Asked{Phone: "+77012000001"}, db.Now())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d on the board, %d waiting, %d new, %d by phone, %d matches", len(board), tally.Waiting, tally.New, len(found), len(match))
}

func TestNothingIsSeenOfAListUntilItIsWhole(t *testing.T) {
	db := open(t)
	nothing := shown(t, db)
	res := load(t, db, intake.Requests, many(450), intake.Options{Progress: func(done, _ int) {
		if got := shown(t, db); got != nothing {
			t.Errorf("after %d rows: %s", done, got)
		}
	}})
	if got := shown(t, db); got != "450 on the board, 450 waiting, 450 new, 1 by phone, 1 matches" {
		t.Error(got)
	}
	if tally := undo(t, db, res); tally.Gone != 450 || tally.Stayed != 0 {
		t.Errorf("%+v", tally)
	}
	if got := shown(t, db); got != nothing {
		t.Error("after undo:", got)
	}
	same(t, db)
	left, err := store.One[int](t.Context(), db, "bodies", `SELECT count(*) FROM ledger_body b JOIN record r ON r.id=b.record WHERE r.kind IN ('household','request','need')`)
	if err != nil || left != 0 {
		t.Errorf("%d bodies of people are left, %v", left, err)
	}
	if again := load(t, db, intake.Requests, many(450), intake.Options{}); again.Taken != 450 || again.Duplicates != 0 {
		t.Errorf("taken again: %d, %d duplicates", again.Taken, again.Duplicates)
	}
}

func TestWhatSomebodyWorkedOnStays(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Requests, many(250), intake.Options{})
	write := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), coordinator, fn); err != nil {
			t.Fatal(err)
		}
	}
	get := func(i int) *request.Request {
		q, err := request.Kind.Get(t.Context(), db, res.Made[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	ctx := t.Context()
	write(func(tx *store.Tx) error { return request.Check(ctx, tx, get(3), request.ByPhone) })
	write(func(tx *store.Tx) error { // a need
		needs, err := request.Needs(ctx, tx, get(7).ID)
		if err != nil {
			return err
		}
		needs[0].Status = request.Planned
		return tx.Put(ctx, &needs[0])
	})
	write(func(tx *store.Tx) error { // a household
		h, err := household.Kind.Get(ctx, tx, get(210).Household.ID)
		if err != nil {
			return err
		}
		h.Floor = "4"
		return tx.Put(ctx, h)
	})
	write(func(tx *store.Tx) error { // looking is no work
		l := &household.Look{Household: get(5).Household.ID, Account: coordinator, Page: "request"}
		l.ID.ID = tx.NewID()
		return tx.Put(ctx, l)
	})
	program := func(tx *store.Tx) error { // found on the map by the program itself: nobody's work
		h, err := household.Kind.Get(ctx, tx, get(9).Household.ID)
		if err != nil {
			return err
		}
		h.Where, h.Area = &household.Point{Lat: 43.25, Lon: 76.91}, "Бостандық ауданы"
		return tx.Put(ctx, h)
	}
	if err := db.Write(ctx, store.Actor{}, program); err != nil {
		t.Fatal(err)
	}
	if tally := undo(t, db, res); tally.Gone != 247 || tally.Stayed != 3 {
		t.Errorf("%+v", tally)
	}
	rows, err := list.Rows(t.Context(), db, listID(t, res), list.Choice{Status: list.RowStayed})
	if err != nil || len(rows) != 3 || rows[0].Row != 5 || rows[2].Row != 212 || rows[0].Reason != "lists.worked_on" || rows[0].Ref != get(3).Ref {
		t.Errorf("%+v %v", rows, err)
	}
	board, err := request.Board(t.Context(), db, request.Filter{View: "open", Limit: 1000})
	if err != nil || len(board) != 3 || board[0].Head == "" {
		t.Errorf("%+v %v", board, err)
	}
	if tally := undo(t, db, res); tally.Gone != 247 || tally.Stayed != 3 {
		t.Errorf("once more: %+v", tally)
	}
	same(t, db)
}

func TestAListThatBrokeOffIsUndone(t *testing.T) {
	db := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	res, err := intake.Import(ctx, db, coordinator, intake.Requests, strings.NewReader(many(450)), intake.Options{Progress: func(done, _ int) {
		if done == 400 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || res.Taken != 400 {
		t.Fatal(res, err)
	}
	if tally := undo(t, db, res); tally.Gone != 400 {
		t.Errorf("%+v", tally)
	}
	if _, err := intake.Undo(t.Context(), db, coordinator, list.ID{ID: id.New(db.Now())}, nil); !errs.Is(err, errs.NotFound) {
		t.Error(err)
	}
	same(t, db)
}

func TestUndoOfEachKind(t *testing.T) {
	db := open(t)
	people := load(t, db, intake.Volunteers, "name,phone,18+\nОйдан Бір,8 701 555 12 34,да\nОйдан Екі,8 701 555 12 35,да\n", intake.Options{})
	err := db.Write(t.Context(), coordinator, func(tx *store.Tx) error {
		return volunteer.See(t.Context(), tx, volunteer.ID{ID: people.Made[0].ID})
	})
	if err != nil {
		t.Fatal(err)
	}
	crews := load(t, db, intake.Crews, "number,driver\n7,Ойдан Бір\n", intake.Options{})
	places := load(t, db, intake.Places, "street,house,lat,lon\nАбая,10,43.2,76.9\n", intake.Options{})
	homes := load(t, db, intake.Households, "name,address\nОйдан Үш,Абая 10\n", intake.Options{})
	if tally := undo(t, db, people); tally.Gone != 1 || tally.Stayed != 1 {
		t.Errorf("volunteers: %+v", tally) // one was seen, and is in a crew
	}
	for _, res := range []*intake.Result{crews, places, homes} {
		if tally := undo(t, db, res); tally.Gone != 1 || tally.Stayed != 0 {
			t.Errorf("%+v", tally)
		}
	}
	if _, err := crew.ByNumber(t.Context(), db, 7); !errs.Is(err, errs.NotFound) {
		t.Error("crew:", err)
	}
	if _, err := place.Locate(t.Context(), db, "Абая 10"); !errs.Is(err, errs.NotFound) {
		t.Error("place:", err)
	}
	if ids, err := household.ByAddress(t.Context(), db, contact.Address("Абая 10")); err != nil || len(ids) != 0 {
		t.Error("household:", ids, err)
	}
	if left, err := volunteer.List(t.Context(), db); err != nil || len(left) != 1 || left[0].Name != "Ойдан Бір" {
		t.Error("volunteers:", left, err)
	}
	same(t, db)
}

func TestHowASendersColumnsAreReadIsRemembered(t *testing.T) {
	db := open(t)
	const first = "Кто;Куда везти;Что там\nОйдан Бір;Абая 10;хлеб\n"
	d, err := intake.Bring(t.Context(), db, coordinator, list.Plan{What: "requests", Sender: "Бостандық әкімдігі", Sheet: -1, Header: -1}, []byte(first))
	if err != nil {
		t.Fatal(err)
	}
	m := d.Mapping
	for i, f := range []string{"name", "address", "needs"} {
		m.Columns[i].Field = f
	}
	load(t, db, intake.Requests, first, intake.Options{Mapping: &m, Sender: "Бостандық әкімдігі"})
	next := "Что там;Куда везти;Кто;Тел\nвода;Абая 12;Ойдан Екі;87015551235\n" // the same headings elsewhere
	res := load(t, db, intake.Requests, next, intake.Options{Sender: "бостандык акимдиги"})
	if res.Taken != 1 || len(res.Refused) != 0 {
		t.Errorf("%+v", res)
	}
	senders, err := list.Senders(t.Context(), db)
	if err != nil || len(senders) != 1 {
		t.Error(senders, err)
	}
	if _, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader("Кто;Куда везти;Что там;Ещё\nОйдан Үш;Абая 14;вода;да\n"), intake.Options{Sender: "Басқа", DryRun: true}); !errs.Is(err, errs.Invalid) {
		t.Error("another sender's columns were guessed:", err)
	}
	same(t, db)
}

func TestACrewThatHasARunStays(t *testing.T) {
	db := open(t)
	people := load(t, db, intake.Volunteers, "name,phone,18+\nОйдан Бір,8 701 555 12 34,да\nСынақ Екі,8 701 555 12 35,да\n", intake.Options{})
	write := func(fn func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), coordinator, fn); err != nil {
			t.Fatal(err)
		}
	}
	write(func(tx *store.Tx) error {
		for _, m := range people.Made {
			if err := volunteer.See(t.Context(), tx, volunteer.ID{ID: m.ID}); err != nil {
				return err
			}
		}
		return nil
	})
	crews := load(t, db, intake.Crews, "number,driver\n7,Ойдан Бір\n8,Сынақ Екі\n", intake.Options{})
	c, err := crew.ByNumber(t.Context(), db, 7)
	if err != nil {
		t.Fatal(err)
	}
	write(func(tx *store.Tx) error {
		r := &run.Run{ID: run.ID{ID: tx.NewID()}, Number: 1, Crew: c.ID.ID, CrewNo: 7, Day: "2022-01-12", Depart: 36000, Back: 40000}
		k := &run.Check{Run: r.ID.ID, Step: run.Out, At: tx.Now}
		k.ID.ID = tx.NewID()
		return errors.Join(tx.Put(t.Context(), r), tx.Put(t.Context(), k))
	})
	if tally := undo(t, db, crews); tally.Gone != 1 || tally.Stayed != 1 {
		t.Errorf("%+v", tally)
	}
	if c, err = crew.Kind.Get(t.Context(), db, c.ID.ID); err != nil || c.Ended || len(c.Members) == 0 || !c.List.IsZero() {
		t.Errorf("the crew on the road: %+v, %v", c, err)
	}
	if _, err := crew.ByNumber(t.Context(), db, 8); !errs.Is(err, errs.NotFound) {
		t.Errorf("the crew without a run: %v", err)
	}
}

// TestAListIsTakenBackWhileItIsTaken undoes a list between two of its parts, and after its last one.
func TestAListIsTakenBackWhileItIsTaken(t *testing.T) {
	for _, after := range []int{200, 450} {
		db := open(t)
		nothing := shown(t, db)
		_, err := intake.Import(t.Context(), db, coordinator, intake.Requests, strings.NewReader(many(450)), intake.Options{Progress: func(done, _ int) {
			if done != after {
				return
			}
			lists, err := list.Drafts(t.Context(), db, 1)
			if err != nil || len(lists) != 1 {
				t.Fatal(lists, err)
			}
			if _, err := intake.Undo(t.Context(), db, coordinator, lists[0].ID, nil); err != nil {
				t.Error(err)
			}
		}})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("after %d rows it went on: %v", after, err)
		}
		if got := shown(t, db); got != nothing {
			t.Errorf("after %d rows: %s", after, got)
		}
		lists, err := list.Drafts(t.Context(), db, 1)
		if err != nil || lists[0].Step != list.StepUndone {
			t.Errorf("after %d rows the draft is %+v, %v", after, lists, err)
		}
		same(t, db)
	}
}

func TestANeedKeepsItsList(t *testing.T) {
	db := open(t)
	res := load(t, db, intake.Requests, many(1), intake.Options{})
	needs, err := request.Needs(t.Context(), db, request.ID{ID: res.Made[0].ID})
	if err != nil || len(needs) == 0 {
		t.Fatal(needs, err)
	}
	for _, n := range needs {
		if n.List != listID(t, res) {
			t.Errorf("%+v", n)
		}
	}
}
