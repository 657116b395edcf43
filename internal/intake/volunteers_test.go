package intake_test

import (
	"context"
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/volunteer"
)

func (b *book) volunteer(name contact.Name, phone contact.Phone) *volunteer.Volunteer {
	b.t.Helper()
	v := &volunteer.Volunteer{Name: name, Phone: phone}
	b.write(func(ctx context.Context, tx *store.Tx) error {
		v.ID.ID = tx.NewID()
		return tx.Put(ctx, v)
	})
	return v
}

// TestVolunteersAreFoundBySound holds that a volunteer is found in any script, that a second entry is seen, and that a
// brother at the same phone is not taken for one.
func TestVolunteersAreFoundBySound(t *testing.T) {
	b := openBook(t)
	roll := b.reg.Roll
	kairat := b.volunteer("Тоқтасынов Қайрат", "+77015551234")
	bolat := b.volunteer("Тоқтасынов Болат", "+77015551234")
	b.volunteer("Ойдан Гүлнар", "+77015550001")
	for _, text := range []string{"Kairat Toktasynov", "Toktassynow Kajrat", "кайрат", "قايرات"} {
		got, err := roll.Named(t.Context(), text, 5)
		if err != nil || len(got) == 0 || got[0].ID != kairat.ID {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	like, err := roll.Like(t.Context(), &volunteer.Volunteer{Name: "Kairat Toktasynov", Phone: "+77015551234"})
	if err != nil || len(like) != 2 || like[0].Volunteer.ID != kairat.ID || !like[0].Sure || len(like[0].Why) == 0 || like[1].Volunteer.ID != bolat.ID || like[1].Sure {
		t.Fatalf("%+v %v", like, err)
	}
	pairs, err := roll.Pairs(t.Context())
	if err != nil || len(pairs) != 1 || pairs[0].Sure { // the brothers: one phone, and two people
		t.Fatalf("%+v %v", pairs, err)
	}
	second := b.volunteer("Kairat Toktasynov", "+77015551234")
	if pairs, err = roll.Pairs(t.Context()); err != nil || len(pairs) != 3 || !pairs[0].Sure || pairs[0].A.ID != kairat.ID || pairs[0].B.ID != second.ID {
		t.Fatalf("%+v %v", pairs, err)
	}
	b.write(func(ctx context.Context, tx *store.Tx) error { return volunteer.Stays(ctx, tx, kairat.ID, second.ID) })
	b.write(func(ctx context.Context, tx *store.Tx) error { return volunteer.Differ(ctx, tx, bolat.ID, kairat.ID) })
	if pairs, err = roll.Pairs(t.Context()); err != nil || len(pairs) != 0 {
		t.Fatalf("asked again: %+v %v", pairs, err)
	}
}

// TestAListOfVolunteersKnowsThemBySound holds that whoever is called so and has the phone is not taken twice in another
// script, and that a crew's people are found however they are spelled.
func TestAListOfVolunteersKnowsThemBySound(t *testing.T) {
	b := openBook(t)
	kairat := b.volunteer("Тоқтасынов Қайрат", "+77015551234")
	res := load(t, b.DB, intake.Volunteers, "name,phone\nToktasynov Kairat,8 701 555 12 34\nToktasynov Bolat,8 701 555 12 34\nКайрат Тоқтасынов,8 701 555 12 43\n"+
		"Oidan Gulnar,8 701 555 00 01\nОйдан Гүлнар,8 701 555 00 01\n", intake.Options{})
	if res.Taken != 3 || len(res.Skipped) != 2 || res.Duplicates != 1 || !res.Made[1].Duplicate || res.Made[1].Twin != kairat.ID.ID {
		t.Errorf("%+v", res)
	}
}
