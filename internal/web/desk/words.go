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
