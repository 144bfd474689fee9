package ipamd

import (
	"maps"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// strays are the interfaces that are attached to nothing, of an account in
// which every call succeeds.
type strays struct {
	*bench
	list               []*types.NetworkInterface
	deleted            map[string]int    // calls, by ID
	tagged             map[string]string // the createdAt that was written, by ID
	race               map[string]int    // of the interface's deletes, so many find it gone
	busy               map[string]int    // so many are refused
	clusterName, vpcID string
}

func newStrays(list ...*types.NetworkInterface) *strays {
	s := &strays{bench: newBench(map[string]string{"CLUSTER_NAME": "mine"}, Policies{}), list: list,
		deleted: map[string]int{}, tagged: map[string]string{}, race: map[string]int{}, busy: map[string]int{}}
	s.host.EC2 = s
	s.identity.VPCID = "vpc-1"
	s.host.Jitter = func(time.Duration) time.Duration { return 0 }
	return s
}

func (s *strays) DescribeLeakedNetworkInterfaces(vpcID, clusterName string) ([]*types.NetworkInterface, error) {
	s.vpcID, s.clusterName = vpcID, clusterName
	return s.list, nil
}

func (s *strays) CreateTags(id string, tags []types.Tag) error {
	s.tagged[id] = tagSet(tags).value(tagCreatedAt)
	return nil
}

func (s *strays) DeleteNetworkInterface(id string) error {
	s.deleted[id]++
	switch {
	case s.race[id] > 0:
		s.race[id]--
		return coded(codeNotFound)
	case s.busy[id] > 0:
		s.busy[id]--
		return coded("InvalidNetworkInterface.InUse")
	}
	return nil
}

// coded is an API error.
type coded string

func (c coded) Error() string     { return string(c) }
func (c coded) ErrorCode() string { return string(c) }

// stray is an interface of a daemon, but for what a test makes different.
func stray(id, description string, tags map[string]string) *types.NetworkInterface {
	n := &types.NetworkInterface{NetworkInterfaceId: &id}
	for key, value := range tags {
		n.TagSet = tagSet(n.TagSet).with(key, value)
	}
	if description != "" {
		n.Description = &description
	}
	return n
}

func TestTheCleanUpDeletesOldInterfacesOfThisCNI(t *testing.T) {
	const now = 3 * time.Hour
	ago := func(d time.Duration) map[string]string {
		return map[string]string{tagInstance: "i-1", tagCreatedAt: epoch.Add(now - d).Format(time.RFC3339)}
	}
	for _, test := range []struct {
		name, description string
		tags              map[string]string
		deleted, tagged   bool
	}{
		{"old", "aws-K8S-i-1", ago(time.Hour), true, false},
		{"just old enough", "aws-K8S-i-1", ago(5 * time.Minute), true, false},
		{"too young", "aws-K8S-i-1", ago(5*time.Minute - time.Second), false, false},
		{"new", "aws-K8S-i-1", ago(0), false, false},
		{"created without a date", "aws-K8S-i-1", map[string]string{tagInstance: "i-1"}, false, true},
		{"created at an unreadable date", "aws-K8S-i-1", map[string]string{tagInstance: "i-1", tagCreatedAt: "yesterday"}, true, true},
		{"tagged by a stranger", "web server", ago(time.Hour), false, false},
		{"a stranger's that names us", "copy of aws-K8S-i-1", ago(time.Hour), false, false},
		{"a stranger's without a description", "", ago(time.Hour), false, false},
		{"a stranger's without a date", "web server", map[string]string{tagInstance: "i-1"}, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStrays(stray("eni-1", test.description, test.tags))
			s.now = now
			s.CleanUpLeakedENIs()
			if got := s.deleted["eni-1"] > 0; got != test.deleted {
				t.Errorf("deleted: %v", got)
			}
			value, got := s.tagged["eni-1"]
			if got != test.tagged {
				t.Errorf("tagged: %v", got)
			}
			if want := epoch.Add(now).Format(time.RFC3339); got && value != want {
				t.Errorf("created at %s, it says now; want %s", value, want)
			}
		})
	}
}

// What was spared for want of a date is old five minutes later.
func TestTheCleanUpComesBackForWhatItHasDated(t *testing.T) {
	s := newStrays(stray("eni-1", "aws-K8S-i-1", map[string]string{tagInstance: "i-1"}))
	s.CleanUpLeakedENIs()
	for _, test := range []struct {
		at      time.Duration
		deletes int
	}{{5*time.Minute - 1, 0}, {5 * time.Minute, 1}} {
		s.list[0].TagSet = tagSet{}.with(tagInstance, "i-1").with(tagCreatedAt, s.tagged["eni-1"])
		s.now = test.at
		s.CleanUpLeakedENIs()
		if got := s.deleted["eni-1"]; got != test.deletes {
			t.Errorf("at %v: %d deletes, want %d", test.at, got, test.deletes)
		}
	}
}

// Other clusters' are spared because EC2 is asked for this cluster's alone.
func TestTheCleanUpAsksForItsOwnClusterOnly(t *testing.T) {
	s := newStrays()
	s.CleanUpLeakedENIs()
	if s.vpcID != "vpc-1" || s.clusterName != "mine" {
		t.Errorf("asked for cluster %q in %q", s.clusterName, s.vpcID)
	}
}

// Every node of a cluster runs the job: that another one was faster is
// success, and is not tried again; any other failure is, and holds up nobody.
func TestTheCleanUpGoesOnWhenAnInterfaceIsGoneOrRefused(t *testing.T) {
	old := map[string]string{tagInstance: "i-1", tagCreatedAt: epoch.Format(time.RFC3339)}
	s := newStrays(stray("eni-1", "aws-K8S-i-1", old), stray("eni-2", "aws-K8S-i-1", old), stray("eni-3", "aws-K8S-i-1", old), stray("eni-4", "aws-K8S-i-1", old))
	s.now = time.Hour
	s.race["eni-1"], s.busy["eni-2"], s.busy["eni-3"] = 99, 2, 99
	s.CleanUpLeakedENIs()
	if want := map[string]int{"eni-1": 1, "eni-2": 3, "eni-3": deleteBackoff.tries, "eni-4": 1}; !maps.Equal(s.deleted, want) {
		t.Errorf("deletes %v, want %v", s.deleted, want)
	}
}
