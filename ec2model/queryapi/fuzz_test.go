package queryapi

import (
	"encoding/xml"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
)

// vocabulary is what made-up requests are made of: names and values that mean
// something, and such that do not.
var vocabulary = struct{ names, values []string }{
	names: []string{
		"NetworkInterfaceId", "NetworkInterfaceId.1", "InstanceId", "InstanceId.1", "InstanceId.2", "SubnetId", "SubnetId.1", "AttachmentId", "DeviceIndex", "NetworkCardIndex", "Description",
		"SecondaryPrivateIpAddressCount", "Ipv4PrefixCount", "PrivateIpAddress", "PrivateIpAddress.1", "PrivateIpAddresses.1.PrivateIpAddress", "PrivateIpAddresses.1.Primary", "Ipv4Prefix.1", "Ipv4Prefix.1.Ipv4Prefix",
		"SecurityGroupId.1", "Attachment.AttachmentId", "Attachment.DeleteOnTermination", "Filter.1.Name", "Filter.1.Value.1", "Filter.2.Name", "Filter.2.Value.1", "MaxResults", "NextToken", "DryRun",
		"ResourceId.1", "ResourceId.2", "Tag.1.Key", "Tag.1.Value", "ImageId", "InstanceType", "InstanceType.1", "MinCount", "MaxCount", "TagSpecification.1.ResourceType", "TagSpecification.1.Tag.1.Key",
		"Type", "TargetCapacitySpecification.TotalTargetCapacity", "TargetCapacitySpecification.DefaultTargetCapacityType", "LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName",
		"LaunchTemplateConfigs.1.Overrides.1.SubnetId", "LaunchTemplateConfigs.1.Overrides.1.InstanceType", "LaunchTemplateName", "LaunchTemplateId", "LaunchTemplateData.InstanceType", "LaunchTemplateData.ImageId",
		"NetworkInterface.1.Ipv4PrefixCount", "NetworkInterface.1.SubnetId", "MetadataOptions.HttpTokens", "HttpTokens", "HttpPutResponseHopLimit", "Cidr", "ReservationType", "SubnetCidrReservationId",
		"VpcId.1", "GroupId.1", "ZoneName.1", "LocationType", "Attribute", "IncludeAllInstances", "AllowReassignment", "Force", "", ".", "..", "A.1.1.1", "Filter", "Filter.x.Name", "Filter.99999999999999999999.Name", "é",
	},
	values: []string{
		"", "0", "1", "2", "5", "14", "1000", "-1", "99999999999999999999", "true", "false", "maybe", "m5.large", "c5.large", "m4.large", "x.y", "ami-1", "instant", "spot", "on-demand", "prefix", "explicit",
		"10.0.0.5", "10.0.0.64/28", "10.0.0.48/28", "10.0.0.128/25", "10.0.1.1", "::1", "0.0.0.0/0", "tag:k", "tag-key", "status", "vpc-id", "subnet-id", "attachment.instance-id", "instance-state-name", "private-ip-address",
		"available", "*", "?", "\\*", "a*b?c", "description", "groupSet", "attachment", "instance", "network-interface", "k", "v", "aws:k", "t", "required", "optional", "availability-zone", "us-west-2a",
		"sg-00000000000000001", "vpc-00000000000000001", subnetA, "subnet-00000000000000002", "\x00", "<&>", "\xff\xfe", "zzz",
	},
}

// sensible are parameters that an action takes; values in capitals stand for IDs.
var sensible = map[string]string{
	"AssignPrivateIpAddresses":          "NetworkInterfaceId=ENI&SecondaryPrivateIpAddressCount=2|NetworkInterfaceId=ENI&Ipv4PrefixCount=1|NetworkInterfaceId=ENI&PrivateIpAddress.1=ADDRESS&PrivateIpAddress.2=ADDRESS|NetworkInterfaceId=ENI&Ipv4Prefix.1=PREFIX",
	"UnassignPrivateIpAddresses":        "NetworkInterfaceId=ENI&PrivateIpAddress.1=ADDRESS|NetworkInterfaceId=ENI&Ipv4Prefix.1=PREFIX",
	"CreateNetworkInterface":            "SubnetId=SUBNET&SecondaryPrivateIpAddressCount=3|SubnetId=SUBNET&Ipv4PrefixCount=2|SubnetId=SUBNET&PrivateIpAddress=ADDRESS&SecondaryPrivateIpAddressCount=1|SubnetId=SUBNET&PrivateIpAddresses.1.PrivateIpAddress=ADDRESS&PrivateIpAddresses.2.PrivateIpAddress=ADDRESS|SubnetId=SUBNET&Ipv4Prefix.1.Ipv4Prefix=PREFIX",
	"AttachNetworkInterface":            "NetworkInterfaceId=ENI&InstanceId=INSTANCE&DeviceIndex=1|NetworkInterfaceId=ENI&InstanceId=INSTANCE&DeviceIndex=2",
	"DetachNetworkInterface":            "AttachmentId=ATTACHMENT",
	"DeleteNetworkInterface":            "NetworkInterfaceId=ENI",
	"ModifyNetworkInterfaceAttribute":   "NetworkInterfaceId=ENI&SecurityGroupId.1=sg-0123456789abcdef0|NetworkInterfaceId=ENI&Attachment.AttachmentId=ATTACHMENT&Attachment.DeleteOnTermination=true",
	"DescribeNetworkInterfaces":         "NetworkInterfaceId.1=ENI|Filter.1.Name=attachment.instance-id&Filter.1.Value.1=INSTANCE|MaxResults=5|Filter.1.Name=tag:k&Filter.1.Value.1=*",
	"DescribeInstances":                 "InstanceId.1=INSTANCE|MaxResults=6|Filter.1.Name=private-ip-address&Filter.1.Value.1=10.0.0.*|Filter.1.Name=instance-state-name&Filter.1.Value.1=terminated",
	"DescribeSubnets":                   "SubnetId.1=SUBNET|",
	"CreateTags":                        "ResourceId.1=ENI&ResourceId.2=INSTANCE&Tag.1.Key=k&Tag.1.Value=v",
	"RunInstances":                      "ImageId=ami-1&SubnetId=SUBNET&InstanceType=m5.large&MinCount=1&MaxCount=3|ImageId=ami-1&InstanceType=c5.large&MinCount=1&MaxCount=1&NetworkInterface.1.SubnetId=SUBNET&NetworkInterface.1.DeviceIndex=0&NetworkInterface.1.Ipv4PrefixCount=2|LaunchTemplate.LaunchTemplateName=t&SubnetId=SUBNET&MinCount=1&MaxCount=1",
	"CreateFleet":                       "Type=instant&TargetCapacitySpecification.TotalTargetCapacity=2&LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateName=t&LaunchTemplateConfigs.1.Overrides.1.SubnetId=SUBNET&LaunchTemplateConfigs.1.Overrides.2.SubnetId=SUBNET",
	"TerminateInstances":                "InstanceId.1=INSTANCE|InstanceId.1=INSTANCE&InstanceId.2=INSTANCE&InstanceId.3=INSTANCE",
	"DeleteTags":                        "ResourceId.1=ENI&Tag.1.Key=k",
	"DescribeInstanceTypes":             "InstanceType.1=m5.large|MaxResults=5",
	"DescribeInstanceStatus":            "InstanceId.1=INSTANCE&IncludeAllInstances=true|",
	"DescribeNetworkInterfaceAttribute": "NetworkInterfaceId=ENI&Attribute=attachment",
	"ModifyInstanceMetadataOptions":     "InstanceId=INSTANCE&HttpTokens=optional",
	"GetSubnetCidrReservations":         "SubnetId=SUBNET",
	"CreateSubnetCidrReservation":       "SubnetId=SUBNET&Cidr=PREFIX&ReservationType=prefix|SubnetId=SUBNET&Cidr=PREFIX&ReservationType=explicit",
	"DeleteSubnetCidrReservation":       "SubnetCidrReservationId=RESERVATION",
	"CreateLaunchTemplate":              "LaunchTemplateName=t&LaunchTemplateData.ImageId=ami-1&LaunchTemplateData.InstanceType=m5.large",
	"DeleteLaunchTemplate":              "LaunchTemplateName=t",
	"DescribeLaunchTemplates":           "LaunchTemplateName.1=t|",
}

// makeUp is a request of an action: what it takes, with IDs that the account may
// have, and sometimes something of the vocabulary in place of it or besides.
func makeUp(r *rand.Rand, names []string) url.Values {
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	name := pick(names)
	ways := strings.Split(sensible[name], "|")
	form, err := url.ParseQuery(pick(ways))
	if err != nil {
		panic(err)
	}
	for _, key := range slices.Sorted(maps.Keys(form)) {
		form.Set(key, standIn(r, form.Get(key)))
	}
	if filters := filtersOf()[name]; len(filters) > 0 && r.IntN(4) == 0 {
		form.Set("Filter.1.Name", pick(filters))
		form.Set("Filter.1.Value.1", pick(vocabulary.values))
	}
	for r.IntN(3) == 0 {
		switch keys := slices.Sorted(maps.Keys(form)); {
		case len(keys) > 0 && r.IntN(3) == 0:
			form.Del(pick(keys))
		case len(keys) > 0 && r.IntN(2) == 0:
			form.Set(pick(keys), pick(vocabulary.values))
		default:
			form.Set(pick(vocabulary.names), pick(vocabulary.values))
		}
	}
	form.Set("Action", name)
	if form.Set("Version", version); r.IntN(200) == 0 {
		form.Set("Version", pick(vocabulary.values))
	}
	return form
}

// serial is the highest number of a resource that a test has likely made.
var serial = 1

// standIn is an ID of a kind: more often one of the youngest.
func standIn(r *rand.Rand, kind string) string {
	prefixes := map[string]string{"ENI": "eni-", "INSTANCE": "i-", "ATTACHMENT": "eni-attach-", "RESERVATION": "scr-"}
	switch {
	case kind == "SUBNET":
		return fmt.Sprintf("subnet-%017x", 1+r.IntN(2))
	case kind == "ADDRESS":
		return fmt.Sprintf("10.0.%d.%d", r.IntN(2), r.IntN(256))
	case kind == "PREFIX":
		return fmt.Sprintf("10.0.%d.%d/28", r.IntN(2), 16*r.IntN(16))
	case prefixes[kind] != "":
		return fmt.Sprintf("%s%017x", prefixes[kind], max(1, serial-r.IntN(60)))
	}
	return kind
}

// setting is a whole number of the environment: a million requests take eight
// minutes of one core, in one world or in pieces of other seeds.
func setting(t *testing.T, name string, otherwise int) int {
	n := otherwise
	if text, ok := os.LookupEnv(name); ok {
		var err error
		if n, err = strconv.Atoi(text); err != nil || n < 1 {
			t.Fatalf("%s=%s is not a positive whole number", name, text)
		}
	}
	t.Logf("%s is %d", name, n)
	return n
}

// names are those of all actions of the account.
func names() (list []string) {
	for _, a := range ec2model.Actions() {
		list = append(list, a.String())
	}
	return list
}

// The account has no action that clients cannot ask for.
func TestEveryActionOfTheAccountIsServed(t *testing.T) {
	for _, name := range names() {
		if _, ok := actions[name]; !ok {
			t.Errorf("%s is not", name)
		}
	}
}

// Whatever is sent, each request is answered once with XML, nothing panics, and
// the books stay right.
func TestMadeUpRequestsAreAnsweredAndLeaveTheBooksRight(t *testing.T) {
	w := newWorld(t, func(cfg *ec2model.Config) { cfg.Profile.Throttling = false })
	w.account.Audit()
	all := append(names(), "", "DescribeNothing")
	r := rand.New(rand.NewPCG(uint64(setting(t, "FUZZED_SEED", 1)), 2))
	codes := map[string]int{}
	for i := range setting(t, "FUZZED_REQUESTS", 2_000) {
		form := makeUp(r, all)
		a := w.sendForm(form)
		if codes[a.Code]++; i%20 == 0 { // the account's own counter, so that IDs hit
			if list, _ := w.account.InterfacesNow(nil); len(list) > 0 {
				_, _ = fmt.Sscanf(*list[len(list)-1].NetworkInterfaceId, "eni-%x", &serial)
			}
		}
		if a.Code == codeInternal {
			t.Fatalf("%v: %s", form, a.Body)
		}
		if i%100 == 0 {
			if err := xml.Unmarshal(a.Body, new(node)); err != nil {
				t.Fatalf("%v: %v in\n%q", form, err, a.Body)
			}
			if err := w.account.CheckChanges(); err != nil {
				t.Fatalf("after %v: %v", form, err)
			}
		}
		if i%5000 == 0 {
			w.wait(time.Minute)
		}
		if (i+1)%50_000 == 0 {
			t.Logf("%d answered, the books right", i+1)
		}
	}
	if err := w.account.CheckBooks(); err != nil {
		t.Error(err)
	}
	t.Logf("answers by code: %v", codes)
	if codes[""] == 0 || len(codes) < 20 {
		t.Errorf("only these codes were met: %v", codes)
	}
}

// FuzzRequest takes any query string.
func FuzzRequest(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, name := range names() {
		f.Add(makeUp(r, []string{name}).Encode())
	}
	f.Add("Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag:%2a&Filter.1.Value.1=%5c")
	f.Fuzz(func(t *testing.T, query string) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		w := newWorld(t)
		w.launch("m5.large")
		a := w.sendForm(form)
		if a.Code == codeInternal {
			t.Fatalf("%s", a.Body)
		}
		if err := xml.Unmarshal(a.Body, new(node)); err != nil {
			t.Fatalf("%v in\n%q", err, a.Body)
		}
		if err := w.account.CheckBooks(); err != nil {
			t.Fatal(err)
		}
	})
}
