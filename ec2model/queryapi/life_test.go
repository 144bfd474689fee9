package queryapi

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// subnetA is the ID of the world's first subnet.
const subnetA = "subnet-00000000000000001"

// launch starts an instance and is its ID and that of its interface.
func (w *world) launch(kind string) (instance, eni string) {
	w.t.Helper()
	out := w.must("RunInstances", "ImageId", "ami-1", "InstanceType", kind, "MinCount", "1", "MaxCount", "1", "SubnetId", subnetA)
	return out.one(w.t, "instancesSet/item/instanceId"), out.one(w.t, "instancesSet/item/networkInterfaceSet/item/networkInterfaceId")
}

// An interface lives as ipamd lets it: made, attached, given addresses, emptied,
// detached, deleted; and the books are right at the end.
func TestAnInterfaceLivesOverTheWire(t *testing.T) {
	w := newWorld(t)
	instance, primary := w.launch("m5.large")
	made := w.must("CreateNetworkInterface", "SubnetId", subnetA, "Description", "aws-K8S-"+instance, "SecondaryPrivateIpAddressCount", "2",
		"SecurityGroupId.1", w.account.SecurityGroupID(), "TagSpecification.1.ResourceType", "network-interface", "TagSpecification.1.Tag.1.Key", "a&b", "TagSpecification.1.Tag.1.Value", "<c>")
	eni := made.one(t, "networkInterface/networkInterfaceId")
	if tag := made.one(t, "networkInterface/tagSet/item/value"); tag != "<c>" {
		t.Errorf("the tag says %q", tag)
	}
	attachment := w.must("AttachNetworkInterface", "NetworkInterfaceId", eni, "InstanceId", instance, "DeviceIndex", "1").one(t, "attachmentId")
	w.must("ModifyNetworkInterfaceAttribute", "NetworkInterfaceId", eni, "Attachment.AttachmentId", attachment, "Attachment.DeleteOnTermination", "true")
	w.must("CreateTags", "ResourceId.1", eni, "ResourceId.2", primary, "Tag.1.Key", "k", "Tag.1.Value", "v")
	w.must("AssignPrivateIpAddresses", "NetworkInterfaceId", eni, "Ipv4PrefixCount", "1")

	seen := w.must("DescribeNetworkInterfaces", "Filter.1.Name", "attachment.instance-id", "Filter.1.Value.1", instance, "Filter.2.Name", "tag:k", "Filter.2.Value.1", "?")
	if ids := seen.all("networkInterfaceSet/item/networkInterfaceId"); !slices.Equal(ids, []string{primary, eni}) {
		t.Errorf("the instance has %v", ids)
	}
	prefix := seen.one(t, "networkInterfaceSet/item/ipv4PrefixSet/item/ipv4Prefix")
	w.must("UnassignPrivateIpAddresses", "NetworkInterfaceId", eni, "Ipv4Prefix.1", prefix)
	if a := w.send("DeleteNetworkInterface", "NetworkInterfaceId", eni); a.Code != "InvalidParameterValue" || a.Status != 400 {
		t.Errorf("an attached interface is deleted: %d %s", a.Status, a.Code)
	}
	w.must("DetachNetworkInterface", "AttachmentId", attachment)
	w.wait(10 * time.Second)
	w.must("DeleteNetworkInterface", "NetworkInterfaceId", eni)
	w.must("TerminateInstances", "InstanceId.1", instance)
	w.wait(5 * time.Minute)
	if free := w.must("DescribeSubnets", "SubnetId.1", subnetA).one(t, "subnetSet/item/availableIpAddressCount"); free != "251" {
		t.Errorf("%s addresses are free", free)
	}
	if err := w.account.CheckBooks(); err != nil {
		t.Error(err)
	}
}

func (w *world) wait(d time.Duration) {
	w.t.Helper()
	if err := w.kernel.Run(w.kernel.Now() + d); err != nil {
		w.t.Fatal(err)
	}
}

// What Ansible's modules ask for before they launch an instance.
func TestInstancesAndVPCsAreFoundByWhatTheyAreLaunchedAs(t *testing.T) {
	w := newWorld(t)
	instance, _ := w.launch("m6g.large")
	image := w.must("DescribeInstances").one(t, "reservationSet/item/instancesSet/item/imageId")
	for _, test := range []struct {
		name, value string
		want        int
	}{{"image-id", image, 1}, {"image-id", "ami-0", 0}, {"architecture", "arm64", 1}, {"architecture", "x86_64", 0}} {
		found := w.must("DescribeInstances", "Filter.1.Name", test.name, "Filter.1.Value.1", test.value).all("reservationSet/item/instancesSet/item/instanceId")
		if len(found) != test.want || test.want == 1 && found[0] != instance {
			t.Errorf("%s %s: %v", test.name, test.value, found)
		}
	}
	for _, name := range []string{"is-default", "isDefault"} {
		for value, want := range map[string]int{"true": 0, "false": 1} {
			if found := w.must("DescribeVpcs", "Filter.1.Name", name, "Filter.1.Value.1", value).all("vpcSet/item/vpcId"); len(found) != want {
				t.Errorf("%s %s: %v", name, value, found)
			}
		}
	}
}

// Metadata asks for a token, shows what ipamd reads, and shows a change only after
// its lag.
func TestMetadataIsOfTheSecondVersionAndLags(t *testing.T) {
	w := newWorld(t)
	instance, eni := w.launch("m5.large")
	if a := w.metadata(metadataRequest{instance: instance, path: "meta-data/mac", hops: 1}); a.status != 401 {
		t.Errorf("without a token: %d", a.status)
	}
	token := w.metadata(metadataRequest{instance: instance, put: true, path: tokenPath, ttl: "60", hops: 1}).text
	end := w.kernel.Now() + time.Minute
	get := func(path string) string {
		t.Helper()
		a := w.metadata(metadataRequest{instance: instance, path: path, token: token, hops: 1})
		if a.status != 200 {
			t.Fatalf("%s: %d", path, a.status)
		}
		return a.text
	}
	mac := get("meta-data/mac")
	at := "meta-data/network/interfaces/macs/" + mac + "/"
	if get("meta-data/network/interfaces/macs/") != mac+"/" || get(at+"interface-id") != eni || get(at+"device-number") != "0" {
		t.Error("the interface is not listed")
	}
	w.must("AssignPrivateIpAddresses", "NetworkInterfaceId", eni, "SecondaryPrivateIpAddressCount", "3")
	if n := len(strings.Fields(get(at + "local-ipv4s"))); n != 1 {
		t.Errorf("%d addresses show before the lag is over", n)
	}
	w.wait(2 * time.Second)
	if n := len(strings.Fields(get(at + "local-ipv4s"))); n != 4 {
		t.Errorf("%d addresses show after it", n)
	}
	w.wait(end - w.kernel.Now())
	get("meta-data/mac") // the SDK holds a token for good up to this instant
	w.wait(1)
	if a := w.metadata(metadataRequest{instance: instance, path: "meta-data/mac", token: token, hops: 1}); a.status != 401 {
		t.Errorf("with a token that has ended: %d", a.status)
	}
	if a := w.metadata(metadataRequest{instance: instance, put: true, path: tokenPath, ttl: "60", hops: 3}); !a.lost {
		t.Error("a token goes three hops")
	}
}
