package tree

import (
	"strings"

	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/id"
)

// Words say how a centre stands to the one that it says it stands under, where that is not plain, and whether it is no more
// itself; none where nothing is to be said.
func (t Tree) Words(lang i18n.Lang, n *Node) []string {
	var out []string
	switch {
	case !n.GoesOn.IsZero():
		out = append(out, lang.T("tree.self_lost", "heir", t.name(lang, n.GoesOn)))
	case n.Ended:
		out = append(out, lang.T("tree.self_ended"))
	}
	switch n.Standing {
	case Unknown:
		out = append(out, lang.T("tree.unknown"))
	case Ended:
		out = append(out, lang.T("tree.ended", "parent", t.name(lang, n.Above())))
	case Lost:
		heir := id.ID{}
		if above := t.Find(n.Above()); above != nil {
			heir = above.GoesOn
		}
		out = append(out, lang.T("tree.lost", "parent", t.name(lang, n.Above()), "heir", t.name(lang, heir)))
	case Circle:
		out = append(out, lang.T("tree.circle", "parent", t.name(lang, n.Above())))
	case Split:
		out = append(out, lang.T("tree.split", "parents", t.names(lang, n.Said)))
	case Top, Under:
	}
	return out
}

func (t Tree) names(lang i18n.Lang, all []id.ID) string {
	out := make([]string, 0, len(all))
	for _, c := range all {
		if c.IsZero() {
			out = append(out, lang.T("links.no_parent"))
		} else {
			out = append(out, t.name(lang, c))
		}
	}
	return strings.Join(out, "; ")
}

func (t Tree) name(lang i18n.Lang, c id.ID) string {
	if s := t.Name(c); s != "" {
		return s
	}
	return lang.T("network.unknown")
}
