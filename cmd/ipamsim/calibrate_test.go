package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ipamsim/sim"
)

// The page "Measured on your account" has an account whose truth is known, and prints
// what is fitted to what its tools collect.
func TestTheCalibrationThatThePagePrints(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := os.Mkdir(at("measured"), 0o777); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (stdout, stderr string) {
		code, stdout, stderr := invoke(sim.Run, args...)
		if code != 0 {
			t.Fatalf("%v: exit code %d\n%s", args, code, stderr)
		}
		return stdout, stderr
	}
	const account = "docs/calibrate/account.yaml"
	run("run", account, "-q", "--remedies", "none", "--scrape-interval", "15s", "--out", "openmetrics="+at("measured/metrics.txt"), "--out", "cloudtrail="+at("measured/trail.json"))
	run("run", account, "-q", "--remedies", "none", "--scrape-interval", "2s", "--node", "workers-0", "--out", "watch="+at("measured/watch.jsonl"))
	run("run", account, "-q", "--remedies", "none", "--out", "events="+at("measured/events.json"))
	run("run", account, "-q", "--remedies", "none", "--set", "seed=2", "--out", "events="+at("simulated.json"))
	run("export", account, at("cluster"), "-q", "--at", "12m")
	for _, name := range []string{"nodes.json", "instances.json"} {
		if err := os.Rename(at("cluster/"+name), at("measured/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	profile, report := run("calibrate", at("measured"), "--against", at("simulated.json"), "--out", "plots="+at("pictures"))
	report = strings.NewReplacer(at("measured"), "measured", at("simulated"), "simulated").Replace(report)
	for name, got := range map[string]string{"profile.yaml": profile, "report.txt": report} {
		path := "docs/calibrate/" + name
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs: run UPDATE=1 go test ./cmd/ipamsim -run Calibration, and mend docs/calibrate.md\n%s", path, got)
		}
	}
	samePictures(t, "docs/img/calibrate", at("pictures"))
	page, err := os.ReadFile("docs/calibrate.md")
	if err != nil {
		t.Fatal(err)
	}
	printed := slices.Concat(strings.Split(profile, "\n"), strings.Split(report, "\n"))
	inBlock, lines := false, 0
	for _, line := range strings.Split(string(page), "\n") {
		if strings.HasPrefix(line, "```") {
			inBlock = line == "```text" || line == "```yaml"
			continue
		}
		if !inBlock || line == "…" || line == "" || strings.HasPrefix(line, "$ ") || strings.HasPrefix(line, "profile: ") {
			continue
		}
		if lines++; !slices.Contains(printed, line) {
			t.Errorf("docs/calibrate.md has a line that is not printed: %s", line)
		}
	}
	if lines < 12 {
		t.Errorf("docs/calibrate.md prints %d lines", lines)
	}
}
