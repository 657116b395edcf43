package main

import (
	"encoding/json"
	"errors"
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

// TestDoctorTellsWhoAsksToForget: another centre asks to forget whom somebody is on the way to. The doctor says so and how it is
// mended; the command answers, once.
func TestDoctorTellsWhoAsksToForget(t *testing.T) {
	for flag, want := range map[string]int{"--keep": 1, "--agree": 0} {
		a, b := newCentre(t), newCentre(t)
		for _, p := range [][2]string{{a, b}, {b, a}} {
			card := filepath.Join(t.TempDir(), "card")
			must(t, "--data", p[0], "peer", "card", "-o", card)
			must(t, "--data", p[1], "peer", "add", card)
		}
		ref := asksToForget(t, a, b)
		for days, dir := range []string{b, a} { // who is asked at once; who asks after a while
			f := pleas(t, dir, 8*days)
			if len(f) != 1 || !strings.HasPrefix(f[0].Say, ref.String()+": ") || f[0].State != []string{stateMend, stateLook}[days] {
				t.Errorf("the doctor says %+v", f)
			}
		}
		if _, code := jumyla(t, "--data", b, "forget", ref.String()); code == 0 {
			t.Error("what is ours is forgotten without an answer")
		}
		must(t, "--data", b, "forget", ref.String(), flag)
		if _, code := jumyla(t, "--data", b, "forget", ref.String(), flag); code == 0 {
			t.Error("it is answered twice")
		}
		if f := pleas(t, b, 0); len(f) != 0 {
			t.Errorf("it was answered, and the doctor says %+v", f)
		}
		db, err := open(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		n, err := store.One[int](t.Context(), db, "address", "SELECT count(*) FROM household WHERE address<>''")
		if err != nil || n != want {
			t.Errorf("%s leaves %d addresses, %v", flag, n, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// pleas is what the doctor finds so many days later about who asks to forget whom.
func pleas(t *testing.T, dir string, days int) []finding {
	t.Helper()
	db, err := open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	c := &checkup{e: &env{ctx: t.Context(), lang: i18n.EN}, now: time.Now().AddDate(0, 0, days)}
	c.network(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(c.all, func(f finding) bool { return f.What != "plea" })
}

// asksToForget lets a hand a request over to b, where it is brought and asked for again, and then ask to forget it.
func asksToForget(t *testing.T, a, b string) id.Ref {
	t.Helper()
	at := func(dir string, fn func(tx *store.Tx, db *store.DB) error) {
		db, err := open(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return fn(tx, db) }), db.Close()); err != nil {
			t.Fatal(err)
		}
	}
	carry := func(from, to string) {
		out := must(t, "--data", from, "--json", "bundle", "write", "--to", peerName(t, from), "-o", t.TempDir())
		var w struct{ Files []string }
		if err := json.Unmarshal([]byte(out), &w); err != nil {
			t.Fatal(err)
		}
		must(t, "--data", to, "bundle", "read", w.Files[0])
	}
	var ref id.Ref
	db, err := open(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	ref, err = take(t.Context(), db, "проспект Достык, 5", "insulin")
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	must(t, "--data", a, "handover", ref.String(), "--to", peerName(t, a), "--why", "area")
	carry(a, b)
	stand := func(s request.Status) {
		at(b, func(tx *store.Tx, _ *store.DB) error {
			q, err := request.ByRef(t.Context(), tx, ref)
			if err != nil {
				return err
			}
			needs, err := request.AllNeeds(t.Context(), tx, q.ID)
			if err != nil {
				return err
			}
			needs[0].Stand(s, q.ID.ID, tx.Now, tx.Now)
			return tx.Put(t.Context(), &needs[0])
		})
	}
	stand(request.Cancelled)
	carry(b, a)
	stand(request.Open)
	must(t, "--data", a, "forget", ref.String())
	carry(a, b)
	return ref
}
