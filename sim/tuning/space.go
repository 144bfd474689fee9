package tuning

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/findings"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// The variables that are tuned.
const (
	warmENI    = "WARM_ENI_TARGET"
	warmIP     = "WARM_IP_TARGET"
	minimumIP  = "MINIMUM_IP_TARGET"
	prefixes   = "ENABLE_PREFIX_DELEGATION"
	warmPrefix = "WARM_PREFIX_TARGET"
	maxENI     = "MAX_ENI"
	cooldown   = "IP_COOLDOWN_PERIOD"
)

// variables are they all, in the order in which they are shown.
var variables = []string{warmENI, warmIP, minimumIP, prefixes, warmPrefix, maxENI, cooldown}

// addressesPerPrefix is the size of a /28.
const addressesPerPrefix = 16

// candidate is an environment.
type candidate struct {
	env map[string]string
	set []string // as overrides; none for what is there already
}

// key is equal for candidates that do the same.
func (c *candidate) key() string { return strings.Join(c.set, "\n") }

// space is where candidates come from.
type space struct {
	scenario *scenarios.Scenario
	group    string // the one whose nodes get the settings; empty for all
	facts    findings.Facts
	now      map[string]string

	perENI, enis, pods int  // the most of any node: addresses for pods of an interface, interfaces, max pods
	addresses          int  // on a node's pods when all had most
	cooling            int  // addresses that cooled down on a node
	nitro              bool // all instance types
	differs            bool // groups have different environments
}

func newSpace(s *scenarios.Scenario, group string, now *result.Trial) *space {
	sp := &space{scenario: s, group: group, facts: findings.FactsOf(s), now: map[string]string{}, nitro: true, addresses: max(1, now.NodeP90), cooling: now.NodeCooling}
	for i, g := range sp.groups() {
		sp.pods = max(sp.pods, g.PodLimit())
		for _, t := range g.Types() {
			limits, _ := g.Limits(t)
			sp.perENI = max(sp.perENI, limits.IPv4PerENI-1)
			sp.enis = max(sp.enis, limits.DefaultCardENIs())
			sp.nitro = sp.nitro && limits.Nitro()
		}
		for _, name := range variables {
			value, given := g.Environment()[name]
			before, had := sp.now[name]
			sp.differs = sp.differs || i > 0 && (given != had || value != before)
			if given {
				sp.now[name] = value
			}
		}
	}
	return sp
}

// groups are those whose nodes get the settings.
func (sp *space) groups() (list []*scenarios.NodeGroup) {
	for i := range sp.scenario.NodeGroups {
		if g := &sp.scenario.NodeGroups[i]; sp.group == "" || g.Name == sp.group {
			list = append(list, g)
		}
	}
	return list
}

// overrides are those of an environment for the groups that get it.
func (sp *space) overrides(env map[string]string) []string {
	set := sp.facts.Everywhere(env)
	if sp.group == "" {
		return set
	}
	return slices.DeleteFunc(set, func(o string) bool { return !strings.HasPrefix(o, "nodeGroups."+sp.group+".") })
}

// reads says whether the daemons of all groups know a variable.
func (sp *space) reads(names ...string) bool {
	for _, g := range sp.groups() {
		for _, name := range names {
			if !ipamd.Reads(g.CNIVersion, name) {
				return false
			}
		}
	}
	return true
}

// candidates are the settings that come into question, what is there now first.
// Their numbers follow from the daemon's arithmetic: what an interface holds,
// what a node's pods have at the most, what cools down meanwhile.
func (sp *space) candidates() []candidate {
	l := newList(sp)
	l.add(nil)
	if sp.reads(warmENI) {
		for n := range min(sp.enis, mostWarmENIs+1) {
			l.add(map[string]string{warmENI: strconv.Itoa(n)})
		}
	}
	if sp.reads(warmIP, minimumIP) {
		sp.ipTargets(l, map[string]string{}, sp.warmIPs(), sp.minimumIPs())
	}
	if sp.nitro && sp.reads(prefixes, warmPrefix) {
		for n := 1; n <= min(mostWarmPrefixes, ceilDiv(sp.pods, addressesPerPrefix)); n++ {
			l.add(map[string]string{prefixes: "true", warmPrefix: strconv.Itoa(n)})
		}
		sp.ipTargets(l, map[string]string{prefixes: "true"}, sp.warmIPs(), sp.wholePrefixes())
	}
	return l.list
}

// Bounds of the targets in whole interfaces and prefixes: our choice. More of
// them than that is a fleet without need of a target.
const (
	mostWarmENIs     = 3
	mostWarmPrefixes = 4
)

func (sp *space) ipTargets(l *list, base map[string]string, warm, minimum []int) {
	for _, w := range warm {
		for _, m := range minimum {
			env := maps.Clone(base)
			env[warmIP] = strconv.Itoa(w)
			if m > w { // a lower one does nothing: a node without pods holds that many anyway
				env[minimumIP] = strconv.Itoa(m)
			} else if m > 0 {
				continue
			}
			l.add(env)
		}
	}
}

// warmIPs double, and have the numbers that mean something: what cools down and
// two more, an interface's worth.
func (sp *space) warmIPs() []int {
	return upTo(max(sp.perENI, sp.addresses), 1, 2, 5, 10, 20, 40, 80, sp.cooling+2, sp.perENI)
}

// minimumIPs are 0 for none, an interface's worth, and what a node's pods have,
// with something besides.
func (sp *space) minimumIPs() []int {
	p := sp.addresses
	return upTo(sp.pods, 0, ceilDiv(p, 2), p, p+2, ceilDiv(5*p, 4), sp.perENI, 2*sp.perENI)
}

// wholePrefixes are 0 for none, and prefixes for what a node's pods have.
func (sp *space) wholePrefixes() []int {
	p := ceilDiv(sp.addresses, addressesPerPrefix) * addressesPerPrefix
	half := ceilDiv(sp.addresses, 2*addressesPerPrefix) * addressesPerPrefix
	return upTo(max(p, sp.pods), 0, addressesPerPrefix, half, p, p+addressesPerPrefix)
}

// upTo are the numbers that are not above a bound, each once, in their order.
func upTo(most int, numbers ...int) []int {
	numbers = slices.DeleteFunc(numbers, func(n int) bool { return n > most || n < 0 })
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// further are a candidate's relatives: with targets that are a little lower or
// higher, and with other values of what is tuned on request.
func (sp *space) further(c *candidate, o *Options) []candidate {
	l := newList(sp)
	l.known[c.key()] = true
	add := func(name string, values ...int) {
		for _, v := range values {
			env := maps.Clone(c.env)
			env[name] = strconv.Itoa(v)
			l.add(env)
		}
	}
	if w, m := number(c.env[warmIP]), number(c.env[minimumIP]); w > 0 {
		add(warmIP, upTo(sp.pods, max(1, w-ceilDiv(w, 4)), w+ceilDiv(w, 4))...)
		if step := ceilDiv(m, 16); m > 0 && c.env[prefixes] != "true" {
			add(minimumIP, upTo(sp.pods, m-step, m+step)...)
		}
	}
	if o.MaxENI && sp.reads(maxENI) {
		add(maxENI, sp.maxENIs(c.env[prefixes] == "true")...)
	}
	if o.Cooldown && sp.reads(cooldown) {
		add(cooldown, cooldowns...)
	}
	return l.list
}

// number is the value of a target, as the daemon reads it.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// cooldowns are values of IP_COOLDOWN_PERIOD in seconds. 0 is not among them: an
// address that another pod has at once gets packets of the one before it.
var cooldowns = []int{5, 10, 15, 30, 60}

// maxENIs are numbers of interfaces from those that a node's pods need to one less
// than there are.
func (sp *space) maxENIs(prefixed bool) []int {
	each := sp.perENI
	if prefixed {
		each *= addressesPerPrefix
	}
	need := ceilDiv(sp.addresses+1, max(1, each))
	return slices.DeleteFunc(upTo(sp.enis-1, need, need+1, need+2, sp.enis-1), func(n int) bool { return n < need || n < 1 })
}

// off is the value with which a variable does nothing.
var off = map[string]string{warmIP: "0", minimumIP: "0", prefixes: "false"}

// list collects candidates, each once.
type list struct {
	space *space
	known map[string]bool
	list  []candidate
}

func newList(sp *space) *list { return &list{space: sp, known: map[string]bool{}} }

// add adds an environment, with what has to be switched off for it.
func (l *list) add(env map[string]string) {
	c := candidate{env: maps.Clone(env)}
	if env == nil {
		c.env = maps.Clone(l.space.now)
	} else {
		for _, name := range variables {
			value, needed := off[name]
			if _, given := env[name]; needed && !given && l.space.gives(name, value) {
				c.env[name] = value
			}
		}
		c.set = l.space.overrides(c.env)
	}
	if key := c.key(); !l.known[key] {
		l.known[key] = true
		l.list = append(l.list, c)
	}
}

// gives says whether the scenario gives a variable a value other than one.
func (sp *space) gives(name, other string) bool {
	for _, g := range sp.groups() {
		if value, given := g.CNI[name]; given && value != other {
			return true
		}
	}
	return slices.ContainsFunc(sp.scenario.Faults, func(f scenarios.Fault) bool {
		value, given := f.CNI[name]
		return given && value != other
	})
}

// thin leaves as many of the candidates as may be tried, evenly over the list.
func thin(list []candidate, most int) []candidate {
	if most <= 0 || len(list) <= most {
		return list
	}
	kept := make([]candidate, most)
	for i := range kept {
		kept[i] = list[i*len(list)/most]
	}
	return kept
}

func ceilDiv(x, y int) int { return (x + y - 1) / y }

func (c *candidate) String() string {
	var parts []string
	for _, name := range variables {
		if value, given := c.env[name]; given {
			parts = append(parts, fmt.Sprintf("%s=%s", name, value))
		}
	}
	return strings.Join(parts, " ")
}

// EnvironmentOf is what a scenario gives all of its node groups of the variables
// that are tuned. It is none, and ok false, where it gives nothing, or groups have
// different ones.
func EnvironmentOf(s *scenarios.Scenario) (env map[string]string, ok bool) {
	env = map[string]string{}
	for _, name := range variables {
		value, is := s.NodeGroups[0].CNI[name]
		for i := range s.NodeGroups {
			if other, given := s.NodeGroups[i].CNI[name]; given != is || other != value {
				return nil, false
			}
		}
		if is {
			env[name] = value
		}
	}
	return env, len(env) > 0
}
