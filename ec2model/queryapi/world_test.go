package queryapi

import (
	"encoding/xml"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/des"
)

// world is a service on an account of its own, in virtual time.
type world struct {
	t      testing.TB
	kernel *des.Kernel
	*Service
}

func newWorld(t testing.TB, change ...func(*ec2model.Config)) *world {
	t.Helper()
	cfg := ec2model.Config{
		CIDRs:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Profile: ec2model.DefaultProfile(),
		Subnets: []ec2model.SubnetConfig{
			{Name: "a", CIDR: netip.MustParsePrefix("10.0.0.0/24"), AZ: "us-west-2a"},
			{Name: "b", CIDR: netip.MustParsePrefix("10.0.1.0/24"), AZ: "us-west-2b"},
		},
	}
	for _, c := range change {
		c(&cfg)
	}
	k := des.New(1, 0, des.Limits{})
	t.Cleanup(k.Close)
	account, err := ec2model.NewAccount(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &world{t: t, kernel: k, Service: New(account, k, Options{Epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})}
}

// send sends a request, given as names and values, and waits for its answer.
func (w *world) send(name string, pairs ...string) answer {
	w.t.Helper()
	form := url.Values{"Action": {name}, "Version": {version}}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return w.sendForm(form)
}

func (w *world) sendForm(form url.Values) (got answer) {
	w.t.Helper()
	answers := 0
	w.call(form, "test", func(a answer) { got = a; answers++ })
	for answers == 0 {
		next, any := w.kernel.Next()
		if !any {
			w.t.Fatalf("%v is never answered", form)
		}
		if err := w.kernel.Run(next); err != nil {
			w.t.Fatal(err)
		}
	}
	if answers != 1 {
		w.t.Fatalf("%v has %d answers", form, answers)
	}
	return got
}

// must is send of what is to succeed.
func (w *world) must(name string, pairs ...string) *node {
	w.t.Helper()
	a := w.send(name, pairs...)
	if a.Status != 200 {
		w.t.Fatalf("%s %v: %d\n%s", name, pairs, a.Status, a.Body)
	}
	return read(w.t, a)
}

// node is an element of an answer.
type node struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
	Nodes   []node `xml:",any"`
}

func read(t testing.TB, a answer) *node {
	t.Helper()
	var n node
	if err := xml.Unmarshal(a.Body, &n); err != nil {
		t.Fatalf("%v in\n%s", err, a.Body)
	}
	return &n
}

// all are the texts at a path, such as subnetSet/item/subnetId.
func (n *node) all(path string) (texts []string) {
	first, rest, more := strings.Cut(path, "/")
	for i := range n.Nodes {
		switch below := &n.Nodes[i]; {
		case below.XMLName.Local != first:
		case more:
			texts = append(texts, below.all(rest)...)
		default:
			texts = append(texts, below.Text)
		}
	}
	return texts
}

// one is the only text at a path.
func (n *node) one(t testing.TB, path string) string {
	t.Helper()
	texts := n.all(path)
	if len(texts) != 1 {
		t.Fatalf("%s has %d texts: %q", path, len(texts), texts)
	}
	return texts[0]
}
