package lan

import (
	"cmp"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/jumyla/jumyla/internal/authority"
	"github.com/jumyla/jumyla/internal/i18n"
)

// Names returns by what this machine can be reached at an address of its own, or, where that is unspecified, at all of
// those that it has on local networks: addresses, the likeliest one first, then the machine's names.
func Names(at netip.Addr) []string {
	out := []string{at.String()}
	if at.IsUnspecified() {
		out = addresses()
	}
	host, _ := os.Hostname() // without a name the addresses alone are vouched for
	if h := authority.HostName(host); h != "" {
		out = append(out, h+".local", h, h+".lan")
	}
	return out
}

// addresses returns the machine's addresses on local networks.
func addresses() []string {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil
	}
	type at struct {
		ip   netip.Addr
		rank int
	}
	var all []at
	for _, i := range ifs {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		as, err := i.Addrs()
		if err != nil {
			continue
		}
		for _, a := range as {
			p, err := netip.ParsePrefix(a.String())
			if ip := p.Addr().Unmap(); err == nil && authority.Private(ip) {
				all = append(all, at{ip.WithZone(""), rank(i.Name, ip)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b at) int { return cmp.Compare(a.rank, b.rank) })
	var out []string
	for _, a := range all {
		out = append(out, a.ip.String())
	}
	return out
}

// rank puts the office's network before those that only programs of this machine use, and addresses that a person can
// type before others.
func rank(name string, ip netip.Addr) int {
	n := 0
	for _, s := range []string{"docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "vethernet", "tun", "tap", "wg", "zt", "lxc"} {
		if strings.Contains(strings.ToLower(name), s) {
			n += 4
			break
		}
	}
	switch {
	case ip.Is6():
		n += 2
	case ip.IsLinkLocalUnicast():
		n++
	}
	return n
}

// otherHost is what a stranger's name gets, in all languages: whose it is cannot be known.
func otherHost() string {
	var out []string
	for _, l := range i18n.Langs() {
		out = append(out, l.T("lan.other_host"))
	}
	return strings.Join(out, "\n") + "\n"
}
