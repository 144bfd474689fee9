package queryapi

import (
	"bytes"
	"fmt"
	"net/url"
	"testing"
	"time"
)

// A request that is sent again with its token, as SDKs do when an answer does not
// come, launches and makes nothing more, and is answered as the first was.
func TestAClientsTokenMakesOneOfARequest(t *testing.T) {
	w := newWorld(t)
	run := []string{"ImageId", "ami-1", "InstanceType", "m5.large", "MinCount", "2", "MaxCount", "2", "SubnetId", subnetA, "ClientToken", "t"}
	first := w.must("RunInstances", run...).all("instancesSet/item/instanceId")
	if again := w.must("RunInstances", run...).all("instancesSet/item/instanceId"); len(again) != 2 || again[0] != first[0] || again[1] != first[1] {
		t.Errorf("%v, then %v", first, again)
	}
	run[5], run[7] = "1", "1"
	if a := w.send("RunInstances", run...); a.Code != "IdempotentParameterMismatch" || a.Status != 400 {
		t.Errorf("other parameters: %d %s", a.Status, a.Code)
	}
	run[11] = "u"
	w.must("RunInstances", run...)
	if n := len(w.must("DescribeInstances").all("reservationSet/item/instancesSet/item/instanceId")); n != 3 {
		t.Errorf("there are %d instances", n)
	}
	eni := w.must("CreateNetworkInterface", "SubnetId", subnetA, "ClientToken", "t").one(t, "networkInterface/networkInterfaceId")
	if again := w.must("CreateNetworkInterface", "SubnetId", subnetA, "ClientToken", "t").one(t, "networkInterface/networkInterfaceId"); again != eni {
		t.Errorf("%s, then %s", eni, again)
	}
	template := []string{"LaunchTemplateName", "one", "LaunchTemplateData.InstanceType", "m5.large", "ClientToken", "t"}
	w.must("CreateLaunchTemplate", template...)
	w.must("CreateLaunchTemplate", template...)
	if a := w.send("CreateLaunchTemplate", append(template[:4:4], "ClientToken", "other")...); a.Code != "InvalidLaunchTemplateName.AlreadyExistsException" {
		t.Errorf("another token: %s", a.Code)
	}
	if err := w.account.CheckBooks(); err != nil {
		t.Error(err)
	}
}

// While the first is under way, the second waits for it.
func TestARequestWithATokenThatIsUnderWayIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	form := url.Values{"Action": {"CreateNetworkInterface"}, "Version": {version}, "SubnetId": {subnetA}, "ClientToken": {"t"}}
	var answers []answer
	for range 3 {
		w.call(form, "test", func(a answer) { answers = append(answers, a) })
	}
	w.wait(time.Minute)
	if len(answers) != 3 {
		t.Fatalf("%d answers", len(answers))
	}
	for _, a := range answers {
		if id := read(t, a).one(t, "networkInterface/networkInterfaceId"); a.Status != 200 || id != read(t, answers[0]).one(t, "networkInterface/networkInterfaceId") {
			t.Errorf("%d %s", a.Status, id)
		}
	}
	if bytes.Equal(answers[0].Body, answers[1].Body) {
		t.Error("two requests have one ID")
	}
}

// A request that failed can be sent again, and tokens are not remembered without
// end.
func TestATokenOfAFailureIsFreeAndTokensAreBounded(t *testing.T) {
	w := newWorld(t)
	bad := []string{"SubnetId", "subnet-0123456789abcdef0", "ClientToken", "t"}
	if a := w.send("CreateNetworkInterface", bad...); a.Status == 200 {
		t.Fatal("made in a subnet that there is not")
	}
	w.must("CreateNetworkInterface", "SubnetId", subnetA, "ClientToken", "t")
	for i := range mostTokens + 10 {
		w.tokens.keep(fmt.Sprint(i), "")
	}
	if len(w.tokens.known) != mostTokens || len(w.tokens.order) != mostTokens || w.tokens.known["5"] != nil {
		t.Errorf("%d and %d tokens are known", len(w.tokens.known), len(w.tokens.order))
	}
	if a := w.send("CreateNetworkInterface", "SubnetId", subnetA, "ClientToken", string(make([]byte, longestToken+1))); a.Code != codeInvalidParameterValue {
		t.Errorf("a long token: %s", a.Code)
	}
}
