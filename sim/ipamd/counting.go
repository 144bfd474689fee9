package ipamd

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// operation is an operation of the EC2 client, as the metrics name it.
type operation uint8

const (
	opAssign operation = iota
	opAttach
	opCreate
	opCreateTags
	opDelete
	opDescribeInstances
	opDescribeInterfaces
	opDescribeSubnets
	opDetach
	opModify
	opUnassign

	operations
)

func (o operation) String() string {
	return [operations]string{
		"AssignPrivateIpAddresses", "AttachNetworkInterface", "CreateNetworkInterface", "CreateTags", "DeleteNetworkInterface",
		"DescribeInstances", "DescribeNetworkInterfaces", "DescribeSubnets", "DetachNetworkInterface",
		"ModifyNetworkInterfaceAttribute", "UnassignPrivateIpAddresses",
	}[o]
}

// operationError is a failed operation in the SDK's words.
type operationError struct {
	operation operation
	err       error
	code      string // of err
}

// Error is the text of smithy's OperationError around what the client said.
// Request IDs are not modelled: theirs is empty.
func (e *operationError) Error() string {
	text := e.err.Error()
	var answer interface {
		error
		ErrorCode() string
		ErrorMessage() string
		HTTPStatusCode() int
	}
	if errors.As(e.err, &answer) {
		text = strings.Replace(text, answer.Error(), fmt.Sprintf("https response error StatusCode: %d, RequestID: , api error %s: %s",
			answer.HTTPStatusCode(), answer.ErrorCode(), answer.ErrorMessage()), 1)
	}
	return fmt.Sprintf("operation error EC2: %v, %s", e.operation, text)
}

func (e *operationError) Unwrap() error { return e.err }

// ErrorCode is EC2's, empty when it has not answered.
func (e *operationError) ErrorCode() string { return e.code }

// counting is the EC2 client with the counters that pkg/awsutils keeps around
// each operation: one per operation, not per attempt.
type counting struct {
	EC2
	daemon *Daemon
}

// done counts an operation. An interface that EC2 does not know is no failure
// to those who look at one or delete it.
func (c *counting) done(op operation, start time.Duration, err error) error {
	m := &c.daemon.metrics
	m.requests[op]++
	took := c.daemon.since(start)
	if err == nil {
		m.answered[op].observe(took)
		return nil
	}
	errorCode := code(err)
	m.rejected(op.String(), errorCode, took)
	if errorCode != codeNotFound || op != opDelete && op != opDescribeInterfaces {
		m.failed(op, err)
	}
	return &operationError{op, err, errorCode}
}

func (c *counting) DescribeNetworkInterfaces(ids []string) ([]*types.NetworkInterface, error) {
	start := c.daemon.now()
	list, err := c.EC2.DescribeNetworkInterfaces(ids)
	return list, c.done(opDescribeInterfaces, start, err)
}

// DescribeLeakedNetworkInterfaces reads pages: the real daemon counts all of
// them once, if none fails, and measures no time.
func (c *counting) DescribeLeakedNetworkInterfaces(vpcID, clusterName string) ([]*types.NetworkInterface, error) {
	list, err := c.EC2.DescribeLeakedNetworkInterfaces(vpcID, clusterName)
	if err != nil {
		c.daemon.metrics.failed(opDescribeInterfaces, err)
		return nil, &operationError{opDescribeInterfaces, err, code(err)}
	}
	c.daemon.metrics.requests[opDescribeInterfaces]++
	return list, nil
}

func (c *counting) DescribeSubnets(vpcID, availabilityZone string) ([]*types.Subnet, error) {
	start := c.daemon.now()
	list, err := c.EC2.DescribeSubnets(vpcID, availabilityZone)
	return list, c.done(opDescribeSubnets, start, err)
}

func (c *counting) DescribeInstance(id string) (*types.Instance, error) {
	start := c.daemon.now()
	instance, err := c.EC2.DescribeInstance(id)
	return instance, c.done(opDescribeInstances, start, err)
}

func (c *counting) CreateTags(id string, tags []types.Tag) error {
	start := c.daemon.now()
	return c.done(opCreateTags, start, c.EC2.CreateTags(id, tags))
}

func (c *counting) CreateNetworkInterface(description, subnetID string, ips, prefixes int, tags []types.Tag) (*types.NetworkInterface, error) {
	start := c.daemon.now()
	created, err := c.EC2.CreateNetworkInterface(description, subnetID, ips, prefixes, tags)
	return created, c.done(opCreate, start, err)
}

func (c *counting) AttachNetworkInterface(eni, instance string, device, card int) (string, error) {
	start := c.daemon.now()
	attachment, err := c.EC2.AttachNetworkInterface(eni, instance, device, card)
	return attachment, c.done(opAttach, start, err)
}

func (c *counting) DetachNetworkInterface(attachmentID string) error {
	start := c.daemon.now()
	return c.done(opDetach, start, c.EC2.DetachNetworkInterface(attachmentID))
}

func (c *counting) DeleteNetworkInterface(eni string) error {
	start := c.daemon.now()
	return c.done(opDelete, start, c.EC2.DeleteNetworkInterface(eni))
}

func (c *counting) ModifySecurityGroups(eni string, groups []string) error {
	start := c.daemon.now()
	return c.done(opModify, start, c.EC2.ModifySecurityGroups(eni, groups))
}

func (c *counting) ModifyDeleteOnTermination(eni, attachmentID string, on bool) error {
	start := c.daemon.now()
	return c.done(opModify, start, c.EC2.ModifyDeleteOnTermination(eni, attachmentID, on))
}

func (c *counting) AssignPrivateIPAddresses(eni string, count int) ([]netip.Addr, error) {
	start := c.daemon.now()
	ips, err := c.EC2.AssignPrivateIPAddresses(eni, count)
	return ips, c.done(opAssign, start, err)
}

func (c *counting) AssignIPv4Prefixes(eni string, count int) ([]netip.Prefix, error) {
	start := c.daemon.now()
	prefixes, err := c.EC2.AssignIPv4Prefixes(eni, count)
	return prefixes, c.done(opAssign, start, err)
}

func (c *counting) UnassignPrivateIPAddresses(eni string, ips []netip.Addr) error {
	start := c.daemon.now()
	return c.done(opUnassign, start, c.EC2.UnassignPrivateIPAddresses(eni, ips))
}

func (c *counting) UnassignIPv4Prefixes(eni string, prefixes []netip.Prefix) error {
	start := c.daemon.now()
	return c.done(opUnassign, start, c.EC2.UnassignIPv4Prefixes(eni, prefixes))
}
