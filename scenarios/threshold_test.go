package scenarios

import (
	"strings"
	"testing"
)

func TestThresholdsKeepTheOrderOfTheFile(t *testing.T) {
	f, err := Load("f.yaml", []byte(document+"thresholds:\n  pods_started: [\"count>1\", \"count<50\"]\n  pod_start{variant:default}: p(99)<5s\n  nodes_peak: value<=3\n"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, threshold := range f.Scenario.Thresholds {
		got = append(got, threshold.Key()+" "+threshold.Expression)
	}
	want := "pods_started count>1|pods_started count<50|pod_start{variant:default} p(99)<5s|nodes_peak value<=3"
	if strings.Join(got, "|") != want {
		t.Errorf("got %v", got)
	}
}
