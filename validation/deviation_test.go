package validation

import (
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/sim/ipamd"
)

// The tests below assert deviations that DEVIATIONS.md lists and that no
// other test is about.

func TestADelAnswersBeforeTheCallThatGivesItsPrefixBack(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"}), part{})
	r.run(5 * time.Second)
	r.add("pod")
	r.run(5 * time.Second)
	r.restart(map[string]string{"ENABLE_PREFIX_DELEGATION": "false"})
	r.run(10 * time.Second)
	del := r.kernel.Now()
	r.del("pod")
	if r.daemon.Stats().Assigned != 0 || r.kernel.Now() != del {
		t.Errorf("the DEL is answered at %v, %v later", r.kernel.Now(), r.kernel.Now()-del)
	}
	r.run(time.Second)
	got := r.calls(del, "UnassignPrivateIpAddresses")
	if len(got) != 1 || got[0].StartMS != roundToMS(del) || got[0].EndMS != got[0].StartMS+100 {
		t.Errorf("at %v began %+v, want one call of 100 ms", del, got)
	}
}

func TestReadingMetadataTakesNoTime(t *testing.T) {
	s := onNode("m5.large", nil)
	for _, a := range ec2model.Actions() {
		s.LatencyMS[a.String()] = 0
	}
	s.MetadataLagMS = 0
	r := build(t, s, part{})
	r.run(0)
	if !r.ready {
		t.Error("a start that waits for nothing else takes time")
	}
}

func TestAProcessSetsTheGroupsOfItsInterfacesOnce(t *testing.T) {
	r := build(t, onNode("m5.large", map[string]string{"WARM_ENI_TARGET": "2"}), part{})
	r.run(time.Hour)
	r.restart(nil)
	again := r.kernel.Now()
	r.run(time.Hour)
	groups := func(since time.Duration) (n int) {
		for _, c := range r.calls(since, "ModifyNetworkInterfaceAttribute") {
			if c.What != "delete_on_termination" {
				n++
			}
		}
		return n
	}
	if first, second := groups(0)-groups(again), groups(again); first != 1 || second != 2 {
		t.Errorf("groups are set %d and %d times, want those of one and of two interfaces once", first, second)
	}
}

// saved is a checkpoint that nobody writes.
type saved []ipamd.Allocation

func (s saved) Read() []ipamd.Allocation { return s }
func (s saved) Follow(*ipamd.Daemon)     {}

func TestACheckpointsAddressOnTwoInterfacesIsTheFirsts(t *testing.T) {
	r := build(t, onNode("m5.large", nil), part{})
	shared := netip.MustParsePrefix("10.0.0.9/32")
	r.host.Checkpoint = saved{{Key: "sandbox", Address: shared.Addr()}}
	book := ipamd.NewBook(nil, r.host)
	for device, id := range []string{"eni-1", "eni-2"} {
		if err := book.AddENI(id, device, device == 0); err != nil {
			t.Fatal(err)
		}
		if err := book.AddCIDR(id, shared); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Recover(); err != nil {
		t.Fatal(err)
	}
	got := book.Records()
	if len(got) != 1 || got[0].ENI != "eni-1" || got[0].Key != "sandbox" {
		t.Errorf("recovered %+v", got)
	}
}

// Every test and every recording that DEVIATIONS.md names exists, and each
// deviation names one or says that nothing asserts it.
func TestDeviationsNameWhatAssertsThem(t *testing.T) {
	page, err := os.ReadFile("DEVIATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|.*\| ([^|]+) \|$`).FindAllStringSubmatch(string(page), -1)
	if len(rows) < 17 {
		t.Fatalf("%d deviations", len(rows))
	}
	tests, recordings := testsOfTheTree(t), []string{}
	for _, trace := range traces(t) {
		recordings = append(recordings, trace.Scenario.Name)
	}
	for i, row := range rows {
		number, by := row[1], row[2]
		if want := i + 1; number != strconv.Itoa(want) {
			t.Errorf("deviation %s stands where %d should", number, want)
		}
		names := regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(by, -1)
		if len(names) == 0 && !strings.HasPrefix(by, "not asserted: ") {
			t.Errorf("deviation %s is asserted in %q", number, by)
		}
		for _, n := range names {
			if !slices.Contains(tests, n[1]) && !slices.Contains(recordings, n[1]) {
				t.Errorf("deviation %s: there is no test and no recording %s", number, n[1])
			}
		}
	}
}

// testsOfTheTree are the names of all tests of this module.
func testsOfTheTree(t *testing.T) []string {
	t.Helper()
	var names []string
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(`)
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			names = append(names, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
