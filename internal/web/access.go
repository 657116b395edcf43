package web

import (
	"net"
	"net/http"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Handler answers a request or says why it cannot; the Mux turns the error into a response.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one page or act: a pattern of http.ServeMux with its method, who may use it, and what it does.
type Route struct {
	Pattern string  // "GET /board", "POST /requests/{id}/close"
	Allow   Access  // the zero value refuses everybody
	Handle  Handler // never nil
	MaxBody int64   // bytes of a request's body; 0 means MaxBody
}

// Access says who may use a route. The zero value refuses everybody.
type Access struct {
	roles  account.Roles
	public bool
	local  bool
}

// Roles allows whoever has at least one of the roles: web.Roles(account.Operator | account.Coordinator).
func Roles(roles account.Roles) Access { return Access{roles: roles} }

// SignedIn allows every role.
func SignedIn() Access { return Access{roles: account.All} }

// Public allows everybody, signed in or not.
func Public() Access { return Access{public: true} }

// LocalOnly allows whoever sits at the machine itself: connections from loopback, signed in or not.
func LocalOnly() Access { return Access{local: true} }

// Permits reports whether somebody with these roles, on the machine itself or not, may pass.
func (a Access) Permits(roles account.Roles, local bool) bool {
	return a.public || a.local && local || a.roles.Any(roles)
}

// String names the access for tables: "public", "local", "operator,coordinator", or "nobody".
func (a Access) String() string {
	switch {
	case a.public:
		return "public"
	case a.local:
		return "local"
	case a.roles == 0:
		return "nobody"
	}
	return a.roles.String()
}

// Viewer is who looks at a page. A viewer without roles has not signed in.
type Viewer struct {
	AccountID string // "" when not signed in
	Name      string // the person's own name, as shown in the top bar
	Roles     account.Roles
	Lang      i18n.Lang
	Demo      bool // the data are invented: every page says DRILL
}

// SignedIn reports whether the viewer has an account.
func (v *Viewer) SignedIn() bool { return v.AccountID != "" }

// isLocal reports whether the connection comes from the machine itself. What comes by TLS came by the network's way
// in, whatever its address.
func isLocal(r *http.Request) bool {
	if r.TLS != nil {
		return false
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
