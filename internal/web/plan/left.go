package plan

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/jumyla/jumyla/internal/dispatch"
)

// group is one reason for which something is not planned, and of how much.
type group struct {
	code string
	n    int
}

// codes puts keys of reasons together where the same helps; a key that is not here is its own last word.
var codes = map[string]string{
	"basket_had": "basket", "basket_coming": "basket", "zone": "closed", "border": "closed", "curfew_pass": "curfew",
	"posts": "skill", "homes": "skill", "two": "skill", "medic": "skill", "together": "skill", "kk": "skill", "ru": "skill", "en": "skill",
}

// codeOf is the group of a reason.
func codeOf(u *dispatch.Refusal) string {
	last := u.Key[strings.LastIndexByte(u.Key, '.')+1:]
	if c := codes[last]; c != "" {
		return c
	}
	return last
}

// groups counts what is not planned by reason, the most frequent first.
func (v *page) groups() []group {
	var out []group
	for i := range v.t.Left {
		code := codeOf(&v.t.Left[i])
		k := slices.IndexFunc(out, func(g group) bool { return g.code == code })
		if k < 0 {
			k = len(out)
			out = append(out, group{code: code})
		}
		out[k].n++
	}
	slices.SortStableFunc(out, func(a, b group) int { return b.n - a.n })
	return out
}

// left is what is not planned for the reason that was chosen, or for any.
func (v *page) left() []dispatch.Refusal {
	if v.reason == "" {
		return v.t.Left
	}
	var out []dispatch.Refusal
	for i := range v.t.Left {
		if codeOf(&v.t.Left[i]) == v.reason {
			out = append(out, v.t.Left[i])
		}
	}
	return out
}

// whyURL is the page with one reason's rows; "" is all.
func (v *page) whyURL(code string) templ.SafeURL {
	return templ.SafeURL(v.here(code) + "#not-planned")
}

// here is the page as it stands, with a reason's rows.
func (v *page) here(code string) string {
	crew := ""
	if n := v.chosenCrew(); n > 0 {
		crew = itoa(n)
	}
	to := here(v.day, crew, v.chosenStop())
	if code != "" {
		to += "&why=" + url.QueryEscape(code)
	}
	return to
}

func (v *page) group(code string) string { return v.lang.T("plan.left." + code) } // i18n: plan.left.*

// leftTitle names what is below: before there is a plan everything waits for one.
func (v *page) leftTitle() string {
	if v.t.Draft.Version == 0 {
		return v.lang.T("plan.waiting", "n", len(v.t.Left))
	}
	return v.lang.T("plan.unplanned", "n", len(v.t.Left))
}

// runsURL is the page of the day's runs.
func (v *page) runsURL() templ.SafeURL { return templ.SafeURL(runsOf(v.day)) }

func runsOf(day time.Time) string { return "/runs?day=" + day.Format(time.DateOnly) }
