package clients

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// paginator is one of the SDK's.
type paginator[Out any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*ec2.Options)) (*Out, error)
}

// paged enters that the pages of a description have all of it: so many things on
// so many pages.
func paged[Out any](w *world, action string, p paginator[Out], count func(*Out) int, things, pages int) {
	w.Helper()
	seen, n := 0, 0
	for ; p.HasMorePages(); n++ {
		page, err := p.NextPage(w.ctx)
		seen += count(must(w, page, err))
	}
	if seen != things || n != pages {
		w.Errorf("%s: %d on %d pages, want %d on %d", action, seen, n, things, pages)
		return
	}
	what := "pages"
	if pages == 1 {
		what = "one page" // there is one thing alone
	}
	show(sdk, action, what)
}

// filtered enters that of two values of a filter one finds something and the
// other nothing.
func filtered[Out any](w *world, action, name, hit, miss string, find func(types.Filter) (Out, error), count func(Out) int) {
	w.Helper()
	found, err := find(filter(name, hit))
	must(w, 0, err)
	none, err := find(filter(name, miss))
	must(w, 0, err)
	check(w, count(found) > 0 && count(none) == 0, sdk, action, "filters")
	_, err = find(filter("no-such-filter", hit))
	rejects(w, action, "InvalidParameterValue", err)
}

func sevenSubnets(cfg *ec2model.Config) {
	for _, third := range []byte{8, 12, 16, 20, 24} {
		more := cfg.Subnets[0]
		more.Name, more.CIDR = string('a'+rune(third)), prefix(10, 0, third)
		cfg.Subnets = append(cfg.Subnets, more)
	}
}

// Whatever has pages in the SDK is paged through.
func TestSDKPages(t *testing.T) {
	five := aws.Int32(5)
	inBubble(t, func(w *world) {
		c := w.ec2()
		instance := *w.launch(c, 7).Instances[0].InstanceId
		for _, third := range []string{"0", "16", "32", "48", "64", "80", "96"} {
			must(w, 0, second(c.CreateTags(w.ctx, &ec2.CreateTagsInput{Resources: []string{subnetA}, Tags: tagged("k"+third, "v")})))
			must(w, 0, second(c.CreateSubnetCidrReservation(w.ctx, &ec2.CreateSubnetCidrReservationInput{SubnetId: aws.String(subnetB), Cidr: aws.String("10.0.5." + third + "/28"), ReservationType: types.SubnetCidrReservationTypePrefix})))
			must(w, 0, second(c.CreateLaunchTemplate(w.ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("t" + third), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String("ami-1")}})))
		}
		must(w, 0, ec2.NewInstanceRunningWaiter(c).Wait(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{instance}}, time.Minute))
		time.Sleep(time.Minute)
		paged(w, "DescribeInstanceStatus", ec2.NewDescribeInstanceStatusPaginator(c, &ec2.DescribeInstanceStatusInput{MaxResults: five}), func(o *ec2.DescribeInstanceStatusOutput) int { return len(o.InstanceStatuses) }, 7, 2)
		paged(w, "DescribeSubnets", ec2.NewDescribeSubnetsPaginator(c, &ec2.DescribeSubnetsInput{MaxResults: five}), func(o *ec2.DescribeSubnetsOutput) int { return len(o.Subnets) }, 7, 2)
		ofSubnet := []types.Filter{filter("resource-type", "subnet"), filter("value", "v")}
		paged(w, "DescribeTags", ec2.NewDescribeTagsPaginator(c, &ec2.DescribeTagsInput{MaxResults: five, Filters: ofSubnet}), func(o *ec2.DescribeTagsOutput) int { return len(o.Tags) }, 7, 2)
		paged(w, "DescribeLaunchTemplates", ec2.NewDescribeLaunchTemplatesPaginator(c, &ec2.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(3)}), func(o *ec2.DescribeLaunchTemplatesOutput) int { return len(o.LaunchTemplates) }, 7, 3)
		paged(w, "DescribeVpcs", ec2.NewDescribeVpcsPaginator(c, &ec2.DescribeVpcsInput{MaxResults: five}), func(o *ec2.DescribeVpcsOutput) int { return len(o.Vpcs) }, 1, 1)
		paged(w, "DescribeSecurityGroups", ec2.NewDescribeSecurityGroupsPaginator(c, &ec2.DescribeSecurityGroupsInput{MaxResults: five}), func(o *ec2.DescribeSecurityGroupsOutput) int { return len(o.SecurityGroups) }, 1, 1)
		m5 := []types.Filter{filter("instance-type", "m5.*arge")}
		paged(w, "DescribeInstanceTypeOfferings", ec2.NewDescribeInstanceTypeOfferingsPaginator(c, &ec2.DescribeInstanceTypeOfferingsInput{MaxResults: five, Filters: m5}), func(o *ec2.DescribeInstanceTypeOfferingsOutput) int { return len(o.InstanceTypeOfferings) }, 8, 2)
		in := &ec2.GetSubnetCidrReservationsInput{SubnetId: aws.String(subnetB), MaxResults: five} // the SDK has no paginator for it
		paged(w, "GetSubnetCidrReservations", &byToken[ec2.GetSubnetCidrReservationsOutput]{next: func(ctx context.Context, token *string) (*ec2.GetSubnetCidrReservationsOutput, *string, error) {
			in.NextToken = token
			out, err := c.GetSubnetCidrReservations(ctx, in)
			return must(w, out, err), out.NextToken, err
		}}, func(o *ec2.GetSubnetCidrReservationsOutput) int { return len(o.SubnetIpv4CidrReservations) }, 7, 2)
	}, sevenSubnets)
}

// byToken goes through pages by hand.
type byToken[Out any] struct {
	next  func(context.Context, *string) (*Out, *string, error)
	token *string
	begun bool
}

func (p *byToken[Out]) HasMorePages() bool { return !p.begun || p.token != nil }

func (p *byToken[Out]) NextPage(ctx context.Context, _ ...func(*ec2.Options)) (out *Out, err error) {
	p.begun = true
	out, p.token, err = p.next(ctx, p.token)
	return out, err
}

// Whatever takes filters in the SDK is filtered.
func TestSDKFilters(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		w.launch(c, 1)
		time.Sleep(time.Minute)
		must(w, 0, second(c.CreateSubnetCidrReservation(w.ctx, &ec2.CreateSubnetCidrReservationInput{SubnetId: aws.String(subnetB), Cidr: aws.String("10.0.5.0/28"), ReservationType: types.SubnetCidrReservationTypePrefix})))
		must(w, 0, second(c.CreateLaunchTemplate(w.ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("nodes"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String("ami-1")}})))
		filtered(w, "DescribeAvailabilityZones", "zone-name", "us-west-2?", "eu-*", func(f types.Filter) (*ec2.DescribeAvailabilityZonesOutput, error) {
			return c.DescribeAvailabilityZones(w.ctx, &ec2.DescribeAvailabilityZonesInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeAvailabilityZonesOutput) int { return len(o.AvailabilityZones) })
		filtered(w, "DescribeRegions", "region-name", "us-*", "eu-*", func(f types.Filter) (*ec2.DescribeRegionsOutput, error) {
			return c.DescribeRegions(w.ctx, &ec2.DescribeRegionsInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeRegionsOutput) int { return len(o.Regions) })
		filtered(w, "DescribeVpcs", "cidr", "10.0.?.0/16", "10.1.0.0/16", func(f types.Filter) (*ec2.DescribeVpcsOutput, error) {
			return c.DescribeVpcs(w.ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeVpcsOutput) int { return len(o.Vpcs) })
		filtered(w, "DescribeSecurityGroups", "vpc-id", vpcID, "vpc-0", func(f types.Filter) (*ec2.DescribeSecurityGroupsOutput, error) {
			return c.DescribeSecurityGroups(w.ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeSecurityGroupsOutput) int { return len(o.SecurityGroups) })
		filtered(w, "DescribeInstanceStatus", "instance-state-name", "running", "stopped", func(f types.Filter) (*ec2.DescribeInstanceStatusOutput, error) {
			return c.DescribeInstanceStatus(w.ctx, &ec2.DescribeInstanceStatusInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeInstanceStatusOutput) int { return len(o.InstanceStatuses) })
		filtered(w, "DescribeInstanceTypes", "instance-type", "m5.l*", "m5.tiny", func(f types.Filter) (*ec2.DescribeInstanceTypesOutput, error) {
			return c.DescribeInstanceTypes(w.ctx, &ec2.DescribeInstanceTypesInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeInstanceTypesOutput) int { return len(o.InstanceTypes) })
		filtered(w, "DescribeInstanceTypeOfferings", "instance-type", "m5.large", "m5.tiny", func(f types.Filter) (*ec2.DescribeInstanceTypeOfferingsOutput, error) {
			return c.DescribeInstanceTypeOfferings(w.ctx, &ec2.DescribeInstanceTypeOfferingsInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeInstanceTypeOfferingsOutput) int { return len(o.InstanceTypeOfferings) })
		filtered(w, "DescribeLaunchTemplates", "launch-template-name", "nod*", "x", func(f types.Filter) (*ec2.DescribeLaunchTemplatesOutput, error) {
			return c.DescribeLaunchTemplates(w.ctx, &ec2.DescribeLaunchTemplatesInput{Filters: []types.Filter{f}})
		}, func(o *ec2.DescribeLaunchTemplatesOutput) int { return len(o.LaunchTemplates) })
		filtered(w, "GetSubnetCidrReservations", "reservationType", "prefix", "explicit", func(f types.Filter) (*ec2.GetSubnetCidrReservationsOutput, error) {
			return c.GetSubnetCidrReservations(w.ctx, &ec2.GetSubnetCidrReservationsInput{SubnetId: aws.String(subnetB), Filters: []types.Filter{f}})
		}, func(o *ec2.GetSubnetCidrReservationsOutput) int { return len(o.SubnetIpv4CidrReservations) })
	})
}

// The SDK's waiters of what is served, but for that for stopped instances: none
// can be stopped.
func TestSDKWaiters(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		ids := []string{*w.launch(c, 1).Instances[0].InstanceId}
		err := ec2.NewInstanceExistsWaiter(c).Wait(w.ctx, &ec2.DescribeInstancesInput{InstanceIds: ids}, time.Minute)
		check(w, err == nil, sdk, "DescribeInstances", "waiter InstanceExists")
		err = ec2.NewSystemStatusOkWaiter(c).Wait(w.ctx, &ec2.DescribeInstanceStatusInput{InstanceIds: ids}, time.Minute)
		check(w, err == nil, sdk, "DescribeInstanceStatus", "waiter SystemStatusOk")
		err = ec2.NewSecurityGroupExistsWaiter(c).Wait(w.ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{w.account.SecurityGroupID()}}, time.Minute)
		check(w, err == nil, sdk, "DescribeSecurityGroups", "waiter SecurityGroupExists")
		err = ec2.NewVpcAvailableWaiter(c).Wait(w.ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}}, time.Minute)
		check(w, err == nil, sdk, "DescribeVpcs", "waiter VpcAvailable")
		err = ec2.NewVpcExistsWaiter(c).Wait(w.ctx, &ec2.DescribeVpcsInput{VpcIds: []string{vpcID}}, time.Minute)
		check(w, err == nil, sdk, "DescribeVpcs", "waiter VpcExists")
	})
}

// Actions whose other tests have no error of them are asked for what is not there.
func TestSDKErrors(t *testing.T) {
	inBubble(t, func(w *world) {
		c := w.ec2()
		instance := *w.launch(c, 1).Instances[0].InstanceId
		eni := aws.String("eni-0123456789abcdef0")
		for _, try := range []struct {
			action, code string
			err          error
		}{
			{"CreateNetworkInterface", "InvalidSubnetID.NotFound", second(c.CreateNetworkInterface(w.ctx, &ec2.CreateNetworkInterfaceInput{SubnetId: aws.String("subnet-0123456789abcdef0")}))},
			{"ModifyNetworkInterfaceAttribute", "InvalidNetworkInterfaceID.NotFound", second(c.ModifyNetworkInterfaceAttribute(w.ctx, &ec2.ModifyNetworkInterfaceAttributeInput{NetworkInterfaceId: eni, Groups: []string{w.account.SecurityGroupID()}}))},
			{"DescribeNetworkInterfaces", "InvalidNetworkInterfaceID.NotFound", second(c.DescribeNetworkInterfaces(w.ctx, &ec2.DescribeNetworkInterfacesInput{NetworkInterfaceIds: []string{*eni}}))},
			{"DescribeNetworkInterfaceAttribute", "InvalidNetworkInterfaceID.NotFound", second(c.DescribeNetworkInterfaceAttribute(w.ctx, &ec2.DescribeNetworkInterfaceAttributeInput{NetworkInterfaceId: eni, Attribute: types.NetworkInterfaceAttributeGroupSet}))},
			{"UnassignPrivateIpAddresses", "InvalidNetworkInterfaceID.NotFound", second(c.UnassignPrivateIpAddresses(w.ctx, &ec2.UnassignPrivateIpAddressesInput{NetworkInterfaceId: eni, PrivateIpAddresses: []string{"10.0.0.9"}}))},
			{"AttachNetworkInterface", "InvalidNetworkInterfaceID.NotFound", second(c.AttachNetworkInterface(w.ctx, &ec2.AttachNetworkInterfaceInput{NetworkInterfaceId: eni, InstanceId: &instance, DeviceIndex: aws.Int32(1)}))},
			{"ModifyInstanceMetadataOptions", "InvalidInstanceID.NotFound", second(c.ModifyInstanceMetadataOptions(w.ctx, &ec2.ModifyInstanceMetadataOptionsInput{InstanceId: aws.String("i-0123456789abcdef0"), HttpTokens: types.HttpTokensStateOptional}))},
			{"DescribeInstanceStatus", "InvalidInstanceID.NotFound", second(c.DescribeInstanceStatus(w.ctx, &ec2.DescribeInstanceStatusInput{InstanceIds: []string{"i-0123456789abcdef0"}}))},
			{"DescribeSecurityGroups", "InvalidGroup.NotFound", second(c.DescribeSecurityGroups(w.ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0123456789abcdef0"}}))},
			{"DescribeRegions", "InvalidParameterValue", second(c.DescribeRegions(w.ctx, &ec2.DescribeRegionsInput{RegionNames: []string{"mars-east-1"}}))},
			{"DescribeAvailabilityZones", "InvalidParameterValue", second(c.DescribeAvailabilityZones(w.ctx, &ec2.DescribeAvailabilityZonesInput{ZoneNames: []string{"us-west-2z"}}))},
			{"DescribeTags", "InvalidParameterValue", second(c.DescribeTags(w.ctx, &ec2.DescribeTagsInput{Filters: []types.Filter{filter("colour", "x")}}))},
			{"DeleteTags", "InvalidID", second(c.DeleteTags(w.ctx, &ec2.DeleteTagsInput{Resources: []string{"rubbish-1"}, Tags: tagged("k", "v")}))},
			{"GetSubnetCidrReservations", "InvalidSubnetID.NotFound", second(c.GetSubnetCidrReservations(w.ctx, &ec2.GetSubnetCidrReservationsInput{SubnetId: aws.String("subnet-0123456789abcdef0")}))},
			{"DeleteSubnetCidrReservation", "InvalidSubnetCidrReservationID.NotFound", second(c.DeleteSubnetCidrReservation(w.ctx, &ec2.DeleteSubnetCidrReservationInput{SubnetCidrReservationId: aws.String("scr-0123456789abcdef0")}))},
			{"DeleteLaunchTemplate", "InvalidLaunchTemplateName.NotFoundException", second(c.DeleteLaunchTemplate(w.ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: aws.String("none")}))},
			{"DescribeLaunchTemplates", "InvalidLaunchTemplateName.NotFoundException", second(c.DescribeLaunchTemplates(w.ctx, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateNames: []string{"none"}}))},
			{"CreateLaunchTemplate", "DryRunOperation", second(c.CreateLaunchTemplate(w.ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("t"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String("ami-1")}, DryRun: aws.Bool(true)}))},
		} {
			rejects(w, try.action, try.code, try.err)
		}
	})
}

// wants are what the SDK's client has of an action and its tests are to show.
func wants(action string) []string {
	list := []string{"answer", "an error"}
	method, ok := reflect.TypeFor[*ec2.Client]().MethodByName(action)
	if !ok {
		return []string{"a method of the client"}
	}
	in := method.Type.In(2).Elem()
	if _, has := in.FieldByName("NextToken"); has {
		list = append(list, "pages")
	}
	if _, has := in.FieldByName("Filters"); has {
		list = append(list, "filters")
	}
	return list
}
