package volunteer_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func open(tb testing.TB) *store.DB {
	tb.Helper()
	db, err := store.Create(tb.Context(), store.Config{Dir: filepath.Join(tb.TempDir(), "c"), Kinds: []store.Registered{volunteer.Kind, volunteer.VerdictKind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func put(t *testing.T, db *store.DB, v *volunteer.Volunteer) volunteer.ID {
	t.Helper()
	err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		v.ID.ID = tx.NewID()
		return tx.Put(t.Context(), v)
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.ID
}

func see(t *testing.T, db *store.DB, actor store.Actor, vid volunteer.ID) error {
	t.Helper()
	return db.Write(t.Context(), actor, func(tx *store.Tx) error { return volunteer.See(t.Context(), tx, vid) })
}

func TestSeeNeedsSomebodyWhoSees(t *testing.T) {
	db := open(t)
	vid := put(t, db, &volunteer.Volunteer{Name: "Ойдан Шығарылған", Adult: volunteer.Said})
	get := func() *volunteer.Volunteer {
		t.Helper()
		v, err := volunteer.Kind.Get(t.Context(), db, vid.ID)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if err := see(t, db, store.Actor{}, vid); !errs.Is(err, errs.Denied) || get().IsAdult() {
		t.Fatal(err)
	}
	first, second := id.New(time.Now()), id.New(time.Now())
	if err := see(t, db, first, vid); err != nil {
		t.Fatal(err)
	}
	if err := see(t, db, second, vid); err != nil { // who saw it first stays
		t.Fatal(err)
	}
	if v := get(); !v.IsAdult() || v.SeenBy != first || v.SeenAt.IsZero() {
		t.Fatalf("%+v", v)
	}
	if err := see(t, db, first, volunteer.ID{ID: second}); !errs.Is(err, errs.NotFound) {
		t.Fatal(err)
	}
	err := db.Write(t.Context(), first, func(tx *store.Tx) error { return volunteer.Unsee(t.Context(), tx, vid) })
	if v := get(); err != nil || v.IsAdult() || v.Adult != volunteer.Said || !v.SeenBy.IsZero() {
		t.Fatalf("%+v %v", v, err)
	}
	minor := put(t, db, &volunteer.Volunteer{Name: "Кіші"}) // taking back what never was makes nobody older
	err = db.Write(t.Context(), first, func(tx *store.Tx) error { return volunteer.Unsee(t.Context(), tx, minor) })
	if v, got := volunteer.Kind.Get(t.Context(), db, minor.ID); err != nil || got != nil || v.Adult != volunteer.Unknown {
		t.Fatal(v, err, got)
	}
	rebuilds(t, db)
}

func rebuilds(t *testing.T, db *store.DB) {
	t.Helper()
	before, after, err := db.Rebuild(t.Context())
	if err != nil || before != after {
		t.Fatal(before, after, err)
	}
}

func TestListAndSearch(t *testing.T) {
	db := open(t)
	at := time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC)
	whole := &volunteer.Volunteer{Name: "Сәуле  Қожахметова", Phone: "+77015551234", Adult: volunteer.Seen, SeenBy: id.New(at), SeenAt: at,
		Langs: []string{"kk", "ru"}, Skills: []string{"medic"}, Vehicle: "Нива, ақ", Plate: "000 AAA 02", Baskets: 12, When: "сб", Emergency: "әпкесі", Pass: "п-1"}
	put(t, db, whole)
	put(t, db, &volunteer.Volunteer{Name: "Пётр 100%_", Phone: "+77075550000"})
	put(t, db, &volunteer.Volunteer{Name: "Әсел Һ", Ended: true})
	all, err := volunteer.List(t.Context(), db)
	if err != nil || len(all) != 2 || !reflect.DeepEqual(all[1], *whole) {
		t.Fatalf("%+v %v", all, err)
	}
	for text, want := range map[string]string{
		"сауле": "Сәуле", "КОЖАХМЕТОВА  сәу": "Сәуле", "петр": "Пётр", "ПЁТР": "Пётр", "100%_": "Пётр", "%_": "", "8 701 555 12 34": "Сәуле",
		"5551234": "Сәуле", "555 00": "Пётр", "асел": "", "": "", "   ": "", "!": "", "сауле петр": "", "+": "", "s%": "Сәуле", "Saule Qozhakhmet": "Сәуле", "' OR 1=1": "",
	} {
		got, err := volunteer.Search(t.Context(), db, text)
		if err != nil || (want == "") != (len(got) == 0) || len(got) > 1 || len(got) == 1 && !strings.HasPrefix(string(got[0].Name), want) {
			t.Errorf("%q: %d found, %v; want %q", text, len(got), err, want)
		}
	}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Erase(t.Context(), whole.ID.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if got, err := volunteer.Search(t.Context(), db, "сауле"); err != nil || len(got) != 0 {
		t.Fatal("an erased name is still found", err)
	}
	rebuilds(t, db)
}

func TestValidate(t *testing.T) {
	actor, at := id.New(time.Now()), time.Now()
	for name, c := range map[string]struct {
		v     volunteer.Volunteer
		field string
	}{
		"good":            {volunteer.Volunteer{Name: "А", Phone: "+77015551234"}, ""},
		"seen":            {volunteer.Volunteer{Name: "А", Adult: volunteer.Seen, SeenBy: actor, SeenAt: at}, ""},
		"no name":         {volunteer.Volunteer{Name: " "}, "name"},
		"not a phone":     {volunteer.Volunteer{Name: "А", Phone: "мама"}, "phone"},
		"phone not E.164": {volunteer.Volunteer{Name: "А", Phone: "87015551234"}, "phone"},
		"seen by nobody":  {volunteer.Volunteer{Name: "А", Adult: volunteer.Seen, SeenAt: at}, "adult"},
		"seen never":      {volunteer.Volunteer{Name: "А", Adult: volunteer.Seen, SeenBy: actor}, "adult"},
		"said, yet seen":  {volunteer.Volunteer{Name: "А", Adult: volunteer.Said, SeenBy: actor}, "adult"},
		"another word":    {volunteer.Volunteer{Name: "А", Adult: "sure"}, "adult"},
		"less than empty": {volunteer.Volunteer{Name: "А", Baskets: -1}, "baskets"},
		"endless":         {volunteer.Volunteer{Name: "А", When: strings.Repeat("ә", 501)}, "when"},
	} {
		err := c.v.Validate()
		if (c.field == "") != (err == nil) || err != nil && (!errs.Is(err, errs.Invalid) || !strings.Contains(err.Error(), c.field+":")) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestNobodyIsAskedTheirAge holds that the register has no field for a birth date, an age or a place of study.
func TestNobodyIsAskedTheirAge(t *testing.T) {
	for f := range reflect.TypeFor[volunteer.Volunteer]().Fields() {
		name := strings.ToLower(f.Name)
		for _, bad := range []string{"birth", "age", "student", "school", "iin", "born"} {
			if strings.Contains(name, bad) {
				t.Errorf("the register asks for %s", f.Name)
			}
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	db := open(b)
	err := db.Write(b.Context(), store.Actor{}, func(tx *store.Tx) error {
		for i := range 5000 {
			v := &volunteer.Volunteer{Name: "Үлгі Адам", Phone: "+77015551234", Baskets: i}
			v.ID.ID = tx.NewID()
			if err := tx.Put(b.Context(), v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("search", func(b *testing.B) {
		for b.Loop() {
			if _, err := volunteer.Search(b.Context(), db, "жоқ кісі"); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := volunteer.List(b.Context(), db); err != nil {
				b.Fatal(err)
			}
		}
	})
}
