package ipamd

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

var newYear = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// The expectations are what zap v1.28.0 wrote in the real logger's encoding.
func TestALineIsWrittenAsZapWritesIt(t *testing.T) {
	at := time.Date(2026, 11, 22, 15, 32, 22, 170_900_000, time.UTC)
	for _, test := range []struct {
		line Line
		want string
	}{
		{Line{"debug", "main.go:13", "quote \" <a> & map[a:2 b:1] newline\n"},
			`{"level":"debug","ts":"2026-11-22T15:32:22.170Z","caller":"main.go:13","msg":"quote \" <a> & map[a:2 b:1] newline\n"}`},
		{Line{"error", "a/b.go:1", ""}, `{"level":"error","ts":"2026-11-22T15:32:22.170Z","caller":"a/b.go:1","msg":""}`},
	} {
		if got := test.line.JSON(at); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}

// realSteps are the steps that testdata/README.md tells of.
func realSteps(prefixes bool) (*bench, *[]Line) {
	env := map[string]string{}
	if prefixes {
		env["ENABLE_PREFIX_DELEGATION"] = "true"
	}
	b, lines := newBench(env, Policies{}), new([]Line)
	b.host.Epoch = newYear
	first, second := b.store.addENI(&eni{id: "eni-1", primary: true, subnetID: "subnet-1"}), b.store.addENI(&eni{id: "eni-2", device: 1, subnetID: "subnet-2"})
	if prefixes {
		b.store.addCIDR(second, blockOf(netip.MustParsePrefix("10.0.1.0/28")))
		first.excluded = true
	} else {
		b.store.addCIDR(first, blockOf(netip.MustParsePrefix("10.0.0.11/32")))
		b.store.addCIDR(first, blockOf(netip.MustParsePrefix("10.0.0.12/32")))
		second.excluded = true
	}
	b.host.Log = func(l Line) {
		if strings.HasPrefix(l.Caller, "datastore/") {
			*lines = append(*lines, l)
		}
	}
	_, _ = b.AddNetwork("a", "web-1")
	_, _ = b.AddNetwork("b", "default/web-2")
	_, _ = b.DelNetwork("a", PodDeleted)
	return b, lines
}

func TestTheDatastoreLogsWhatTheRealOneLogs(t *testing.T) {
	b, lines := realSteps(false)
	*lines = nil
	if _, err := b.AddNetwork("c", "web-3"); err == nil {
		t.Fatal("the pool is not empty")
	}
	compareFile(t, "testdata/datastore-empty.log", jsonLines(*lines, newYear))

	_, lines = realSteps(true)
	compareFile(t, "testdata/datastore-prefixes.log", jsonLines(*lines, newYear))
}

func TestIntrospectionIsTheRealDocument(t *testing.T) {
	for _, prefixes := range []bool{false, true} {
		b, _ := realSteps(prefixes)
		document, err := json.Marshal(b.Introspect())
		if err != nil {
			t.Fatal(err)
		}
		file := "testdata/enis-addresses.json"
		if prefixes {
			file = "testdata/enis-prefixes.json"
		}
		compareFile(t, file, string(document)+"\n")
	}
}

// Times are the clock's, after the epoch; those that are unset stay zero.
func TestIntrospectionTellsWhenAddressesWereUsed(t *testing.T) {
	b, _ := realSteps(false)
	b.now = 90 * time.Second
	if _, err := b.AddNetwork("c", "kube-system/dns"); err != nil {
		t.Fatal(err)
	}
	b.now += 1500 * time.Millisecond
	if _, err := b.DelNetwork("c", PodDeleted); err != nil {
		t.Fatal(err)
	}
	got := b.Introspect()[0].ENIs["eni-1"].AvailableIPv4Cidrs["10.0.0.11/32"].IPAddresses["10.0.0.11"]
	want := AddressInfo{Address: "10.0.0.11", AssignedTime: newYear.Add(90 * time.Second), UnassignedTime: newYear.Add(91500 * time.Millisecond)}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// live is a start with one address, an ADD that takes it, one that finds the
// pool empty, a pass that finds the subnet full and one that waits, a DEL, and
// a restart with the pod, a stale pod and one whose address is gone.
func (a *account) live(t *testing.T) {
	step := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	step(a.Init())
	a.now += time.Second
	_, err := a.AddNetwork("s-1", "web-1")
	step(err)
	if _, err := a.AddNetwork("s-2", "web-2"); err != ErrNoAddress {
		t.Fatalf("the pool is not empty: %v", err)
	}
	for range 2 {
		a.now += 5 * time.Second
		a.updatePool()
	}
	_, err = a.DelNetwork("s-1", PodDeleted)
	step(err)
	if _, err := a.DelNetwork("s-1", PodDeleted); err != ErrUnknownSandbox {
		t.Fatalf("the sandbox is known: %v", err)
	}
	a.now += 31 * time.Second
	_, err = a.AddNetwork("s-3", "web-3")
	step(err)
	a.now += 31 * time.Second
	a.reconcileIfDue()

	a.left = []Allocation{
		{Key: "s-4", Pod: "web-9", Address: netip.MustParseAddr("10.0.0.9")}, {Key: "s-5", Pod: "web-5", Address: netip.MustParseAddr("10.0.0.10")},
	}
	a.now += 10 * time.Second
	a.start()
	a.free = []string{"10.0.0.2"}
	step(a.Init())
}

func TestALifeInTheLog(t *testing.T) {
	a := newAccount(true, "10.0.0.1")
	a.live(t)
	compareFile(t, "testdata/life.log", a.lines.String())
	for _, text := range []string{
		"Starting L-IPAMD v1.23.1", "Start node init", "Allocated 1 private IP addresses", "Received AddNetwork", "Send AddNetworkReply: Success: true",
		"DataStore has no available IP/Prefix addresses", "api error InsufficientFreeAddressesInSubnet", "Recently we had InsufficientCidr error",
		"entering cooldown period of 30s (available after 2026-01-01T00:00:", "released from cooldown", "stale IP allocation", "Recovered aws-cni/s-3/eth0 => eni-0/10.0.0.1", "presuming stale/dead",
	} {
		if !strings.Contains(a.lines.String(), text) {
			t.Errorf("the log does not say %q", text)
		}
	}
}

func TestListeningChangesNothing(t *testing.T) {
	heard, silent := newAccount(true, "10.0.0.1"), newAccount(false, "10.0.0.1")
	heard.live(t)
	silent.live(t)
	if !slices.Equal(heard.calls, silent.calls) || heard.now != silent.now {
		t.Errorf("with a listener\n%v\nwithout\n%v", heard.calls, silent.calls)
	}
	if a, b := fmt.Sprint(heard.Introspect()), fmt.Sprint(silent.Introspect()); a != b {
		t.Errorf("with a listener\n%s\nwithout\n%s", a, b)
	}
}

// Whatever tells of a sandbox calls it what the runtime calls it.
func TestSandboxesHaveTheRuntimesNamesInTheLog(t *testing.T) {
	a := newAccount(true, "10.0.0.1")
	a.sandbox = func(key SandboxKey) (string, string) { return "id-of-" + string(key), "/netns-of-" + string(key) }
	a.start()
	a.live(t)
	log := a.lines.String()
	for _, text := range []string{
		"NS /netns-of-s-1, Sandbox id-of-s-1", `ContainerID:\"id-of-s-1\"`, "to sandbox aws-cni/id-of-s-1/eth0", "find sandbox _migrated-from-cri/id-of-s-1/unknown",
		"ID(id-of-s-4)", "Sandbox aws-cni/id-of-s-5/eth0 uses unknown", "Recovered aws-cni/id-of-s-3/eth0",
	} {
		if !strings.Contains(log, text) {
			t.Errorf("the log does not say %q", text)
		}
	}
	for _, sandbox := range regexp.MustCompile(`(?:of-)?\bs-[0-9]`).FindAllString(log, -1) {
		if !strings.HasPrefix(sandbox, "of-") {
			t.Errorf("%s is by its key", sandbox)
		}
	}
}

// callerShape is what zap's short caller looks like.
var callerShape = regexp.MustCompile(`^[a-z0-9-]+/[a-z0-9_.]+\.(go|s):[0-9]+$`)

func TestTheTableOfLinesIsWellFormed(t *testing.T) {
	for l := noLine + 1; l < lines; l++ {
		written := 0
		for _, r := range releases {
			written += len(r.lines[l].spots)
		}
		if written == 0 {
			t.Errorf("no line %d", l)
		}
	}
	for _, version := range Releases() {
		for _, l := range Lines(version) {
			if !slices.Contains([]string{debug, info, warn, fail}, l.Level) || !callerShape.MatchString(l.Caller) || l.Message == "" {
				t.Errorf("%s: %+v", version, l)
			}
		}
	}
}

func jsonLines(lines []Line, at time.Time) string {
	var b strings.Builder
	for _, l := range lines {
		fmt.Fprintln(&b, l.JSON(at))
	}
	return b.String()
}

// compareFile compares with a golden file, which UPDATE=1 writes anew. Only
// the model's own may be: see testdata/README.md.
func compareFile(t *testing.T, name, got string) {
	t.Helper()
	if strings.HasPrefix(name, "testdata/life.") && os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	a, b := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(a), len(b)) {
		switch {
		case i >= len(a):
			t.Errorf("%s:%d: and then %s", name, i+1, b[i])
		case i >= len(b):
			t.Errorf("%s:%d: missing %s", name, i+1, a[i])
		case a[i] != b[i]:
			t.Errorf("%s:%d:\nwant %s\ngot  %s", name, i+1, a[i], b[i])
		default:
			continue
		}
		return
	}
}

// grow is a start that fills the primary interface, and passes that get a new
// one, find no room for another, are cordoned, and give it back.
func (a *account) grow(t *testing.T) {
	a.maxENI, a.picker = "2", Descending{}
	a.start()
	if err := a.Init(); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		if _, err := a.AddNetwork(SandboxKey(fmt.Sprintf("s-%d", i)), fmt.Sprintf("web-%d", i)); err != nil {
			if i == 0 {
				t.Fatal(err)
			}
		}
		a.now += 5 * time.Second
		a.updatePool()
	}
	a.cordoned = true
	a.updatePool()
	a.cordoned = false
	for i := range 10 {
		_, _ = a.DelNetwork(SandboxKey(fmt.Sprintf("s-%d", i)), PodDeleted)
	}
	for range 3 {
		a.now += time.Minute
		a.updatePool()
	}
}

func TestAGrowingPoolInTheLog(t *testing.T) {
	var free []string
	for i := range 12 {
		free = append(free, fmt.Sprintf("10.0.1.%d", i+1))
	}
	a := newAccount(true, free...)
	a.grow(t)
	// In this order, with anything between them.
	for _, text := range []string{
		"hasRoomForEni: networkCard=0, currentENIs=1, currentUsableENIs=1, maxENI=2, unmanagedENI=0, trunkEni=0, excludedENI=0, hasRoom=true",
		"Trying to allocate 1 IP addresses on new ENI",
		"Created a new ENI: eni-1", "Found a free device number for network card 0 : 1",
		"Successfully created and attached a new ENI eni-1 to instance on network card 0",
		"Not able to find the right ENI yet (attempt 1/12)", "Not able to find the right ENI yet (attempt 2/12)", "ENI ID: eni-1 IP Addr: 2",
		"Setting up network for an ENI with IP address 10.0.9.2, MAC address 06:00:00:00:00:01, CIDR 10.0.0.0/16, route table 2 and Network Card 0",
		"AWS CNI is on a non schedulable node",
		"Starting to decrease pool size", "Trying to unassign the following IPs", "Successfully decreased IP pool",
		"ENI eni-0 cannot be deleted because it is primary", "getDeletableENI: found a deletable ENI eni-1",
		"RemoveUnusedENIFromStore eni-1", "Trying to free ENI: eni-1", "Successfully detached ENI: eni-1", "Successfully freed ENI: eni-1",
	} {
		_, rest, found := strings.Cut(a.lines.String(), text)
		if !found {
			t.Fatalf("the log does not say %q after what came before:\n%s", text, a.lines)
		}
		a.lines.Reset()
		a.lines.WriteString(rest)
	}
}
