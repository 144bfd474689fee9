package acceptance

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// warm is a row of upstream's tables of warm targets: what one node holds with so
// many pods.
type warm struct {
	instance, settings string
	pods               int
	published, ours    string // interfaces, addresses or prefixes for pods, those without a pod
	why                string // they differ; empty where they do not
}

// warmENI is the table of
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/docs/eni-and-ip-target.md
// (Apache-2.0): interfaces, secondary addresses, unused ones.
var warmENI = []warm{
	{"t3.small", "", 0, "1 3 3", "1 3 3", ""},
	{"t3.small", "", 5, "3 9 4", "3 9 4", ""},
	{"t3.small", "", 9, "3 9 0", "3 9 0", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 0, "1 1 1", "1 1 1", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 5, "2 6 1", "2 6 1", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 9, "3 9 0", "3 9 0", ""},
	{"t3.small", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 5", 0, "2 5 5", "2 5 5", ""},
	{"t3.small", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 5", 5, "3 7 2", "3 7 2", ""},
	{"t3.small", "WARM_IP_TARGET: 2, MINIMUM_IP_TARGET: 5", 9, "3 9 0", "3 9 0", ""},
	{"p3dn.24xlarge", "", 0, "1 49 49", "1 49 49", ""},
	{"p3dn.24xlarge", "", 3, "2 98 95", "2 98 95", ""},
	{"p3dn.24xlarge", "", 95, "3 147 52", "3 147 52", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 0, "1 10 10", "1 10 10", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 7, "1 12 5", "1 12 5", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 15, "1 20 5", "1 20 5", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 45, "2 50 5", "2 50 5", ""},
}

// warmPrefix is that of
// https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/docs/prefix-and-ip-target.md
// (Apache-2.0): interfaces, prefixes, unused addresses.
var warmPrefix = []warm{
	{"t3.small", "", 0, "1 1 16", "1 1 16", ""},
	{"t3.small", "", 5, "1 2 27", "1 2 27", ""},
	{"t3.small", "", 16, "1 2 16", "1 2 16", ""},
	{"t3.small", "", 17, "1 3 31", "1 3 31", ""},
	{"t3.small", "", 58, "2 5 22", "2 5 22", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 0, "1 1 16", "1 1 16", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 5, "1 1 11", "1 1 11", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 17, "1 2 15", "1 2 15", ""},
	{"t3.small", "WARM_IP_TARGET: 1, MINIMUM_IP_TARGET: 1", 58, "2 4 6", "2 4 6", ""},
	{"t3.small", "WARM_IP_TARGET: 7, MINIMUM_IP_TARGET: 20", 0, "1 1 16", "1 2 32", "a minimum of 20 is two prefixes, as the table itself says of this row's interface"},
	{"t3.small", "WARM_IP_TARGET: 7, MINIMUM_IP_TARGET: 20", 5, "1 2 27", "1 2 27", ""},
	{"t3.small", "WARM_IP_TARGET: 7, MINIMUM_IP_TARGET: 20", 17, "1 2 15", "1 2 15", ""},
	{"t3.small", "WARM_IP_TARGET: 7, MINIMUM_IP_TARGET: 20", 58, "2 5 22", "2 5 22", ""},
	{"p3dn.24xlarge", "", 0, "1 1 16", "1 1 16", ""},
	{"p3dn.24xlarge", "", 3, "2 2 29", "1 2 29", otherInterfaces},
	{"p3dn.24xlarge", "", 95, "3 7 17", "1 7 17", otherInterfaces},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 0, "1 1 16", "1 1 16", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 7, "1 1 9", "1 1 9", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 15, "1 2 17", "1 2 17", ""},
	{"p3dn.24xlarge", "WARM_IP_TARGET: 5, MINIMUM_IP_TARGET: 10", 45, "2 4 19", "1 4 19", otherInterfaces},
}

// otherInterfaces is why the rows of p3dn.24xlarge with prefixes have too many
// interfaces: as the page says above them, another one comes when the present one
// has no room for a prefix, and it has room for 49.
const otherInterfaces = "the interface has room for 49 prefixes; another one comes only when it is full"

// holds is what a simulated node holds, in the words of the tables.
func (r *warm) holds(t testing.TB, prefixes bool) string {
	cni, unit := r.settings, 1
	if prefixes {
		cni, unit = strings.TrimSuffix("ENABLE_PREFIX_DELEGATION: true, "+cni, ", "), 16
	}
	w := run(t, cluster{subnets: small, groups: []group{{instance: r.instance, nodes: 1, pods: r.pods, cni: cni, more: ", maxPods: 110"}}})
	return fmt.Sprintf("%d %d %d", w.primaries(), w.pool()/unit, w.idle())
}

// Every row of upstream's two tables of warm targets is what a node holds, or it
// is said why not.
func TestWarmTargets(t *testing.T) {
	for i := range slices.Concat(warmENI, warmPrefix) {
		table, prefixes := warmENI, i >= len(warmENI)
		if prefixes {
			table, i = warmPrefix, i-len(warmENI)
		}
		r := &table[i]
		t.Run(fmt.Sprintf("prefixes=%v/%s/%s/%d pods", prefixes, r.instance, r.settings, r.pods), func(t *testing.T) {
			if got := r.holds(t, prefixes); got != r.ours || (r.why == "") != (r.ours == r.published) {
				t.Errorf("%s, published %s, want %s", got, r.published, r.ours)
			}
		})
	}
}
