package ipamd

import (
	"net/netip"
	"strings"
	"testing"
	"time"
)

func metricsText(t *testing.T, d *Daemon) string {
	t.Helper()
	var b strings.Builder
	if err := WriteMetrics(&b, d.Metrics()); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The life is that of the log, before its restart: a new process counts from
// nothing.
func TestTheMetricsOfALife(t *testing.T) {
	a := newAccount(false, "10.0.0.1")
	first := a.Daemon
	a.live(t)
	compareFile(t, "testdata/life.metrics", metricsText(t, first))
	if text := metricsText(t, a.Daemon); !strings.Contains(text, "\nawscni_add_ip_req_count 0\n") || !strings.Contains(text, "awscni_assigned_ip_addresses 1\n") {
		t.Errorf("the second process counts\n%s", text)
	}
}

// What the real datastore does to its counters when pods lose their address:
// series of CIDRs stay, those of interfaces are not decremented, and the total
// is subtracted twice with the interface and shown at the next change.
func TestGaugesDriftAsTheRealOnesDo(t *testing.T) {
	b := newBench(nil, Policies{})
	e := b.interfaceWith("eni-0", 0, "10.0.0.1", "10.0.0.2")
	b.interfaceWith("eni-1", 1, "10.0.1.1", "10.0.1.2")
	for _, key := range []SandboxKey{"a", "b", "c"} {
		if _, err := b.AddNetwork(key, "p"); err != nil {
			t.Fatal(err)
		}
	}
	has := func(lines ...string) {
		t.Helper()
		text := "\n" + metricsText(t, b.Daemon)
		for _, line := range lines {
			if !strings.Contains(text, "\n"+line+"\n") {
				t.Errorf("no line %q in\n%s", line, text)
			}
		}
	}
	has("awscni_total_ip_addresses 4", "awscni_assigned_ip_addresses 3", `awscni_assigned_ip_per_eni{eni="eni-0"} 2`, `awscni_assigned_ip_per_eni{eni="eni-1"} 1`)

	b.store.removeCIDR(e, blockOf(netip.MustParsePrefix("10.0.0.1/32")), true)
	has("awscni_total_ip_addresses 3", "awscni_assigned_ip_addresses 2", "awscni_force_removed_ips 1",
		`awscni_assigned_ip_per_eni{eni="eni-0"} 2`, `awscni_assigned_ip_per_cidr{cidr="10.0.0.1/32"} 1`)

	b.removeENI("eni-1", removeReconcile)
	has("awscni_total_ip_addresses 3", "awscni_assigned_ip_addresses 1", "awscni_eni_allocated 1", "awscni_force_removed_enis 1", "awscni_force_removed_ips 2",
		`awscni_assigned_ip_per_cidr{cidr="10.0.1.1/32"} 1`)
	if text := metricsText(t, b.Daemon); strings.Contains(text, `{eni="eni-1"}`) {
		t.Errorf("the interface's series is still there:\n%s", text)
	}

	b.store.addCIDR(e, blockOf(netip.MustParsePrefix("10.0.0.1/32")))
	if _, err := b.AddNetwork("d", "p"); err != nil {
		t.Fatal(err)
	}
	for _, why := range []DelReason{SetupNSFailed, SetupNSFailed, PodDeleted} {
		_, _ = b.DelNetwork("nobody", why)
	}
	has(`awscni_del_ip_req_count{reason="PodDeleted"} 1`, `awscni_del_ip_req_count{reason="SetupNSFailed"} 2`)
	// 3, less 2 twice, and 1 again.
	has("awscni_total_ip_addresses 0", `awscni_assigned_ip_per_cidr{cidr="10.0.0.1/32"} 2`)
}

func TestMetricsAreWrittenInPrometheusText(t *testing.T) {
	list := []Metric{
		{"a", "line\nand \\", "counter", []Sample{{Value: 3}}},
		{"b", "help", "summary", []Sample{{"_sum", []Label{{"x", "q\"\n\\"}, {"y", ""}}, 1234567.5}, {"_count", []Label{{"x", "1"}, {"y", "2"}}, 1e21}}},
	}
	var b strings.Builder
	if err := WriteMetrics(&b, list); err != nil {
		t.Fatal(err)
	}
	want := `# HELP a line\nand \\
# TYPE a counter
a 3
# HELP b help
# TYPE b summary
b_sum{x="q\"\n\\",y=""} 1.2345675e+06
b_count{x="1",y="2"} 1e+21
`
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

// What an ADD and a DEL allocated when there was no log: the list of
// candidates among the reusable addresses.
const allocationsBefore = 1

func TestWithoutAListenerAnAddAllocatesNothingMore(t *testing.T) {
	b := newBench(map[string]string{"IP_COOLDOWN_PERIOD": "-1"}, Policies{})
	b.interfaceWith("eni-0", 0, "10.0.0.1")
	b.AddNetwork("warm", "web-1")
	b.DelNetwork("warm", PodDeleted)
	got := testing.AllocsPerRun(100, func() {
		b.AddNetwork("a", "web-1")
		b.DelNetwork("a", PodDeleted)
	})
	if got > allocationsBefore {
		t.Errorf("%v allocations, %d before there was a log", got, allocationsBefore)
	}
	b.now += time.Second
	b.AddNetwork("a", "web-1")
	if got := testing.AllocsPerRun(100, func() { b.AddNetwork("b", "web-2") }); got > 0 {
		t.Errorf("%v allocations of an ADD that finds nothing, none before there was a log", got)
	}
}
