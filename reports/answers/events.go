package answers

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"ipamsim/sim/scrape"
)

// event is one as kubectl prints it. The scheduler writes its own through
// events.k8s.io, with a time to the microsecond; those of kubelet are of whole seconds.
// https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/scheduler/schedule_one.go, bindingCycle
// https://github.com/kubernetes/client-go/blob/v0.35.0/tools/record/event.go, makeEvent
type event struct {
	APIVersion         string   `json:"apiVersion"`
	Count              int      `json:"count,omitempty"`
	EventTime          *string  `json:"eventTime"`
	FirstTimestamp     *string  `json:"firstTimestamp"`
	InvolvedObject     about    `json:"involvedObject"`
	Kind               string   `json:"kind"`
	LastTimestamp      *string  `json:"lastTimestamp"`
	Message            string   `json:"message"`
	Metadata           metadata `json:"metadata"`
	Reason             string   `json:"reason"`
	ReportingComponent string   `json:"reportingComponent"`
	Type               string   `json:"type"`
}

type about struct {
	FieldPath string `json:"fieldPath,omitempty"`
	Kind      string `json:"kind"`
	Name      string `json:"name"`
	Namespace string `json:"namespace,omitempty"`
}

type metadata struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// Events writes the events of one variant as kubectl get events -A -o json prints them.
func Events(w io.Writer, s *scrape.Scrapes) error {
	out := bufio.NewWriter(w)
	out.WriteString(`{"apiVersion":"v1","items":[`)
	for i := range s.Events {
		if i > 0 {
			out.WriteByte(',')
		}
		text, err := json.Marshal(written(&s.Events[i], i))
		if err != nil {
			return err
		}
		out.WriteByte('\n')
		if _, err := out.Write(text); err != nil {
			return err
		}
	}
	out.WriteString("\n],\"kind\":\"List\",\"metadata\":{\"resourceVersion\":\"\"}}\n")
	return out.Flush()
}

func written(of *scrape.Event, number int) event {
	e := event{APIVersion: "v1", Kind: "Event", Type: "Normal", Reason: of.Reason, ReportingComponent: "kubelet",
		InvolvedObject: about{Kind: "Pod", Name: of.Pod, Namespace: "default"}}
	if of.Reason == "Scheduled" {
		at := of.At.UTC().Format("2006-01-02T15:04:05.000000Z")
		e.EventTime, e.ReportingComponent = &at, "default-scheduler"
		e.Message = fmt.Sprintf("Successfully assigned default/%s to %s", of.Pod, of.Node)
	} else {
		at := of.At.UTC().Format(time.RFC3339)
		e.Count, e.FirstTimestamp, e.LastTimestamp = 1, &at, &at
	}
	container := fmt.Sprintf("spec.containers{%s}", of.Workload)
	switch of.Reason {
	case "Pulled":
		e.InvolvedObject.FieldPath = container
		if of.Pull > 0 {
			took := of.Pull.Truncate(time.Millisecond)
			e.Message = fmt.Sprintf("Successfully pulled image %q in %v (%v including waiting)", of.Workload+":latest", took, took)
		} else {
			e.Message = fmt.Sprintf("Container image %q already present on machine", of.Workload+":latest")
		}
	case "Started":
		e.InvolvedObject.FieldPath = container
		e.Message = "Started container " + of.Workload
	case "NodeReady":
		e.InvolvedObject = about{Kind: "Node", Name: of.Node}
		e.Message = fmt.Sprintf("Node %s status is now: NodeReady", of.Node)
	}
	e.Metadata = metadata{fmt.Sprintf("%s.%016x", e.InvolvedObject.Name, number+1), "default"}
	return e
}
