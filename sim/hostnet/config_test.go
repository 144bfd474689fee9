package hostnet_test

import (
	"net/netip"
	"reflect"
	"testing"

	"ipamsim/sim/hostnet"
)

func TestTheEnvironmentIsReadAsTheDaemonReadsIt(t *testing.T) {
	plain := hostnet.Config{RandomPorts: "prng", Mark: 0x80, VethPrefix: "eni", MTU: 9001, PodMTU: 9001}
	with := func(change func(*hostnet.Config)) hostnet.Config {
		c := plain
		change(&c)
		return c
	}
	for _, c := range []struct {
		env  map[string]string
		want hostnet.Config
	}{
		{nil, plain},
		{map[string]string{"AWS_VPC_K8S_CNI_EXTERNALSNAT": "yes", "AWS_VPC_ENI_MTU": "10000", "POD_MTU": "x", "AWS_VPC_K8S_CNI_CONNMARK": "-1", "AWS_VPC_K8S_CNI_RANDOMIZESNAT": "random"}, plain},
		{map[string]string{"AWS_VPC_K8S_CNI_EXTERNALSNAT": "1", "AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": "10.1.0.0/16"}, with(func(c *hostnet.Config) { c.ExternalSNAT = true })},
		{map[string]string{"AWS_VPC_K8S_CNI_EXCLUDE_SNAT_CIDRS": "10.1.2.3/16, nonsense,2001:db8::/32", "AWS_EXTERNAL_SERVICE_CIDRS": "192.0.2.0/24"}, with(func(c *hostnet.Config) {
			c.ExcludeSNATCIDRs = []netip.Prefix{prefix("10.1.0.0/16")}
			c.ExternalServices = []netip.Prefix{prefix("192.0.2.0/24")}
		})},
		{map[string]string{"AWS_VPC_ENI_MTU": "1500"}, with(func(c *hostnet.Config) { c.MTU, c.PodMTU = 1500, 1500 })},
		{map[string]string{"POD_MTU": "1300", "AWS_VPC_CNI_NODE_PORT_SUPPORT": "false"}, with(func(c *hostnet.Config) { c.PodMTU, c.NoNodePort = 1300, true })},
		{map[string]string{"AWS_VPC_K8S_CNI_CONNMARK": "0x100", "AWS_VPC_K8S_CNI_VETHPREFIX": "pod", "AWS_VPC_K8S_CNI_RANDOMIZESNAT": "none"}, with(func(c *hostnet.Config) { c.Mark, c.VethPrefix, c.RandomPorts = 0x100, "pod", "none" })},
	} {
		if got := (hostnet.Config{}).Environment(c.env); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: %+v, want %+v", c.env, got, c.want)
		}
	}
}
