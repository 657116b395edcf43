package desk_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/contact"
	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/store"
)

// beside returns what stands beside the form once fields are typed.
func (o *room) beside(fields url.Values) string {
	o.t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/call/beside", strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Hx-Request", "true")
	w := httptest.NewRecorder()
	o.mux.ServeHTTP(w, r)
	page, err := html.Parse(w.Body)
	if err != nil || w.Code != http.StatusOK {
		o.t.Fatal(w.Code, err)
	}
	return words(page)
}

func TestANameThatIsNotTypedSpeaksAgainstNobody(t *testing.T) {
	o := openRoom(t)
	const phone = "8 700 000 12 34"
	p, ok := contact.ParsePhone(phone)
	if !ok {
		t.Fatal(phone)
	}
	h := &household.Household{Head: "Сәуле Ойданқызы", Phones: []contact.Phone{p}, Address: "Жібек жолы, 44", People: 3}
	o.write(func(tx *store.Tx) error {
		h.ID.ID = tx.NewID()
		return tx.Put(t.Context(), h)
	})
	text := o.beside(url.Values{"phone": {phone}})
	o.wants(text, "Сәуле Ойданқызы")
	if strings.Contains(text, "not in this one") {
		t.Errorf("no name is typed: %q", text)
	}
	o.wants(o.beside(url.Values{"phone": {phone}, "name": {"Сәуле"}}), "сәуле = сәуле")
}
