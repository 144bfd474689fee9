package limits

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/internal/input"
)

// describeMost is how many bytes a list of instance types may have: four times
// what all types of all Regions have.
const describeMost = 64 << 20

// command makes the document that Describe reads.
const command = "aws ec2 describe-instance-types --output json"

// Describe adds or replaces the types of a document as
// `aws ec2 describe-instance-types` prints it. EC2 does not say which types
// carry trunk interfaces: that is kept of a type that was known before. It
// returns how many types the document has, and whether it says that there are
// more pages. The error is a *input.Error where the text is at fault.
func (t Types) Describe(r io.Reader) (count int, more bool, err error) {
	text, err := input.ReadAll(r, describeMost, "a list of instance types")
	switch {
	case err != nil:
		return 0, false, err
	case len(bytes.TrimSpace(text)) == 0:
		return 0, false, input.At(text, 0, "empty: what `"+command+"` prints was expected")
	}
	var list struct {
		InstanceTypes []types.InstanceTypeInfo
		NextToken     *string
	}
	if err := input.DecodeJSON(text, &list); err != nil {
		return 0, false, fmt.Errorf("%w; what `%s` prints was expected", err, command)
	}
	if len(list.InstanceTypes) == 0 {
		return 0, false, input.At(text, 0, "there is no InstanceTypes with anything in it: what `"+command+"` prints was expected, without --query")
	}
	for i, info := range list.InstanceTypes {
		name, l, err := described(info)
		if err != nil {
			return 0, false, &input.Error{Message: fmt.Sprintf("InstanceTypes[%d]: %v", i, err)}
		}
		before, ok := t[name]
		l.Trunk, l.BranchENIs = before.Trunk, before.BranchENIs
		t[name] = known{l, !ok || before.trunkUnknown}
	}
	return len(list.InstanceTypes), list.NextToken != nil, nil
}

// typeName is how EC2 names instance types.
var typeName = regexp.MustCompile(`^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$`)

// most is above every limit of EC2: what exceeds it is no description of a type.
const most = 1 << 20

// described are the limits in EC2's words.
func described(info types.InstanceTypeInfo) (string, ec2model.InstanceLimits, error) {
	n := info.NetworkInfo
	switch {
	case info.InstanceType == "":
		return "", ec2model.InstanceLimits{}, errors.New("it has no InstanceType")
	case !typeName.MatchString(string(info.InstanceType)):
		return "", ec2model.InstanceLimits{}, fmt.Errorf("%+q is no name of an instance type", info.InstanceType)
	case n == nil || n.MaximumNetworkInterfaces == nil || n.Ipv4AddressesPerInterface == nil:
		return "", ec2model.InstanceLimits{}, fmt.Errorf("%s has no NetworkInfo with MaximumNetworkInterfaces and Ipv4AddressesPerInterface", info.InstanceType)
	}
	l := ec2model.InstanceLimits{
		ENIs: int(*n.MaximumNetworkInterfaces), IPv4PerENI: int(*n.Ipv4AddressesPerInterface),
		Hypervisor: string(info.Hypervisor), BareMetal: info.BareMetal != nil && *info.BareMetal,
	}
	for _, card := range n.NetworkCards {
		if card.MaximumNetworkInterfaces == nil {
			return "", l, fmt.Errorf("%s has a network card without MaximumNetworkInterfaces", info.InstanceType)
		}
		l.NetworkCards = append(l.NetworkCards, int(*card.MaximumNetworkInterfaces))
	}
	if n.DefaultNetworkCardIndex != nil {
		l.DefaultCard = int(*n.DefaultNetworkCardIndex)
	}
	if info.VCpuInfo != nil && info.VCpuInfo.DefaultVCpus != nil {
		l.VCPU = int(*info.VCpuInfo.DefaultVCpus)
	}
	if info.MemoryInfo != nil && info.MemoryInfo.SizeInMiB != nil {
		l.MemoryMiB = int(*info.MemoryInfo.SizeInMiB)
	}
	if l.DefaultCard < 0 || l.DefaultCardENIs() < 1 || l.DefaultCardENIs() > l.ENIs || l.ENIs > most || l.IPv4PerENI < 1 || l.IPv4PerENI > most || l.VCPU < 0 || l.VCPU > most {
		return "", l, fmt.Errorf("%s has %d interfaces, %d on its default card, %d addresses each and %d vCPU: no instance type is like that",
			info.InstanceType, l.ENIs, l.DefaultCardENIs(), l.IPv4PerENI, l.VCPU)
	}
	return string(info.InstanceType), l, nil
}
