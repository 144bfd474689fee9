package clients

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
)

// awsCLI is Debian's; a shim of the same name may be before it on the path.
const awsCLI = "/usr/bin/aws"

// speed of the account before the CLI: its processes take a second each.
const speed = 20

// commands is an account on a port, and the AWS CLI to ask it.
type commands struct {
	*world
	env []string
}

// onPort runs a test against a server on a port.
func onPort(t *testing.T, cfg ec2model.Config, speed float64, test func(*world)) {
	t.Helper()
	w, server := build(t, cfg, speed)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- server.Serve(listener) }()
	go func() { ended <- w.pace.Run(ctx) }()
	w.http, w.url = &http.Client{}, "http://"+listener.Addr().String()
	test(w)
	err = w.pace.Act(func(time.Duration) {
		if err := w.account.CheckBooks(); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Error(err)
	}
	cancel()
	_ = server.Close()
	<-ended
	<-ended
	w.kernel.Close()
}

// onCommands runs a test with the AWS CLI.
func onCommands(t *testing.T, test func(*commands)) {
	t.Helper()
	if _, err := os.Stat(awsCLI); err != nil {
		t.Skip("there is no ", awsCLI)
	}
	onPort(t, config(), speed, func(w *world) {
		test(&commands{world: w, env: append(os.Environ(), "AWS_ACCESS_KEY_ID=cli", "AWS_SECRET_ACCESS_KEY=any", "AWS_DEFAULT_REGION=us-west-2", "AWS_EC2_METADATA_DISABLED=true",
			"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=")})
	})
}

// run is the standard output of aws ec2 and the arguments, or what it says that
// is wrong.
func (c *commands) run(args ...string) (string, error) {
	c.Helper()
	cmd := exec.Command(awsCLI, append([]string{"--endpoint-url", c.url, "--output", "text", "ec2"}, args...)...)
	var out, said bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = c.env, &out, &said
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("aws ec2 %s: %w: %s", strings.Join(args, " "), err, said.String())
	}
	return strings.TrimSpace(out.String()), nil
}

// answer enters that a command prints what matches a pattern, and is what it
// printed.
func (c *commands) answer(action, what, pattern string, args ...string) string {
	c.Helper()
	out, err := c.run(args...)
	if err != nil {
		c.Error(err)
		return ""
	}
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(out) {
		c.Errorf("aws ec2 %s prints %q, want %s", strings.Join(args, " "), out, pattern)
		return out
	}
	show(cli, action, what)
	return out
}

// error enters that a command fails with a code.
func (c *commands) rejected(action, code string, args ...string) {
	c.Helper()
	_, err := c.run(args...)
	if err == nil || !strings.Contains(err.Error(), "An error occurred ("+code+") when calling the "+action+" operation") {
		c.Errorf("aws ec2 %s: %v, want %s", strings.Join(args, " "), err, code)
		return
	}
	show(cli, action, "`"+code+"`")
}

const (
	anyInstance   = `i-[0-9a-f]{17}`
	anyInterface  = `eni-[0-9a-f]{17}`
	anyAttachment = `eni-attach-[0-9a-f]{17}`
)

func TestCLI(t *testing.T) {
	onCommands(t, func(c *commands) {
		c.answer("DescribeSubnets", "answer", subnetA+`\s+10\.0\.0\.0/22\s+1019`, "describe-subnets", "--subnet-ids", subnetA, "--query", "Subnets[].[SubnetId,CidrBlock,AvailableIpAddressCount]")
		c.answer("DescribeSubnets", "filters", subnetB, "describe-subnets", "--filters", "Name=availability-zone,Values=us-west-2b", "--query", "Subnets[].SubnetId")
		c.answer("DescribeVpcs", "answer", vpcID, "describe-vpcs", "--query", "Vpcs[].VpcId")
		c.answer("DescribeAvailabilityZones", "answer", `us-west-2a\s+us-west-2b`, "describe-availability-zones", "--query", "AvailabilityZones[].ZoneName")
		c.answer("DescribeRegions", "answer", "us-west-2", "describe-regions", "--query", "Regions[].RegionName")
		c.answer("DescribeSecurityGroups", "answer", "default", "describe-security-groups", "--query", "SecurityGroups[].GroupName")
		c.answer("DescribeInstanceTypes", "answer", `3\s+10`, "describe-instance-types", "--instance-types", "m5.large", "--query", "InstanceTypes[].NetworkInfo.[MaximumNetworkInterfaces,Ipv4AddressesPerInterface]")
		c.answer("DescribeInstanceTypes", "pages", `[0-9]{3,4}`, "describe-instance-types", "--query", "length(InstanceTypes)", "--output", "json")
		c.answer("DescribeInstanceTypeOfferings", "answer", "us-west-2", "describe-instance-type-offerings", "--filters", "Name=instance-type,Values=m5.large", "--query", "InstanceTypeOfferings[].Location")
		c.lifeOfInstances()
		c.lifeOfInterfaces()
		c.lifeOfTheRest()
	})
}

func (c *commands) lifeOfInstances() {
	c.Helper()
	ids := c.answer("RunInstances", "answer", anyInstance+`(\s+`+anyInstance+`){6}`, "run-instances", "--image-id", "ami-1", "--instance-type", "m5.large", "--count", "7", "--subnet-id", subnetA,
		"--tag-specifications", "ResourceType=instance,Tags=[{Key=team,Value=red}]", "--query", "Instances[].InstanceId")
	id, _, _ := strings.Cut(ids, "\t")
	c.answer("DescribeInstances", "waiter instance-running", "", "wait", "instance-running", "--instance-ids", id)
	c.answer("DescribeInstanceStatus", "waiter instance-status-ok", "", "wait", "instance-status-ok", "--instance-ids", id)
	c.answer("DescribeInstanceStatus", "answer", `ok\s+running`, "describe-instance-status", "--instance-ids", id, "--query", "InstanceStatuses[].[SystemStatus.Status,InstanceState.Name]")
	c.answer("DescribeInstances", "answer", `running\s+m5\.large\s+`+subnetA+`\s+red`, "describe-instances", "--instance-ids", id, "--query", "Reservations[].Instances[].[State.Name,InstanceType,SubnetId,Tags[0].Value]")
	c.answer("DescribeInstances", "pages", "7", "describe-instances", "--page-size", "5", "--output", "json", "--query", "length(Reservations)")
	c.answer("DescribeInstances", "filters", id, "describe-instances", "--filters", "Name=tag:team,Values=r?d", "Name=instance-id,Values="+id, "--query", "Reservations[].Instances[].InstanceId")
	c.rejected("DescribeInstances", "InvalidInstanceID.NotFound", "describe-instances", "--instance-ids", "i-0123456789abcdef0")
	c.rejected("DescribeInstances", "InvalidInstanceID.Malformed", "describe-instances", "--instance-ids", "web-1")
	c.rejected("DescribeInstances", "InvalidParameterValue", "describe-instances", "--filters", "Name=colour,Values=red")
	c.rejected("RunInstances", "DryRunOperation", "run-instances", "--image-id", "ami-1", "--subnet-id", subnetA, "--dry-run")
	c.rejected("RunInstances", "VPCIdNotSpecified", "run-instances", "--image-id", "ami-1")
	c.answer("ModifyInstanceMetadataOptions", "answer", "2", "modify-instance-metadata-options", "--instance-id", id, "--http-put-response-hop-limit", "2", "--query", "InstanceMetadataOptions.HttpPutResponseHopLimit")
	c.answer("TerminateInstances", "answer", `running\s+shutting-down`, "terminate-instances", "--instance-ids", id, "--query", "TerminatingInstances[].[PreviousState.Name,CurrentState.Name]")
	c.answer("DescribeInstances", "waiter instance-terminated", "", "wait", "instance-terminated", "--instance-ids", id)
	c.answer("DescribeInstances", "a terminated one", "terminated", "describe-instances", "--instance-ids", id, "--query", "Reservations[].Instances[].State.Name")
}

func (c *commands) lifeOfInterfaces() {
	c.Helper()
	instance := c.answer("DescribeInstances", "filters", anyInstance, "describe-instances", "--filters", "Name=instance-state-name,Values=running", "--query", "Reservations[0].Instances[0].InstanceId")
	eni := c.answer("CreateNetworkInterface", "answer", anyInterface, "create-network-interface", "--subnet-id", subnetA, "--description", "by hand", "--ipv4-prefix-count", "1", "--query", "NetworkInterface.NetworkInterfaceId")
	c.answer("DescribeNetworkInterfaces", "waiter network-interface-available", "", "wait", "network-interface-available", "--network-interface-ids", eni)
	attachment := c.answer("AttachNetworkInterface", "answer", anyAttachment, "attach-network-interface", "--network-interface-id", eni, "--instance-id", instance, "--device-index", "1", "--query", "AttachmentId")
	c.answer("ModifyNetworkInterfaceAttribute", "answer", "", "modify-network-interface-attribute", "--network-interface-id", eni, "--attachment", "AttachmentId="+attachment+",DeleteOnTermination=true")
	addresses := c.answer("AssignPrivateIpAddresses", "answer", `10\.0\.[0-9.]+\s+10\.0\.[0-9.]+`, "assign-private-ip-addresses", "--network-interface-id", eni, "--secondary-private-ip-address-count", "2", "--query", "AssignedPrivateIpAddresses[].PrivateIpAddress")
	prefix := c.answer("AssignPrivateIpAddresses", "prefixes", `10\.0\.[0-9.]+/28`, "assign-private-ip-addresses", "--network-interface-id", eni, "--ipv4-prefix-count", "1", "--query", "AssignedIpv4Prefixes[].Ipv4Prefix")
	c.rejected("AssignPrivateIpAddresses", "PrivateIpAddressLimitExceeded", "assign-private-ip-addresses", "--network-interface-id", eni, "--secondary-private-ip-address-count", "20")
	c.answer("DescribeNetworkInterfaces", "answer", `in-use\s+by hand\s+3`, "describe-network-interfaces", "--network-interface-ids", eni, "--query", "NetworkInterfaces[].[Status,Description,length(PrivateIpAddresses)]")
	c.answer("DescribeNetworkInterfaces", "filters", eni, "describe-network-interfaces", "--filters", "Name=description,Values=by*", "Name=attachment.instance-id,Values="+instance, "--query", "NetworkInterfaces[].NetworkInterfaceId")
	c.answer("DescribeNetworkInterfaces", "pages", "7", "describe-network-interfaces", "--page-size", "5", "--output", "json", "--query", "length(NetworkInterfaces)")
	c.answer("DescribeNetworkInterfaceAttribute", "answer", "by hand", "describe-network-interface-attribute", "--network-interface-id", eni, "--attribute", "description", "--query", "Description.Value")
	c.answer("UnassignPrivateIpAddresses", "answer", "", append([]string{"unassign-private-ip-addresses", "--network-interface-id", eni, "--private-ip-addresses"}, strings.Fields(addresses)...)...)
	c.answer("UnassignPrivateIpAddresses", "prefixes", "", "unassign-private-ip-addresses", "--network-interface-id", eni, "--ipv4-prefixes", prefix)
	c.rejected("DeleteNetworkInterface", "InvalidParameterValue", "delete-network-interface", "--network-interface-id", eni)
	c.answer("DetachNetworkInterface", "answer", "", "detach-network-interface", "--attachment-id", attachment)
	c.answer("DescribeNetworkInterfaces", "waiter network-interface-available", "", "wait", "network-interface-available", "--network-interface-ids", eni)
	c.answer("DeleteNetworkInterface", "answer", "", "delete-network-interface", "--network-interface-id", eni)
	c.rejected("DescribeNetworkInterfaces", "InvalidNetworkInterfaceID.NotFound", "describe-network-interfaces", "--network-interface-ids", eni)
}

func (c *commands) lifeOfTheRest() {
	c.Helper()
	c.answer("CreateTags", "answer", "", "create-tags", "--resources", subnetA, "--tags", "Key=env,Value=a b")
	c.answer("DescribeTags", "answer", `subnet\s+a b`, "describe-tags", "--filters", "Name=resource-id,Values="+subnetA, "Name=key,Values=env", "--query", "Tags[].[ResourceType,Value]")
	c.answer("DeleteTags", "answer", "", "delete-tags", "--resources", subnetA, "--tags", "Key=env")
	kept := c.answer("CreateSubnetCidrReservation", "answer", "scr-[0-9a-f]{17}", "create-subnet-cidr-reservation", "--subnet-id", subnetB, "--cidr", "10.0.5.0/24", "--reservation-type", "prefix", "--query", "SubnetCidrReservation.SubnetCidrReservationId")
	c.answer("GetSubnetCidrReservations", "answer", "10.0.5.0/24", "get-subnet-cidr-reservations", "--subnet-id", subnetB, "--query", "SubnetIpv4CidrReservations[].Cidr")
	c.answer("DeleteSubnetCidrReservation", "answer", kept, "delete-subnet-cidr-reservation", "--subnet-cidr-reservation-id", kept, "--query", "DeletedSubnetCidrReservation.SubnetCidrReservationId")
	c.answer("CreateLaunchTemplate", "answer", "nodes", "create-launch-template", "--launch-template-name", "nodes", "--launch-template-data", `{"ImageId":"ami-1","InstanceType":"m5.large"}`, "--query", "LaunchTemplate.LaunchTemplateName")
	c.rejected("CreateLaunchTemplate", "InvalidLaunchTemplateName.AlreadyExistsException", "create-launch-template", "--launch-template-name", "nodes", "--launch-template-data", `{"ImageId":"ami-1"}`)
	c.answer("DescribeLaunchTemplates", "answer", "nodes", "describe-launch-templates", "--query", "LaunchTemplates[].LaunchTemplateName")
	configs, _ := json.Marshal([]any{map[string]any{
		"LaunchTemplateSpecification": map[string]string{"LaunchTemplateName": "nodes", "Version": "1"}, "Overrides": []map[string]string{{"SubnetId": subnetA}, {"SubnetId": subnetB}}}})
	c.answer("CreateFleet", "answer", anyInstance+`\s+`+anyInstance, "create-fleet", "--type", "instant", "--target-capacity-specification", "TotalTargetCapacity=2,DefaultTargetCapacityType=on-demand",
		"--launch-template-configs", string(configs), "--query", "Instances[].InstanceIds[]")
	c.answer("DeleteLaunchTemplate", "answer", "nodes", "delete-launch-template", "--launch-template-name", "nodes", "--query", "LaunchTemplate.LaunchTemplateName")
}
