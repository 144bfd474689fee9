package ipamd

import (
	"net/netip"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// slow is metadata that shows a new interface's blocks after some looks.
type slow struct {
	*bench
	looks, after int // from the look after this one on
	shown        Interface
}

func (s *slow) Interfaces(visit func(Interface)) error {
	if s.looks++; s.looks > s.after {
		visit(s.shown)
	}
	return nil
}

// After the last of its 12 looks the daemon makes do with what it sees: one
// address is enough, but one prefix is not.
func TestANewInterfaceIsUsedWithWhatMetadataShowsInTheEnd(t *testing.T) {
	const longest = 162300 * time.Millisecond // 0.1 s doubling ten times to 51.2 s, and the minute that caps it
	for _, test := range []struct {
		name              string
		prefixes          bool
		wanted, seen, lag int
		ok                bool
		looks             int
	}{
		{"no prefix", true, 1, 0, 0, false, 12},
		{"one of one prefix", true, 1, 1, 0, true, 1},
		{"one of several prefixes", true, 3, 1, 0, false, 12},
		{"two of several prefixes", true, 3, 2, 0, true, 12},
		{"all prefixes", true, 3, 3, 0, true, 1},
		{"all prefixes at the last look", true, 3, 3, 11, true, 12},
		{"all prefixes after the last look", true, 3, 3, 12, false, 12},
		{"no address", false, 9, 0, 0, false, 12},
		{"one of several addresses", false, 9, 1, 0, true, 12},
		{"all but one address", false, 9, 8, 0, true, 12},
		{"all addresses", false, 9, 9, 3, true, 4},
		{"more addresses", false, 3, 4, 0, true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			env := map[string]string{}
			if test.prefixes {
				env["ENABLE_PREFIX_DELEGATION"] = "true"
			}
			s := &slow{bench: newBench(env, Policies{}), after: test.lag}
			s.shown = Interface{ID: "eni-1", DeviceIndex: 1, PrivateIPs: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
			for i := range test.seen {
				if test.prefixes {
					s.shown.IPv4Prefixes = append(s.shown.IPv4Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, 1, byte(16 * i)}), 28))
				} else {
					s.shown.PrivateIPs = append(s.shown.PrivateIPs, netip.AddrFrom4([4]byte{10, 0, 0, byte(2 + i)}))
				}
			}
			s.host.Metadata = s
			s.host.Jitter = func(time.Duration) time.Duration { return 0 }
			got, err := s.waitForENI("eni-1", test.wanted)
			if (err == nil) != test.ok || s.looks != test.looks {
				t.Errorf("error %v after %d looks, want %d looks", err, s.looks, test.looks)
			}
			if seen := len(got.PrivateIPs) - 1 + len(got.IPv4Prefixes); test.ok && seen != test.seen {
				t.Errorf("it goes on with %d of %d that are to be seen", seen, test.seen)
			}
			if test.looks == 12 && s.now != longest {
				t.Errorf("it took %v, want %v", s.now, longest)
			}
		})
	}
}

// v1.23.1 gives an interface up whose subnet it cannot look at; v1.23.2 enters
// its addresses all the same.
func TestWhetherAnInterfaceNeedsALookAtItsSubnetIsTheReleases(t *testing.T) {
	for version, needed := range map[string]bool{"v1.23.1": true, "v1.23.2": false} {
		b := newBench(nil, Policies{})
		b.Config.release = releaseOf(version)
		b.host.EC2 = blind{b}
		b.identity.PrimaryENI = "eni-0"
		err := b.setup(Interface{ID: "eni-0", PrivateIPs: []netip.Addr{netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")}}, atStart)
		if got := b.Stats().Total; (err != nil) != needed || (got == 0) != needed {
			t.Errorf("%s: error %v, %d addresses", version, err, got)
		}
	}
}

// blind is an account whose subnets cannot be described.
type blind struct{ *bench }

func (blind) DescribeSubnets(string, string) ([]*types.Subnet, error) {
	return nil, coded("UnauthorizedOperation")
}
