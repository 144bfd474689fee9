package fleet

import (
	"slices"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/cluster"
	"ipamsim/sim/des"
)

// cloud launches and terminates instances for the cluster, through the same
// API and token buckets that the nodes' daemons use.
type cloud struct{ fleet *Fleet }

// Launch implements cluster.Cloud.
func (c *cloud) Launch(req cluster.LaunchRequest, done func(cluster.LaunchResult)) {
	c.fleet.Measured.Launched(c.fleet.Kernel.Now(), req.Count)
	c.fleet.Kernel.Go("launch", func(*des.Process) {
		if req.Fleet {
			done(c.createFleet(req))
		} else {
			done(c.runInstances(req))
		}
	})
}

// runInstances takes what it gets, of the next type when EC2 has none of one:
// so does an Auto Scaling group with several. What is missing in the end has not
// fitted.
func (c *cloud) runInstances(req cluster.LaunchRequest) (result cluster.LaunchResult) {
	pools := slices.Clone(req.Pools)
	if req.Group.Spot && len(pools) > 1 {
		c.fleet.Kernel.Rand("group/"+req.Group.Name+"/spot").Shuffle(len(pools), func(i, j int) { pools[i], pools[j] = pools[j], pools[i] })
	}
	for _, p := range pools {
		left := req.Count - len(result.Instances)
		ids, err := c.fleet.controller.RunInstances(ec2model.RunInstancesInput{
			InstanceType: p.InstanceType, SubnetID: c.subnetID(p.Subnet), MinCount: 1, Count: left, Spot: req.Group.Spot, Keep: req.Group.KeepInterface,
		})
		result.Instances = append(result.Instances, c.instances(ids)...)
		switch {
		case err != nil:
			result.Failures = append(result.Failures, failure(p, err)...)
		case len(ids) < left: // a call that got a part does not say why
			result.Failures = append(result.Failures, cluster.LaunchFailure{Pool: p, Code: c.fleet.Account.Refuses(p.InstanceType, c.subnetID(p.Subnet), req.Group.Spot)})
		}
		if n := len(result.Failures); len(result.Instances) == req.Count || result.Failures[n-1].Code != ec2model.CodeInsufficientInstanceCapacity {
			break
		}
	}
	if len(result.Instances) == req.Count {
		result.Failures = nil // another type did
	}
	return result
}

func (c *cloud) createFleet(req cluster.LaunchRequest) cluster.LaunchResult {
	in := ec2model.CreateFleetInput{Count: req.Count, Spot: req.Group.Spot, Keep: req.Group.KeepInterface, Pools: make([]ec2model.Pool, 0, len(req.Pools))}
	for _, p := range req.Pools {
		in.Pools = append(in.Pools, ec2model.Pool{InstanceType: p.InstanceType, SubnetID: c.subnetID(p.Subnet)})
	}
	out, err := c.fleet.controller.CreateFleet(in)
	result := cluster.LaunchResult{Instances: c.instances(out.InstanceIDs), Failures: failure(cluster.Pool{}, err)}
	for _, e := range out.Errors {
		p := cluster.Pool{InstanceType: e.InstanceType, Subnet: c.fleet.subnetName[e.SubnetID]}
		result.Failures = append(result.Failures, cluster.LaunchFailure{Pool: p, Code: e.Err.Code})
	}
	return result
}

func failure(p cluster.Pool, err error) []cluster.LaunchFailure {
	if err == nil {
		return nil
	}
	code, ok := ec2model.CodeOf(err)
	if !ok {
		code = "Unknown"
	}
	return []cluster.LaunchFailure{{Pool: p, Code: code}}
}

func (c *cloud) instances(ids []string) []cluster.Instance {
	list := make([]cluster.Instance, len(ids))
	for i, id := range ids {
		kind, _ := c.fleet.Account.TypeOf(id)
		list[i] = cluster.Instance{ID: id, Subnet: c.subnetOf(id), Type: kind}
	}
	return list
}

func (c *cloud) subnetOf(instance string) string {
	name, ok := c.fleet.Account.SubnetOf(instance)
	if !ok {
		panic("sim: no instance " + instance)
	}
	return name
}

// Existing implements cluster.Cloud.
func (c *cloud) Existing(group *cluster.Group, subnet string) (cluster.Instance, error) {
	id, err := c.fleet.Account.Launch(group.InstanceType, c.subnetID(subnet))
	if err == nil && group.KeepInterface {
		err = c.fleet.Account.Keep(id)
	}
	return cluster.Instance{ID: id, Subnet: subnet, Type: group.InstanceType}, err
}

// terminateAgain is how soon a controller repeats a termination that failed.
// Controllers requeue it; the spacing is our assumption.
const terminateAgain = 10 * time.Second

// Terminate implements cluster.Cloud. It tries until the end of the run.
func (c *cloud) Terminate(instances []string) {
	c.fleet.Kernel.Go("terminate", func(p *des.Process) {
		for c.fleet.controller.TerminateInstances(instances) != nil {
			p.Sleep(terminateAgain)
		}
	})
}

// TakeBack implements cluster.Cloud. It costs no API traffic.
func (c *cloud) TakeBack(instance string) { _ = c.fleet.Account.Terminate(instance) }

// Zone implements cluster.Cloud.
func (c *cloud) Zone(subnet string) string { return c.fleet.zone(subnet) }

// FreeAddresses implements cluster.Cloud.
func (c *cloud) FreeAddresses(subnet string) int {
	s, _ := c.fleet.Account.Subnet(subnet)
	return s.Free
}

func (c *cloud) subnetID(name string) string {
	id, ok := c.fleet.Account.SubnetID(name)
	if !ok {
		panic("sim: no subnet " + name)
	}
	return id
}
