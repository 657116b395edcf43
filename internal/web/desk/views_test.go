package desk_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestAViewOfOnesOwn saves what the board shows under a name: it opens the board for who saved it, and for nobody else.
func TestAViewOfOnesOwn(t *testing.T) {
	o := openRoom(t)
	o.call("Абай 44", "инсулин", true)
	o.now = o.now.Add(30 * time.Hour)
	o.call("Достық 5", "нан 1", true)
	v := url.Values{"view_name": {"  Менің  кезегім "}, "view": {"open"}, "urgency": {"now"}, "age": {"old"}, "opens": {"1"}}
	to, _ := o.ask(http.MethodPost, "/board/views", 303, v)
	if to != "/board?age=old&urgency=now&view=open" {
		t.Fatal(to)
	}
	if open, _ := o.ask(http.MethodGet, "/board", 303, nil); open != to {
		t.Errorf("the board opens with %s", open)
	}
	_, page := o.ask(http.MethodGet, to, 200, nil)
	o.wants(words(page), "Менің кезегім 1", "Forget “Менің кезегім”")
	if n := len(elements(page, "tr", "id", "r")); n != 1 {
		t.Errorf("%d rows", n)
	}
	_, page = o.ask(http.MethodGet, "/board?view=open", 200, nil) // everything is one press away
	if n := len(elements(page, "tr", "id", "r")); n != 2 {
		t.Errorf("%d rows of all that is open", n)
	}
	o.at = 1
	o.ask(http.MethodGet, "/board", 200, nil)
	o.at = 0
	o.ask(http.MethodPost, "/board/views", 422, url.Values{"view_name": {" "}, "view": {"open"}})
	o.ask(http.MethodPost, "/board/views", 422, url.Values{"view_name": {strings.Repeat("ұ", 41)}, "view": {"open"}})
	for n := range 9 {
		o.ask(http.MethodPost, "/board/views", map[bool]int{true: 303, false: 422}[n < 7], url.Values{"view_name": {fmt.Sprint("v", n)}, "view": {"ready"}})
	}
	_, page = o.ask(http.MethodGet, to, 200, nil)
	own := elements(page, "input", "name", "own")
	if len(own) != 1 {
		t.Fatal("the view that is shown cannot be forgotten")
	}
	id := attr(own[0], "value")
	o.at = 1
	o.ask(http.MethodPost, "/board/views/drop", 303, url.Values{"own": {id}, "view": {"open"}})
	o.at = 0
	if open, _ := o.ask(http.MethodGet, "/board", 303, nil); open != to {
		t.Error("somebody else forgot it")
	}
	o.ask(http.MethodPost, "/board/views/drop", 303, url.Values{"own": {id}, "view": {"open"}})
	o.ask(http.MethodGet, "/board", 200, nil)
}
