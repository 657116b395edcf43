package household_test

import (
	"testing"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
)

func TestOneHouseHowEverItIsWritten(t *testing.T) {
	for _, pair := range [][2]contact.Address{
		{"пр. Достык 125", "Достық даңғылы, 125"},
		{"пр. Достык 125", "Dostyk ave 125"},
		{"ул. Абая, д. 44, кв. 12", "Абай көшесі 44-12"},
		{"улица Абая 44", "Abai st. 44"},
		{"8 мкр, дом 12", "8 микрорайон 12"},
		{"Сатпаев көшесі 9", "ул. Сатпаева, 9"},
	} {
		if a, b := household.HouseKey(pair[0]), household.HouseKey(pair[1]); a != b || a == "" {
			t.Errorf("%q and %q are two houses: %q, %q", string(pair[0]), string(pair[1]), a, b)
		}
	}
	for _, pair := range [][2]contact.Address{
		{"Абай 44", "Абай 46"}, {"Абай 44", "Сатпаев 44"}, {"8 мкр, дом 12", "9 мкр, дом 12"}, {"Абай 44", ""}, {"Абай 44а", "Абай 44"},
	} {
		if a, b := household.HouseKey(pair[0]), household.HouseKey(pair[1]); a == b {
			t.Errorf("%q and %q are one house: %q", string(pair[0]), string(pair[1]), a)
		}
	}
}

// TestDoorSaysTheFlatOnce holds that a sheet names the flat, also where its digits stand in the house's number, and
// does not say it twice.
func TestDoorSaysTheFlatOnce(t *testing.T) {
	for address, c := range map[string]struct{ flat, want string }{
		"пр. Абая, 44":             {"4", "пр. Абая, 44, 4"},
		"улица Гёте, 15":           {"5", "улица Гёте, 15, 5"},
		"ул. Абая, 10 кв 5":        {"5", "ул. Абая, 10 кв 5"},
		"Манас көшесі 13, 1 пәтер": {"1", "Манас көшесі 13, 1 пәтер"},
		"ул. Гоголя, 86-57":        {"57", "ул. Гоголя, 86-57"},
		"ул. Гоголя, 86-5":         {"57", "ул. Гоголя, 86-5, 57"},
		"Достық 125":               {"", "Достық 125"},
	} {
		h := household.Household{Address: contact.Address(address), Flat: c.flat}
		if got := h.Door(); got != c.want {
			t.Errorf("%s, flat %s: %q, want %q", address, c.flat, got, c.want)
		}
	}
}
