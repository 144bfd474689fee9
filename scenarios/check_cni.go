package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/words"
	"ipamsim/sim/ipamd"
)

// cniKind is how the daemon reads a variable.
type cniKind int

const (
	cniText    cniKind = iota
	cniCount           // an integer of at least 0; anything else is the default
	cniLimit           // an integer of at least 1; anything else is the default
	cniTimeout         // an integer of at least 10; anything else is the default
	cniSwitch          // a boolean as Go's ParseBool has it; anything else is the default
)

// CNIVariable is an environment variable of the aws-node container.
type CNIVariable struct {
	Name    string
	Default string // of the daemon when the variable is unset
	// Modelled variables change what the simulation does. Of the others,
	// those that Addresses marks would change addresses on a real node.
	Modelled  bool
	Addresses bool
	Doc       string

	kind cniKind
}

// CNIVariables are the variables that amazon-vpc-cni-k8s v1.23.1 reads.
// Source: docs and code of https://github.com/aws/amazon-vpc-cni-k8s at v1.23.1.
var CNIVariables = []CNIVariable{
	{"WARM_ENI_TARGET", "1", true, true, "Interfaces to keep in reserve. Ignored with an IP target or prefix delegation.", cniCount},
	{"WARM_IP_TARGET", "0", true, true, "Addresses to keep in reserve; 0 is off. Overrides WARM_ENI_TARGET and WARM_PREFIX_TARGET.", cniCount},
	{"MINIMUM_IP_TARGET", "0", true, true, "Addresses to hold at least; 0 is off.", cniCount},
	{"WARM_PREFIX_TARGET", "0", true, true, "Prefixes to keep in reserve, with prefix delegation.", cniCount},
	{"MAX_ENI", "", true, true, "Interfaces to use at most; the instance type's limit unless lower.", cniLimit},
	{"ENABLE_PREFIX_DELEGATION", "false", true, true, "Assign /28 prefixes in place of single addresses. Nitro and bare metal only.", cniSwitch},
	{"IP_COOLDOWN_PERIOD", "30", true, true, "Seconds for which a freed address is not reused.", cniCount},
	{"ENABLE_SUBNET_DISCOVERY", "true", true, true, "Choose the subnet of a new interface by tags and free addresses.", cniSwitch},
	{"MANAGE_UNTAGGED_ENI", "true", true, true, "Use interfaces that others attached, too.", cniSwitch},
	{"AWS_MANAGE_ENIS_NON_SCHEDULABLE", "false", true, true, "Attach and free interfaces on cordoned nodes, too.", cniSwitch},
	{"DISABLE_NETWORK_RESOURCE_PROVISIONING", "false", true, true, "Never change anything in EC2.", cniSwitch},
	{"ENABLE_IMDS_ONLY_MODE", "false", true, true, "Neither change nor read anything in EC2.", cniSwitch},
	{"DISABLE_LEAKED_ENI_CLEANUP", "false", true, true, "No hourly clean-up of leaked interfaces.", cniSwitch},
	{"AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG", "false", true, true, "Custom networking: interfaces for pods in the subnet of the node's ENIConfig.", cniSwitch},
	{"CLUSTER_NAME", "", true, true, "Tags interfaces, and narrows the search for leaked ones.", cniText},
	{"ADDITIONAL_ENI_TAGS", "", true, false, "More tags for interfaces, as a JSON object.", cniText},

	{"HTTP_TIMEOUT", "10", true, true, "Seconds until an HTTP request of the SDK times out.", cniTimeout},
	{"AWS_MAX_ATTEMPTS", "3", true, true, "HTTP attempts per call; below 0 there is no bound but the retry quota. Over `ec2.sdk.maxAttempts`. v1.23.2 ignores it.", cniText},
	{"AWS_RETRY_MODE", "standard", true, true, "Retry mode of the SDK: standard, or adaptive, in which the client itself sends fewer requests after a throttled one. v1.23.2 ignores it.", cniText},
	{"AWS_NEW_RETRIES_2026", "", false, true, "Reworked retries of the SDK.", cniText},
	{"AWS_EC2_ENDPOINT", "", false, false, "Endpoint of the EC2 API.", cniText},
	{"ENABLE_IPv4", "true", false, true, "Give pods IPv4 addresses.", cniSwitch},
	{"ENABLE_IPv6", "false", false, true, "Give pods IPv6 addresses.", cniSwitch},
	{"ENI_CONFIG_ANNOTATION_DEF", "k8s.amazonaws.com/eniConfig", false, true, "Node annotation that names the ENIConfig.", cniText},
	{"ENI_CONFIG_LABEL_DEF", "k8s.amazonaws.com/eniConfig", false, true, "Node label that names the ENIConfig.", cniText},
	{"ENABLE_POD_ENI", "false", false, true, "Security groups for pods: a trunk interface takes a slot.", cniSwitch},
	{"ENABLE_MULTI_NIC", "false", false, true, "Use the other network cards of the instance.", cniSwitch},
	{"AWS_VPC_K8S_CNI_BACKING_STORE", "/var/run/aws-node/ipam.json", false, false, "Path of the checkpoint.", cniText},
	{"ANNOTATE_POD_IP", "false", true, false, "Annotate pods with their address: ipamd then waits for the API server without end when it starts. The annotations themselves are not modelled.", cniSwitch},
	{"POD_SECURITY_GROUP_ENFORCING_MODE", "strict", false, false, "How security groups for pods are enforced.", cniText},
	{"NETWORK_POLICY_ENFORCING_MODE", "standard", false, false, "How network policies are enforced.", cniText},
	{"AWS_VPC_ENI_MTU", "9001", true, false, "MTU of interfaces.", cniText},
	{"POD_MTU", "9001", true, false, "MTU of pods.", cniText},
	{"AWS_VPC_K8S_CNI_EXTERNALSNAT", "false", true, false, "Leave source NAT to others.", cniSwitch},
	{"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS", "", true, false, "Destinations without source NAT.", cniText},
	{"AWS_VPC_K8S_CNI_RANDOMIZESNAT", "prng", true, false, "Choice of the source port.", cniText},
	{"AWS_EXTERNAL_SERVICE_CIDRS", "", true, false, "Destinations that are routed by the main table.", cniText},
	{"AWS_VPC_CNI_NODE_PORT_SUPPORT", "true", true, false, "Marks for NodePort services.", cniSwitch},
	{"AWS_VPC_K8S_CNI_CONNMARK", "0x80", true, false, "The mark.", cniText},
	{"AWS_VPC_K8S_CNI_VETHPREFIX", "eni", true, false, "Prefix of the names of host interfaces.", cniText},
	{"ENABLE_V6_EGRESS", "false", false, false, "IPv6 egress for IPv4 pods.", cniSwitch},
	{"ENABLE_V4_EGRESS", "true", false, false, "IPv4 egress for IPv6 pods.", cniSwitch},
	{"ENABLE_BANDWIDTH_PLUGIN", "false", false, false, "Chain the bandwidth plugin.", cniSwitch},
	{"DISABLE_POD_V6", "false", false, false, "Switch IPv6 off in pods.", cniSwitch},
	{"DISABLE_TCP_EARLY_DEMUX", "false", false, false, "A sysctl for probes of pods with security groups.", cniSwitch},
	{"AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER", "", false, false, "Deprecated, without effect.", cniText},
	{"ENABLE_NFTABLES", "", false, false, "Deprecated, without effect.", cniText},
	{"CLUSTER_ENDPOINT", "", true, false, "URL of the API server, whose address then needs no kube-proxy when aws-node starts. v1.9.0, v1.6.3 and v1.6.0 do not know it.", cniText},
	{"MY_NODE_NAME", "", false, false, "Set by the manifest.", cniText},
	{"MY_POD_NAME", "", false, false, "Set by the manifest.", cniText},
	{"VPC_CNI_VERSION", "", false, false, "Set by the image.", cniText},
	{"VPC_ID", "", false, false, "Set by the Helm chart.", cniText},
	{"HOST_CNI_BIN_PATH", "/host/opt/cni/bin", false, false, "Where the plugins are installed.", cniText},
	{"HOST_CNI_CONFDIR_PATH", "/host/etc/cni/net.d", false, false, "Where the CNI configuration is installed.", cniText},
	{"AWS_VPC_K8S_CNI_LOGLEVEL", "DEBUG", false, false, "Level of ipamd's log.", cniText},
	{"AWS_VPC_K8S_CNI_LOG_FILE", "/host/var/log/aws-routed-eni/ipamd.log", false, false, "ipamd's log.", cniText},
	{"AWS_VPC_K8S_PLUGIN_LOG_LEVEL", "DEBUG", false, false, "Level of the plugin's log.", cniText},
	{"AWS_VPC_K8S_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/plugin.log", false, false, "The plugin's log.", cniText},
	{"AWS_VPC_K8S_EGRESS_V4_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/egress-v4-plugin.log", false, false, "A log.", cniText},
	{"AWS_VPC_K8S_EGRESS_V6_PLUGIN_LOG_FILE", "/var/log/aws-routed-eni/egress-v6-plugin.log", false, false, "A log.", cniText},
	{"DISABLE_METRICS", "false", false, false, "No Prometheus metrics.", cniSwitch},
	{"DISABLE_INTROSPECTION", "false", false, false, "No introspection.", cniSwitch},
	{"INTROSPECTION_BIND_ADDRESS", "127.0.0.1:61679", false, false, "Where introspection listens.", cniText},
}

func cniVariable(name string) (CNIVariable, bool) {
	for _, v := range CNIVariables {
		if v.Name == name {
			return v, true
		}
	}
	return CNIVariable{}, false
}

func cniNames() []string {
	names := make([]string, len(CNIVariables))
	for i, v := range CNIVariables {
		names[i] = v.Name
	}
	return names
}

// shippedCNI are the variables of the shipped manifest that decide how many
// addresses a node holds. A group's cni is laid over them.
// Source: config/master/aws-k8s-cni.yaml of amazon-vpc-cni-k8s v1.23.1.
var shippedCNI = map[string]string{"WARM_ENI_TARGET": "1", "WARM_PREFIX_TARGET": "1"}

// Environment is the environment of the group's aws-node containers: the
// shipped manifest's values with the group's laid over them.
func (g *NodeGroup) Environment() map[string]string {
	return overlaid(shippedCNI, g.CNI)
}

// daemon is what the daemons of the group's nodes make of their environment.
func (g *NodeGroup) daemon() *ipamd.Config {
	limits, _ := g.Limits(g.InstanceType)
	return ipamd.ParseEnvironment(g.Environment(), ipamd.Settings{ENILimit: limits.DefaultCardENIs(), IPv4Limit: limits.IPv4PerENI, Nitro: limits.Nitro(), Release: g.release()})
}

// wishes is what they would make of it on an instance that knows no limit.
func (g *NodeGroup) wishes() *ipamd.Config {
	return ipamd.ParseEnvironment(g.Environment(), ipamd.Settings{ENILimit: math.MaxInt, IPv4Limit: math.MaxInt16, Nitro: true, Release: g.release()})
}

// release is the VPC CNI's, the default one while another mistake is reported.
func (g *NodeGroup) release() string {
	if slices.Contains(ipamd.Releases(), g.CNIVersion) {
		return g.CNIVersion
	}
	return ""
}

func (c *checker) checkCNI(path, name string, g *NodeGroup) {
	c.knownCNI(path, name, g.CNI)
	if len(g.CNI) > 0 {
		c.refusals(path, name, g.Environment())
		c.surprises(path, name, g)
	}
}

// knownCNI checks variables one by one and says whether all are known.
func (c *checker) knownCNI(path, name string, env map[string]string) bool {
	all := true
	for _, key := range sortedKeys(env) {
		at := c.keyAt(path + "." + key)
		v, ok := cniVariable(key)
		if !ok {
			c.problem(at, "%s: the daemon knows no variable %q%s", name, key, words.DidYouMean(key, cniNames()))
			all = false
			continue
		}
		if c.usable("%s.%s", path, key) {
			c.checkCNIValue(path+"."+key, name, v, env[key])
		}
	}
	return all
}

// checkCNIValue warns of values that the daemon replaces silently, and of
// variables that it heeds and the model does not.
func (c *checker) checkCNIValue(path, name string, v CNIVariable, value string) {
	at := c.at("%s", path)
	n, err := strconv.Atoi(value)
	_, notBool := strconv.ParseBool(value)
	otherwise := v.Default
	if v.Name == "MAX_ENI" {
		otherwise = "the instance type's limit"
	}
	silently := func(expected string) {
		c.warning(at, "%s: %s was expected for %s, got %q: the daemon silently uses its default, %s", name, expected, v.Name, value, otherwise)
	}
	switch {
	case v.Name == "IP_COOLDOWN_PERIOD": // refused when invalid
	case v.kind == cniCount && (err != nil || n < 0):
		silently("a whole number of at least 0")
	case v.kind == cniLimit && (err != nil || n < 1):
		silently("a whole number of at least 1")
	case v.kind == cniTimeout && (err != nil || n < 10):
		silently("a whole number of at least 10")
	case v.kind == cniSwitch && notBool != nil:
		silently("true or false")
	case v.Name == "AWS_RETRY_MODE": // the release's; see surprises
	case v.Addresses && !v.Modelled && !strings.EqualFold(value, v.Default):
		c.warning(c.keyAt(path), "%s: %s is accepted but not modelled: the simulation runs as if it were %s", name, v.Name, orUnset(v.Default))
	}
}

func orUnset(s string) string {
	if s == "" {
		return "unset"
	}
	return s
}

// refusals reports values with which the container does not start.
func (c *checker) refusals(path, name string, env map[string]string) {
	refuse := func(key, format string, args ...any) {
		c.problem(c.at("%s.%s", path, key), "%s: aws-node does not start: %s", name, fmt.Sprintf(format, args...))
	}
	if v, ok := env["IP_COOLDOWN_PERIOD"]; ok {
		if n, err := strconv.Atoi(v); err != nil || n < 0 {
			refuse("IP_COOLDOWN_PERIOD", "IP_COOLDOWN_PERIOD must be a whole number of seconds, at least 0; got %q", v)
		}
	}
	for _, key := range []string{"AWS_VPC_ENI_MTU", "POD_MTU"} {
		if v, ok := env[key]; ok {
			if n, err := strconv.Atoi(v); err != nil || n < 576 || n > 9001 {
				refuse(key, "%s must be between 576 and 9001, got %q", key, v)
			}
		}
	}
	if v := env["AWS_VPC_K8S_CNI_VETHPREFIX"]; len(v) > 4 || v == "eth" || v == "vlan" || v == "lo" {
		refuse("AWS_VPC_K8S_CNI_VETHPREFIX", "AWS_VPC_K8S_CNI_VETHPREFIX has at most 4 characters and is not eth, vlan or lo; got %q", v)
	}
	if env["AWS_VPC_K8S_PLUGIN_LOG_FILE"] == "stdout" {
		refuse("AWS_VPC_K8S_PLUGIN_LOG_FILE", "AWS_VPC_K8S_PLUGIN_LOG_FILE must not be stdout")
	}
	if v, ok := env["POD_SECURITY_GROUP_ENFORCING_MODE"]; ok && truth(env["ENABLE_POD_ENI"]) && v != "strict" && v != "standard" {
		refuse("POD_SECURITY_GROUP_ENFORCING_MODE", "POD_SECURITY_GROUP_ENFORCING_MODE is strict or standard, got %q", v)
	}
	if v, ok := env["NETWORK_POLICY_ENFORCING_MODE"]; ok && v != "" && v != "none" && v != "strict" && v != "standard" {
		refuse("NETWORK_POLICY_ENFORCING_MODE", "NETWORK_POLICY_ENFORCING_MODE is none, strict or standard, got %q", v)
	}
	// The SDK's configuration does not load; every client needs one.
	if v := env["AWS_MAX_ATTEMPTS"]; v != "" {
		if _, err := strconv.Atoi(v); err != nil {
			refuse("AWS_MAX_ATTEMPTS", "AWS_MAX_ATTEMPTS must be a whole number, got %q", v)
		}
	}
	if v := env["AWS_RETRY_MODE"]; v != "" && v != "standard" && v != "adaptive" {
		refuse("AWS_RETRY_MODE", "AWS_RETRY_MODE is standard or adaptive, got %q", v)
	}
	if truth(env["ENABLE_PREFIX_DELEGATION"]) && !above0(env, "WARM_IP_TARGET") && !above0(env, "WARM_PREFIX_TARGET") && !above0(env, "MINIMUM_IP_TARGET") {
		refuse("ENABLE_PREFIX_DELEGATION", "with ENABLE_PREFIX_DELEGATION one of WARM_PREFIX_TARGET, WARM_IP_TARGET and MINIMUM_IP_TARGET must be above 0")
	}
	if truth(env["ENABLE_IPv6"]) {
		c.problem(c.at("%s.ENABLE_IPv6", path), "%s: IPv6 clusters are not modelled", name)
	}
}

// above0 compares as the entrypoint does, by the letters.
func above0(env map[string]string, key string) bool {
	v, ok := env[key]
	return ok && v > "0"
}

// truth is what the container's entrypoint takes for it.
func truth(s string) bool {
	b, err := strconv.ParseBool(s)
	return err == nil && b
}

// surprises warns of combinations that do something else than people expect.
func (c *checker) surprises(path, name string, g *NodeGroup) {
	wishes := g.wishes()
	c.releaseSurprises(path, name, g, g.Environment())
	nitro := true
	for _, t := range g.Types() {
		l, known := g.Limits(t)
		interfaces, isNitro := l.DefaultCardENIs(), l.Nitro()
		nitro = nitro && isNitro
		if n := wishes.MaxENI; n != math.MaxInt && known && n > interfaces {
			c.warning(c.at("%s.MAX_ENI", path), "%s: MAX_ENI %d is above the %d of %s: it has no effect", name, n, interfaces, t)
		}
		if wishes.PrefixDelegation && known && !isNitro {
			c.warning(c.at("%s.ENABLE_PREFIX_DELEGATION", path), "%s: %s is not built on Nitro: the daemon silently assigns single addresses instead of prefixes", name, t)
		}
	}
	if wishes.MinimumIPTarget > 0 && wishes.WarmIPTarget == 0 {
		c.warning(c.at("%s.MINIMUM_IP_TARGET", path), "%s: MINIMUM_IP_TARGET without WARM_IP_TARGET is the most that a node ever holds: the pool does not grow beyond it, whatever waits, and WARM_ENI_TARGET and WARM_PREFIX_TARGET no longer count", name)
	}
	if wishes.WarmENITarget == 0 && wishes.WarmIPTarget == 0 && wishes.MinimumIPTarget == 0 && !(wishes.PrefixDelegation && nitro) {
		c.churn(path, name, wishes.CustomNetworking)
	}
}

// churn warns of nodes that make and free an interface for ever: without any
// free address the pool is too low, and an interface's worth of them is too
// much.
func (c *checker) churn(path, name string, custom bool) {
	when := "whenever all addresses of a node are on pods"
	if custom {
		when = "on each node without pods, and whenever all addresses of one are on pods"
	}
	c.warning(c.at("%s.WARM_ENI_TARGET", path), "%s: with WARM_ENI_TARGET 0 ipamd makes an interface and frees it again, for ever, %s: WARM_ENI_TARGET 1 or WARM_IP_TARGET 1 ends that", name, when)
}

// releaseSurprises are about what a release does not read, and about the client
// of EC2, which releases make in different ways.
func (c *checker) releaseSurprises(path, name string, g *NodeGroup, env map[string]string) {
	version := g.CNIVersion
	if !slices.Contains(ipamd.Releases(), version) {
		return // said where it is read
	}
	warn := func(key, format string, args ...any) {
		if env[key] != "" {
			c.warning(c.at("%s.%s", path, key), "%s: %s", name, fmt.Sprintf(format, args...))
		}
	}
	for _, key := range sortedKeys(g.CNI) {
		if !ipamd.Reads(version, key) {
			warn(key, "%s does not read %s", version, key)
		}
	}
	if version != "v1.23.1" && version != "v1.23.2" {
		return
	}
	if version == "v1.23.2" {
		for _, key := range []string{"AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"} {
			warn(key, "%s ignores %s: its client of EC2 has a retryer of its own", version, key)
		}
		warn("AWS_EC2_ENDPOINT", "%s calls EC2 at AWS_EC2_ENDPOINT, which is not modelled: the simulation has one EC2", version)
		return
	}
	warn("AWS_EC2_ENDPOINT", "%s does not call EC2 at AWS_EC2_ENDPOINT", version)
}
