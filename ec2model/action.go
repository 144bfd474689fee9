package ec2model

import "slices"

// Action is an action of the EC2 API.
type Action uint8

// The actions that address management and node launches use, and from DeleteTags
// on those that only clients from outside send; see package queryapi.
const (
	AssignPrivateIpAddresses Action = iota
	UnassignPrivateIpAddresses
	CreateNetworkInterface
	AttachNetworkInterface
	DetachNetworkInterface
	DeleteNetworkInterface
	ModifyNetworkInterfaceAttribute
	DescribeNetworkInterfaces
	DescribeInstances
	DescribeSubnets
	CreateTags
	RunInstances
	CreateFleet
	TerminateInstances
	DeleteTags
	DescribeTags
	DescribeVpcs
	DescribeSecurityGroups
	DescribeAvailabilityZones
	DescribeRegions
	DescribeInstanceTypes
	DescribeInstanceTypeOfferings
	DescribeInstanceStatus
	DescribeNetworkInterfaceAttribute
	ModifyInstanceMetadataOptions
	GetSubnetCidrReservations
	CreateSubnetCidrReservation
	DeleteSubnetCidrReservation
	CreateLaunchTemplate
	DescribeLaunchTemplates
	DeleteLaunchTemplate

	actionCount = iota
)

var actionNames = [actionCount]string{
	AssignPrivateIpAddresses:          "AssignPrivateIpAddresses",
	UnassignPrivateIpAddresses:        "UnassignPrivateIpAddresses",
	CreateNetworkInterface:            "CreateNetworkInterface",
	AttachNetworkInterface:            "AttachNetworkInterface",
	DetachNetworkInterface:            "DetachNetworkInterface",
	DeleteNetworkInterface:            "DeleteNetworkInterface",
	ModifyNetworkInterfaceAttribute:   "ModifyNetworkInterfaceAttribute",
	DescribeNetworkInterfaces:         "DescribeNetworkInterfaces",
	DescribeInstances:                 "DescribeInstances",
	DescribeSubnets:                   "DescribeSubnets",
	CreateTags:                        "CreateTags",
	RunInstances:                      "RunInstances",
	CreateFleet:                       "CreateFleet",
	TerminateInstances:                "TerminateInstances",
	DeleteTags:                        "DeleteTags",
	DescribeTags:                      "DescribeTags",
	DescribeVpcs:                      "DescribeVpcs",
	DescribeSecurityGroups:            "DescribeSecurityGroups",
	DescribeAvailabilityZones:         "DescribeAvailabilityZones",
	DescribeRegions:                   "DescribeRegions",
	DescribeInstanceTypes:             "DescribeInstanceTypes",
	DescribeInstanceTypeOfferings:     "DescribeInstanceTypeOfferings",
	DescribeInstanceStatus:            "DescribeInstanceStatus",
	DescribeNetworkInterfaceAttribute: "DescribeNetworkInterfaceAttribute",
	ModifyInstanceMetadataOptions:     "ModifyInstanceMetadataOptions",
	GetSubnetCidrReservations:         "GetSubnetCidrReservations",
	CreateSubnetCidrReservation:       "CreateSubnetCidrReservation",
	DeleteSubnetCidrReservation:       "DeleteSubnetCidrReservation",
	CreateLaunchTemplate:              "CreateLaunchTemplate",
	DescribeLaunchTemplates:           "DescribeLaunchTemplates",
	DeleteLaunchTemplate:              "DeleteLaunchTemplate",
}

// String is the action's name in the API.
func (a Action) String() string {
	if int(a) < len(actionNames) {
		return actionNames[a]
	}
	return "UnknownAction"
}

// ActionByName finds an action by its name in the API, in its exact spelling.
func ActionByName(name string) (Action, bool) {
	i := slices.Index(actionNames[:], name)
	if i < 0 {
		return 0, false
	}
	return Action(i), true
}

// CountsResources says whether the action draws from a second token bucket, of
// one token per instance; see Profile.Resources.
func (a Action) CountsResources() bool {
	return a == CreateFleet || hasRow("bucket.resources."+a.String()+".burst")
}

// Actions are all actions, in the order of their constants.
func Actions() []Action {
	all := make([]Action, actionCount)
	for i := range all {
		all[i] = Action(i)
	}
	return all
}
