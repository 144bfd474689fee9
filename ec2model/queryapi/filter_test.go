package queryapi

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// filtersOf are the filters of each action that has some.
func filtersOf() map[string][]string {
	return map[string][]string{
		"DescribeInstances":             filterNames(instances),
		"DescribeInstanceStatus":        filterNames(statuses),
		"DescribeInstanceTypes":         filterNames(instanceTypes),
		"DescribeInstanceTypeOfferings": filterNames(offerings),
		"DescribeNetworkInterfaces":     filterNames(interfaces),
		"DescribeSubnets":               filterNames(subnets),
		"DescribeTags":                  filterNames(tags),
		"DescribeVpcs":                  filterNames(vpcs),
		"DescribeSecurityGroups":        filterNames(securityGroups),
		"DescribeAvailabilityZones":     filterNames(zones),
		"DescribeRegions":               filterNames(regions),
		"DescribeLaunchTemplates":       filterNames(launchTemplates),
		"GetSubnetCidrReservations":     {"reservationType", "subnet-id"},
	}
}

func filterNames[T any](d *describing[T]) []string {
	list := slices.Sorted(maps.Keys(d.values))
	if d.tags != nil {
		list = append(list, "tag:k", "tag-key", "tag-value")
	}
	return list
}

// A filter can be asked of all that an account may hold: of instances that shut
// down and that are gone, of interfaces without an address, without an attachment,
// and of tags without a value. What lacks a value does not pass.
func TestEachFilterCanBeAskedOfAllThatThereIs(t *testing.T) {
	w := newWorld(t)
	_, err := w.account.Restore(ec2model.ExistingInstance{Type: "c6in.32xlarge", Subnet: "a", Interfaces: []ec2model.ExistingInterface{
		{Subnet: "a"}, {Subnet: "a", Device: 1, Type: types.NetworkInterfaceTypeEfaOnly},
	}})
	if err != nil {
		t.Fatal(err)
	}
	gone, _ := w.launch("m5.large")
	leaves, eni := w.launch("m5.large")
	w.must("CreateNetworkInterface", "SubnetId", subnetA)
	w.must("CreateLaunchTemplate", "LaunchTemplateName", "t", "LaunchTemplateData.ImageId", "ami-1", "LaunchTemplateData.InstanceType", "m5.large")
	w.must("CreateSubnetCidrReservation", "SubnetId", subnetA, "Cidr", "10.0.0.64/28", "ReservationType", "prefix")
	w.must("CreateTags", "ResourceId.1", gone, "ResourceId.2", leaves, "ResourceId.3", eni, "ResourceId.4", subnetA, "Tag.1.Key", "k")
	w.must("TerminateInstances", "InstanceId.1", gone)
	w.wait(5 * time.Minute)
	w.must("TerminateInstances", "InstanceId.1", leaves)
	for action, filters := range filtersOf() {
		for _, filter := range filters {
			for _, value := range []string{"*", "none has this"} {
				pairs := []string{"Filter.1.Name", filter, "Filter.1.Value.1", value}
				if action == "GetSubnetCidrReservations" {
					pairs = append(pairs, "SubnetId", subnetA)
				}
				if a := w.send(action, pairs...); a.Code != "" {
					t.Errorf("%s by %s: %s", action, filter, a.Code)
				}
			}
		}
	}
	states := w.must("DescribeInstances", "Filter.1.Name", "private-dns-name", "Filter.1.Value.1", "*").all("reservationSet/item/instancesSet/item/instanceState/name")
	if slices.Contains(states, "terminated") || len(states) < 2 {
		t.Errorf("found by a name: %v", states)
	}
	if n := len(w.must("DescribeNetworkInterfaces", "Filter.1.Name", "private-ip-address", "Filter.1.Value.1", "*").all("networkInterfaceSet/item/networkInterfaceId")); n != 3 {
		t.Errorf("%d interfaces have an address", n)
	}
}
