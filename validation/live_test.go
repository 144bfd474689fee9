package validation

import (
	"strings"
	"testing"
)

// recordedLive holds recordings of the whole real daemon, v1.23.2, on our own
// modelled EC2; testdata/README.md says how it is made.
const (
	recordedLive      = "testdata/v1.23.2.tar.gz"
	recordedLiveCount = 45
)

// What the real daemon did on the modelled EC2, ours does in the same world, where
// the order is determined to the millisecond.
func TestRecordingsOfTheWholeDaemonConform(t *testing.T) {
	sources, err := Load(recordedLive)
	if err != nil {
		t.Fatal(err)
	}
	var r Report
	err = Conform(t.Context(), sources, Options{}, func(v Verdict) error {
		r.Add(v)
		if !v.Conforms {
			var line strings.Builder
			v.WriteLine(&line, true)
			t.Error(line.String())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := r.Conform + r.Fail; n != recordedLiveCount || len(sources) != n {
		t.Errorf("%d verdicts on %d recordings, want %d", n, len(sources), recordedLiveCount)
	}
}
