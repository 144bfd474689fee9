package clusterimport_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"ipamsim/scenarios"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim"
)

// replicas is what Prometheus answers about workloads, a value a minute.
func replicas(series ...object) string {
	var list []any
	for _, s := range series {
		list = append(list, s)
	}
	return text(object{"status": "success", "data": object{"resultType": "matrix", "result": list}})
}

func counted(labels object, values ...int) object {
	var list []any
	for k, v := range values {
		list = append(list, []any{1_700_000_000 + 60*k, fmt.Sprint(v)})
	}
	return object{"metric": labels, "values": list}
}

func deployment(metric, name string) object {
	return object{"__name__": metric, "namespace": "shop", "deployment": name}
}

// A recording of replicas is the scenario's load: time 0 holds what the files hold,
// and from then on there are as many pods as were recorded.
func TestARecordingOfReplicasIsTheLoad(t *testing.T) {
	t.Parallel()
	for _, anonymous := range []bool{false, true} {
		m := some()
		files := m.files()
		files["replicas.json"] = replicas(counted(deployment("kube_deployment_spec_replicas", "web"), 5, 5, 9, 9, 2, 2, 2), counted(deployment("kube_deployment_spec_replicas", "gone"), 1, 2))
		r := imported(t, files, clusterimport.Options{Anonymise: anonymous})
		if err := agrees(r, m); err != nil && !anonymous {
			t.Fatalf("%v\n%.4000s", err, r.Scenario)
		}
		for _, want := range []string{"duration: 6m\n", "replicas: # as Prometheus has recorded them\n      - {at: 2m, count: 9}\n      - {at: 4m, count: 2}\n"} {
			if !strings.Contains(string(r.Scenario), want) {
				t.Errorf("there is no %q in\n%s", want, r.Scenario)
			}
		}
		if !slices.ContainsFunc(r.Report.Notes, func(n string) bool { return strings.Contains(n, "is left out: it has no pods") }) {
			t.Errorf("nothing is said of the other workload: %q", r.Report.Notes)
		}
		f, err := scenarios.Load("imported", r.Scenario)
		if err != nil {
			t.Fatal(err)
		}
		variants, err := f.Variants(scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ran, err := sim.Run(context.Background(), variants[:1], sim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		most, last := 0, 0
		for _, w := range ran.Variants[0].Workloads {
			if w.Kind == "Deployment" && w.Wanted >= 9 {
				most, last = w.Wanted, w.AtEnd.Running
			}
		}
		if most != 9 || last != 2 {
			t.Errorf("%d pods in all, and %d at the end", most, last)
		}
	}
}

func TestRecordingsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	web := deployment("kube_deployment_spec_replicas", "web")
	many := make([]int, 10_002)
	for k := range many {
		many[k] = k % 2
	}
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"one moment":        {map[string]string{"r": `{"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "2"]}]}}`}, "about one moment"},
		"no series":         {map[string]string{"r": replicas()}, "without any series"},
		"ipamd's":           {map[string]string{"r": replicas(counted(object{"__name__": "awscni_total_ip_addresses", "instance": "x"}, 1))}, "which --back-test takes"},
		"another metric":    {map[string]string{"r": replicas(counted(object{"__name__": "up"}, 1))}, "data.result[0] is of up"},
		"a sum":             {map[string]string{"r": replicas(counted(object{}, 1))}, "has no labels namespace and deployment"},
		"a negative number": {map[string]string{"r": replicas(counted(web, -1))}, "data.result[0].values[0]"},
		"no number":         {map[string]string{"r": strings.Replace(replicas(counted(web, 7)), `"7"`, `"x"`, 1)}, "data.result[0].values[0]"},
		"a wrong shape":     {map[string]string{"r": `{"status": "success", "data": {"resultType": "matrix", "result": [7]}}`}, "cannot be read"},
		"twice":             {map[string]string{"r": replicas(counted(web, 1)), "s": replicas(counted(deployment("kube_deployment_status_replicas", "web"), 2))}, "is recorded twice"},
		"many changes":      {map[string]string{"r": replicas(counted(web, many...))}, "ask with a longer step"},
		"a long time":       {map[string]string{"r": replicas(object{"metric": web, "values": []any{[]any{1, "1"}, []any{40 * 86400, "2"}}})}, "30 days at most"},
	} {
		t.Run(name, func(t *testing.T) {
			files := some().files()
			maps.Copy(files, c.files)
			if _, err := clusterimport.Import(sources(files), clusterimport.Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, and %q was expected", err, c.want)
			}
		})
	}
}
