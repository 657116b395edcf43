package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
)

// TestDoctorTellsOfErasures that a centre which had the data has not confirmed for more than a week; the command lists them.
func TestDoctorTellsOfErasures(t *testing.T) {
	a, b := newCentre(t), newCentre(t)
	card := filepath.Join(t.TempDir(), "b.card")
	must(t, "--data", b, "peer", "card", "-o", card)
	must(t, "--data", a, "peer", "add", card)
	if out := must(t, "--data", a, "--json", "erasures"); strings.TrimSpace(out) != "[]" {
		t.Error(out)
	}
	to, err := id.Parse(peerName(t, a))
	if err != nil {
		t.Fatal(err)
	}
	db, err := open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := take(t.Context(), db, "проспект Достык, 5", "insulin")
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
		q, err := request.ByRef(t.Context(), tx, ref)
		if err == nil {
			_, err = exchange.HandOver(t.Context(), tx, q.ID, to, "area")
		}
		if err == nil {
			_, err = exchange.Recall(t.Context(), tx, q.ID, "mistake", false)
		}
		if err == nil {
			err = tx.Erase(t.Context(), q.Household.ID)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for days, want := range map[int]int{6: 0, 8: 1} {
		c := &checkup{e: &env{ctx: t.Context(), lang: i18n.EN}, now: time.Now().AddDate(0, 0, days)}
		if c.network(db); len(said(c)) != want {
			t.Errorf("after %d days it says %v", days, said(c))
		}
		for _, f := range said(c) {
			if f.State != stateLook || f.Say != "Оқу орталығы has not confirmed 1 erasure; never heard of." || f.Mend != i18n.EN.T("doctor.erasures_mend") {
				t.Errorf("%+v", f)
			}
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if out := must(t, "--data", a, "erasures"); !strings.Contains(out, "1 of 2 centres confirmed; missing: Оқу орталығы") {
		t.Error(out)
	}
}

// said are the findings about erasures.
func said(c *checkup) []finding {
	return slices.DeleteFunc(slices.Clone(c.all), func(f finding) bool { return f.What != "erasures" })
}
