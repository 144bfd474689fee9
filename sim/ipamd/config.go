package ipamd

import (
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"time"
)

// Settings are what the nodes of a kind have in common besides their
// environment variables.
type Settings struct {
	ENILimit  int  // interfaces that the instance type allows
	IPv4Limit int  // addresses per interface, the primary one included
	Nitro     bool // hypervisor nitro or bare metal: prefix delegation works

	// LoopOverhead is the CPU time of half a pass of the pool loop. Without
	// any, "12 passes of 5 s" would be exactly 60 s and the real daemon's
	// strict comparisons would all miss by nothing.
	LoopOverhead time.Duration

	// ParkIdle lets the pool loop skip passes that provably change nothing.
	// It needs a Clock that is a Parker. It changes no outcome.
	ParkIdle bool

	Policies Policies

	Release string // of the VPC CNI: one of Releases; empty is the first of them
}

// Policies are changes that users ask upstream for. All are off in the real
// daemon.
type Policies struct {
	LowestDeviceFirst       bool // give pods addresses of the interface with the lowest device index that has one
	CooldownCountsAsUsed    bool // compare the warm targets with what can be handed out: cooling addresses are not available
	LongestFreeFirst        bool // reuse the address that has been free for the longest time, never-used ones before all
	CooldownSurvivesRestart bool // keep cooldowns in the checkpoint
}

// Config is what a daemon goes by: its settings and its environment variables
// after the real daemon's parsing, where what is invalid has become the
// default, silently. All daemons of a kind share one.
type Config struct {
	Settings

	WarmENITarget    int
	WarmIPTarget     int // 0 is off
	MinimumIPTarget  int // 0 is off
	WarmPrefixTarget int
	MaxENI           int // after MAX_ENI
	MaxIPsPerENI     int // addresses for pods
	MaxPrefixes      int // per interface; 0 without prefix delegation
	PrefixDelegation bool
	SubnetDiscovery  bool
	CustomNetworking bool
	ManageUntagged   bool
	ManageCordoned   bool // AWS_MANAGE_ENIS_NON_SCHEDULABLE
	NoProvisioning   bool // DISABLE_NETWORK_RESOURCE_PROVISIONING
	IMDSOnly         bool
	LeakedCleanup    bool // the hourly job runs
	Endpoint         bool // CLUSTER_ENDPOINT: the API server is reached without kube-proxy
	NeedsAPIServer   bool // a feature does without no API server: custom networking, ENABLE_POD_ENI, ANNOTATE_POD_IP
	Cooldown         time.Duration
	ClusterName      string
	ExtraTags        map[string]string
	SDK              SDK

	release *release
}

// SDK is what the environment makes of the daemon's client of EC2.
type SDK struct {
	// MaxAttempts is how many HTTP requests a call takes at most: 0 is the SDK's
	// default, and below 0 only the retry quota bounds them.
	MaxAttempts int
	// Adaptive is the SDK's adaptive mode.
	Adaptive bool
	// Timeout of a request; 0 is none.
	Timeout time.Duration
	// RetriesV1 is how often the SDK for Go v1 tries again, whose client it then
	// is: it has pauses of its own and no retry quota. 0 is a client of v2.
	RetriesV1 int
	// AddressRetriesV1 are those of AssignPrivateIpAddresses and
	// ModifyNetworkInterfaceAttribute.
	AddressRetriesV1 int
}

const (
	addressesPerPrefix = 16
	defaultHTTPTimeout = 10 * time.Second
	longestTimeout     = 1_000_000 // seconds; ours: longer than any run
	defaultCooldown    = 30 * time.Second
)

// ParseEnvironment reads the environment of a daemon's process as the real one
// does. What is absent is unset, so the binary's defaults hold and not those of
// the shipped manifest.
func ParseEnvironment(env map[string]string, s Settings) *Config {
	r := releaseOf(s.Release)
	e := environment(env).without(r.ignores)
	c := &Config{
		Settings:         s,
		release:          r,
		WarmENITarget:    e.count("WARM_ENI_TARGET", 1),
		WarmIPTarget:     e.count("WARM_IP_TARGET", 0),
		MinimumIPTarget:  e.count("MINIMUM_IP_TARGET", 0),
		WarmPrefixTarget: e.count("WARM_PREFIX_TARGET", 0),
		MaxENI:           s.ENILimit,
		MaxIPsPerENI:     s.IPv4Limit - 1,
		PrefixDelegation: e.boolean("ENABLE_PREFIX_DELEGATION", false) && s.Nitro,
		SubnetDiscovery:  e.boolean("ENABLE_SUBNET_DISCOVERY", true) && !r.noSubnetDiscovery,
		CustomNetworking: e.boolean("AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", false),
		ManageUntagged:   e.boolean("MANAGE_UNTAGGED_ENI", true),
		ManageCordoned:   e.boolean("AWS_MANAGE_ENIS_NON_SCHEDULABLE", false),
		IMDSOnly:         e.boolean("ENABLE_IMDS_ONLY_MODE", false),
		Cooldown:         e.cooldown(),
		ClusterName:      e["CLUSTER_NAME"],
		Endpoint:         e["CLUSTER_ENDPOINT"] != "",
		ExtraTags:        e.extraTags(),
	}
	c.NeedsAPIServer = c.CustomNetworking || e.boolean("ENABLE_POD_ENI", false) || e.boolean("ANNOTATE_POD_IP", false)
	c.NoProvisioning = c.IMDSOnly || e.boolean("DISABLE_NETWORK_RESOURCE_PROVISIONING", false)
	c.LeakedCleanup = (r.alwaysCleans || !c.NoProvisioning) && !e.boolean("DISABLE_LEAKED_ENI_CLEANUP", false)
	if n, err := strconv.Atoi(e["MAX_ENI"]); err == nil && n >= 1 && n < c.MaxENI {
		c.MaxENI = n
	}
	if c.PrefixDelegation {
		c.MaxPrefixes = s.IPv4Limit - 1
		c.MaxIPsPerENI = c.MaxPrefixes * addressesPerPrefix
	}
	c.SDK = e.sdk(r)
	return c
}

// slots is how many CIDRs of the current mode an interface takes.
func (c *Config) slots() int {
	if c.PrefixDelegation {
		return c.MaxPrefixes
	}
	return c.MaxIPsPerENI
}

// environment is the variables as the process sees them.
type environment map[string]string

// without is the environment without some variables.
func (e environment) without(names []string) environment {
	if len(names) == 0 {
		return e
	}
	rest := maps.Clone(e)
	for _, name := range names {
		delete(rest, name)
	}
	return rest
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

// sdk reads HTTP_TIMEOUT as getHTTPTimeout of pkg/awsutils/awssession does, and
// AWS_MAX_ATTEMPTS and AWS_RETRY_MODE as the SDK does, if the release lets it.
func (e environment) sdk(r *release) SDK {
	s := SDK{Timeout: defaultHTTPTimeout, RetriesV1: r.retriesV1, AddressRetriesV1: r.addressRetriesV1}
	if r.noTimeout {
		s.Timeout = 0
	}
	if n, err := strconv.Atoi(e["HTTP_TIMEOUT"]); err == nil && n >= int(defaultHTTPTimeout/time.Second) {
		s.Timeout = time.Duration(min(n, longestTimeout)) * time.Second
	}
	if n, err := strconv.Atoi(e["AWS_MAX_ATTEMPTS"]); err == nil && r.heedsSDKEnvironment {
		s.MaxAttempts = n
	}
	s.Adaptive = r.heedsSDKEnvironment && e["AWS_RETRY_MODE"] == "adaptive"
	return s
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
