package calibration_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios/calibration"
	"ipamsim/scenarios/clusterimport"
)

// told is an event of kubelet's about a pod's container, in the form of the core API.
func told(pod, container, reason, at, message string) string {
	return fmt.Sprintf(`{"kind":"Event","involvedObject":{"kind":"Pod","namespace":"a","name":%q,"fieldPath":%q},"reason":%q,"message":%q,"eventTime":null,"firstTimestamp":%q}`,
		pod, "spec."+container, reason, message, at)
}

// bound is the scheduler's, with a time to the microsecond.
func bound(pod, at string) string {
	return fmt.Sprintf(`{"kind":"Event","involvedObject":{"kind":"Pod","namespace":"a","name":%q},"reason":"Scheduled","message":"Successfully assigned","eventTime":%q,"firstTimestamp":null}`, pod, at)
}

func listed(items ...string) string { return `{"items":[` + strings.Join(items, ",") + `]}` }

const here = `Container image "x" already present on machine`

// starts are those that are reported of a file, which says nothing to fit.
func starts(t *testing.T, simulated []clusterimport.Source, items ...string) []calibration.StartReport {
	t.Helper()
	r, err := calibration.Calibrate([]clusterimport.Source{source("f", listed(items...))}, simulated)
	if err != nil && !errors.Is(err, calibration.ErrNothing) {
		t.Fatal(err)
	}
	return r.Report.Starts
}

// Bounds are as wide as the seconds of the times, and no wider: the scheduler's are exact
// where they come as eventTime. The sandbox stood when the first image was asked for, and
// a pod runs when the last of its containers does, for the first time.
func TestStartsAreBoundedByTheirSeconds(t *testing.T) {
	for _, c := range []struct {
		name         string
		items        []string
		sandbox, pod [2]float64
	}{
		{"exact", []string{bound("p", "2026-01-01T00:00:00.250000Z"), told("p", "containers{x}", "Pulled", "2026-01-01T00:00:02Z", here), told("p", "containers{x}", "Started", "2026-01-01T00:00:03Z", "Started container x")},
			[2]float64{1.75, 2.75}, [2]float64{2.75, 3.75}},
		{"whole seconds", []string{told("p", "", "Scheduled", "2026-01-01T00:00:00Z", ""), told("p", "containers{x}", "Pulled", "2026-01-01T00:00:02Z", here), told("p", "containers{x}", "Started", "2026-01-01T00:00:03Z", "")},
			[2]float64{1, 3}, [2]float64{2, 4}},
		{"a pull that waited for its turn", []string{bound("p", "2026-01-01T00:00:00.000000Z"), told("p", "containers{x}", "Pulled", "2026-01-01T00:00:05Z", `Successfully pulled image "x:1" in 1s (3.5s including waiting). Image size: 1 bytes.`), told("p", "containers{x}", "Started", "2026-01-01T00:00:06Z", "")},
			[2]float64{1.5, 2.5}, [2]float64{6, 7}},
		{"an init container, a sidecar and a restart, in any order", []string{
			told("p", "containers{x}", "Started", "2026-01-01T00:09:00Z", ""), told("p", "containers{y}", "Pulled", "2026-01-01T00:00:07Z", here), told("p", "containers{y}", "Started", "2026-01-01T00:00:08Z", ""),
			told("p", "initContainers{i}", "Started", "2026-01-01T00:00:03Z", ""), told("p", "initContainers{i}", "Pulled", "2026-01-01T00:00:02Z", here),
			told("p", "containers{x}", "Pulled", "2026-01-01T00:00:05Z", here), told("p", "containers{x}", "Started", "2026-01-01T00:00:06Z", ""), bound("p", "2026-01-01T00:00:00.000000Z")},
			[2]float64{2, 3}, [2]float64{8, 9}},
		{"events.k8s.io", []string{
			`{"kind":"Event","regarding":{"kind":"Pod","namespace":"a","name":"p"},"reason":"Scheduled","note":"x","eventTime":"2026-01-01T00:00:00.500000Z"}`,
			`{"kind":"Event","regarding":{"kind":"Pod","namespace":"a","name":"p","fieldPath":"spec.containers{x}"},"reason":"Pulled","note":"` + strings.ReplaceAll(here, `"`, `\"`) + `","eventTime":null,"deprecatedFirstTimestamp":"2026-01-01T00:00:01Z"}`,
			`{"kind":"Event","regarding":{"kind":"Pod","namespace":"a","name":"p","fieldPath":"spec.containers{x}"},"reason":"Started","note":"","eventTime":null,"deprecatedFirstTimestamp":"2026-01-01T00:00:01Z"}`},
			[2]float64{0.5, 1.5}, [2]float64{0.5, 1.5}},
	} {
		list := starts(t, nil, c.items...)
		if len(list) != 2 {
			t.Errorf("%s: %+v", c.name, list)
			continue
		}
		for i, want := range [][2]float64{c.sandbox, c.pod} {
			if q := list[i].Observed; q.Starts != 1 || q.P50.Low != want[0] || *q.P50.High != want[1] {
				t.Errorf("%s: %s is within %v to %v, want %v", c.name, list[i].Start, q.P50.Low, *q.P50.High, want)
			}
		}
	}
	if list := starts(t, nil, bound("p", "2026-01-01T00:00:00.000000Z"), told("p", "containers{x}", "Pulled", "2026-01-01T00:00:02Z", here)); len(list) != 0 {
		t.Errorf("a pod that does not run has started: %+v", list)
	}
	if list := starts(t, nil, strings.ReplaceAll(strings.Join([]string{bound("p", "2026-01-01T00:00:00.000000Z"), told("p", "containers{x}", "Pulled", "2026-01-01T00:00:02Z", here), told("p", "containers{x}", "Started", "2026-01-01T00:00:03Z", "")}, ","), `"namespace":"a"`, `"namespace":"kube-system"`)); len(list) != 0 {
		t.Errorf("a pod of the system counts: %+v", list)
	}
}

// many are pods that start one after the other, each so many seconds after it was bound.
func many(n int, took func(i int) time.Duration) []string {
	var items []string
	for i := range n {
		name, at := fmt.Sprint("p", i), time.Date(2026, 1, 1, 0, i, 0, 250e6*(i%4), time.UTC)
		end := at.Add(took(i)).Format(time.RFC3339)
		items = append(items, bound(name, at.Format("2006-01-02T15:04:05.000000Z")), told(name, "containers{x}", "Pulled", end, here), told(name, "containers{x}", "Started", end, ""))
	}
	return items
}

// Starts that are alike do not differ, and those that take a second longer do.
func TestStartsAreHeldAgainstSimulatedOnes(t *testing.T) {
	usual := func(i int) time.Duration { return time.Duration(1500+37*(i%41)) * time.Millisecond }
	other := func(i int) time.Duration { return time.Duration(1500+37*((i+7)%41)) * time.Millisecond }
	slow := func(i int) time.Duration { return usual(i) + time.Second }
	against := func(took func(int) time.Duration) []clusterimport.Source {
		return []clusterimport.Source{source("g", listed(many(300, took)...))}
	}
	for _, c := range []struct {
		took    func(int) time.Duration
		differs bool
	}{{other, false}, {slow, true}} {
		for _, s := range starts(t, against(c.took), many(400, usual)...) {
			if s.Simulated == nil || s.Simulated.Starts != 300 || s.Observed.Starts != 400 || s.Differs != c.differs {
				t.Errorf("%s: differs %v, want %v: distance %v of %v", s.Start, s.Differs, c.differs, *s.Distance, *s.Critical)
			}
		}
	}
	_, err := calibration.Calibrate([]clusterimport.Source{source("f", listed(many(9, usual)...))}, []clusterimport.Source{source("g", `{"items":[]}`)})
	if err == nil || !strings.Contains(err.Error(), "nothing of the simulated cluster's starts is in what it is held against") {
		t.Errorf("%v", err)
	}
}

// An image's pull is told to the millisecond, and the start of its container in whole
// seconds: their mean is added. What an image is called may be a file's name.
func TestAPullAndTheStartBehindItAreAnImages(t *testing.T) {
	var items []string
	for i := range 40 {
		name := fmt.Sprint("p", i)
		end := time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)
		items = append(items, told(name, "containers{x}", "Pulled", end.Format(time.RFC3339), fmt.Sprintf(`Successfully pulled image "r:5000/team/web:1@sha256:0" in %dms (9s including waiting)`, 3000+10*i)),
			told(name, "containers{x}", "Started", end.Add(time.Duration(i%2)*time.Second).Format(time.RFC3339), ""),
			told(name, "initContainers{x}", "Pulled", end.Format(time.RFC3339), `Successfully pulled image "init" in 1s (1s including waiting)`), told(name, "initContainers{x}", "Started", end.Format(time.RFC3339), ""),
			told(name, "containers{y}", "Pulled", end.Format(time.RFC3339), `Successfully pulled image "bad\nname: x" in 1s (1s including waiting)`), told(name, "containers{y}", "Started", end.Format(time.RFC3339), ""))
	}
	r, err := calibration.Calibrate([]clusterimport.Source{source("f", listed(items...))}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := r.Report.Latencies
	if len(l) != 1 || l[0].Key != "imagePull of r:5000/team/web:1" || l[0].Draws != 40 || l[0].MeanSeconds.Low > 3.695 || *l[0].MeanSeconds.High < 3.695 {
		t.Errorf("%+v", l)
	}
	if !strings.Contains(string(r.Profile), "# - r:5000/team/web:1, 40 pulls: ") || !strings.Contains(string(r.Profile), "\n#   imagePull: {mean: 3.69") {
		t.Errorf("%s", r.Profile)
	}
}
