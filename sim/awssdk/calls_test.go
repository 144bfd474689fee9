package awssdk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/sim/awssdk"
)

func tags(pairs ...string) (out []types.Tag) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Tag{Key: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

// The life of an interface through every method that a daemon has.
func TestAnInterfacesLife(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	w.process(func() {
		p := w.kernel.Current()
		eni, err := c.CreateNetworkInterface("aws-K8S-x", w.subnet, 3, 0, tags("a", "1"))
		must(err)
		id := *eni.NetworkInterfaceId
		must(c.CreateTags(id, tags("b", "2")))
		attachment, err := c.AttachNetworkInterface(id, w.instance, 1, 0)
		must(err)
		must(c.ModifyDeleteOnTermination(id, attachment, true))
		must(c.ModifySecurityGroups(id, []string{w.account.SecurityGroupID()}))
		ips, err := c.AssignPrivateIPAddresses(id, 2)
		must(err)
		prefixes, err := c.AssignIPv4Prefixes(id, 1)
		must(err)
		found, err := c.DescribeNetworkInterfaces([]string{id})
		must(err)
		e := found[0]
		if len(ips) != 2 || len(prefixes) != 1 || len(e.PrivateIpAddresses) != 1+3+2 || len(e.Ipv4Prefixes) != 1 || len(e.TagSet) != 2 ||
			*e.Attachment.AttachmentId != attachment || !*e.Attachment.DeleteOnTermination {
			t.Errorf("got %v and %v, described as %+v", ips, prefixes, e)
		}
		self, err := c.DescribeInstance(w.instance)
		must(err)
		if len(self.NetworkInterfaces) != 2 {
			t.Errorf("the instance has %d interfaces", len(self.NetworkInterfaces))
		}
		must(c.UnassignPrivateIPAddresses(id, ips))
		must(c.UnassignIPv4Prefixes(id, prefixes))
		must(c.DetachNetworkInterface(attachment))
		p.Sleep(time.Minute)
		must(c.DeleteNetworkInterface(id))
		if err := c.DeleteNetworkInterface(id); code(err) != "InvalidNetworkInterfaceID.NotFound" {
			t.Errorf("deleting it again: %v", err)
		}
	})
}

func TestInstancesAreLaunchedAndTerminated(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.process(func() {
		ids, err := c.RunInstances(ec2model.RunInstancesInput{InstanceType: "m5.large", SubnetID: w.subnet, Count: 2})
		if len(ids) != 2 || err != nil {
			t.Errorf("RunInstances: %v, %v", ids, err)
		}
		fleet, err := c.CreateFleet(ec2model.CreateFleetInput{Pools: []ec2model.Pool{{InstanceType: "m5.large", SubnetID: w.subnet}}, Count: 3})
		if len(fleet.InstanceIDs) != 3 || err != nil {
			t.Errorf("CreateFleet: %+v, %v", fleet, err)
		}
		if err := c.TerminateInstances(append(ids, fleet.InstanceIDs...)); err != nil {
			t.Error(err)
		}
		if _, err := c.DescribeInstance(ids[0]); code(err) != "InvalidInstanceID.NotFound" {
			t.Errorf("a terminated instance: %v", err)
		}
	})
}

func TestLeakedInterfacesAreFoundPageByPage(t *testing.T) {
	const leaked = 1002
	w, c := newWorld(t, awssdk.DefaultOptions())
	w.process(func() {
		create := func(pairs ...string) string {
			eni, err := c.CreateNetworkInterface("aws-K8S-x", w.subnet, 0, 0, tags(pairs...))
			if err != nil {
				t.Fatal(err)
			}
			return *eni.NetworkInterfaceId
		}
		const instance, cluster = "node.k8s.amazonaws.com/instance_id", "cluster.k8s.amazonaws.com/name"
		for i := range leaked {
			create(instance, fmt.Sprint("i-", i), cluster, "mine")
		}
		create(instance, "i-x", cluster, "theirs")
		create("unrelated", "1")
		attached := create(instance, w.instance, cluster, "mine")
		if _, err := c.AttachNetworkInterface(attached, w.instance, 1, 0); err != nil {
			t.Fatal(err)
		}
		for _, q := range []struct {
			vpc, cluster string
			want         int
		}{{w.account.VPCID(), "mine", leaked}, {w.account.VPCID(), "", leaked + 1}, {"vpc-other", "mine", 0}} {
			w.calls = nil
			found, err := c.DescribeLeakedNetworkInterfaces(q.vpc, q.cluster)
			if pages := max(1, (q.want+999)/1000); len(found) != q.want || err != nil || len(w.calls) != pages {
				t.Errorf("%+v: %d found with %d calls, error %v", q, len(found), len(w.calls), err)
			}
		}
		w.failing(-1, ec2model.NewError("UnauthorizedOperation", ""))
		if found, err := c.DescribeLeakedNetworkInterfaces(w.account.VPCID(), ""); found != nil || code(err) != "UnauthorizedOperation" {
			t.Errorf("%d found, error %v", len(found), err)
		}
	})
}
