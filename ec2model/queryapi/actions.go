package queryapi

import "ipamsim/ec2model"

// action is one of the API.
type action struct {
	model ec2model.Action
	read  func(*Service, *param) send
}

// actions are those that are served, by name.
var actions map[string]action

func init() {
	actions = map[string]action{}
	for _, a := range []action{
		{ec2model.AssignPrivateIpAddresses, assignPrivateIPAddresses},
		{ec2model.UnassignPrivateIpAddresses, unassignPrivateIPAddresses},
		{ec2model.CreateNetworkInterface, createNetworkInterface},
		{ec2model.AttachNetworkInterface, attachNetworkInterface},
		{ec2model.DetachNetworkInterface, detachNetworkInterface},
		{ec2model.DeleteNetworkInterface, deleteNetworkInterface},
		{ec2model.ModifyNetworkInterfaceAttribute, modifyNetworkInterfaceAttribute},
		{ec2model.DescribeNetworkInterfaces, describeNetworkInterfaces},
		{ec2model.DescribeInstances, describeInstances},
		{ec2model.DescribeSubnets, describeSubnets},
		{ec2model.CreateTags, createTags},
		{ec2model.RunInstances, runInstances},
		{ec2model.CreateFleet, createFleet},
		{ec2model.TerminateInstances, terminateInstances},
		{ec2model.DeleteTags, deleteTags},
		{ec2model.DescribeTags, describeTags},
		{ec2model.DescribeVpcs, describeVpcs},
		{ec2model.DescribeSecurityGroups, describeSecurityGroups},
		{ec2model.DescribeAvailabilityZones, describeAvailabilityZones},
		{ec2model.DescribeRegions, describeRegions},
		{ec2model.DescribeInstanceTypes, describeInstanceTypes},
		{ec2model.DescribeInstanceTypeOfferings, describeInstanceTypeOfferings},
		{ec2model.DescribeInstanceStatus, describeInstanceStatus},
		{ec2model.DescribeNetworkInterfaceAttribute, describeNetworkInterfaceAttribute},
		{ec2model.ModifyInstanceMetadataOptions, modifyInstanceMetadataOptions},
		{ec2model.GetSubnetCidrReservations, getSubnetCIDRReservations},
		{ec2model.CreateSubnetCidrReservation, createSubnetCIDRReservation},
		{ec2model.DeleteSubnetCidrReservation, deleteSubnetCIDRReservation},
		{ec2model.CreateLaunchTemplate, createLaunchTemplate},
		{ec2model.DescribeLaunchTemplates, describeLaunchTemplates},
		{ec2model.DeleteLaunchTemplate, deleteLaunchTemplate},
	} {
		actions[a.model.String()] = a
	}
}

// returning is the body of an answer that says no more than that it was done.
func returning() *body {
	var b body
	b.add("return", true)
	return &b
}

// simple sends an action whose answer says no more than that it was done.
func simple(request func(caller ec2model.Caller, done func(ec2model.Nothing, error))) send {
	return func(caller ec2model.Caller, done func(*body, error)) {
		request(caller, func(_ ec2model.Nothing, err error) { done(returning(), err) })
	}
}
