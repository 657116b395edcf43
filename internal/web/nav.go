package web

import (
	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/i18n"
)

// NavItem is one entry of the rail.
type NavItem struct {
	Name string // "board": names the message nav.board, the icon and the path
	Path string
	Keys string // "n", or "g" and a letter of a Latin keyboard
	Here bool
}

// Label returns the entry's word.
func (n NavItem) Label(lang i18n.Lang) string { return lang.T("nav." + n.Name) } // i18n: nav.*

// rail is every place of the office in the order of its day. The rail shows those whose page is registered
// and open to the viewer.
func rail() []NavItem {
	return []NavItem{
		{Name: "call", Path: "/call", Keys: "n"},
		{Name: "callbacks", Path: "/callbacks", Keys: "g c"},
		{Name: "board", Path: "/board", Keys: "g b"},
		{Name: "lists", Path: "/lists", Keys: "g l"},
		{Name: "plan", Path: "/plan", Keys: "g p"},
		{Name: "runs", Path: "/runs", Keys: "g r"},
		{Name: "outcomes", Path: "/outcomes", Keys: "g o"},
		{Name: "people", Path: "/people", Keys: "g e"},
		{Name: "places", Path: "/places", Keys: "g a"},
		{Name: "rules", Path: "/rules", Keys: "g u"},
		{Name: "stock", Path: "/stock", Keys: "g s"},
		{Name: "links", Path: "/links", Keys: "g n"},
		{Name: "situation", Path: "/situation", Keys: "g i"},
		{Name: "export", Path: "/export", Keys: "g x"},
		{Name: "paper", Path: "/paper", Keys: "g f"},
		{Name: "settings", Path: "/settings", Keys: "g t"},
	}
}

func (v *visit) nav(here string) []NavItem {
	var out []NavItem
	for _, n := range rail() {
		if v.allowed("GET " + n.Path) {
			n.Here = n.Name == here
			out = append(out, n)
		}
	}
	return out
}

// roleName returns a role's word.
func roleName(lang i18n.Lang, role account.Role) string { return lang.T("role." + role.String()) } // i18n: role.*

// themeName returns the word for a choice of light and dark.
func themeName(lang i18n.Lang, theme string) string { return lang.T("web.theme_" + theme) } // i18n: web.theme_*
