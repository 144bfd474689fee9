package hostnet

import (
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// plainRules is one list of rules, as the kernel has it: a new rule stands
// behind those of its priority, and what is deleted is looked for in all of
// them.
type plainRules []rule

func (p *plainRules) add(r rule) {
	at, _ := slices.BinarySearchFunc(*p, int(r.priority)+1, func(r rule, priority int) int { return int(r.priority) - priority })
	*p = slices.Insert(*p, at, r)
}

func (p *plainRules) addOnce(r rule) {
	if !slices.Contains(*p, r) {
		p.add(r)
	}
}

func (p *plainRules) delete(which func(rule) bool) { *p = slices.DeleteFunc(*p, which) }

// Rules are kept with the veths of their pods, which saves memory; nobody may
// see it in what rules there are, nor in their order.
func TestRulesAreThoseOfAPlainList(t *testing.T) {
	at := func(host int) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 1, byte(host)}) }
	subnet := netip.MustParsePrefix("10.0.1.0/24")
	rapid.Check(t, func(t *rapid.T) {
		config := Config{}.Environment(nil)
		n := New(&config, at(10), subnet)
		plain := plainRules{kernelLocal, kernelMain, kernelDefault}
		refused := func(t *rapid.T, first, last Step) Step {
			step := Step(rapid.IntRange(int(first), int(last)+2*int(last-first+1)).Draw(t, "refused step")) // mostly none
			n.Fate = func(s Step, _ netip.Addr) error {
				if s == step {
					return &RefusedError{Step: s}
				}
				return nil
			}
			return step
		}
		pod := func(t *rapid.T) netip.Addr { return at(rapid.IntRange(30, 33).Draw(t, "address")) }
		name := func(t *rapid.T) string {
			return rapid.SampledFrom([]string{"a", "b", "c", "web-1", "db-1"}).Draw(t, "name")
		}
		device := func(t *rapid.T) int { return rapid.IntRange(0, 3).Draw(t, "device") }
		add := func(t *rapid.T) {
			a, d, key := pod(t), device(t), name(t)
			step := refused(t, StepVeth, StepFromRule)
			_ = n.AddPod(key, a, d)
			if step > StepToRule {
				plain.addOnce(ruleTo(a.As4()))
			}
			if step > StepFromRule && d > 0 {
				plain.addOnce(ruleFrom(a.As4(), uint16(Table(d))))
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"host": func(*rapid.T) {
				n.SetupHost()
				plain.delete(func(r rule) bool { return r == markRule })
				plain.add(markRule)
			},
			"interface": func(t *rapid.T) {
				d := device(t)
				step := refused(t, StepENILink, StepENIRule)
				_ = n.SetupENI(d, at(10+d), subnet)
				if d > 0 && step > StepENIRule {
					plain.addOnce(rule{priority: priorityENI, table: uint16(Table(d)), address: at(10 + d).As4()})
				}
			},
			"free": func(t *rapid.T) {
				a := at(10 + device(t))
				n.RemoveENI(a)
				plain.delete(func(r rule) bool { return r.isFrom(a.As4()) })
			},
			"flush": func(*rapid.T) {
				n.FlushRules()
				plain = plainRules{kernelLocal, kernelMain, kernelDefault}
			},
			"add": add, "add another": add, "and another": add,
			"del": func(t *rapid.T) {
				a, d := pod(t), device(t)
				step := refused(t, StepDelToRule, StepDelFromRule)
				_ = n.RemovePod(a, d)
				if step > StepDelToRule {
					plain.delete(func(r rule) bool { return r == ruleTo(a.As4()) })
				}
				if step > StepDelFromRule && d > 0 {
					plain.delete(func(r rule) bool { return r == ruleFrom(a.As4(), uint16(Table(d))) })
				}
			},
			"netns": func(t *rapid.T) { n.DropVeth(name(t)) },
			"refresh": func(t *rapid.T) {
				a := pod(t)
				step := refused(t, StepRefreshRule, StepRefreshRule)
				n.RefreshPodRule(a)
				table, found := uint16(0), false
				for _, r := range plain {
					if r.isFrom(a.As4()) {
						table, found = r.table, true
					}
				}
				plain.delete(func(r rule) bool { return r.isFrom(a.As4()) })
				if found && step > StepRefreshRule {
					plain.add(ruleFrom(a.As4(), table))
				}
			},
			"prune": func(t *rapid.T) {
				a := pod(t)
				n.RemovePodRules(a)
				plain.delete(func(r rule) bool { return r.ofPod(a.As4()) })
			},
			"": func(t *rapid.T) {
				if got := n.rules(); !slices.Equal(got, plain) {
					t.Fatalf("rules\n%v\nwant\n%v", got, []rule(plain))
				}
				for host := 30; host <= 33; host++ {
					orphaned := slices.ContainsFunc(plain, func(r rule) bool { return r.ofPod(at(host).As4()) }) && !n.HasAddress(at(host))
					if n.Orphaned(at(host)) != orphaned || slices.Contains(n.OrphanedAddresses(), at(host)) != orphaned {
						t.Fatalf("%v is orphaned: %v", at(host), !orphaned)
					}
				}
			},
		})
	})
}
