package clients

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

// must is the output of a call that is to succeed.
func must[Out any](w *world, out Out, err error) Out {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
	return out
}

// check enters what is true and fails on what is not.
func check(w *world, ok bool, by client, action, what string) {
	w.Helper()
	if !ok {
		w.Errorf("%s: %s is not shown", action, what)
		return
	}
	show(by, action, what)
}

// rejects enters that a call is rejected with a code.
func rejects(w *world, action, code string, err error) {
	w.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		w.Errorf("%s: %v, want %s", action, err, code)
		return
	}
	show(sdk, action, "`"+code+"`")
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

// launch runs instances in the first subnet.
func (w *world) launch(c *ec2.Client, count int32) *ec2.RunInstancesOutput {
	w.Helper()
	out, err := c.RunInstances(w.ctx, &ec2.RunInstancesInput{
		ImageId: aws.String("ami-1"), InstanceType: types.InstanceTypeM5Large, MinCount: aws.Int32(count), MaxCount: aws.Int32(count), SubnetId: aws.String(subnetA),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}}},
	})
	return must(w, out, err)
}

func TestSDKInstances(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		out := w.launch(c, 7)
		id := *out.Instances[0].InstanceId
		check(w, len(out.Instances) == 7 && out.Instances[0].State.Name == types.InstanceStateNamePending && *out.Instances[0].Tags[0].Value == "blue", sdk, "RunInstances", "answer")
		err := ec2.NewInstanceRunningWaiter(c).Wait(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}, time.Minute)
		check(w, err == nil, sdk, "DescribeInstances", "waiter InstanceRunning")
		err = ec2.NewInstanceStatusOkWaiter(c).Wait(w.ctx, &ec2.DescribeInstanceStatusInput{InstanceIds: []string{id}}, time.Minute)
		check(w, err == nil, sdk, "DescribeInstanceStatus", "waiter InstanceStatusOk")
		statuses, err := c.DescribeInstanceStatus(w.ctx, &ec2.DescribeInstanceStatusInput{})
		check(w, len(must(w, statuses, err).InstanceStatuses) == 7, sdk, "DescribeInstanceStatus", "answer")

		pages, seen := 0, 0
		for p := ec2.NewDescribeInstancesPaginator(c, &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)}); p.HasMorePages(); pages++ {
			page, err := p.NextPage(w.ctx)
			for _, r := range must(w, page, err).Reservations {
				seen += len(r.Instances)
			}
		}
		check(w, pages == 2 && seen == 7, sdk, "DescribeInstances", "pages")
		found, err := c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{Filters: []types.Filter{filter("tag:team", "bl*"), filter("instance-state-name", "running"), filter("instance-id", id)}})
		check(w, len(must(w, found, err).Reservations) == 1, sdk, "DescribeInstances", "filters")
		i := found.Reservations[0].Instances[0]
		check(w, *i.SubnetId == subnetA && i.LaunchTime.Year() == 2026 && len(i.NetworkInterfaces) == 1 && *i.PrivateIpAddress == *i.NetworkInterfaces[0].PrivateIpAddress, sdk, "DescribeInstances", "answer")

		changed, err := c.ModifyInstanceMetadataOptions(w.ctx, &ec2.ModifyInstanceMetadataOptionsInput{InstanceId: &id, HttpTokens: types.HttpTokensStateOptional, HttpPutResponseHopLimit: aws.Int32(3)})
		check(w, *must(w, changed, err).InstanceMetadataOptions.HttpPutResponseHopLimit == 3, sdk, "ModifyInstanceMetadataOptions", "answer")

		_, err = c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"i-00000000000009999"}})
		rejects(w, "DescribeInstances", "InvalidInstanceID.NotFound", err)
		_, err = c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"nonsense"}})
		rejects(w, "DescribeInstances", "InvalidInstanceID.Malformed", err)
		_, err = c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{NextToken: aws.String("nonsense")})
		rejects(w, "DescribeInstances", "InvalidNextToken", err)
		_, err = c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{Filters: []types.Filter{filter("no-such-filter", "x")}})
		rejects(w, "DescribeInstances", "InvalidParameterValue", err)
		_, err = c.DescribeInstances(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}, MaxResults: aws.Int32(5)})
		rejects(w, "DescribeInstances", "InvalidParameterCombination", err)
		_, err = c.RunInstances(w.ctx, &ec2.RunInstancesInput{ImageId: aws.String("ami-1"), MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String("subnet-0000000000000beef")})
		rejects(w, "RunInstances", "InvalidSubnetID.NotFound", err)
		_, err = c.RunInstances(w.ctx, &ec2.RunInstancesInput{MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: aws.String(subnetA), DryRun: aws.Bool(true), ImageId: aws.String("ami-1")})
		rejects(w, "RunInstances", "DryRunOperation", err)
		_, err = c.RunInstances(w.ctx, &ec2.RunInstancesInput{MinCount: aws.Int32(2000), MaxCount: aws.Int32(2000), SubnetId: aws.String(subnetA), InstanceType: types.InstanceTypeM5Large, ImageId: aws.String("ami-1")}, once)
		rejects(w, "RunInstances", "RequestLimitExceeded", err)

		gone, err := c.TerminateInstances(w.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		check(w, must(w, gone, err).TerminatingInstances[0].CurrentState.Name == types.InstanceStateNameShuttingDown, sdk, "TerminateInstances", "answer")
		err = ec2.NewInstanceTerminatedWaiter(c).Wait(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{id}}, 5*time.Minute)
		check(w, err == nil, sdk, "DescribeInstances", "waiter InstanceTerminated")
		gone, err = c.TerminateInstances(w.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		check(w, must(w, gone, err).TerminatingInstances[0].PreviousState.Name == types.InstanceStateNameTerminated, sdk, "TerminateInstances", "the same again")
		time.Sleep(2 * time.Hour)
		_, err = c.TerminateInstances(w.ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
		rejects(w, "TerminateInstances", "InvalidInstanceID.NotFound", err)
	})
}

// once makes one attempt only.
func once(o *ec2.Options) { o.Retryer = aws.NopRetryer{} }

func TestSDKInterfaces(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		instance := *w.launch(c, 1).Instances[0].InstanceId
		made, err := c.CreateNetworkInterface(w.ctx, &ec2.CreateNetworkInterfaceInput{
			SubnetId: aws.String(subnetA), Description: aws.String("<one> & 'two'"), SecondaryPrivateIpAddressCount: aws.Int32(2), Groups: []string{w.account.SecurityGroupID()},
			TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeNetworkInterface, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}},
		})
		e := must(w, made, err).NetworkInterface
		check(w, *e.Description == "<one> & 'two'" && len(e.PrivateIpAddresses) == 3 && *e.TagSet[0].Value == "v" && *e.Groups[0].GroupId == w.account.SecurityGroupID(), sdk, "CreateNetworkInterface", "answer")
		err = ec2.NewNetworkInterfaceAvailableWaiter(c).Wait(w.ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{*e.NetworkInterfaceId}}, time.Minute)
		check(w, err == nil, sdk, "DescribeNetworkInterfaces", "waiter NetworkInterfaceAvailable")
		attached, err := c.AttachNetworkInterface(w.ctx, &ec2.AttachNetworkInterfaceInput{NetworkInterfaceId: e.NetworkInterfaceId, InstanceId: &instance, DeviceIndex: aws.Int32(1)})
		check(w, *must(w, attached, err).AttachmentId != "", sdk, "AttachNetworkInterface", "answer")
		_, err = c.ModifyNetworkInterfaceAttribute(w.ctx, &ec2.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: e.NetworkInterfaceId,
			Attachment: &types.NetworkInterfaceAttachmentChanges{AttachmentId: attached.AttachmentId, DeleteOnTermination: aws.Bool(true)}})
		check(w, err == nil, sdk, "ModifyNetworkInterfaceAttribute", "answer")
		got, err := c.AssignPrivateIpAddresses(w.ctx, &ec2.AssignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, SecondaryPrivateIpAddressCount: aws.Int32(3)})
		check(w, len(must(w, got, err).AssignedPrivateIpAddresses) == 3, sdk, "AssignPrivateIpAddresses", "answer")
		blocks, err := c.AssignPrivateIpAddresses(w.ctx, &ec2.AssignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, Ipv4PrefixCount: aws.Int32(2)})
		check(w, len(must(w, blocks, err).AssignedIpv4Prefixes) == 2, sdk, "AssignPrivateIpAddresses", "prefixes")
		_, err = c.AssignPrivateIpAddresses(w.ctx, &ec2.AssignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, SecondaryPrivateIpAddressCount: aws.Int32(30)})
		rejects(w, "AssignPrivateIpAddresses", "PrivateIpAddressLimitExceeded", err)
		_, err = c.UnassignPrivateIpAddresses(w.ctx, &ec2.UnassignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, PrivateIpAddresses: []string{*got.AssignedPrivateIpAddresses[0].PrivateIpAddress}})
		check(w, err == nil, sdk, "UnassignPrivateIpAddresses", "answer")
		_, err = c.UnassignPrivateIpAddresses(w.ctx, &ec2.UnassignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, Ipv4Prefixes: []string{*blocks.AssignedIpv4Prefixes[0].Ipv4Prefix}})
		check(w, err == nil, sdk, "UnassignPrivateIpAddresses", "prefixes")
		again, err := c.AssignPrivateIpAddresses(w.ctx, &ec2.AssignPrivateIpAddressesInput{NetworkInterfaceId: e.NetworkInterfaceId, PrivateIpAddresses: []string{*got.AssignedPrivateIpAddresses[0].PrivateIpAddress}})
		check(w, *must(w, again, err).AssignedPrivateIpAddresses[0].PrivateIpAddress == *got.AssignedPrivateIpAddresses[0].PrivateIpAddress, sdk, "AssignPrivateIpAddresses", "by name")

		found, err := c.DescribeNetworkInterfaces(w.ctx, &ec2.DescribeNetworkInterfacesInput{Filters: []types.Filter{
			filter("attachment.instance-id", instance), filter("tag-key", "k"), filter("status", "in-use"), filter("vpc-id", vpcID), filter("addresses.private-ip-address", *again.AssignedPrivateIpAddresses[0].PrivateIpAddress)}})
		check(w, len(must(w, found, err).NetworkInterfaces) == 1, sdk, "DescribeNetworkInterfaces", "filters")
		seen := found.NetworkInterfaces[0]
		check(w, *seen.Attachment.DeleteOnTermination && *seen.Attachment.DeviceIndex == 1 && len(seen.Ipv4Prefixes) == 1 && len(seen.PrivateIpAddresses) == 6 && *seen.SourceDestCheck, sdk, "DescribeNetworkInterfaces", "answer")
		attribute, err := c.DescribeNetworkInterfaceAttribute(w.ctx, &ec2.DescribeNetworkInterfaceAttributeInput{NetworkInterfaceId: e.NetworkInterfaceId, Attribute: types.NetworkInterfaceAttributeDescription})
		check(w, *must(w, attribute, err).Description.Value == "<one> & 'two'", sdk, "DescribeNetworkInterfaceAttribute", "answer")

		_, err = c.DeleteNetworkInterface(w.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: e.NetworkInterfaceId})
		rejects(w, "DeleteNetworkInterface", "InvalidParameterValue", err)
		_, err = c.DetachNetworkInterface(w.ctx, &ec2.DetachNetworkInterfaceInput{AttachmentId: attached.AttachmentId})
		check(w, err == nil, sdk, "DetachNetworkInterface", "answer")
		_, err = c.DetachNetworkInterface(w.ctx, &ec2.DetachNetworkInterfaceInput{AttachmentId: attached.AttachmentId})
		rejects(w, "DetachNetworkInterface", "InvalidAttachmentID.NotFound", err)
		must(w, 0, ec2.NewNetworkInterfaceAvailableWaiter(c).Wait(w.ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{*e.NetworkInterfaceId}}, time.Minute))
		_, err = c.DeleteNetworkInterface(w.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: e.NetworkInterfaceId})
		check(w, err == nil, sdk, "DeleteNetworkInterface", "answer")
		_, err = c.DeleteNetworkInterface(w.ctx, &ec2.DeleteNetworkInterfaceInput{NetworkInterfaceId: e.NetworkInterfaceId})
		rejects(w, "DeleteNetworkInterface", "InvalidNetworkInterfaceID.NotFound", err)
		_, err = c.AttachNetworkInterface(w.ctx, &ec2.AttachNetworkInterfaceInput{NetworkInterfaceId: aws.String("eni-1"), InstanceId: &instance, DeviceIndex: aws.Int32(1)})
		rejects(w, "AttachNetworkInterface", "InvalidNetworkInterfaceId.Malformed", err)

		for range 11 {
			must(w, 0, second(c.CreateNetworkInterface(w.ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: aws.String(subnetB)})))
		}
		var ids []string
		pages := 0
		for p := ec2.NewDescribeNetworkInterfacesPaginator(c, &ec2.DescribeNetworkInterfacesInput{MaxResults: aws.Int32(5)}); p.HasMorePages(); pages++ {
			page, err := p.NextPage(w.ctx)
			for _, e := range must(w, page, err).NetworkInterfaces {
				ids = append(ids, *e.NetworkInterfaceId)
			}
		}
		check(w, pages == 3 && len(ids) == 12 && slices.IsSorted(ids), sdk, "DescribeNetworkInterfaces", "pages")
	})
}

// second is the error of two results.
func second[T any](_ T, err error) error { return err }

func TestSDKSubnetsAndTheRest(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		subnets, err := c.DescribeSubnets(w.ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{filter("vpc-id", vpcID), filter("availability-zone", "us-west-2b")}})
		check(w, len(must(w, subnets, err).Subnets) == 1 && *subnets.Subnets[0].SubnetId == subnetB && *subnets.Subnets[0].AvailableIpAddressCount == 1019, sdk, "DescribeSubnets", "answer")
		show(sdk, "DescribeSubnets", "filters")
		_, err = c.DescribeSubnets(w.ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-0"}})
		rejects(w, "DescribeSubnets", "InvalidSubnetID.NotFound", err)
		err = ec2.NewSubnetAvailableWaiter(c).Wait(w.ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{subnetA}}, time.Minute)
		check(w, err == nil, sdk, "DescribeSubnets", "waiter SubnetAvailable")
		vpcs, err := c.DescribeVpcs(w.ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}})
		check(w, *must(w, vpcs, err).Vpcs[0].CidrBlock == "10.0.0.0/16" && !*vpcs.Vpcs[0].IsDefault, sdk, "DescribeVpcs", "answer")
		_, err = c.DescribeVpcs(w.ctx, &ec2.DescribeVpcsInput{VpcIds: []string{"vpc-0"}})
		rejects(w, "DescribeVpcs", "InvalidVpcID.NotFound", err)
		groups, err := c.DescribeSecurityGroups(w.ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{filter("group-name", "default")}})
		check(w, *must(w, groups, err).SecurityGroups[0].GroupId == w.account.SecurityGroupID(), sdk, "DescribeSecurityGroups", "answer")
		zones, err := c.DescribeAvailabilityZones(w.ctx, &ec2.DescribeAvailabilityZonesInput{})
		check(w, len(must(w, zones, err).AvailabilityZones) == 2 && *zones.AvailabilityZones[1].ZoneName == "us-west-2b", sdk, "DescribeAvailabilityZones", "answer")
		regions, err := c.DescribeRegions(w.ctx, &ec2.DescribeRegionsInput{})
		check(w, *must(w, regions, err).Regions[0].RegionName == "us-west-2", sdk, "DescribeRegions", "answer")

		kinds, err := c.DescribeInstanceTypes(w.ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{types.InstanceTypeM5Large, "c6gn.16xlarge"}})
		check(w, len(must(w, kinds, err).InstanceTypes) == 2 && *kinds.InstanceTypes[0].NetworkInfo.MaximumNetworkInterfaces == 3 && *kinds.InstanceTypes[0].NetworkInfo.Ipv4AddressesPerInterface == 10 && kinds.InstanceTypes[1].ProcessorInfo.SupportedArchitectures[0] == types.ArchitectureTypeArm64, sdk, "DescribeInstanceTypes", "answer")
		_, err = c.DescribeInstanceTypes(w.ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"m5.tiny"}})
		rejects(w, "DescribeInstanceTypes", "InvalidInstanceType", err)
		count := 0
		for p := ec2.NewDescribeInstanceTypesPaginator(c, &ec2.DescribeInstanceTypesInput{}); p.HasMorePages(); {
			page, err := p.NextPage(w.ctx)
			count += len(must(w, page, err).InstanceTypes)
		}
		check(w, count > 700, sdk, "DescribeInstanceTypes", "pages")
		offers, err := c.DescribeInstanceTypeOfferings(w.ctx, &ec2.DescribeInstanceTypeOfferingsInput{LocationType: types.LocationTypeAvailabilityZone, Filters: []types.Filter{filter("instance-type", "m5.large")}})
		check(w, len(must(w, offers, err).InstanceTypeOfferings) == 2, sdk, "DescribeInstanceTypeOfferings", "answer")

		_, err = c.CreateTags(w.ctx, &ec2.CreateTagsInput{Resources: []string{subnetA, subnetB}, Tags: []types.Tag{{Key: aws.String("kubernetes.io/role/cni"), Value: aws.String("1")}, {Key: aws.String("x"), Value: aws.String("")}}})
		check(w, err == nil, sdk, "CreateTags", "answer")
		tags, err := c.DescribeTags(w.ctx, &ec2.DescribeTagsInput{Filters: []types.Filter{filter("resource-id", subnetA), filter("key", "kubernetes.io/*")}})
		check(w, len(must(w, tags, err).Tags) == 1 && *tags.Tags[0].Value == "1", sdk, "DescribeTags", "answer")
		show(sdk, "DescribeTags", "filters")
		_, err = c.DeleteTags(w.ctx, &ec2.DeleteTagsInput{Resources: []string{subnetA}, Tags: []types.Tag{{Key: aws.String("x")}}})
		check(w, err == nil, sdk, "DeleteTags", "answer")
		_, err = c.CreateTags(w.ctx, &ec2.CreateTagsInput{Resources: []string{"rubbish-1"}, Tags: []types.Tag{{Key: aws.String("x"), Value: aws.String("y")}}})
		rejects(w, "CreateTags", "InvalidID", err)

		kept, err := c.CreateSubnetCidrReservation(w.ctx, &ec2.CreateSubnetCidrReservationInput{SubnetId: aws.String(subnetA), Cidr: aws.String("10.0.2.0/24"), ReservationType: types.SubnetCidrReservationTypePrefix})
		check(w, *must(w, kept, err).SubnetCidrReservation.Cidr == "10.0.2.0/24", sdk, "CreateSubnetCidrReservation", "answer")
		list, err := c.GetSubnetCidrReservations(w.ctx, &ec2.GetSubnetCidrReservationsInput{SubnetId: aws.String(subnetA)})
		check(w, len(must(w, list, err).SubnetIpv4CidrReservations) == 1, sdk, "GetSubnetCidrReservations", "answer")
		ended, err := c.DeleteSubnetCidrReservation(w.ctx, &ec2.DeleteSubnetCidrReservationInput{SubnetCidrReservationId: kept.SubnetCidrReservation.SubnetCidrReservationId})
		check(w, *must(w, ended, err).DeletedSubnetCidrReservation.Cidr == "10.0.2.0/24", sdk, "DeleteSubnetCidrReservation", "answer")
		_, err = c.CreateSubnetCidrReservation(w.ctx, &ec2.CreateSubnetCidrReservationInput{SubnetId: aws.String(subnetA), Cidr: aws.String("10.9.2.0/24"), ReservationType: types.SubnetCidrReservationTypePrefix})
		rejects(w, "CreateSubnetCidrReservation", "InvalidParameterValue", err)
	})
}

// Karpenter's way to nodes: subnets by tag, a template, an instant fleet over
// types and subnets, with prefixes on the first interface.
func TestSDKFleets(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		made, err := c.CreateLaunchTemplate(w.ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("karpenter"), LaunchTemplateData: &types.RequestLaunchTemplateData{
			ImageId: aws.String("ami-1"), MetadataOptions: &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: types.LaunchTemplateHttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(1)}}})
		id := must(w, made, err).LaunchTemplate.LaunchTemplateId
		check(w, *made.LaunchTemplate.LaunchTemplateName == "karpenter", sdk, "CreateLaunchTemplate", "answer")
		listed, err := c.DescribeLaunchTemplates(w.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"karpenter"}})
		check(w, *must(w, listed, err).LaunchTemplates[0].LaunchTemplateId == *id, sdk, "DescribeLaunchTemplates", "answer")
		var overrides []types.FleetLaunchTemplateOverridesRequest
		for _, kind := range []types.InstanceType{types.InstanceTypeM5Large, types.InstanceTypeC5Large} {
			for _, subnet := range []string{subnetA, subnetB} {
				overrides = append(overrides, types.FleetLaunchTemplateOverridesRequest{InstanceType: kind, SubnetId: aws.String(subnet)})
			}
		}
		in := &ec2.CreateFleetInput{
			Type: types.FleetTypeInstant, TargetCapacitySpecification: &types.TargetCapacitySpecificationRequest{TotalTargetCapacity: aws.Int32(3), DefaultTargetCapacityType: types.DefaultTargetCapacityTypeOnDemand},
			LaunchTemplateConfigs: []types.FleetLaunchTemplateConfigRequest{{LaunchTemplateSpecification: &types.FleetLaunchTemplateSpecificationRequest{LaunchTemplateName: aws.String("karpenter"), Version: aws.String("$Latest")}, Overrides: overrides}},
			OnDemandOptions:       &types.OnDemandOptionsRequest{AllocationStrategy: types.FleetOnDemandAllocationStrategyLowestPrice},
			TagSpecifications:     []types.TagSpecification{{ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}}},
		}
		fleet, err := c.CreateFleet(w.ctx, in)
		ids := 0
		for _, i := range must(w, fleet, err).Instances {
			ids += len(i.InstanceIds)
		}
		check(w, ids == 3 && *fleet.FleetId != "", sdk, "CreateFleet", "answer")
		in.LaunchTemplateConfigs[0].LaunchTemplateSpecification.LaunchTemplateName = aws.String("nothing")
		_, err = c.CreateFleet(w.ctx, in)
		rejects(w, "CreateFleet", "InvalidLaunchTemplateName.NotFoundException", err)
		_, err = c.DeleteLaunchTemplate(w.ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: id})
		check(w, err == nil, sdk, "DeleteLaunchTemplate", "answer")
	})
}
