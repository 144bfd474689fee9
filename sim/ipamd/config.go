package ipamd

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Settings are what a daemon is given besides its environment variables.
type Settings struct {
	ENILimit  int  // interfaces that the instance type allows
	IPv4Limit int  // addresses per interface, the primary one included
	Nitro     bool // hypervisor nitro or bare metal: prefix delegation works

	// ENIConfigSubnetID is the subnet of the node's ENIConfig; it matters
	// under custom networking only.
	ENIConfigSubnetID string

	// LoopOverhead is the CPU time of half a pass of the pool loop. Without
	// any, "12 passes of 5 s" would be exactly 60 s and the real daemon's
	// strict comparisons would all miss by nothing.
	LoopOverhead time.Duration

	// Jitter draws what a back-off adds, in [0, bound).
	Jitter func(bound time.Duration) time.Duration

	// ParkIdle lets the pool loop skip passes that provably change nothing.
	// It needs a Clock that is a Parker. It changes no outcome.
	ParkIdle bool

	Policies Policies
}

// Policies are changes that users ask upstream for. All are off in the real
// daemon.
type Policies struct {
	LowestDeviceFirst       bool // give pods addresses of the interface with the lowest device index that has one
	CooldownCountsAsUsed    bool // compare the warm targets with what can be handed out: cooling addresses are not available
	LongestFreeFirst        bool // reuse the address that has been free for the longest time, never-used ones before all
	CooldownSurvivesRestart bool // keep cooldowns in the checkpoint
}

// Environment variables as the process sees them. Anything absent is unset.
type environment map[string]string

// config is the environment after the real daemon's parsing: what is invalid
// has become the default, silently.
type config struct {
	warmENITarget    int
	warmIPTarget     int // 0 is off
	minimumIPTarget  int // 0 is off
	warmPrefixTarget int
	maxENI           int // after MAX_ENI
	maxIPsPerENI     int
	maxPrefixes      int // per interface; 0 without prefix delegation
	prefixDelegation bool
	subnetDiscovery  bool
	customNetworking bool
	manageUntagged   bool
	manageCordoned   bool // AWS_MANAGE_ENIS_NON_SCHEDULABLE
	noProvisioning   bool // DISABLE_NETWORK_RESOURCE_PROVISIONING
	imdsOnly         bool
	leakedCleanup    bool
	cooldown         time.Duration
	clusterName      string
	extraTags        map[string]string
}

const (
	addressesPerPrefix = 16
	defaultCooldown    = 30 * time.Second
)

func (e environment) config(s Settings) config {
	c := config{
		warmENITarget:    e.count("WARM_ENI_TARGET", 1),
		warmIPTarget:     e.count("WARM_IP_TARGET", 0),
		minimumIPTarget:  e.count("MINIMUM_IP_TARGET", 0),
		warmPrefixTarget: e.count("WARM_PREFIX_TARGET", 0),
		maxENI:           s.ENILimit,
		maxIPsPerENI:     s.IPv4Limit - 1,
		prefixDelegation: e.boolean("ENABLE_PREFIX_DELEGATION", false) && s.Nitro,
		subnetDiscovery:  e.boolean("ENABLE_SUBNET_DISCOVERY", true),
		customNetworking: e.boolean("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", false),
		manageUntagged:   e.boolean("MANAGE_UNTAGGED_ENI", true),
		manageCordoned:   e.boolean("AWS_MANAGE_ENIS_NON_SCHEDULABLE", false),
		imdsOnly:         e.boolean("ENABLE_IMDS_ONLY_MODE", false),
		cooldown:         e.cooldown(),
		clusterName:      e["CLUSTER_NAME"],
		extraTags:        e.extraTags(),
	}
	c.noProvisioning = c.imdsOnly || e.boolean("DISABLE_NETWORK_RESOURCE_PROVISIONING", false)
	c.leakedCleanup = !c.noProvisioning && !e.boolean("DISABLE_LEAKED_ENI_CLEANUP", false)
	if n, err := strconv.Atoi(e["MAX_ENI"]); err == nil && n >= 1 && n < c.maxENI {
		c.maxENI = n
	}
	if c.prefixDelegation {
		c.maxPrefixes = s.IPv4Limit - 1
		c.maxIPsPerENI = c.maxPrefixes * addressesPerPrefix
	}
	return c
}

// slots is how many CIDRs of the current mode an interface takes.
func (c *config) slots() int {
	if c.prefixDelegation {
		return c.maxPrefixes
	}
	return c.maxIPsPerENI
}

// count reads an integer of at least 0.
func (e environment) count(name string, otherwise int) int {
	if n, err := strconv.Atoi(e[name]); err == nil && n >= 0 {
		return n
	}
	return otherwise
}

// cooldown takes negative numbers too: with one, no address ever cools.
func (e environment) cooldown() time.Duration {
	if n, err := strconv.Atoi(e["IP_COOLDOWN_PERIOD"]); err == nil {
		return time.Duration(n) * time.Second
	}
	return defaultCooldown
}

func (e environment) boolean(name string, otherwise bool) bool {
	if b, err := strconv.ParseBool(e[name]); err == nil {
		return b
	}
	return otherwise
}

func (e environment) extraTags() map[string]string {
	var tags map[string]string
	if json.Unmarshal([]byte(e["ADDITIONAL_ENI_TAGS"]), &tags) != nil {
		return nil
	}
	for key := range tags {
		if strings.Contains(key, "k8s.amazonaws.com") {
			delete(tags, key)
		}
	}
	return tags
}
