package twins_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jumyla/jumyla/internal/exchange/match"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
	"github.com/jumyla/jumyla/internal/request"
	"github.com/jumyla/jumyla/internal/store"
	"github.com/jumyla/jumyla/internal/testkit/browser"
	"github.com/jumyla/jumyla/internal/web"
)

const phone = "+77010000001"

// two are centres that serve one household by invented numbers, and the one that compares.
func two(t *testing.T) (a, b, m *office, ours request.ID, theirs request.NeedID) {
	t.Helper()
	a, b, m = open(t, "Талғар"), open(t, "Есік"), open(t, "Салыстыру")
	know(t, a, b, m)
	m.write(t, func(ctx context.Context, tx *store.Tx) error { return match.Offer(ctx, tx, 50) })
	for _, o := range []*office{a, b} {
		carry(t, m, o)
		o.write(t, func(ctx context.Context, tx *store.Tx) error {
			if err := match.UseKey(ctx, tx, match.Key{7}); err != nil {
				return err
			}
			return match.Use(ctx, tx, m.db.Centre())
		})
	}
	ours, _ = a.call(t, "472190", phone)
	_, theirs = b.call(t, "583201", phone)
	return a, b, m, ours, theirs
}

// settle puts a need of a centre where it stands.
func (o *office) settle(t *testing.T, n request.NeedID, s request.Status, at time.Time) {
	t.Helper()
	o.write(t, func(ctx context.Context, tx *store.Tx) error {
		need, err := request.NeedKind.Get(ctx, tx, n.ID)
		if err != nil {
			return err
		}
		need.Stand(s, id.ID{}, at, at)
		return tx.Put(ctx, need)
	})
}

// beside is what stands beside a call as far as it is typed.
func (o *office) beside(t *testing.T, typed url.Values) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.url+"/call/beside", strings.NewReader(typed.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Hx-Request", "true")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return body(t, res, http.StatusOK)
}

func silent(t *testing.T, page string, not ...string) {
	t.Helper()
	for _, w := range not {
		if strings.Contains(page, w) {
			t.Errorf("%q is said", w)
		}
	}
}

// TestWhileACallIsTyped: what another centre has of a household stands beside the local record as soon as its number is typed, by
// what everybody may know alone; it holds nothing up, and who was said to be somebody else is not shown again.
func TestWhileACallIsTyped(t *testing.T) {
	a, b, m, _, _ := two(t)
	typed := url.Values{"phone": {phone}}
	says(t, a.beside(t, typed), "47-21-90")
	silent(t, a.beside(t, typed), "Есік")
	says(t, a.beside(t, url.Values{"phone": {"+77010000002"}}), i18n.EN.T("match.asked_after"))
	silent(t, m.beside(t, typed), i18n.EN.T("match.asked_after")) // it compares, and asks nobody
	compare(t, m, a, b)

	page := a.beside(t, typed)
	says(t, page, "47-21-90", i18n.EN.T("match.open"), "At Есік", "58-32-01", "the same telephone", "as of 12 Jan", "Есік has a basket waiting too (58-32-01)")
	silent(t, page, "583201", "Оқу көшесі 583201", i18n.EN.T("match.asked_after"), "/links/match/pairs")
	silent(t, a.beside(t, url.Values{"phone": {"+77010000002"}}), "Есік")

	pair := regexp.MustCompile(`/links/match/pairs/([0-9a-z]+)`).FindStringSubmatch(a.get(t))[1]
	a.post(t, "/links/match/pairs/"+pair, http.StatusOK, url.Values{"says": {"same"}})
	carry(t, a, b)
	says(t, a.beside(t, typed), i18n.EN.T("match.linked"), "At Есік")
	says(t, b.beside(t, typed), "At Талғар", "Талғар says: the same")
	a.post(t, "/links/match/pairs/"+pair, http.StatusOK, url.Values{"says": {"different"}})
	silent(t, a.beside(t, typed), "At Есік")

	form := url.Values{"phone": {phone}, "name": {"Ойдан Шығарылған"}, "address": {"Оқу көшесі 472190"}, "needs": {"азық себеті"}, "keep": {"yes"}, "lang": {"kk"}, "for": {"self"}}
	says(t, a.take(t, form), "/call?saved=")
}

// take saves a call, and returns where that leads.
func (o *office) take(t *testing.T, form url.Values) string {
	t.Helper()
	form.Set(web.TokenField, token.FindStringSubmatch(o.at(t, "/call"))[1])
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.PostForm(o.url+"/call", form)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	return res.Header.Get("Location")
}

// TestABasketElsewhereWaits: the basket that another centre brought counts for our rule once our people linked the two, at the
// desk and on the request's page, and no more once the days are over, the link is undone, or the other centre says they are two.
func TestABasketElsewhereWaits(t *testing.T) {
	a, b, m, ours, theirs := two(t)
	b.settle(t, theirs, request.Done, noon.AddDate(0, 0, -3))
	compare(t, m, a, b)
	at := "/requests/" + ours.String()
	const gave = "Есік gave this household a basket on 9 Jan"
	page := a.at(t, at)
	says(t, page, i18n.EN.T("match.title"), "At Есік", i18n.EN.T("match.same"), "Есік gave a basket on 9 Jan")
	silent(t, page, gave, i18n.EN.T("basket.let"))
	silent(t, a.beside(t, url.Values{"phone": {phone}}), gave)

	link := func(o *office, says string) {
		t.Helper()
		pair := regexp.MustCompile(`/links/match/pairs/([0-9a-z]+)`).FindStringSubmatch(o.get(t))[1]
		o.post(t, "/links/match/pairs/"+pair, http.StatusOK, url.Values{"says": {says}, "back": {at}})
	}
	a.post(t, "/links/match/pairs/"+regexp.MustCompile(`/links/match/pairs/([0-9a-z]+)`).FindStringSubmatch(page)[1], http.StatusOK, url.Values{"says": {"same"}, "back": {at}})
	page = a.at(t, at)
	says(t, page, gave, i18n.EN.T("basket.let"), i18n.EN.T("match.linked"), i18n.EN.T("match.hand_over"), `href="/links/requests/`+ours.String()+`"`)
	says(t, a.beside(t, url.Values{"phone": {phone}}), gave)
	silent(t, b.at(t, "/same"), "Талғар gave")

	link(a, "undone")
	silent(t, a.at(t, at), gave)
	link(a, "same")
	carry(t, a, b)
	b.post(t, "/links/match/pairs/"+regexp.MustCompile(`/links/match/pairs/([0-9a-z]+)`).FindStringSubmatch(b.get(t))[1], http.StatusOK, url.Values{"says": {"different"}})
	carry(t, b, a)
	page = a.at(t, at)
	silent(t, page, gave)
	says(t, page, i18n.EN.T("match.disputed"))
	b.settle(t, theirs, request.Planned, noon)
	link(b, "same")
	carry(t, b, a)
	says(t, a.at(t, at), "A basket for this household is on its way from Есік")
	b.settle(t, theirs, request.Done, noon.AddDate(0, 0, -40))
	carry(t, b, a)
	silent(t, a.at(t, at), gave, i18n.EN.T("basket.let"))
}

// TestTheQueueOfOurOwnLeadsToThatOfOthers: whoever looks for households that are one finds both queues.
func TestTheQueueOfOurOwnLeadsToThatOfOthers(t *testing.T) {
	p := browser.Open(t)
	a, b, m, ours, _ := two(t)
	page := a.at(t, "/same")
	says(t, page, `href="/links/match"`, i18n.EN.T("same.elsewhere"))
	compare(t, m, a, b)
	says(t, a.at(t, "/same"), i18n.EN.T("match.look_queue", "n", 1))
	lookAt(t, p, a, "/same", "same")
	lookAt(t, p, a, "/requests/"+ours.String(), "request")
	lookAt(t, p, a, "/call?phone="+url.QueryEscape(phone), "call")
}
