package desk

import (
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/request"
)

func whatWord(lang i18n.Lang, w request.What) string { return lang.T("what." + string(w)) } // i18n: what.*

func whatList(lang i18n.Lang, whats []request.What) string {
	out := make([]string, 0, len(whats))
	for _, w := range whats {
		out = append(out, whatWord(lang, w))
	}
	return strings.Join(out, ", ")
}

func verifiedWord(v request.Verification) string {
	if v == request.Unverified {
		return "no"
	}
	return string(v)
}

func statusWord(lang i18n.Lang, s request.Status) string { return lang.T("need.status_" + string(s)) } // i18n: need.status_*

// closedWord says why nothing of a request is to be done here: all of it is closed, or another centre has it.
func closedWord(lang i18n.Lang, r request.Row) string {
	if r.Away > 0 {
		return statusWord(lang, request.Away)
	}
	return lang.T("desk.status_closed")
}
