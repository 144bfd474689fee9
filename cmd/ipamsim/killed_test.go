package main

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Killed at any moment, no output is ever half written: each is absent, the old one
// or whole; of the rows of a sweep, which goes on there, each. One kill of each command
// is a start; IPAMSIM_KILL=50 has more, and takes some minutes.
func TestKilledAtAnyMomentNoOutputIsHalfWritten(t *testing.T) {
	times := 1
	if text := os.Getenv("IPAMSIM_KILL"); text != "" {
		if err := json.Unmarshal([]byte(text), &times); err != nil {
			t.Fatal(err)
		}
	}
	program, err := exec.LookPath("ipamsim") // of the scripts: the test itself
	if err != nil {
		t.Fatal(err)
	}
	given := t.TempDir() // what the commands read
	for _, args := range [][]string{
		{"run", "hello", "-q", "--out", "json=result.json"},
		{"run", "hello", "-q", "--scrape-interval", "5s", "--out", "openmetrics=scrapes.txt", "--out", "cloudtrail=trail.json"},
		{"export", "subnet-exhaustion", "cluster", "-q", "--at", "2m"},
		{"sweep", "hello", "--over", "nodeGroups.workers.count=1,2", "-q", "--out", "jsonl=rows.jsonl"},
	} {
		if timed(t, program, given, args, 0) < 0 {
			t.Fatal("killed by somebody else")
		}
	}
	in := func(name string) string { return filepath.Join(given, name) }
	for _, args := range [][]string{
		{"test", "hello", "silent-drop", "-q", "--out", "junit=j.xml", "--out", "json=j.json", "--out", "markdown=m.md", "--out", "html=h.html", "--out", "tap=t.tap", "--out", "gitlab=g.json", "--out", "results=stored"},
		{"run", "hello", "-q", "--out", "json=j.json", "--out", "yaml=y.yaml", "--out", "csv=tables", "--out", "trace=t.json", "--out", "html=h.html", "--out", "openmetrics=o.txt", "--out", "cloudtrail=c.json", "--out", "watch=w.jsonl", "--out", "events=e.json", "--out", "plots=pictures"},
		{"report", in("result.json"), "--out", "json=j.json", "--out", "yaml=y.yaml", "--out", "csv=tables", "--out", "html=h.html", "--out", "plots=pictures"},
		{"compare", "hello", "--set", "nodeGroups.workers.count=2", "-q", "--warn-only", "--out", "json=j.json", "--out", "csv=c.csv", "--out", "markdown=m.md", "--out", "html=h.html"},
		{"baseline", "update", "hello", "cooldown-stall", "-q", "--replications", "6", "--dir", "kept"},
		{"sweep", "hello", "--over", "nodeGroups.workers.count=1,2,3,4", "-q", "--out", "jsonl=rows.jsonl", "--out", "csv=c.csv", "--out", "plots=pictures"},
		{"merge", in("rows.jsonl"), "--out", "csv=c.csv", "--out", "jsonl=rows.jsonl", "--out", "plots=pictures"},
		{"plan", "hello", "-q", "--out", "json=j.json", "--out", "html=h.html"},
		{"tune", "hello", "-q", "--settings", "3", "--replications", "2", "--out", "json=j.json", "--out", "html=h.html", "--out", "plots=pictures"},
		{"sensitivity", "hello", "-q", "--trajectories", "0", "--out", "json=j.json", "--out", "plots=pictures"},
		{"export", "hello", "cluster", "-q"},
		{"import", in("cluster"), "-q", "--report", "json=j.json"},
		{"calibrate", in("trail.json"), in("scrapes.txt"), "-q", "--out", "json=j.json", "--out", "plots=pictures"},
	} {
		t.Run(args[0], func(t *testing.T) { killedOften(t, program, args, times) })
	}
}

// killedOften runs a command and kills it, each time at another moment.
func killedOften(t *testing.T, program string, args []string, times int) {
	killed, late := 0, 0
	dir := t.TempDir()
	whole := timed(t, program, dir, args, 0)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range times {
		empty := i%2 == 0 || args[0] == "export" // nothing was there, or what is old, into which no export goes
		if empty {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(dir, 0o777); err != nil {
				t.Fatal(err)
			}
		}
		// How long it takes changes with what else the machine does: three kills for each run
		// that comes to its end keep all of it in reach, and the end, where files are written.
		ended := timed(t, program, dir, args, time.Duration(r.Int64N(int64(whole))))
		if ended < 0 {
			killed++
			whole += whole / 24
		} else {
			whole -= whole / 8
		}
		if files := checkWhole(t, dir); ended < 0 && empty && files > 0 {
			late++
		}
	}
	t.Logf("%d of %d were killed before their end, %d of them with some of the files there", killed, times, late)
	if killed == 0 && times >= 10 {
		t.Error("nothing was killed: the test shows nothing")
	}
}

// timed runs the program until it ends, or is killed after a while; then it is
// below 0.
func timed(t *testing.T, program, dir string, args []string, after time.Duration) time.Duration {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		time.AfterFunc(after, func() { cmd.Process.Kill() })
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return time.Since(began)
	case errors.As(err, &exit) && exit.ExitCode() == -1:
		return -1
	}
	t.Fatal(err)
	return 0
}

// checkWhole looks at all that is there under its name. What a killed program was
// writing has a name that begins with a dot. It counts the files.
func checkWhole(t *testing.T, dir string) (files int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if !isWhole(path, string(text)) {
			t.Errorf("%s is half written: it ends on %q", path, text[max(0, len(text)-60):])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func isWhole(path, text string) bool {
	switch filepath.Ext(path) {
	case ".json":
		return json.Valid([]byte(text))
	case ".xml", ".svg":
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			if _, err := d.Token(); err != nil {
				return errors.Is(err, io.EOF) && text != ""
			}
		}
	case ".png":
		return strings.HasSuffix(text, "IEND\xaeB`\x82")
	case ".jsonl":
		if text == "" { // before its first row, from where a sweep goes on, too
			return true
		}
		for row := range strings.Lines(text) {
			if !json.Valid([]byte(row)) {
				return false
			}
		}
	case ".md":
		return strings.HasSuffix(text, "</details>\n")
	case ".html":
		return strings.HasSuffix(text, "</html>\n")
	case ".txt":
		return strings.HasSuffix(text, "# EOF\n")
	}
	return strings.HasSuffix(text, "\n")
}
