package lan

import (
	"net"
	"net/http"
	"net/netip"
	"time"

	"github.com/jumyla/jumyla/internal/account"
	"github.com/jumyla/jumyla/internal/i18n"
	"github.com/jumyla/jumyla/internal/web"
	"github.com/jumyla/jumyla/internal/web/office"
)

// Routes lists the pages of the door that belong to the office.
func (d *Door) Routes() []web.Route {
	return []web.Route{{Pattern: "GET /devices", Allow: web.Roles(account.Keepers), Handle: d.showDevices}}
}

// devicesPage says what to type on other devices, and which are here.
type devicesPage struct {
	lang      i18n.Lang
	state     state
	connected []netip.Addr
	tabs      []web.Tab
}

func (d *Door) showDevices(w http.ResponseWriter, r *http.Request) error {
	lang := web.Lang(r)
	p := devicesPage{lang: lang, state: d.state(), connected: d.gate.Connected(), tabs: office.Tabs(lang, "/devices")}
	return web.Render(w, r, web.Page{Title: lang.T("lan.devices"), Nav: "settings", Body: p.body()})
}

func (p devicesPage) until() string { return p.state.server.Until.Format(time.DateOnly) }

// localAddr returns the address that a request came to.
func localAddr(r *http.Request) (netip.AddrPort, bool) {
	a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return netip.AddrPort{}, false
	}
	at := addrOf(a)
	return netip.AddrPortFrom(at.Addr().Unmap().WithZone(""), at.Port()), true
}
