package ipamd

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// metrics are the counters of one process; utils/prometheusmetrics of the
// real daemon. The gauges are computed when somebody asks.
//
// What the model has no notion of is left out: awscni_build_info (the Go
// version of the image), awscni_ipamd_startup_duration_seconds (the wait for
// the API server comes before the model's daemon), awscni_connmark_*, the
// metrics of the Go runtime and of the process, and failures of
// awscni_ipamd_error_count and awscni_pod_eni_error_count that cannot happen
// here (those of entering an address, of deleting rules, of trunk
// interfaces).
type metrics struct {
	requests [operations]uint32
	failures [operations]uint32
	answered [operations]summary // by operations that succeeded
	refused  tally[summary]      // by API and code
	waited   summary             // waitForENIAndIPsAttached that succeeded

	apiErrors   tally[int]     // by API and code
	utilsErrors tally[int]     // by function and text
	errors      map[string]int // by function
	nodeInit    int32          // failures of it that podENIErrInc counts
	actions     [actions]inProgress
	reconciled  [reconciles]uint32

	adds, noAddress uint32
	dels            [delReasons]uint32
	maxENIs         int32 // of the last look at the attached interfaces
	maxIPs          int32
	initDone        bool
	initTook        time.Duration
}

// summary is a Prometheus summary without quantiles, in milliseconds.
type summary struct {
	sum   int64
	count uint32
}

// observe cuts a duration to whole milliseconds, as msSince of pkg/awsutils.
func (s *summary) observe(took time.Duration) {
	s.sum += int64(took / time.Millisecond)
	s.count++
}

// action is what awscni_ipamd_action_inprogress tells of.
type action uint8

const (
	nodeInit action = iota
	increasing
	decreasing
	reconciling

	actions
)

func (a action) String() string {
	return [actions]string{"nodeInit", "increaseDatastorePool", "decreaseDatastorePool", "nodeIPPoolReconcile"}[a]
}

// inProgress is a gauge that exists since its first use.
type inProgress struct {
	used bool
	now  int8
}

func (m *metrics) begin(a action) { m.actions[a] = inProgress{true, m.actions[a].now + 1} }
func (m *metrics) end(a action)   { m.actions[a].now-- }

// reconcile is what awscni_reconcile_count tells of.
type reconcile uint8

const (
	reconcileAddENI reconcile = iota
	reconcileDelENI
	reconcileAddCIDR // also for each that is there already
	reconcileDelCIDR

	reconciles
)

func (r reconcile) String() string {
	return [reconciles]string{"eniReconcileAdd", "eniReconcileDel", "eniDataStorePoolReconcileAdd", "eniIPPoolReconcileDel"}[r]
}

// DelReason is why the plugin calls DelNetwork.
type DelReason uint8

// The reasons.
const (
	PodDeleted    DelReason = iota // a DEL of the runtime
	SetupNSFailed                  // the plugin could not wire the pod, and gives the address back

	delReasons
)

func (r DelReason) String() string { return [delReasons]string{"PodDeleted", "SetupNSFailed"}[r] }

// Functions of awscni_ipamd_error_count.
const (
	errWaitRetries    = "waitENIAttachedMaxRetryExceeded"
	errAllocENI       = "increaseIPPoolAllocENI"
	errAllocAddresses = "increaseIPPoolAllocIPAddressesFailed"
	errWaitENI        = "increaseIPPoolwaitENIAttachedFailed"
	errSetupENI       = "increaseIPPoolsetupENIFailed"
	errGetAddresses   = "increaseIPPoolGetENIaddressesFailed"
	errGetPrefixes    = "increaseIPPoolGetENIprefixedFailed"
	errFreeENI        = "decreaseIPPoolFreeENIFailed"
	errReconcileENIs  = "reconcileFailedGetENIs"
	errReconcileAdd   = "eniReconcileAdd"
)

// outOfSync is the name under which interfaces count that metadata has and
// EC2 does not.
const outOfSync = "IMDSMetaDataOutOfSync"

func (m *metrics) rejected(api, code string, took time.Duration) {
	m.refused.at(api, code).observe(took)
}

func (m *metrics) failed(op operation, err error) {
	m.failures[op]++
	m.apiFailed(op.String(), err)
}

// apiFailed and utilFailed count only what EC2 itself said.
func (m *metrics) apiFailed(api string, err error) {
	if c := code(err); c != "" {
		*m.apiErrors.at(api, c)++
	}
}

func (m *metrics) utilFailed(fn string, err error) {
	if code(err) != "" {
		*m.utilsErrors.at(fn, err.Error())++
	}
}

// unsent counts an operation that the SDK refused to send.
func (m *metrics) unsent(op operation) {
	m.requests[op]++
	m.failures[op]++
	m.rejected(op.String(), "", 0)
}

func (m *metrics) ipamd(fn string) {
	if m.errors == nil {
		m.errors = map[string]int{}
	}
	m.errors[fn]++
}

// tally is a small map with two texts as key: a list, because a daemon has a
// handful of them and a throttle storm counts in millions.
type tally[V any] []tallied[V]

type tallied[V any] struct {
	key   [2]string
	value V
}

// at is the value of a key, zero at first.
func (t *tally[V]) at(first, second string) *V {
	for i := range *t {
		if e := &(*t)[i]; e.key[0] == first && e.key[1] == second {
			return &e.value
		}
	}
	*t = append(*t, tallied[V]{key: [2]string{first, second}})
	return &(*t)[len(*t)-1].value
}

// sorted are the entries by key.
func (t tally[V]) sorted() []tallied[V] {
	return slices.SortedFunc(slices.Values(t), func(a, b tallied[V]) int { return slices.Compare(a.key[:], b.key[:]) })
}

// Metric is one metric with all its series.
type Metric struct {
	Name    string
	Help    string
	Type    string // counter, gauge, summary or histogram
	Samples []Sample
}

// Sample is one series: of a summary or histogram one of its lines.
type Sample struct {
	Suffix string // _sum, _count, _bucket, or nothing
	Labels []Label
	Value  float64
}

// Label is a pair of a series.
type Label struct{ Name, Value string }

// Metrics are what the real daemon exports at :61678/metrics, by name. A
// metric with labels is there once it has a series.
func (d *Daemon) Metrics() []Metric {
	d.catchUp()
	list := slices.Concat(d.callMetrics(), d.poolMetrics(), d.requestMetrics())
	list = slices.DeleteFunc(list, func(m Metric) bool { return len(m.Samples) == 0 })
	slices.SortFunc(list, func(a, b Metric) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (d *Daemon) callMetrics() []Metric {
	m := &d.metrics
	return []Metric{
		{"awscni_ec2api_req_count", "The number of requests made to EC2 APIs by CNI", "counter", byOperation(m.requests)},
		{"awscni_ec2api_error_count", "The number of failed EC2 APIs requests", "counter", byOperation(m.failures)},
		{"awscni_aws_api_latency_ms", "AWS API call latency in ms", "summary", m.latencies()},
		{"awscni_aws_api_error_count", "The number of times AWS API returns an error", "counter", byTwo("api", "error", m.apiErrors)},
		{"awscni_aws_utils_error_count", "The number of errors not handled in awsutils library", "counter", byTwo("fn", "error", m.utilsErrors)},
	}
}

func (d *Daemon) poolMetrics() []Metric {
	m, s := &d.metrics, &d.store
	return []Metric{
		gauge("awscni_eni_max", "The maximum number of ENIs that can be attached to the instance, accounting for unmanaged ENIs", int(m.maxENIs)),
		gauge("awscni_ip_max", "The maximum number of IP addresses that can be allocated to the instance", int(m.maxIPs)),
		gauge("awscni_eni_allocated", "The number of ENIs allocated", len(s.enis)),
		gauge("awscni_total_ip_addresses", "The total number of IP addresses", int(s.shownTotal)),
		gauge("awscni_assigned_ip_addresses", "The number of IP addresses assigned to pods", s.assigned()),
		gauge("awscni_total_ipv4_prefixes", "The total number of IPv4 prefixes", int(s.shownPrefixes)),
		{"awscni_assigned_ip_per_cidr", "The total number of IP addresses assigned per cidr", "gauge", s.byCIDR()},
		{"awscni_assigned_ip_per_eni", "The number of allocated ips partitioned by eni", "gauge", s.byENI()},
		counter("awscni_force_removed_enis", "The number of ENIs force removed while they had assigned pods", int(s.forcedENIs)),
		counter("awscni_force_removed_ips", "The number of IPs force removed while they had assigned pods", int(s.forcedIPs)),
	}
}

func (m *metrics) deletions() (list []Sample) {
	for r, n := range m.dels {
		list = append(list, labelled("reason", DelReason(r).String(), int(n))...)
	}
	return list
}

func (d *Daemon) requestMetrics() []Metric {
	m := &d.metrics
	list := []Metric{
		counter("awscni_add_ip_req_count", "The number of add IP address requests", int(m.adds)),
		{"awscni_del_ip_req_count", "The number of delete IP address requests", "counter", m.deletions()},
		counter("awscni_no_available_ip_addresses", "The number of pod IP assignments that fail due to no available IP addresses", int(m.noAddress)),
		{"awscni_ipamd_error_count", "The number of errors encountered in ipamd", "counter", byOne("fn", m.errors)},
		{"awscni_pod_eni_error_count", "The number of errors encountered for pod ENIs", "counter", labelled("fn", nodeInit.String(), int(m.nodeInit))},
		{"awscni_ipamd_action_inprogress", "The number of ipamd actions in progress", "gauge", m.inProgress()},
		{"awscni_reconcile_count", "The number of times ipamd reconciles on ENIs and IP/Prefix addresses", "counter", m.reconciles()},
	}
	if m.initDone {
		list = append(list, Metric{"awscni_ipamd_node_initialization_duration_seconds", "The duration of node initialization during IPAMD startup",
			"histogram", histogram(m.initTook, Label{"success", "true"})})
	}
	return list
}

func gauge(name, help string, n int) Metric {
	return Metric{name, help, "gauge", []Sample{{Value: float64(n)}}}
}

func counter(name, help string, n int) Metric {
	return Metric{name, help, "counter", []Sample{{Value: float64(n)}}}
}

// labelled is one series, or none as long as it has counted nothing.
func labelled(label, value string, n int) []Sample {
	if n == 0 {
		return nil
	}
	return []Sample{{Labels: []Label{{label, value}}, Value: float64(n)}}
}

func byOperation(counts [operations]uint32) (list []Sample) {
	for op, n := range counts {
		list = append(list, labelled("fn", operation(op).String(), int(n))...)
	}
	return list
}

func byOne(label string, counts map[string]int) (list []Sample) {
	for _, value := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, labelled(label, value, counts[value])...)
	}
	return list
}

func byTwo(first, second string, counts tally[int]) (list []Sample) {
	for _, e := range counts.sorted() {
		list = append(list, Sample{Labels: []Label{{first, e.key[0]}, {second, e.key[1]}}, Value: float64(e.value)})
	}
	return list
}

// latencies are the summaries by API, error and status. 200 is what the real
// daemon says of any success; a failure without an answer of EC2 has none.
func (m *metrics) latencies() (list []Sample) {
	add := func(api, failed, status string, s summary) {
		if s.count > 0 {
			labels := []Label{{"api", api}, {"error", failed}, {"status", status}}
			list = append(list, Sample{"_sum", labels, float64(s.sum)}, Sample{"_count", labels, float64(s.count)})
		}
	}
	for op, s := range m.answered {
		add(operation(op).String(), "false", "200", s)
	}
	add(waitAPI, "false", "200", m.waited)
	for _, e := range m.refused.sorted() {
		add(e.key[0], "true", e.key[1], e.value)
	}
	slices.SortStableFunc(list, func(a, b Sample) int { return compareLabels(a.Labels, b.Labels) })
	return list
}

// waitAPI is the name under which the wait for a new interface counts.
const waitAPI = "waitForENIAndIPsAttached"

func compareLabels(a, b []Label) int {
	return slices.CompareFunc(a, b, func(x, y Label) int { return cmp.Compare(x.Value, y.Value) })
}

func (m *metrics) inProgress() (list []Sample) {
	for a, p := range m.actions {
		if p.used {
			list = append(list, Sample{Labels: []Label{{"fn", action(a).String()}}, Value: float64(p.now)})
		}
	}
	slices.SortFunc(list, func(a, b Sample) int { return compareLabels(a.Labels, b.Labels) })
	return list
}

func (m *metrics) reconciles() (list []Sample) {
	for r, n := range m.reconciled {
		list = append(list, labelled("fn", reconcile(r).String(), int(n))...)
	}
	slices.SortFunc(list, func(a, b Sample) int { return compareLabels(a.Labels, b.Labels) })
	return list
}

// byCIDR are the CIDRs that a pod has ever used, those that are gone included:
// pods that lost their CIDR stay counted.
func (s *store) byCIDR() (list []Sample) {
	add := func(block string, n int) {
		list = append(list, Sample{Labels: []Label{{"cidr", block}}, Value: float64(n)})
	}
	for _, e := range s.enis {
		for _, c := range e.cidrs {
			if c.used {
				add(c.block.String(), int(c.lost)+int(c.assigned))
			}
		}
	}
	for _, g := range s.gone {
		add(g.block.String(), int(g.value))
	}
	slices.SortFunc(list, func(a, b Sample) int { return compareLabels(a.Labels, b.Labels) })
	return list
}

func (s *store) byENI() (list []Sample) {
	for _, e := range s.enis {
		list = append(list, Sample{Labels: []Label{{"eni", e.id}}, Value: float64(int(e.lost) + e.pods())})
	}
	return list
}

// buckets are the default ones of the Prometheus client, in seconds.
var buckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// histogram is one with a single observation.
func histogram(took time.Duration, label Label) (list []Sample) {
	seconds := took.Seconds()
	for _, bound := range buckets {
		n := 0.0
		if seconds <= bound {
			n = 1
		}
		list = append(list, Sample{"_bucket", []Label{label, {"le", number(bound)}}, n})
	}
	return append(list,
		Sample{"_bucket", []Label{label, {"le", "+Inf"}}, 1},
		Sample{"_sum", []Label{label}, seconds},
		Sample{"_count", []Label{label}, 1})
}

// WriteMetrics renders metrics in Prometheus' text format.
func WriteMetrics(w io.Writer, list []Metric) error {
	var b strings.Builder
	for _, m := range list {
		fmt.Fprintf(&b, "# HELP %s %s\n# TYPE %s %s\n", m.Name, escapeHelp.Replace(m.Help), m.Name, m.Type)
		for _, s := range m.Samples {
			fmt.Fprintf(&b, "%s%s%s %s\n", m.Name, s.Suffix, labelText(s.Labels), number(s.Value))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

var (
	escapeHelp  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	escapeLabel = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func labelText(labels []Label) string {
	if len(labels) == 0 {
		return ""
	}
	pairs := make([]string, len(labels))
	for i, l := range labels {
		pairs[i] = l.Name + `="` + escapeLabel.Replace(l.Value) + `"`
	}
	return "{" + strings.Join(pairs, ",") + "}"
}

func number(x float64) string { return strconv.FormatFloat(x, 'g', -1, 64) }
