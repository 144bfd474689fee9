package ipamd

import "testing"

// The rows are computed by hand from the real daemon's rules; the last column
// says which setting the row is about.
func TestTargetsDecideAsTheRealDaemon(t *testing.T) {
	m5large := Targets{WarmENI: 1, MaxIPsPerENI: 9, MaxPods: 29}
	prefixes := Targets{WarmPrefix: 1, PrefixDelegation: true, MaxIPsPerENI: 144, MaxPods: 110}
	with := func(t Targets, change func(*Targets)) Targets { change(&t); return t }
	byIP := func(warm, minimum int) Targets {
		return with(m5large, func(t *Targets) { t.WarmIP, t.MinimumIP = warm, minimum })
	}
	prefixesByIP := func(warm, minimum int) Targets {
		return with(prefixes, func(t *Targets) { t.WarmIP, t.MinimumIP = warm, minimum })
	}
	tests := []struct {
		name         string
		targets      Targets
		stats        Stats
		low          bool
		over, wanted int
		spareENI     bool
	}{
		{"an empty node is low", m5large, Stats{}, true, 0, 9, false},
		{"one full interface is enough", m5large, Stats{Total: 9}, false, 0, 9, false},
		{"one pod makes it low", m5large, Stats{Total: 9, Assigned: 1}, true, 0, 9, false},
		{"two interfaces hold nine pods", m5large, Stats{Total: 18, Assigned: 9}, false, 0, 9, false},
		{"a whole spare interface", m5large, Stats{Total: 18}, false, 0, 9, true},
		{"the last interface short of max pods", m5large, Stats{Total: 27, Assigned: 27}, true, 0, 9, false},
		{"at max pods nothing is low", with(m5large, func(t *Targets) { t.MaxPods = 27 }), Stats{Total: 27, Assigned: 27}, false, 0, 9, false},
		{"zero warm interfaces: low only when nothing is left", with(m5large, func(t *Targets) { t.WarmENI = 0 }), Stats{Total: 9, Assigned: 8}, false, 0, 9, false},
		{"zero warm interfaces: empty", with(m5large, func(t *Targets) { t.WarmENI = 0 }), Stats{Total: 9, Assigned: 9}, true, 0, 9, false},

		{"warm addresses short", byIP(5, 0), Stats{Total: 9, Assigned: 6}, true, 0, 2, true},
		{"warm addresses over", byIP(5, 0), Stats{Total: 9}, false, 4, 0, true},
		{"the minimum holds back", byIP(2, 8), Stats{Total: 9}, false, 1, 0, true},
		{"the minimum alone never grows beyond itself", byIP(0, 10), Stats{Total: 10, Assigned: 10}, false, 0, 0, true},
		{"the minimum short", byIP(0, 10), Stats{Total: 9}, true, 0, 1, true},
		{"cooling addresses count as available", byIP(2, 23), Stats{Total: 23, Assigned: 19, Cooling: 4}, false, 0, 0, true},

		{"a prefix is enough", prefixes, Stats{Total: 16, Prefixes: 1, FreePrefixes: 1}, false, 0, 1, false},
		{"its first pod asks for another", prefixes, Stats{Total: 16, Assigned: 1, Prefixes: 1}, true, 0, 1, false},
		{"sixteen scattered addresses are not low", prefixes, Stats{Total: 32, Assigned: 16, Prefixes: 2}, false, 0, 1, false},
		{"two free prefixes are one too many", prefixes, Stats{Total: 48, Assigned: 4, Prefixes: 3, FreePrefixes: 2}, false, 1, 1, false},
		{"prefixes by addresses: twenty need two", prefixesByIP(7, 20), Stats{}, true, 0, 2, true},
		{"prefixes by addresses: none over while needed", prefixesByIP(16, 0), Stats{Total: 32, Assigned: 1, Prefixes: 2, FreePrefixes: 1}, false, 0, 1, true},
		{"prefixes by addresses: over", prefixesByIP(5, 0), Stats{Total: 48, Assigned: 3, Prefixes: 3, FreePrefixes: 2}, false, 2, 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.targets.TooLow(test.stats); got != test.low {
				t.Errorf("too low: %v, want %v", got, test.low)
			}
			if got := test.targets.Over(test.stats); got != test.over {
				t.Errorf("over: %d, want %d", got, test.over)
			}
			if got := test.targets.wanted(test.stats); got != test.wanted {
				t.Errorf("wanted: %d, want %d", got, test.wanted)
			}
			if got := test.targets.SpareENI(test.stats); got != test.spareENI {
				t.Errorf("spare interface: %v, want %v", got, test.spareENI)
			}
		})
	}
}

func TestInvalidEnvironmentBecomesTheDefault(t *testing.T) {
	s := Settings{ENILimit: 3, IPv4Limit: 10, Nitro: true}
	tests := []struct {
		name, key, value string
		read             func(*Config) int
		want             int
	}{
		{"unset", "", "", func(c *Config) int { return c.WarmENITarget }, 1},
		{"unset prefix target is the binary's 0", "", "", func(c *Config) int { return c.WarmPrefixTarget }, 0},
		{"not a number", "WARM_ENI_TARGET", "many", func(c *Config) int { return c.WarmENITarget }, 1},
		{"negative", "WARM_ENI_TARGET", "-1", func(c *Config) int { return c.WarmENITarget }, 1},
		{"zero is valid", "WARM_ENI_TARGET", "0", func(c *Config) int { return c.WarmENITarget }, 0},
		{"negative is off", "WARM_IP_TARGET", "-5", func(c *Config) int { return c.WarmIPTarget }, 0},
		{"fraction is off", "MINIMUM_IP_TARGET", "2.5", func(c *Config) int { return c.MinimumIPTarget }, 0},
		{"more interfaces than there are", "MAX_ENI", "99", func(c *Config) int { return c.MaxENI }, 3},
		{"zero interfaces", "MAX_ENI", "0", func(c *Config) int { return c.MaxENI }, 3},
		{"fewer interfaces", "MAX_ENI", "2", func(c *Config) int { return c.MaxENI }, 2},
		{"cooldown", "IP_COOLDOWN_PERIOD", "abc", func(c *Config) int { return int(c.Cooldown.Seconds()) }, 30},
		{"no cooldown", "IP_COOLDOWN_PERIOD", "0", func(c *Config) int { return int(c.Cooldown.Seconds()) }, 0},
		{"prefixes", "ENABLE_PREFIX_DELEGATION", "true", func(c *Config) int { return c.MaxIPsPerENI }, 144},
		{"prefixes, badly spelled", "ENABLE_PREFIX_DELEGATION", "yes", func(c *Config) int { return c.MaxIPsPerENI }, 9},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.read(ParseEnvironment(map[string]string{test.key: test.value}, s)); got != test.want {
				t.Errorf("%s=%q: %d, want %d", test.key, test.value, got, test.want)
			}
		})
	}
	s.Nitro = false
	if c := ParseEnvironment(map[string]string{"ENABLE_PREFIX_DELEGATION": "true"}, s); c.PrefixDelegation {
		t.Error("prefix delegation on a hypervisor that has none")
	}
}
