package ipamd

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// spacious is an account with one subnet, in which interfaces can be made.
type spacious struct{ *bench }

func (spacious) DescribeSubnets(string, string) ([]*types.Subnet, error) {
	id, free := "subnet-0", int32(100)
	return []*types.Subnet{{SubnetId: &id, AvailableIpAddressCount: &free}}, nil
}

func (spacious) CreateNetworkInterface(string, string, int, int, []types.Tag) (*types.NetworkInterface, error) {
	id := "eni-1"
	return &types.NetworkInterface{NetworkInterfaceId: &id}, nil
}

// unread is metadata that counts who reads the security groups.
type unread struct {
	Metadata
	reads *int
}

func (u unread) SecurityGroups() ([]string, error) { *u.reads++; return nil, nil }

// A read of metadata takes its time when nothing answers: the log must not be
// what makes one.
func TestTheLogReadsNothing(t *testing.T) {
	for _, logs := range []bool{false, true} {
		b := newBench(nil, Policies{})
		reads := 0
		b.host.EC2, b.host.Metadata = spacious{b}, unread{b.host.Metadata, &reads}
		b.identity.SubnetID = "subnet-0"
		if logs {
			b.host.Log = func(Line) {}
		}
		if id, err := b.createENI(3); id != "eni-1" || err != nil || reads != 0 {
			t.Errorf("with a log: %v; %s, %v, metadata was read %d times", logs, id, err, reads)
		}
	}
}
