package exchange

import (
	"context"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/store"
)

// TestCompactCard: the card in a code is the same card, with the same words, however it was typed; and it fits.
func TestCompactCard(t *testing.T) {
	db := open(t, strings.Repeat("Қ", 120))
	write(t, db, func(ctx context.Context, tx *store.Tx) error {
		own := db.Centre()
		_, err := tx.Exec(ctx, "INSERT INTO exchange_link (centre, address) VALUES ($1,$2)", own[:], "192.168.1.5:7443")
		return err
	})
	file, err := Card(t.Context(), db, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	text, err := CompactCard(t.Context(), db, store.Actor{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := qr.Encode(text, qr.M, qr.Auto); err != nil {
		t.Errorf("%d characters fit in no code: %v", len(text), err)
	}
	whole, at, err := ReadCardAddress(file)
	if err != nil || at != "192.168.1.5:7443" {
		t.Fatal(at, err)
	}
	words, err := Words(i18n.EN, whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, typed := range []string{text, strings.ToLower(text), "  " + text[:20] + "\n " + text[20:100] + " " + text[100:] + "\n"} {
		got, at, err := ReadCardAddress([]byte(typed))
		if err != nil || at != "192.168.1.5:7443" || got.Centre != whole.Centre || got.Name != whole.Name || got.Level != whole.Level {
			t.Fatalf("%+v %q %v", got, at, err)
		}
		if again, err := Words(i18n.EN, got); err != nil || strings.Join(again, " ") != strings.Join(words, " ") {
			t.Error("the words are others:", again, err)
		}
	}
	other := "A"
	if text[40] == 'A' {
		other = "B"
	}
	for _, bad := range []string{text[:len(text)/2], text[:40] + other + text[41:], compactPrefix, compactPrefix + "8", strings.Replace(text, "JUMYLA:1:", "JUMYLA:2:", 1)} {
		if _, err := ReadCard([]byte(bad)); err == nil {
			t.Errorf("a card that was changed is taken: %.60s", bad)
		}
	}
}
