package limits_test

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"ipamsim/limits"
)

func rows(t *testing.T, types limits.Types, patterns ...string) map[string]limits.Row {
	t.Helper()
	list, err := types.Matching(patterns)
	if err != nil {
		t.Fatal(err)
	}
	byType := map[string]limits.Row{}
	for _, r := range list {
		byType[r.Type] = r
	}
	return byType
}

// testdata/eni-max-pods.txt is the table that the VPC CNI v1.23.2 is published
// with: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.2/misc/eni-max-pods.txt
// (Apache-2.0).
func TestMaxPodsOfEveryTypeAreThoseThatTheCNIIsPublishedWith(t *testing.T) {
	ours := rows(t, limits.Published())
	file, err := os.Open("testdata/eni-max-pods.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	compared := 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		name, pods, ok := strings.Cut(lines.Text(), " ")
		if !ok || name == "#" {
			continue
		}
		want, err := strconv.Atoi(pods)
		if r, ok := ours[name]; err != nil || !ok || r.MaxPods != want || r.NodeAgent != want {
			t.Errorf("%s: %d, want %s", name, r.MaxPods, pods)
		}
		compared++
	}
	if compared < 1300 {
		t.Errorf("only %d types compared", compared)
	}
}

// The node agent's own table, of which testdata has the first lines:
// https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/instance-info.jsonl (MIT-0).
func TestTheNodeAgentHasTheSameInterfacesAndAddresses(t *testing.T) {
	ours := rows(t, limits.Published())
	file, err := os.Open("testdata/instance-info.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var info struct {
			InstanceType                              string
			DefaultMaxENIs, IPv4AddressesPerInterface int
		}
		if err := json.Unmarshal(lines.Bytes(), &info); err != nil {
			t.Fatal(err)
		}
		if r := ours[info.InstanceType]; r.DefaultCardENIs != info.DefaultMaxENIs || r.AddressesPerENI != info.IPv4AddressesPerInterface {
			t.Errorf("%+v, ours has %d and %d", info, r.DefaultCardENIs, r.AddressesPerENI)
		}
	}
}

func TestEachRuleGivesItsOwnNumber(t *testing.T) {
	ours := rows(t, limits.Published(), "m5.large", "m5.4xlarge", "c5.18xlarge", "t2.medium", "p4d.24xlarge", "mac2.metal", "m6g.medium", "hpc6id.32xlarge")
	for _, c := range []struct {
		name                                             string
		pods, prefix, custom, both, recommended, plainly int // -1: there is none
	}{
		{"m5.large", 29, 434, 20, 290, 110, 29},
		{"m5.4xlarge", 234, 3714, 205, 3250, 110, 110},
		{"c5.18xlarge", 737, 11762, 688, 10978, 250, 250},
		{"t2.medium", 17, -1, 12, -1, 17, 17},              // Xen: no prefixes
		{"p4d.24xlarge", 737, 11762, 688, 10978, 250, 250}, // of four cards only one carries pods
		{"mac2.metal", 234, 3714, 205, 3250, -1, -1},       // its vCPU are not known
		{"m6g.medium", 8, 98, 5, 50, 98, 8},
		{"hpc6id.32xlarge", 51, 786, 2, 2, 250, 51}, // one interface: none is left for pods
	} {
		r := ours[c.name]
		got := []int{r.MaxPods, orNone(r.MaxPodsPrefix), r.MaxPodsCustom, orNone(r.MaxPodsBoth), orNone(r.Recommended), orNone(r.RecommendedPlain)}
		want := []int{c.pods, c.prefix, c.custom, c.both, c.recommended, c.plainly}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %v, want %v", c.name, got, want)
				break
			}
		}
	}
}

func orNone(n *int) int {
	if n == nil {
		return -1
	}
	return *n
}

func TestAPatternIsATypeAFamilyOrAGlob(t *testing.T) {
	for pattern, count := range map[string]int{"m5.large": 1, "m5": 9, "m5.*": 9, "m5.?large": 1, "t3.[sm]*": 3} {
		if got := len(rows(t, limits.Published(), pattern)); got != count {
			t.Errorf("%s: %d types, want %d", pattern, got, count)
		}
	}
	if got := len(rows(t, limits.Published(), "m5", "m5.large")); got != 9 {
		t.Errorf("a type that two patterns name is listed %d times", got-8)
	}
	for pattern, want := range map[string]string{
		"m5.lagre": `no instance type is called "m5.lagre"; did you mean "m5.large"?`,
		"zz*":      `no instance type matches "zz*"`,
		"m[5":      `"m[5" is no pattern`,
	} {
		if _, err := limits.Published().Matching([]string{pattern}); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", pattern, err)
		}
	}
}
