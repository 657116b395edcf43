package desk_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/jumyla/jumyla/internal/household"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/intake"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// taken reads the household of the request that a saved call led to.
func (o *room) taken(to string) *household.Household {
	o.t.Helper()
	_, ref, _ := strings.Cut(to, "saved=")
	rid, err := id.Parse(ref)
	if err != nil {
		o.t.Fatal(to, err)
	}
	q, err := request.Kind.Get(o.t.Context(), o.db, rid)
	if err != nil {
		o.t.Fatal(err)
	}
	h, err := household.Kind.Get(o.t.Context(), o.db, q.Household.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	return h
}

func TestAnAddressIsFoundWhileItIsTyped(t *testing.T) {
	o := openRoom(t)
	text := o.beside(url.Values{"address": {"Lenina 125"}})
	o.wants(text, "Достық даңғылы 125")
	o.wants(text, "проспект Ленина")
	o.wants(text, "from the map")
	o.wants(o.beside(url.Values{"address": {"достык 123"}}), "reckoned between neighbouring numbers")
	o.wants(o.beside(url.Values{"address": {"Достык 900"}}), "Only the street is known")
	o.wants(o.beside(url.Values{"address": {"Белгісіз 1"}}), "no place yet")
	o.wants(o.beside(url.Values{"where": {"76.963, 43.214"}}), "Latitude and longitude were swapped")
	o.wants(o.beside(url.Values{"where": {"43.2141, 76.963"}}), "Near: Достық даңғылы 125")
}

func TestACallGetsThePointOfItsAddress(t *testing.T) {
	o := openRoom(t)
	call := func(more url.Values) *household.Household {
		v := url.Values{"phone": {"+77000000001"}, "name": {"Ойдан Адам"}, "needs": {"нан 2"}, "keep": {"yes"}, "for": {"self"}, "lang": {"kk"}}
		maps.Copy(v, more)
		to, _ := o.ask(http.MethodPost, "/call", 303, v)
		return o.taken(to)
	}
	if h := call(url.Values{"address": {"Ленина 125"}}); h.Where == nil || *h.Where != (household.Point{Lat: 43.214, Lon: 76.963}) {
		t.Errorf("%+v", h.Where)
	}
	if h := call(url.Values{"address": {"Ленина 123"}}); h.Where == nil || !h.Where.Reckoned {
		t.Errorf("%+v", h.Where)
	}
	if h := call(url.Values{"address": {"Ленина 900"}}); h.Where == nil || !h.Where.Rough {
		t.Errorf("%+v", h.Where)
	}
	if h := call(url.Values{"address": {"Мүлдем белгісіз 1"}}); h.Where != nil {
		t.Errorf("%+v", h.Where)
	}
	chosen := "43.215000,76.961000,house|Достық даңғылы 125"
	if h := call(url.Values{"address": {"Достық даңғылы 125"}, "spot": {chosen}}); h.Where == nil || h.Where.Lat != 43.215 {
		t.Errorf("what was chosen counts: %+v", h.Where)
	}
	if h := call(url.Values{"address": {"Достық даңғылы 121"}, "spot": {chosen}}); h.Where == nil || h.Where.Lat != 43.216 {
		t.Errorf("it was chosen for another text: %+v", h.Where)
	}
	if h := call(url.Values{"address": {"Мүлдем белгісіз 2"}, "where": {"43.2141, 76.963"}}); h.Where == nil || h.Where.Lat != 43.2141 {
		t.Errorf("the point that was pasted or picked is lost: %+v", h.Where)
	}
	o.ask(http.MethodPost, "/call", 422, url.Values{"phone": {"+77000000001"}, "address": {"Абай 1"}, "needs": {"нан 2"}, "where": {"10, 10"}})
}

// TestAnAddressIsChosenWithoutScripts sends the answer's own button, as a plain form does.
func TestAnAddressIsChosenWithoutScripts(t *testing.T) {
	o := openRoom(t)
	to, _ := o.ask(http.MethodPost, "/call/address", 303, url.Values{"phone": {"+77000000001"}, "address": {"lenina 125"}, "answer": {"43.214000,76.963000,house|Достық даңғылы 125"}})
	if !strings.HasPrefix(to, "/call?draft=") {
		t.Fatal(to)
	}
	_, page := o.ask(http.MethodGet, to, 200, nil)
	o.wants(words(page), "On the map: Достық даңғылы 125")
}

// TestAHouseholdWithoutAPlaceGetsOne goes from the queue to a place by one of the answers.
func TestAHouseholdWithoutAPlaceGetsOne(t *testing.T) {
	o := openRoom(t)
	var q *request.Request
	o.write(func(tx *store.Tx) (err error) {
		q, err = intake.Take(t.Context(), tx, intake.Call{Household: household.Household{Head: "Ойдан", Address: "Ленина 125", Keep: true}, Needs: []string{"нан 1"}}, 7)
		return err
	})
	path := "/requests/" + q.ID.String()
	_, page := o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "not known yet")
	o.wants(words(page), "Достық даңғылы 125")
	o.ask(http.MethodPost, path+"/place", 303, url.Values{"answer": {"43.214000,76.963000,house|Достық даңғылы 125"}})
	_, page = o.ask(http.MethodGet, path, 200, nil)
	o.wants(words(page), "known · Достық даңғылы 125")
}

// TestAnAddressIsChosenByKeys goes by the arrows into the list and on with Enter.
func TestAnAddressIsChosenByKeys(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	o.lang = i18n.RU
	p.Go(o.serve() + "/call")
	p.Type("#f-address", "lenina 125")
	p.See("#where .answers button")
	p.Keys("Down")
	p.Until("document.activeElement.matches('.answers button')")
	p.Keys("Enter")
	p.Until("document.activeElement.id === 'f-flat'")
	if got := browser.Eval[string](p, "document.querySelector('#f-address').value"); got != "Достық даңғылы 125" {
		t.Error(got)
	}
	if got := browser.Eval[string](p, "document.querySelector('#call [name=spot]').value"); !strings.HasPrefix(got, "43.214000,76.963000,house|") {
		t.Error(got)
	}
	p.Type("#f-address", "9")
	if got := browser.Eval[string](p, "document.querySelector('#call [name=spot]').value"); got != "" {
		t.Error("it was chosen for another text:", got)
	}
	o.look(p, o.serve(), map[string]string{"address": "/call"})
}

// TestThePickerSaysThatAPointIsRough opens the map for picking a place where a house is known, where only its street is,
// and while that changes as one types.
func TestThePickerSaysThatAPointIsRough(t *testing.T) {
	o := openRoom(t)
	for _, o.lang = range i18n.Langs() {
		says := o.lang.T("chart.pick_rough")
		for _, c := range []struct {
			typed url.Values
			rough bool
		}{
			{url.Values{"address": {"Достық 900"}}, true},
			{url.Values{"address": {"Достық 125"}}, false},
			{url.Values{"address": {"Достық 900"}, "where": {"43.2141, 76.963"}}, false}, // it was picked
			{url.Values{"address": {"Мүлдем белгісіз 1"}}, false},
		} {
			if got := o.beside(c.typed); strings.Contains(got, says) != c.rough {
				t.Errorf("%s: %v while it is typed: rough is %v\n%s", o.lang, c.typed, !c.rough, got)
			}
			form := url.Values{"phone": {"+77000000001"}} // no name, no needs: it comes back
			maps.Copy(form, c.typed)
			_, page := o.ask(http.MethodPost, "/call", 422, form)
			if got := pickerWords(page); strings.Contains(got, says) != c.rough {
				t.Errorf("%s: %v on the call's form: rough is %v\n%s", o.lang, c.typed, !c.rough, got)
			}
		}
	}
	form := url.Values{"phone": {"+77000000001"}, "name": {"Ойдан Адам"}, "needs": {"нан 2"}, "keep": {"yes"}, "for": {"self"}, "lang": {"kk"}, "address": {"Достық 900"}}
	to, _ := o.ask(http.MethodPost, "/call", 303, form)
	_, ref, _ := strings.Cut(to, "saved=")
	_, page := o.ask(http.MethodGet, "/requests/"+ref, 200, nil)
	o.wants(pickerWords(page), o.lang.T("chart.pick_rough"))
}

// pickerWords is what the map for picking a place says.
func pickerWords(page *html.Node) string {
	for _, n := range elements(page, "details", "class", "field picker") {
		return words(n)
	}
	return ""
}
