package clusterimport_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim"
)

// recording is what Prometheus answers about nodes whose pods change every 20
// minutes, with what WARM_IP_TARGET 5 and MINIMUM_IP_TARGET 10 hold for them. The
// last node is there in the second hour alone.
func recording(metric string, nodes int, of func(assigned int) int) string {
	var series []any
	for k := range nodes {
		var values []any
		for minute := range 121 {
			if k == nodes-1 && (minute < 60 || minute > 110) {
				continue
			}
			values = append(values, []any{1_700_000_000 + 60*minute, fmt.Sprint(of(3 + (minute/20*7+5*k)%20))})
		}
		series = append(series, object{"metric": object{"__name__": metric, "instance": fmt.Sprintf("10.0.%d.4:61678", k%2*2)}, "values": values})
		if k > 1 {
			series[k].(object)["metric"].(object)["instance"] = "gone-1:61678"
		}
	}
	return text(object{"status": "success", "data": object{"resultType": "matrix", "result": series}})
}

func held(assigned int) int { return max(10, assigned+5) }

func tested(t *testing.T, texts ...string) (*clusterimport.BackTest, error) {
	t.Helper()
	m := some()
	m.settings("v1.23.1", object{"WARM_IP_TARGET": "5", "MINIMUM_IP_TARGET": "10"})
	r, err := clusterimport.Import(sources(m.files()), clusterimport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := new(clusterimport.History)
	for _, text := range texts {
		if err := h.Read(strings.NewReader(text)); err != nil {
			return nil, err
		}
	}
	return r.BackTest(context.Background(), h, sim.Options{})
}

// A recording of what the settings hold is met by the simulation, and one of
// something else is not.
func TestARecordingIsSimulated(t *testing.T) {
	t.Parallel()
	same := func(n int) int { return n }
	b, err := tested(t, recording("awscni_assigned_ip_addresses", 3, same), zipped(recording("awscni_total_ip_addresses", 3, held)))
	if err != nil {
		t.Fatal(err)
	}
	if b.Nodes != 3 || b.Known != 2 || len(b.AtSeconds) < 200 || b.MeanError > 0.01 {
		t.Errorf("%d nodes, %d known, %d moments, an error of %v", b.Nodes, b.Known, len(b.AtSeconds), b.MeanError)
	}
	for k, at := range b.AtSeconds {
		if settled := at%1200 < 1140 && (at < 3600 || at > 3720) && (at < 6600 || at > 6720); settled && (b.SimulatedAssigned[k] != b.RecordedAssigned[k] || b.SimulatedTotal[k] != b.RecordedTotal[k]) {
			t.Errorf("after %d s: %d of %d on pods, %d of %d held", at, b.SimulatedAssigned[k], b.RecordedAssigned[k], b.SimulatedTotal[k], b.RecordedTotal[k])
		}
	}
	b, err = tested(t, recording("awscni_assigned_ip_addresses", 3, same), recording("awscni_total_ip_addresses", 3, func(n int) int { return 2 * held(n) }))
	if err != nil || b.MeanError < 0.4 {
		t.Errorf("an error of %v, %v", b.MeanError, err)
	}
}

func TestWhatIsNoRecordingIsRefused(t *testing.T) {
	same := func(n int) int { return n }
	assigned := recording("awscni_assigned_ip_addresses", 2, same)
	for text, want := range map[string]string{
		"{":                                  "1:2: the text ends in the middle",
		"{}":                                 "no answer of Prometheus",
		`{"status":"error","error":"parse"}`: "no answer of Prometheus, or an error (parse)",
		`{"status":"success","data":{"resultType":"vector","result":[]}}`:                                                                 "a vector, which is one moment",
		`{"status":"success","data":{"resultType":"matrix","result":[]}}`:                                                                 "an answer without any series",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[[1,"2"]]}]}}`:                                 "data.result[0] has neither a label node nor instance",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","instance":"a:1"},"values":[[1,"2"]]}]}}`: "data.result[0] is of up",
		`{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"node":"a"},"values":[[1,"NaN"]]}]}}`:                     "data.result[0].values[0]: a time and a number",
		assigned: "no range of awscni_total_ip_addresses is given",
		strings.ReplaceAll(assigned, "awscni_assigned", "awscni_total"): "no range of awscni_assigned_ip_addresses is given",
	} {
		if _, err := tested(t, text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%.100s: the error is %v, not %s", text, err, want)
		}
	}
}
