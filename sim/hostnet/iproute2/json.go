package iproute2

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"net/netip"

	"ipamsim/sim/hostnet"
)

// The objects of `ip -json`, with the fields and their order as iproute2 has
// them.
type (
	linkObject struct {
		Index     int          `json:"ifindex"`
		PeerIndex int          `json:"link_index,omitempty"`
		Name      string       `json:"ifname"`
		Flags     []string     `json:"flags"`
		MTU       int          `json:"mtu"`
		Qdisc     string       `json:"qdisc"`
		State     string       `json:"operstate"`
		Mode      string       `json:"linkmode,omitempty"`
		Group     string       `json:"group"`
		Queue     int          `json:"txqlen,omitempty"`
		Kind      string       `json:"link_type,omitempty"`
		MAC       string       `json:"address,omitempty"`
		Broadcast string       `json:"broadcast,omitempty"`
		PeerID    *int         `json:"link_netnsid,omitempty"`
		Addresses []addrObject `json:"addr_info,omitempty"`
	}
	addrObject struct {
		Family    string `json:"family"`
		Local     string `json:"local"`
		Bits      int    `json:"prefixlen"`
		Broadcast string `json:"broadcast,omitempty"`
		Scope     string `json:"scope"`
		Label     string `json:"label"`
		Valid     uint32 `json:"valid_life_time"`
		Preferred uint32 `json:"preferred_life_time"`
	}
	routeObject struct {
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
	gotObject struct {
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
	ruleObject struct {
		Priority int    `json:"priority"`
		Src      string `json:"src"`
		SrcBits  int    `json:"srclen,omitempty"`
		Dst      string `json:"dst,omitempty"`
		DstBits  int    `json:"dstlen,omitempty"`
		Mark     string `json:"fwmark,omitempty"`
		Mask     string `json:"fwmask,omitempty"`
		Table    string `json:"table"`
	}
	neighObject struct {
		Dst   string   `json:"dst"`
		Dev   string   `json:"dev"`
		MAC   string   `json:"lladdr"`
		State []string `json:"state"`
	}
)

// linkJSON is what `ip -json link` prints.
func linkJSON(shown []hostnet.Link) string {
	list := []linkObject{}
	for _, l := range shown {
		o := linkObjectOf(l)
		o.Mode, o.Kind, o.MAC, o.Broadcast = "DEFAULT", kind(l), l.MAC, broadcastMAC
		if l.Loopback {
			o.Broadcast = noMAC
		}
		list = append(list, o)
	}
	return encoded(list)
}

// addressJSON is what `ip -json -4 addr` prints.
func addressJSON(shown []hostnet.Link) string {
	list := []linkObject{}
	for _, l := range shown {
		if len(l.Addresses) == 0 {
			continue
		}
		o := linkObjectOf(l)
		for _, a := range l.Addresses {
			o.Addresses = append(o.Addresses, addrObject{
				Family: "inet", Local: a.Local.Addr().String(), Bits: a.Local.Bits(), Broadcast: text(a.Broadcast),
				Scope: a.Scope, Label: l.Name, Valid: math.MaxUint32, Preferred: math.MaxUint32,
			})
		}
		list = append(list, o)
	}
	return encoded(list)
}

func linkObjectOf(l hostnet.Link) linkObject {
	o := linkObject{Index: l.Index, Name: l.Name, Flags: flags(l), MTU: l.MTU, Qdisc: l.Qdisc, State: state(l), Group: "default", Queue: l.Queue}
	if l.Peer != nil {
		o.PeerIndex, o.PeerID = l.Peer.Index, &l.Peer.ID
	}
	return o
}

// routeJSON is what `ip -json route show table` prints of a table.
func routeJSON(shown []hostnet.Route) string {
	list := []routeObject{}
	for _, r := range shown {
		o := routeObject{Dst: r.Destination(), Via: text(r.Via), Dev: r.Dev, Table: r.Table, Protocol: r.Protocol, Scope: r.Scope, Src: text(r.Src), Flags: []string{}}
		if r.Type != hostnet.Unicast {
			o.Type = r.Type.String()
		}
		list = append(list, o)
	}
	return encoded(list)
}

// ruleJSON is what `ip -json rule` prints.
func ruleJSON(shown []hostnet.Rule) string {
	list := []ruleObject{}
	for _, r := range shown {
		o := ruleObject{Priority: r.Priority, Src: "all", Table: r.Table}
		if r.From.IsValid() {
			o.Src, o.SrcBits = selection(r.From)
		}
		if r.To.IsValid() {
			o.Dst, o.DstBits = selection(r.To)
		}
		if r.Mark != 0 {
			o.Mark = fmt.Sprintf("%#x", r.Mark)
			if r.Mark != math.MaxUint32 {
				o.Mask = o.Mark
			}
		}
		list = append(list, o)
	}
	return encoded(list)
}

// neighbourJSON is what `ip -json neigh` prints.
func neighbourJSON(shown []hostnet.Neighbour) string {
	list := []neighObject{}
	for _, e := range shown {
		list = append(list, neighObject{Dst: e.Address.String(), Dev: e.Dev, MAC: e.MAC, State: []string{e.State}})
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
