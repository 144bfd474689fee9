package fleet

import (
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// cloud launches and terminates instances for the cluster, through the same
// API and token buckets that the nodes' daemons use.
type cloud struct{ world *Fleet }

// Launch implements cluster.Cloud.
func (c *cloud) Launch(req cluster.LaunchRequest, done func(cluster.LaunchResult)) {
	c.world.Measured.Launched(c.world.Kernel.Now(), req.Count)
	c.world.Kernel.Go("launch", func(*des.Process) {
		if req.Fleet {
			done(c.fleet(req))
		} else {
			done(c.runInstances(req))
		}
	})
}

// runInstances takes what it gets. What is missing has not fitted into the
// subnet.
func (c *cloud) runInstances(req cluster.LaunchRequest) cluster.LaunchResult {
	subnet := req.Subnets[0]
	ids, err := c.world.controller.RunInstances(ec2model.RunInstancesInput{
		InstanceType: req.Group.InstanceType, SubnetID: c.subnetID(subnet), MinCount: 1, Count: req.Count, Keep: req.Group.KeepInterface,
	})
	result := cluster.LaunchResult{Instances: c.instances(ids), Failures: failure(subnet, err)}
	if err == nil && len(ids) < req.Count {
		result.Failures = []cluster.LaunchFailure{{Subnet: subnet, Code: ec2model.CodeInsufficientFreeAddresses}}
	}
	return result
}

func (c *cloud) fleet(req cluster.LaunchRequest) cluster.LaunchResult {
	in := ec2model.CreateFleetInput{InstanceType: req.Group.InstanceType, Count: req.Count, Keep: req.Group.KeepInterface}
	for _, name := range req.Subnets {
		in.SubnetIDs = append(in.SubnetIDs, c.subnetID(name))
	}
	out, err := c.world.controller.CreateFleet(in)
	result := cluster.LaunchResult{Instances: c.instances(out.InstanceIDs), Failures: failure("", err)}
	for _, e := range out.Errors {
		result.Failures = append(result.Failures, cluster.LaunchFailure{Subnet: c.world.subnetName[e.SubnetID], Code: e.Err.Code})
	}
	return result
}

func failure(subnet string, err error) []cluster.LaunchFailure {
	if err == nil {
		return nil
	}
	code, ok := ec2model.CodeOf(err)
	if !ok {
		code = "Unknown"
	}
	return []cluster.LaunchFailure{{Subnet: subnet, Code: code}}
}

func (c *cloud) instances(ids []string) []cluster.Instance {
	list := make([]cluster.Instance, len(ids))
	for i, id := range ids {
		list[i] = cluster.Instance{ID: id, Subnet: c.subnetOf(id)}
	}
	return list
}

func (c *cloud) subnetOf(instance string) string {
	name, ok := c.world.Account.SubnetOf(instance)
	if !ok {
		panic("sim: no instance " + instance)
	}
	return name
}

// Existing implements cluster.Cloud.
func (c *cloud) Existing(group *cluster.Group, subnet string) (cluster.Instance, error) {
	id, err := c.world.Account.Launch(group.InstanceType, c.subnetID(subnet))
	if err == nil && group.KeepInterface {
		err = c.world.Account.Keep(id)
	}
	return cluster.Instance{ID: id, Subnet: subnet}, err
}

// TerminateAgain is how soon a controller repeats a termination that failed.
// Controllers requeue it; the spacing is our assumption.
const terminateAgain = 10 * time.Second

// Terminate implements cluster.Cloud. It tries until the end of the run.
func (c *cloud) Terminate(instances []string) {
	c.world.Kernel.Go("terminate", func(p *des.Process) {
		for c.world.controller.TerminateInstances(instances) != nil {
			p.Sleep(terminateAgain)
		}
	})
}

// Zone implements cluster.Cloud.
func (c *cloud) Zone(subnet string) string { return c.world.zone(subnet) }

// FreeAddresses implements cluster.Cloud.
func (c *cloud) FreeAddresses(subnet string) int {
	s, _ := c.world.Account.Subnet(subnet)
	return s.Free
}

func (c *cloud) subnetID(name string) string {
	id, ok := c.world.Account.SubnetID(name)
	if !ok {
		panic("sim: no subnet " + name)
	}
	return id
}
