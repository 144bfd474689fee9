package suite

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
)

// ended is a context that says why it has ended.
type ended struct {
	context.Context
	why error
}

func (e ended) Err() error {
	if e.Context.Err() == nil {
		return nil
	}
	return e.why
}

// A file that is under way when time is up, or when somebody interrupts, is cut off,
// those after it are not run, and what ended before stays as it was. The verdict and
// the reason are those of what ended the suite.
func TestWhatIsUnderWayWhenASuiteEndsIsCutOff(t *testing.T) {
	dir := t.TempDir()
	source, _ := scenarios.Source("hello")
	long := strings.Replace(string(source), "duration:", "duration: 700h #", 1)
	for name, text := range map[string]string{"a.yaml": string(source), "b.yaml": long, "c.yaml": string(source)} { // any order: each is by itself
		write(t, filepath.Join(dir, name), text)
	}
	found, err := Find([]string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		why                     error
		verdict                 Verdict
		reason, cut, notStarted string
	}{
		{context.DeadlineExceeded, Fails, "time was up: 2 of 3 files have not been run to the end", "cut off: the time of --timeout was up", "not run: the time of --timeout was up"},
		{context.Canceled, Interrupted, "interrupted: 2 of 3 files have not been run to the end", "cut off: interrupted", "not run: interrupted"},
	} {
		inner, end := context.WithCancel(t.Context())
		defer end()
		s := Run(ended{inner, c.why}, found, Options{Workers: 1, Progress: func(p Progress) {
			if strings.HasSuffix(p.Path, "b.yaml") {
				end()
			}
		}})
		if s.Verdict != c.verdict || s.Reason != c.reason {
			t.Errorf("%s: %s", s.Verdict, s.Reason)
		}
		want := []struct {
			status Status
			why    string
			judged bool
		}{{Passed, "", true}, {CutOff, c.cut, false}, {NotRun, c.notStarted, false}}
		for i, w := range want {
			f := s.Files[i]
			if f.Status != w.status || f.Why != w.why || (len(f.Cases) > 0) != w.judged || (f.Result != nil) != w.judged {
				t.Errorf("%s: %s, %q, %s", f.Path, f.Status, f.Why, words.Plural(len(f.Cases), "case"))
			}
		}
		if s.Counts.FilesPassed != 1 || s.Counts.FilesCutOff != 1 || s.Counts.FilesNotRun != 1 {
			t.Errorf("%+v", s.Counts)
		}
	}
}
