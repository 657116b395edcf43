package intake_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/intake"
)

// TestAListsDuplicatesAreFoundBySound holds that a row is known by its name, in any script, with a phone that is one
// digit off; and that a brother at that phone is not.
func TestAListsDuplicatesAreFoundBySound(t *testing.T) {
	b := openBook(t)
	b.crowd(400)
	saule := b.home("Ахметова Сәуле Қайратқызы", "+77015551234", "Достық даңғылы, 125", "12")
	rows := "ФИО;Телефон;Адрес\n" +
		"Akhmetova Saule Kairatovna;8 701 555 12 84;ул. Сыналған, 1\n" + // she, with a wrong digit and a new address
		"Ахметов Болат Қайратұлы;8 701 555 12 84;ул. Сыналған, 2\n" + // her brother: above is his sister
		"Тоқтасынов Жұмабек;8 702 111 22 33;ул. Сыналған, 3\n" +
		"Zhumabek Toktassynow;8 702 111 22 38;ул. Сыналған, 4\n" // the one above, as Berlin writes him
	for _, dry := range []bool{true, false} {
		res := load(t, b.DB, intake.Households, rows, intake.Options{DryRun: dry})
		if res.Taken != 4 || res.Duplicates != 3 {
			t.Fatalf("%d taken, %d are known: %+v", res.Taken, res.Duplicates, res.Made)
		}
		for i, known := range []bool{true, true, false, true} { // the brother has the sister's phone, as it is written above
			if res.Made[i].Duplicate != known {
				t.Errorf("row %d: %+v", i+2, res.Made[i])
			}
		}
		if res.Made[0].Twin != saule.ID || !res.Made[1].Twin.IsZero() || !res.Made[3].Twin.IsZero() {
			t.Errorf("twins: %+v", res.Made)
		}
	}
}

// TestAHouseholdIsNeverFormedBySurname holds that a surname that a village shares joins nobody: neither as sure, nor in a
// list, nor in the queue of pairs.
func TestAHouseholdIsNeverFormedBySurname(t *testing.T) {
	b := openBook(t)
	b.crowd(200)
	for i, given := range []string{"Қайрат", "Сәуле", "Болат", "Гүлнар", "Жұмабек"} {
		b.home(contact.Name("Тоқтасынов "+given), contact.Phone(fmt.Sprintf("+7705%07d", 1000+i*77777)), "", "")
	}
	b.build()
	for _, m := range b.matches(intake.Asked{Name: "Тоқтасынов Ержан", Phone: "+77059998877"}) {
		if m.Sure {
			t.Errorf("a surname makes %s sure", m.Household.Head)
		}
	}
	res := load(t, b.DB, intake.Households, "ФИО;Телефон;Адрес\nТоқтасынов Ержан;8 705 999 88 77;ул. Сыналған, 9\nТоқтасынова Айша;8 705 777 66 55;ул. Сыналған, 8\n", intake.Options{})
	if res.Duplicates != 0 {
		t.Errorf("%d rows are known by a surname", res.Duplicates)
	}
	q, err := b.reg.Next(t.Context(), b, coordinator, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if q != nil && strings.Contains(string(q.A.Head), "оқтасынов") && strings.Contains(string(q.B.Head), "оқтасынов") {
		t.Errorf("a surname alone asks about %s and %s", q.A.Head, q.B.Head)
	}
}
