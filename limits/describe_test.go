package limits_test

import (
	"os"
	"strings"
	"testing"

	"ipamsim/limits"
)

func TestEC2sDescriptionReplacesWhatIsBuiltIn(t *testing.T) {
	const text = `{"InstanceTypes": [
  {"InstanceType": "m5.large", "Hypervisor": "nitro", "BareMetal": false, "VCpuInfo": {"DefaultVCpus": 2}, "MemoryInfo": {"SizeInMiB": 8192},
   "NetworkInfo": {"MaximumNetworkInterfaces": 5, "Ipv4AddressesPerInterface": 10, "DefaultNetworkCardIndex": 1,
     "NetworkCards": [{"NetworkCardIndex": 0, "MaximumNetworkInterfaces": 1}, {"NetworkCardIndex": 1, "MaximumNetworkInterfaces": 4}]}},
  {"InstanceType": "m99.tiny", "NetworkInfo": {"MaximumNetworkInterfaces": 2, "Ipv4AddressesPerInterface": 3}}]}`
	types := limits.Published()
	if count, more, err := types.Describe(strings.NewReader(text)); err != nil || count != 2 || more {
		t.Fatal(count, more, err)
	}
	ours := rows(t, types, "m5.large", "m99.tiny", "m5.xlarge")
	if r := ours["m5.large"]; r.MaxPods != 38 || r.ENIs != 5 || r.NetworkCards != 2 || r.Trunk == nil || !*r.Trunk {
		t.Errorf("%+v", r)
	}
	if r := ours["m99.tiny"]; r.MaxPods != 6 || r.MaxPodsPrefix != nil || r.Trunk != nil || r.Recommended != nil || r.Hypervisor != "unknown" {
		t.Errorf("%+v", r)
	}
	if ours["m5.xlarge"].MaxPods != 58 {
		t.Error("a type that is not described changed")
	}
}

// Real output of several years: pages with old types, without network cards.
func TestRealDescriptionsAgreeWithWhatIsBuiltIn(t *testing.T) {
	for file, count := range map[string]int{"describe-25.json": 25, "describe-old.json": 19, "describe-two.json": 2} {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		types := limits.Published()
		if got, _, err := types.Describe(strings.NewReader(string(text))); err != nil || got != count {
			t.Fatalf("%s: %d, %v", file, got, err)
		}
		before := rows(t, limits.Published())
		for name, r := range rows(t, types) {
			if b, ok := before[name]; ok && (r.MaxPods != b.MaxPods || r.AddressesPerENI != b.AddressesPerENI) {
				t.Errorf("%s: %s has %d pods, built in %d", file, name, r.MaxPods, b.MaxPods)
			}
		}
	}
}

func TestWhatIsNoDescriptionIsRefusedWithItsPlace(t *testing.T) {
	types := limits.Published()
	for text, want := range map[string]string{
		"":                        "1:1: empty",
		"[{}]":                    "1:1: an object was expected, found array; what `aws ec2 describe-instance-types",
		`{"InstanceTypes": "m5"}`: "1:22: InstanceTypes: a list was expected, found string",
		"{\n'a': 1}":              "2:1: not JSON",
		`{"Subnets": []}`:         "1:1: there is no InstanceTypes",
		`{"InstanceTypes": [{"InstanceType": "m5.large"}]}`: "InstanceTypes[0]: m5.large has no NetworkInfo",
		`{"InstanceTypes": [{"NetworkInfo": {}}]}`:          "InstanceTypes[0]: it has no InstanceType",
		`{"InstanceTypes": [{"InstanceType": "m5.large", "NetworkInfo": {"MaximumNetworkInterfaces": -3, "Ipv4AddressesPerInterface": 10}}]}`:        "InstanceTypes[0]: m5.large has -3 interfaces",
		`{"InstanceTypes": [{"InstanceType": "m5.large", "NetworkInfo": {"MaximumNetworkInterfaces": 2147483647, "Ipv4AddressesPerInterface": 1}}]}`: "InstanceTypes[0]: m5.large has 2147483647 interfaces",
		`{"InstanceTypes": [{"InstanceType": "a\u001b[31m.large", "NetworkInfo": {"MaximumNetworkInterfaces": 2, "Ipv4AddressesPerInterface": 4}}]}`: "InstanceTypes[0]: \"a\\x1b[31m.large\" is no name",
	} {
		if _, _, err := types.Describe(strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s\n got %v\nwant %s…", text, err, want)
		}
	}
}
