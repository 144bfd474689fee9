package hostnet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"
)

// The objects of `ip -json`, with the fields and their order as iproute2 has
// them.
type (
	linkJSON struct {
		Index     int        `json:"ifindex"`
		PeerIndex int        `json:"link_index,omitempty"`
		Name      string     `json:"ifname"`
		Flags     []string   `json:"flags"`
		MTU       int        `json:"mtu"`
		Qdisc     string     `json:"qdisc"`
		State     string     `json:"operstate"`
		Mode      string     `json:"linkmode,omitempty"`
		Group     string     `json:"group"`
		Queue     int        `json:"txqlen,omitempty"`
		Kind      string     `json:"link_type,omitempty"`
		MAC       string     `json:"address,omitempty"`
		Broadcast string     `json:"broadcast,omitempty"`
		PeerID    *int       `json:"link_netnsid,omitempty"`
		Addresses []addrJSON `json:"addr_info,omitempty"`
	}
	addrJSON struct {
		Family    string `json:"family"`
		Local     string `json:"local"`
		Bits      int    `json:"prefixlen"`
		Broadcast string `json:"broadcast,omitempty"`
		Scope     string `json:"scope"`
		Label     string `json:"label"`
		Valid     uint32 `json:"valid_life_time"`
		Preferred uint32 `json:"preferred_life_time"`
	}
	routeJSON struct {
		Type     string   `json:"type,omitempty"`
		Dst      string   `json:"dst"`
		Via      string   `json:"gateway,omitempty"`
		Dev      string   `json:"dev,omitempty"`
		Table    string   `json:"table,omitempty"`
		Protocol string   `json:"protocol,omitempty"`
		Scope    string   `json:"scope,omitempty"`
		Src      string   `json:"prefsrc,omitempty"`
		Flags    []string `json:"flags"`
	}
	gotJSON struct {
		Type  string   `json:"type,omitempty"`
		Dst   string   `json:"dst"`
		From  string   `json:"from,omitempty"`
		Via   string   `json:"gateway,omitempty"`
		Dev   string   `json:"dev"`
		Table string   `json:"table,omitempty"`
		Src   string   `json:"prefsrc,omitempty"`
		Flags []string `json:"flags"`
		Mark  uint32   `json:"mark,omitempty"`
		UID   *int     `json:"uid,omitempty"`
		Cache []string `json:"cache"`
		In    string   `json:"iif,omitempty"`
	}
	ruleJSON struct {
		Priority int    `json:"priority"`
		Src      string `json:"src"`
		SrcBits  int    `json:"srclen,omitempty"`
		Dst      string `json:"dst,omitempty"`
		DstBits  int    `json:"dstlen,omitempty"`
		Mark     string `json:"fwmark,omitempty"`
		Mask     string `json:"fwmask,omitempty"`
		Table    string `json:"table"`
	}
	neighJSON struct {
		Dst   string   `json:"dst"`
		Dev   string   `json:"dev"`
		MAC   string   `json:"lladdr"`
		State []string `json:"state"`
	}
)

// IPLinkJSON is what `ip -json link` prints.
func (v View) IPLinkJSON() string {
	list := []linkJSON{}
	for _, l := range v.Links {
		o := l.json()
		o.Mode, o.Kind, o.MAC, o.Broadcast = "DEFAULT", l.kind(), l.MAC, broadcastMAC
		if l.Loopback {
			o.Broadcast = noMAC
		}
		list = append(list, o)
	}
	return encoded(list)
}

// IPAddrJSON is what `ip -json -4 addr` prints.
func (v View) IPAddrJSON() string {
	list := []linkJSON{}
	for _, l := range v.Links {
		if len(l.Addresses) == 0 {
			continue
		}
		o := l.json()
		for _, a := range l.Addresses {
			o.Addresses = append(o.Addresses, addrJSON{
				Family: "inet", Local: a.Local.Addr().String(), Bits: a.Local.Bits(), Broadcast: text(a.Broadcast),
				Scope: a.Scope, Label: l.Name, Valid: math.MaxUint32, Preferred: math.MaxUint32,
			})
		}
		list = append(list, o)
	}
	return encoded(list)
}

func (l Link) json() linkJSON {
	o := linkJSON{Index: l.Index, Name: l.Name, Flags: l.flags(), MTU: l.MTU, Qdisc: l.Qdisc, State: l.state(), Group: "default", Queue: l.Queue}
	if l.Peer != nil {
		o.PeerIndex, o.PeerID = l.Peer.Index, &l.Peer.ID
	}
	return o
}

// IPRouteJSON is what `ip -json route show table` prints of a table.
func (v View) IPRouteJSON(table string) string { return routesJSON(v.routes(table)) }

func routesJSON(routes []Route) string {
	list := []routeJSON{}
	for _, r := range routes {
		o := routeJSON{Dst: r.destination(), Via: text(r.Via), Dev: r.Dev, Table: r.Table, Protocol: r.Protocol, Scope: r.Scope, Src: text(r.Src), Flags: []string{}}
		if r.Type != Unicast {
			o.Type = r.Type.String()
		}
		list = append(list, o)
	}
	return encoded(list)
}

// IPRuleJSON is what `ip -json rule` prints.
func (v View) IPRuleJSON() string {
	list := []ruleJSON{}
	for _, r := range v.Rules {
		o := ruleJSON{Priority: r.Priority, Src: "all", Table: r.Table}
		if r.From.IsValid() {
			o.Src, o.SrcBits = selection(r.From)
		}
		if r.To.IsValid() {
			o.Dst, o.DstBits = selection(r.To)
		}
		if r.Mark != 0 {
			o.Mark = fmt.Sprintf("%#x", r.Mark)
			if r.Mark != allBits {
				o.Mask = o.Mark
			}
		}
		list = append(list, o)
	}
	return encoded(list)
}

// IPNeighJSON is what `ip -json neigh` prints.
func (v View) IPNeighJSON() string {
	list := []neighJSON{}
	for _, e := range v.Neighbours {
		list = append(list, neighJSON{Dst: e.Address.String(), Dev: e.Dev, MAC: e.MAC, State: []string{e.State}})
	}
	return encoded(list)
}

// selection is a rule's prefix; a single address has no length.
func selection(p netip.Prefix) (address string, bits int) {
	if p.IsSingleIP() {
		return p.Addr().String(), 0
	}
	return p.Addr().String(), p.Bits()
}

// text of an address that may be missing.
func text(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.String()
}

func encoded(list any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(list); err != nil {
		panic(err) // the objects above have nothing that JSON lacks
	}
	return b.String()
}
