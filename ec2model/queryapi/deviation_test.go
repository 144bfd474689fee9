package queryapi

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// The tests below assert what validation/DEVIATIONS.md lists of the wire and no
// other test is about.

func TestAnySignatureWillDo(t *testing.T) {
	r := httptest.NewRequest("POST", "/", nil)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=anybody/20010101/mars-east-1/ec2/aws4_request, SignedHeaders=host, Signature="+strings.Repeat("0", 64))
	if caller, err := callerOf(r); caller != "anybody" || err != nil {
		t.Errorf("%q, %v", caller, err)
	}
}

func TestThereIsOneVPCAndOneSecurityGroup(t *testing.T) {
	w := newWorld(t)
	if ids := w.must("DescribeVpcs").all("vpcSet/item/vpcId"); !slices.Equal(ids, []string{w.account.VPCID()}) {
		t.Errorf("VPCs %v", ids)
	}
	groups := w.must("DescribeSecurityGroups").all("securityGroupInfo/item/groupId")
	if !slices.Equal(groups, []string{w.account.SecurityGroupID()}) {
		t.Errorf("groups %v", groups)
	}
	for _, id := range []string{w.account.VPCID(), groups[0]} {
		if a := w.send("CreateTags", "ResourceId.1", id, "Tag.1.Key", "k", "Tag.1.Value", "v"); a.Code != "InvalidID" {
			t.Errorf("%s has a tag: %d %s", id, a.Status, a.Code)
		}
	}
	made := w.must("CreateNetworkInterface", "SubnetId", subnetA, "SecurityGroupId.1", "sg-0123456789abcdef0")
	if ids := made.all("networkInterface/groupSet/item/groupId"); !slices.Equal(ids, []string{"sg-0123456789abcdef0"}) {
		t.Errorf("a group that is not described: %v", ids)
	}
}

func TestEachInstanceHasAReservationAndNoAttachTime(t *testing.T) {
	w := newWorld(t)
	w.must("RunInstances", "ImageId", "ami-1", "InstanceType", "m5.large", "MinCount", "2", "MaxCount", "2", "SubnetId", subnetA)
	seen := w.must("DescribeInstances")
	if ids := seen.all("reservationSet/item/reservationId"); len(ids) != 2 {
		t.Errorf("reservations %v", ids)
	}
	at := "reservationSet/item/instancesSet/item/networkInterfaceSet/item/attachment/"
	if ids, times := seen.all(at+"attachmentId"), seen.all(at+"attachTime"); len(ids) != 2 || len(times) != 0 {
		t.Errorf("attachments %v, since %v", ids, times)
	}
}

func TestALaunchedInstanceIsPendingFor5sAndOkAtOnce(t *testing.T) {
	w := newWorld(t)
	instance, _ := w.launch("m5.large")
	began := w.kernel.Now()
	state := func() string {
		return w.must("DescribeInstances", "InstanceId.1", instance).one(t, "reservationSet/item/instancesSet/item/instanceState/name")
	}
	if s := state(); s != "pending" {
		t.Errorf("at first it is %s", s)
	}
	w.wait(began + pendingFor - w.kernel.Now())
	if s := state(); s != "running" {
		t.Errorf("after %v it is %s", pendingFor, s)
	}
	if ok := w.must("DescribeInstanceStatus", "InstanceId.1", instance).one(t, "instanceStatusSet/item/instanceStatus/status"); ok != "ok" {
		t.Errorf("its status is %s", ok)
	}
}

func TestALaunchTemplateHasOneVersion(t *testing.T) {
	w := newWorld(t)
	w.must("CreateLaunchTemplate", "LaunchTemplateName", "t", "LaunchTemplateData.ImageId", "ami-1", "LaunchTemplateData.InstanceType", "m5.large")
	launch := func(version string) string {
		return w.send("RunInstances", "LaunchTemplate.LaunchTemplateName", "t", "LaunchTemplate.Version", version, "SubnetId", subnetA, "MinCount", "1", "MaxCount", "1").Code
	}
	if one, two := launch("1"), launch("2"); one != "" || two != "InvalidLaunchTemplateId.VersionNotFound" {
		t.Errorf("version 1: %s, 2: %s", one, two)
	}
}

func TestMetadataIsOfTheVersionLatestAlone(t *testing.T) {
	for path, want := range map[string]int{"i-1/latest/meta-data": 0, "i-1/2009-04-04/meta-data": 404, "i-1/hops/65/latest/": 404, "i-1": 404} {
		if _, refused := readMetadata(httptest.NewRequest("GET", "/", nil), path); refused != want {
			t.Errorf("%s: %d", path, refused)
		}
	}
	through := httptest.NewRequest("PUT", "/", nil)
	through.Header.Set("X-Forwarded-For", "10.0.0.1")
	if _, refused := readMetadata(through, "i-1/latest/api/token"); refused != 403 {
		t.Errorf("a token through a proxy: %d", refused)
	}
	if _, refused := readMetadata(httptest.NewRequest("POST", "/", nil), "i-1/latest/api/token"); refused != 405 {
		t.Errorf("POST: %d", refused)
	}
}

func TestWhatIsChangedIsDescribedAtOnce(t *testing.T) {
	w := newWorld(t)
	eni := w.must("CreateNetworkInterface", "SubnetId", subnetA).one(t, "networkInterface/networkInterfaceId")
	now := w.kernel.Now()
	if list, err := w.account.InterfacesNow([]string{eni}); err != nil || len(list) != 1 || w.kernel.Now() != now {
		t.Errorf("%v %v", list, err)
	}
	w.must("DeleteNetworkInterface", "NetworkInterfaceId", eni)
	if a := w.send("DescribeNetworkInterfaces", "NetworkInterfaceId.1", eni); a.Code != "InvalidNetworkInterfaceID.NotFound" {
		t.Errorf("it is still described: %s", a.Code)
	}
}

// Whatever is asked of metadata is answered or refused, and nothing panics.
func FuzzMetadata(f *testing.F) {
	f.Add("GET", "i-00000000000000001/latest/meta-data/", "", "", "")
	f.Add("PUT", "i-00000000000000001/hops/2/latest/api/token", "60", "", "")
	f.Add("PUT", "i-00000000000000001/latest/api/token", "-1", "AQAAAzz-", "::1")
	f.Add("GET", "i-00000000000000001/latest/../../\xff/%00", "99999999999999999999", "AQAAA-==", "")
	f.Add("BREW", "hops/hops/hops/latest//", "", "AQAAA1y2p0ij32e8e7-", "x")
	f.Fuzz(func(t *testing.T, method, path, ttl, token, through string) {
		w := newWorld(t)
		w.launch("m5.large")
		w.wait(time.Minute)
		r := httptest.NewRequest("GET", "/", nil)
		r.Method = method
		r.Header.Set(ttlHeader, ttl)
		r.Header.Set(tokenHeader, token)
		r.Header.Set("X-Forwarded-For", through)
		request, refused := readMetadata(r, path)
		if refused != 0 {
			return
		}
		if a := w.metadata(request); !a.lost && (a.status < 200 || a.status > 499) {
			t.Errorf("%d", a.status)
		}
	})
}
