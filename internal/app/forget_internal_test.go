package app

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/list"
	"github.com/jumyla/jumyla/internal/store"
)

// TestWorkingCopiesAreNotKept leaves a list that was taken and two calls that were typed, and lets the clock go on: no
// other list comes.
func TestWorkingCopiesAreNotKept(t *testing.T) {
	ctx, now := t.Context(), time.Date(2022, 1, 12, 9, 0, 0, 0, time.UTC)
	db, err := store.Create(ctx, store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: Kinds(), Now: func() time.Time { return now },
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &server{db: db}
	content := []byte("name,phone,address\nҮлгі Ойдан,8 701 200 00 00,Абай 1\n")
	plan := list.Plan{What: string(intake.Households), Sheet: -1, Header: -1}
	d, err := intake.Bring(ctx, db, id.ID{}, plan, content)
	if err != nil {
		t.Fatal(err)
	}
	if err := intake.TakeList(ctx, db, id.ID{}, d.ID, 7, nil); err != nil {
		t.Fatal(err)
	}
	typed := func(who string) {
		t.Helper()
		err := db.Write(ctx, id.ID{}, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, "INSERT INTO draft (id, account, form, body, at) VALUES ($1,$1,'call','{}',$2)", who, store.Micro(tx.Now))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	drafts := func() int {
		t.Helper()
		n, err := store.One[int](ctx, db, "drafts", "SELECT count(*) FROM draft")
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	typed("a")
	now = now.Add(draftKept - time.Hour)
	typed("b")
	s.forgetNow(ctx)
	if _, err := list.Content(ctx, db, d.ID); err != nil || drafts() != 2 {
		t.Fatal("gone too early", drafts(), err)
	}
	now = now.Add(2 * time.Hour)
	s.forgetNow(ctx)
	if n := drafts(); n != 1 {
		t.Error(n, "typed calls are kept")
	}
	now = now.Add(list.Kept)
	s.forgetNow(ctx)
	if _, err := list.Content(ctx, db, d.ID); !errs.Is(err, errs.NotFound) || drafts() != 0 {
		t.Error("the file is kept", drafts(), err)
	}
}
