package household_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
)

func TestFind(t *testing.T) {
	db, err := store.Create(t.Context(), store.Config{Dir: filepath.Join(t.TempDir(), "centre"), Kinds: []store.Registered{household.Kind},
		KDF: store.KDF{Time: 1, Memory: 64, Threads: 1}}, store.Secret{Passphrase: "төрт сөз жеткілікті"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	ids := map[string]household.ID{}
	for name, h := range map[string]household.Household{
		"saule": {Head: "Ойданова Сәуле", Address: "Абай даңғылы 44", Phones: []contact.Phone{"+77000001234"}},
		"erkin": {Head: "Еркін Ойдан", Address: "Сәтбаев 9", Phones: []contact.Phone{"+77000005678", "250123"}},
	} {
		err := db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error {
			h.ID.ID = tx.NewID()
			ids[name] = h.ID
			return tx.Put(context.Background(), &h)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	find := func(text string) []household.ID {
		t.Helper()
		got, err := household.Find(t.Context(), db, text, 10)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	for text, want := range map[string]string{"1234": "saule", "000-12-34": "saule", "8 700 000 56 78": "erkin", "250123": "erkin", "саул": "saule",
		"Saule": "saule", "абай 44": "saule", "44 абай сауле": "saule", "сатпаев": "", "Сатбаев": "erkin", "ойдан erkin": "erkin", "9999": "", "аб еркін": ""} {
		got := find(text)
		if want == "" && len(got) != 0 || want != "" && (len(got) != 1 || got[0] != ids[want]) {
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	if got := find("ойдан"); len(got) != 2 {
		t.Error("both are called so", got)
	}
	for _, text := range []string{"", " ", "a", "12", "%", "_"} {
		if got := find(text); got != nil {
			t.Errorf("%q finds %v", text, got)
		}
	}
	err = db.Write(t.Context(), store.Actor{}, func(tx *store.Tx) error { return tx.Erase(context.Background(), ids["saule"].ID) })
	if err != nil {
		t.Fatal(err)
	}
	if got := append(find("saule"), find("1234")...); len(got) != 0 {
		t.Error("one who was erased is still found")
	}
}
