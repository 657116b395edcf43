package desk_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/dispatch"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
)

// TestWordIsBroughtByOne leads two callers through one message: one has it, the other does not see it.
func TestWordIsBroughtByOne(t *testing.T) {
	o := openRoom(t)
	_, page := o.ask(http.MethodGet, "/relays", 200, nil)
	o.wants(words(page), "No message waits")
	o.ask(http.MethodPost, "/relays/next", 422, nil)
	q := o.call("Абай 44", "ұлыма хабар айтыңыз", false)
	o.call("Достық 5", "нан 1", true)
	_, page = o.ask(http.MethodGet, "/relays", 200, nil)
	o.wants(words(page), "1 message waits")
	to, _ := o.ask(http.MethodPost, "/relays/next", 303, nil)
	_, page = o.ask(http.MethodGet, to, 200, nil)
	o.wants(words(page), "Сәуле Ойдан", "ұлыма хабар айтыңыз")

	o.at = 1
	o.ask(http.MethodGet, to, 404, nil)
	o.ask(http.MethodPost, to+"/attempt", 404, url.Values{"reach": {"well"}})
	o.ask(http.MethodPost, "/relays/next", 422, nil)

	o.at = 0
	o.ask(http.MethodPost, to, 422, url.Values{"to": {"Ержан"}, "phones": {"мама"}, "words": {"аманбыз"}})
	o.ask(http.MethodPost, to, 422, url.Values{"to": {"Ержан"}, "phones": {"87000005678"}, "words": {strings.Repeat("а", request.MaxWords+1)}})
	o.ask(http.MethodPost, to, 303, url.Values{"to": {"Ержан Ойдан"}, "phones": {"8 700 000 56 78"}, "words": {"Аманбыз, хабарлас"}})
	_, page = o.ask(http.MethodGet, to, 200, nil)
	o.wants(words(page), "Ержан Ойдан ма? Сәуле Ойдан", "Аманбыз, хабарлас", "+7 700 000 56 78")
	o.ask(http.MethodPost, to+"/attempt", 422, url.Values{"reach": {"x"}})
	o.ask(http.MethodPost, to+"/attempt", 303, url.Values{"reach": {"no_answer"}, "note": {"кешке"}})
	o.ask(http.MethodGet, to, 404, nil) // let go: anybody may try

	o.at, o.now = 1, o.now.Add(time.Hour)
	to, _ = o.ask(http.MethodPost, "/relays/next", 303, nil)
	_, page = o.ask(http.MethodGet, to, 200, nil)
	o.wants(words(page), "no answer", "кешке")
	lead, _ := o.ask(http.MethodPost, to+"/attempt", 303, url.Values{"reach": {"needs_help"}, "note": {"қозғала алмайды"}})
	queue, err := request.Queue(t.Context(), o.db, o.now, 10) // the tab may be closed: they still wait
	if err != nil || len(queue) != 1 || queue[0].Phone != "+77000005678" || queue[0].Name != "Ержан Ойдан" || !strings.Contains(string(queue[0].Why), "қозғала") || queue[0].Holder != o.who[1].ID.ID {
		t.Fatalf("%+v, %v", queue, err)
	}
	if lead != "/call?callback="+queue[0].ID.String() {
		t.Error("who needs help is led to", lead)
	}
	_, page = o.ask(http.MethodGet, lead, 200, nil)
	if in := elements(page, "input", "name", "phone"); len(in) != 1 || attr(in[0], "value") != "+7 700 000 56 78" {
		t.Error("the call is not opened on their number")
	}
	needs, err := request.Needs(t.Context(), o.db, q.ID)
	if err != nil || needs[0].Status != request.Done {
		t.Fatal(needs, err)
	}
	o.now = o.now.Add(dispatch.SlipGrace)
	if n, err := dispatch.Forget(t.Context(), o.db); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if n, err := store.One[int](t.Context(), o.db, "keys", "SELECT count(*) FROM ledger_key WHERE record IN (SELECT id FROM record WHERE kind IN ('word','relay'))"); err != nil || n != 0 {
		t.Error("what was to be said to whom is kept", n, err)
	}
	if queue, err := request.Queue(t.Context(), o.db, o.now, 10); err != nil || len(queue) != 1 {
		t.Error("who needs help was forgotten with who asked for word", queue, err)
	}
	if before, after, err := o.db.Rebuild(t.Context()); err != nil || before != after {
		t.Error("rebuild differs", err)
	}
}

func TestWhoWantsNoContactLooksLikeNoAnswer(t *testing.T) {
	o := openRoom(t)
	q := o.call("Абай 44", "ұлыма хабар айтыңыз", true)
	to, _ := o.ask(http.MethodPost, "/relays/next", 303, nil)
	o.now = o.now.Add(request.RelayHold)
	o.ask(http.MethodGet, to, 404, nil) // the half hour is over
	to, _ = o.ask(http.MethodPost, "/relays/next", 303, nil)
	o.ask(http.MethodPost, to, 303, url.Values{"to": {"Ержан"}, "phones": {"87000005678"}, "words": {"аманбыз"}})
	o.ask(http.MethodPost, to+"/attempt", 303, url.Values{"reach": {"refused"}})
	needs, err := request.Needs(t.Context(), o.db, q.ID)
	if err != nil || needs[0].Status != request.Cancelled {
		t.Fatal(needs, err)
	}
}

func TestTheRelayPagesLook(t *testing.T) {
	p := browser.Open(t)
	o := openRoom(t)
	o.call("Абай 44", "ұлыма хабар айтыңыз", true)
	to, _ := o.ask(http.MethodPost, "/relays/next", 303, nil)
	o.ask(http.MethodPost, to, 303, url.Values{"to": {"Ержан"}, "phones": {"87000005678"}, "words": {"аманбыз"}})
	o.look(p, o.serve(), map[string]string{"relays": "/relays", "relay": to})
}
