package findings

import (
	"slices"
	"strings"

	"ipamsim/sim/result"
)

// subject is what metrics and failure modes are about.
type subject int

const (
	starts     subject = iota // pods that start, late or never
	places                    // room for pods on nodes
	nodes                     // nodes that come and go
	agents                    // restarts of ipamd
	packets                   // pods that lose some
	leftovers                 // what ipamd and the kernel keep of pods that have gone
	interfaces                // how many there are
	subnets                   // addresses, by who holds them
	requests                  // calls of the API
	recovery                  // when all was well again
)

// aboutMetrics are the subjects of metrics, by what their names begin with.
var aboutMetrics = []struct {
	prefix string
	of     []subject
}{
	{"pods_unschedulable", []subject{places}},
	{"pods_dropping", []subject{packets}},
	{"pods_affected", []subject{packets}},
	{"pods_wanted", nil}, // the scenario says how many
	{"pod_pending", []subject{starts, places}},
	{"pod", []subject{starts}},
	{"initial_never_started", []subject{starts, places}},
	{"nodes_replaced", []subject{nodes}},
	{"node", []subject{nodes}},
	{"agent_restarts", []subject{agents}},
	{"spot_interruptions", nil}, // EC2 does as it likes
	{"evictions_refused", []subject{starts, places}},
	{"rollout", []subject{starts, places, nodes}},
	{"enis", []subject{interfaces}},
	{"stale_rules", []subject{leftovers}},
	{"leaked_addresses", []subject{leftovers}},
	{"recovery", []subject{recovery}},
	{"subnet_unmanaged", []subject{interfaces, subnets}},
	{"subnet", []subject{subnets}},
	{"api", []subject{requests}},
}

// aboutModes are the subjects of failure modes.
var aboutModes = map[result.Mode][]subject{
	result.ModeSubnetExhaustion:   {starts, places, nodes, subnets, requests},
	result.ModeFragmentation:      {starts, subnets, requests},
	result.ModeNoSubnet:           {starts, places, nodes, subnets, requests},
	result.ModeQuota:              {starts, places, nodes, interfaces, requests},
	result.ModeENILimit:           {starts, interfaces},
	result.ModePoolAtMinimum:      {starts},
	result.ModeCordonedNodes:      {starts},
	result.ModeIPAMDDown:          {starts, nodes, agents, recovery},
	result.ModeMetadataOutage:     {starts, nodes, agents, recovery},
	result.ModeAPIErrors:          {starts, nodes, agents, packets, interfaces, requests, recovery},
	result.ModeAPIThrottling:      {starts, nodes, agents, packets, interfaces, requests, recovery},
	result.ModeWaitInVain:         {starts},
	result.ModeCooldownStall:      {starts},
	result.ModeLatencyCliff:       {starts},
	result.ModePluginFailures:     {starts},
	result.ModeUnschedulable:      {starts, places, nodes},
	result.ModeControllerBehind:   {starts},
	result.ModeInterfaceChurn:     {interfaces, subnets, requests},
	result.ModeLeakedInterfaces:   {interfaces, subnets},
	result.ModeKeptInterfaces:     {interfaces, subnets},
	result.ModeWarmPoolOverhead:   {interfaces, subnets},
	result.ModeSilentDrop:         {packets, recovery},
	result.ModeNoWayOut:           {packets, recovery},
	result.ModeMissingRules:       {packets, recovery},
	result.ModeLostAddresses:      {packets, recovery},
	result.ModeSharedAddresses:    {packets, recovery},
	result.ModeStaleRules:         {packets, leftovers, recovery},
	result.ModeLeakedAddresses:    {leftovers, subnets, recovery},
	result.ModeNotRecovered:       {starts, packets, leftovers, recovery},
	result.ModeFaultWithoutEffect: {starts, places, nodes, agents, packets, leftovers, interfaces, subnets, requests, recovery},
	result.ModePodsNotStarted:     {starts, places},
}

// Bears says whether a failure mode may be why a metric, with or without a
// selector, is as it is: whoever asks why a subnet is full is not told of pods that
// start late.
func Bears(mode result.Mode, metric string) bool {
	for _, m := range aboutMetrics {
		if strings.HasPrefix(metric, m.prefix) {
			return slices.ContainsFunc(m.of, func(s subject) bool { return slices.Contains(aboutModes[mode], s) })
		}
	}
	return false
}
