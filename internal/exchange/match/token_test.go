package match_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/errs"
	"github.com/jumyla/jumyla/internal/exchange/match"
)

// vectors are what another program tries itself against.
type vectors struct {
	Key, Paper, Print string
	Phones            map[string]string // as typed → token
	Doors             []door
}

type door struct{ Name, Address, Flat, Token string }

// TestVectors holds the bytes that docs/exchange.md promises. JUMYLA_UPDATE=1 writes them anew.
func TestVectors(t *testing.T) {
	v := vectors{Key: hex.EncodeToString(secret[:]), Paper: secret.Printed(), Print: secret.Print(), Phones: map[string]string{}}
	for _, typed := range []string{"8 (701) 000-00-01", "+7 701 000 00 01", "7010000001", "٨ ٧٠١ ٠٠٠ ٠٠ ٠١", "+998 90 000 00 01", "25-00-01", ""} {
		v.Phones[typed] = hex.EncodeToString(secret.Phone(typed))
	}
	for _, d := range []door{{Name: "Айгүл Ойдан Серікқызы", Address: "Абай көшесі 44-үй, 12-пәтер"}, {Name: "Ойдан Айгуль", Address: "ул. Абая, 44", Flat: "12"},
		{Name: "Aigul Oidan", Address: "44 Abay st.", Flat: " 12"}, {Name: "Айгүл", Address: "Абай 44", Flat: "12"}, {Name: "Айгүл Ойдан", Address: "Абай көшесі"}} {
		d.Token = hex.EncodeToString(secret.Door(d.Name, d.Address, d.Flat))
		v.Doors = append(v.Doors, d)
	}
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "vectors.json")
	if os.Getenv("JUMYLA_UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(bytes.TrimSpace(want), got) {
		t.Errorf("tokens are not those of %s, and other centres' programs make those: %s", path, got)
	}
	if v.Phones["8 (701) 000-00-01"] != v.Phones["7010000001"] || v.Phones["25-00-01"] != "" || v.Doors[0].Token != v.Doors[1].Token || v.Doors[1].Token != v.Doors[2].Token || v.Doors[3].Token != "" || v.Doors[4].Token != "" {
		t.Errorf("%+v", v)
	}
}

// TestATelephoneHasOneTokenHoweverItIsTyped, also when it was read by the call's form first; and another one has another.
func TestATelephoneHasOneTokenHoweverItIsTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		local := fmt.Sprintf("7%09d", rapid.IntRange(0, 999_999_999).Draw(t, "number"))
		want := secret.Phone("+7" + local)
		typed := rapid.SampledFrom([]string{"8", "+7", "7", "8 ", "+7 ", ""}).Draw(t, "code")
		between := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", " ", "-", " - ", "(", ") ", "\u00a0"}), len(local), len(local)).Draw(t, "between")
		for i, d := range local {
			typed += between[i] + string(d)
		}
		if !bytes.Equal(secret.Phone(typed), want) {
			t.Fatalf("%q has a token of its own", typed)
		}
		if p, ok := contact.ParsePhone(typed); ok && !bytes.Equal(secret.Phone(string(p)), want) {
			t.Fatalf("%q, read as %q, has a token of its own", typed, string(p))
		}
		if other := fmt.Sprintf("7%09d", rapid.IntRange(0, 999_999_999).Draw(t, "other")); other != local && bytes.Equal(secret.Phone("+7"+other), want) {
			t.Fatal("two telephones have one token")
		}
		key := secret
		key[0]++
		if bytes.Equal(key.Phone(typed), want) {
			t.Fatal("another key makes the same token")
		}
	})
}

// TestAKeyIsTypedFromPaper: what was mistyped is found, and a key-holder's paper is refused before anything reads it.
func TestAKeyIsTypedFromPaper(t *testing.T) {
	for _, typed := range []string{secret.Printed(), strings.ToLower(secret.Printed()), "  " + strings.ReplaceAll(secret.Printed(), " ", "-") + " "} {
		if k, err := match.ParseKey(typed); err != nil || k != secret {
			t.Error(typed, k, err)
		}
	}
	for typed, key := range map[string]string{"": "error.required", strings.TrimPrefix(secret.Printed(), "M-"): "match.not_a_key", secret.Printed()[:12]: "holders.short",
		strings.Replace(secret.Printed(), "0", "7", 1): "holders.group"} {
		_, err := match.ParseKey(typed)
		e := new(errs.Error)
		if !errs.Is(err, errs.Invalid) || !asError(err, &e) || e.Key != key {
			t.Error(typed, err, key)
		}
	}
}

func asError(err error, to **errs.Error) bool {
	e, ok := errors.AsType[*errs.Error](err)
	*to = e
	return ok
}
