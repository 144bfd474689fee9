package findings

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
)

// Facts are what a finding must know of the scenario, so that no remedy
// recommends what is there already. A setting is in force when any node group
// has it, or gets it by a roll-aws-node fault.
type Facts struct {
	prefixes     bool   // prefix delegation
	canPrefix    bool   // every group's instance type can carry prefixes
	ipTargets    bool   // WARM_IP_TARGET or MINIMUM_IP_TARGET
	maxENI       bool   // MAX_ENI lower than an instance type's limit
	noCleanUp    bool   // DISABLE_LEAKED_ENI_CLEANUP
	externalSNAT bool   // AWS_VPC_K8S_CNI_EXTERNALSNAT
	resolver     string // of the VPC: the base of its first CIDR + 2
	reserved     bool   // a CIDR reservation of type prefix
	autoscaled   bool
	explicit     map[string]int    // addresses in CIDR reservations of type explicit, by subnet
	perInterface int               // most addresses of an interface, the primary one included
	cooldown     bool              // freed addresses cool down somewhere, for as long as a setting says
	discovers    bool              // some ipamd looks for subnets, as those of v1.23 do
	groups       []group           // each as many times as it has instance types
	subnets      map[string]subnet // by name
	excluded     []string          // subnets of nodes that are tagged away from pods
	warmIP       int               // highest WARM_IP_TARGET
	minimumIP    int               // highest MINIMUM_IP_TARGET
	warmPrefix   int               // highest WARM_PREFIX_TARGET
	quotas       scenarios.VPCQuotas
	injected     map[string]bool              // codes of api-errors and zone-down faults
	faults       []string                     // what each fault is called
	keepers      []string                     // node groups whose launch template keeps interfaces
	places       []place                      // that give variables to the daemons
	kinds        map[scenarios.FaultKind]bool // of the faults
	duration     time.Duration                // of the run, from time 0
	deployments  bool                         // there are some
	timeline     timeline
	spans        map[scenarios.FaultKind][]span // of the faults that last
	rollouts     []rollout                      // of aws-node
	tier         string                         // of the control plane
	creation     controlplane.Rate              // of each controller that creates pods
}

// subnet is what is known of a subnet besides its addresses.
type subnet struct {
	zone   string
	groups []string // whose nodes are made in it
	nodes  bool     // for nodes alone: all of these have interfaces for pods in others
}

// FactsOf reads them off a scenario.
func FactsOf(s *scenarios.Scenario) Facts {
	f := Facts{canPrefix: true, autoscaled: s.Autoscaler != nil, explicit: map[string]int{}, quotas: s.VPC.Quotas, injected: map[string]bool{}, places: placesOf(s),
		subnets: map[string]subnet{}, kinds: map[scenarios.FaultKind]bool{}, duration: time.Duration(s.Duration), timeline: timelineOf(s), spans: spansOf(s), rollouts: rolloutsOf(s)}
	f.deployments = slices.ContainsFunc(s.Workloads, func(w scenarios.Workload) bool { return w.Kind == "Deployment" })
	f.controlPlane(s)
	if len(s.VPC.CIDRs) > 0 {
		f.resolver = s.VPC.CIDRs[0].Addr().Next().Next().String()
	}
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		if keep := g.Launch.DeleteOnTermination; keep != nil && !*keep {
			f.keepers = append(f.keepers, g.Name)
		}
		env := g.Environment()
		for j := range s.Faults {
			if fault := &s.Faults[j]; fault.Kind == scenarios.FaultRollAWSNode && (fault.Group == "" || fault.Group == g.Name) {
				maps.Copy(env, fault.CNI)
			}
		}
		for _, t := range s.NodeTypes(g) {
			limits, _ := g.Limits(t.InstanceType)
			f.groups = append(f.groups, groupOf(s, g, t, env, limits))
			f.group(env, limits, g.CNIVersion)
		}
	}
	for _, subnet := range s.VPC.Subnets {
		f.subnet(s, &subnet)
		for _, r := range subnet.Reservations {
			if r.Type == string(ec2model.ReserveExplicit) {
				f.explicit[subnet.Name] += 1 << (32 - r.CIDR.Bits())
			} else {
				f.reserved = true
			}
		}
	}
	for i, fault := range s.Faults {
		f.faults = append(f.faults, faultName(i, &fault))
		f.kinds[fault.Kind] = true
		switch fault.Kind {
		case scenarios.FaultAPIErrors:
			f.injected[fault.Code] = true
		case scenarios.FaultZoneDown:
			f.injected[ec2model.CodeInsufficientInstanceCapacity] = true
			f.injected[ec2model.CodeUnavailable] = true
		}
	}
	return f
}

// faultName is a fault as the scenario's file has it.
func faultName(i int, f *scenarios.Fault) string {
	name := fmt.Sprintf("faults[%d] (%s", i, f.Kind)
	if f.When != "" {
		name += ", when: " + f.When
	}
	if f.Node != "" {
		name += ", node: " + f.Node
	}
	return name + ")"
}

// answered is the line about an error code that EC2 answered n times.
func (f *Facts) answered(code string, n int) string {
	by := ""
	if f.injected[code] {
		by = " (a fault of the scenario)"
	}
	return fmt.Sprintf("EC2 answered %s %s%s.", code, words.Plural(n, "time"), by)
}

// group adds a node group's environment, as its daemon reads it.
func (f *Facts) group(env map[string]string, limits ec2model.InstanceLimits, release string) {
	c := ipamd.ParseEnvironment(env, ipamd.Settings{ENILimit: limits.DefaultCardENIs(), IPv4Limit: limits.IPv4PerENI, Nitro: limits.Nitro(), Release: release})
	f.canPrefix = f.canPrefix && c.Nitro && ipamd.Reads(release, "ENABLE_PREFIX_DELEGATION")
	if c.PrefixDelegation {
		f.prefixes = true
		f.warmPrefix = max(f.warmPrefix, c.WarmPrefixTarget)
	}
	f.ipTargets = f.ipTargets || c.WarmIPTarget > 0 || c.MinimumIPTarget > 0
	f.warmIP = max(f.warmIP, c.WarmIPTarget)
	f.minimumIP = max(f.minimumIP, c.MinimumIPTarget)
	f.maxENI = f.maxENI || c.MaxENI < c.ENILimit
	f.externalSNAT = f.externalSNAT || hostnet.Config{}.Environment(env).ExternalSNAT
	f.noCleanUp = f.noCleanUp || !c.LeakedCleanup && !c.NoProvisioning
	f.perInterface = max(f.perInterface, limits.IPv4PerENI)
	f.cooldown = f.cooldown || c.Cooldown > 0 && ipamd.Reads(release, "IP_COOLDOWN_PERIOD")
	f.discovers = f.discovers || ipamd.Reads(release, "ENABLE_SUBNET_DISCOVERY")
}

// subnet notes where a subnet is, and whose nodes are made in it.
func (f *Facts) subnet(s *scenarios.Scenario, sub *scenarios.Subnet) {
	known := subnet{zone: sub.AZ, nodes: true}
	for i := range s.NodeGroups {
		g := &s.NodeGroups[i]
		if g.Uses(sub.Name) {
			known.groups = append(known.groups, g.Name)
		}
		elsewhere := g.ENIConfig[sub.AZ] != "" && g.ENIConfig[sub.AZ] != sub.Name
		known.nodes = known.nodes && (elsewhere || !g.Uses(sub.Name) && g.ENIConfig[sub.AZ] != sub.Name)
	}
	known.nodes = known.nodes && len(known.groups) > 0
	if sub.Tags[ipamd.TagSubnet] == "0" && len(known.groups) > 0 {
		f.excluded = append(f.excluded, sub.Name)
	}
	f.subnets[sub.Name] = known
}
