package limits

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
)

// describeMost is how many bytes a list of instance types may have: four times
// what all types of all Regions have.
const describeMost = 64 << 20

// command makes the document that Describe reads.
const command = "aws ec2 describe-instance-types --output json"

// ReadError is what is wrong with a document, and where.
type ReadError struct {
	Line, Column int // from 1; 0 where there is no place
	Message      string
}

// Error begins with the place if there is one.
func (e *ReadError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message)
}

// Describe adds or replaces the types of a document as
// `aws ec2 describe-instance-types` prints it. EC2 does not say which types
// carry trunk interfaces: that is kept of a type that was known before. It
// returns how many types the document has, and whether it says that there are
// more pages. The error is a *ReadError where the text is at fault.
func (t Types) Describe(r io.Reader) (count int, more bool, err error) {
	text, err := io.ReadAll(io.LimitReader(r, describeMost+1))
	switch {
	case err != nil:
		return 0, false, err
	case len(text) > describeMost:
		return 0, false, &ReadError{Message: fmt.Sprintf("more than %d MiB, the most that a list of instance types may have", describeMost>>20)}
	case len(bytes.TrimSpace(text)) == 0:
		return 0, false, &ReadError{1, 1, "empty: what `" + command + "` prints was expected"}
	}
	var document struct {
		InstanceTypes []types.InstanceTypeInfo
		NextToken     *string
	}
	if err := json.Unmarshal(text, &document); err != nil {
		return 0, false, asReadError(text, err)
	}
	if len(document.InstanceTypes) == 0 {
		return 0, false, &ReadError{1, 1, "there is no InstanceTypes with anything in it: what `" + command + "` prints was expected, without --query"}
	}
	for i, info := range document.InstanceTypes {
		name, l, err := described(info)
		if err != nil {
			return 0, false, &ReadError{Message: fmt.Sprintf("InstanceTypes[%d]: %v", i, err)}
		}
		before, ok := t[name]
		l.Trunk, l.BranchENIs = before.Trunk, before.BranchENIs
		t[name] = known{l, !ok || before.trunkUnknown}
	}
	return len(document.InstanceTypes), document.NextToken != nil, nil
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

// asReadError gives an error of encoding/json its place.
func asReadError(text []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset, message := 0, err.Error()
	switch {
	case errors.As(err, &syntax):
		offset, message = int(syntax.Offset)-1, "not JSON: "+syntax.Error()+"; what `"+command+"` prints was expected"
	case errors.As(err, &kind):
		offset, message = int(kind.Offset)-1, fmt.Sprintf("%s cannot be %s; what `%s` prints was expected", orDocument(kind.Field), article(kind.Value), command)
	}
	line, column := words.Place(text, offset)
	return &ReadError{line, column, message}
}

// article is a kind of JSON value as people say it.
func article(kind string) string {
	switch {
	case kind == "array":
		return "a list"
	case kind == "object":
		return "an object"
	case kind == "bool":
		return "true or false"
	}
	return "a " + kind
}

func orDocument(field string) string {
	if field == "" {
		return "the document"
	}
	return field
}
