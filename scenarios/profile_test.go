package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const measuredProfile = `apiVersion: ipamsim/v1
kind: Profile
metadata: {source: measured}
ec2:
  latency:
    AttachNetworkInterface: {mean: 700ms, sigma: 0.5, max: 9s}
    CreateNetworkInterface: {constant: 80ms}
  throttle: {AttachNetworkInterface: {burst: 60, refillPerSecond: 6}}
  metadata: {interface: {mean: 3s, sigma: 0.4, max: 20s}}
  background: [{action: DescribeInstances, rate: 2}]
controlPlane: {scheduling: {rate: 80, burst: 90}}
launch: {boot: {mean: 33s, sigma: 0.1, max: 90s}, systemImagePull: {constant: 4s}}
`

// beside writes files into a folder and reads the scenario that is one of them.
func beside(t *testing.T, dir, scenario, profile string) (*File, error) {
	for name, text := range map[string]string{"profile.yaml": profile, "s.yaml": scenario} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return LoadPath(filepath.Join(dir, "s.yaml"))
}

// own are keys that a scenario may have itself, each with what it is in the effective
// file and which key of the profile it stands in place of.
var own = []struct{ set, stays, instead string }{
	{"ec2.latency.AttachNetworkInterface.constant=1s", "constant: 1s", "ec2.latency.AttachNetworkInterface"},
	{"ec2.throttle.AttachNetworkInterface={burst: 3, refillPerSecond: 1}", "refillPerSecond: 1\n", "ec2.throttle.AttachNetworkInterface"},
	{"ec2.metadata.interface.constant=2500ms", "constant: 2.5s", "ec2.metadata.interface"},
	{"ec2.metadata.profile=tail", "profile: tail", "ec2.metadata.interface"},
	{"ec2.background=[]", "", "ec2.background"},
	{"controlPlane.tier=xl", "tier: xl", "controlPlane.scheduling"},
	{"nodeGroups.workers.launch.boot.constant=12s", "constant: 12s", "launch.boot"},
	{"nodeGroups.workers.launch.profile=slow", "profile: slow", "launch.boot"},
	{"nodeGroups.workers.launch.systemImages=cached", "systemImages: cached", "launch.systemImagePull"},
	{"nodeGroups.workers.amiFamily=AL2", "amiFamily: AL2", "launch.systemImagePull"},
}

// profiled are the words of the profile by key, as the effective file has them.
var profiled = map[string]string{
	"ec2.latency.AttachNetworkInterface":  "mean: 700ms",
	"ec2.latency.CreateNetworkInterface":  "constant: 80ms",
	"ec2.throttle.AttachNetworkInterface": "refillPerSecond: 6",
	"ec2.metadata.interface":              "mean: 3s",
	"ec2.background":                      "action: DescribeInstances",
	"controlPlane.scheduling":             "rate: 80",
	"launch.boot":                         "mean: 33s",
	"launch.systemImagePull":              "constant: 4s",
}

// Whatever a scenario says itself, on whatever way, comes before its profile, and
// everything else of the profile is taken, whole.
func TestWhatAScenarioSaysItselfComesBeforeItsProfile(t *testing.T) {
	f, err := beside(t, t.TempDir(), with("kind: Scenario\n", "kind: Scenario\nprofile: profile.yaml\n"), measuredProfile)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		chosen := rapid.SliceOfNDistinct(rapid.SampledFrom(own), 0, 5, func(x struct{ set, stays, instead string }) string { return x.instead }).Draw(t, "own")
		var o Options
		for _, x := range chosen {
			o.Set = append(o.Set, x.set)
		}
		list, err := f.Variants(o)
		if err != nil {
			t.Fatal(err)
		}
		text, err := list[0].Effective()
		if err != nil {
			t.Fatal(err)
		}
		m := list[0].Scenario.Measured
		for key, words := range profiled {
			i := slices.IndexFunc(chosen, func(x struct{ set, stays, instead string }) bool { return x.instead == key })
			if has := strings.Contains(string(text), words); has == (i >= 0) {
				t.Fatalf("%v: %s is of the profile: %v\n%s", o.Set, key, has, text)
			}
			if slices.Contains(m.Taken, key) == (i >= 0) || slices.Contains(m.Own, key) != (i >= 0) {
				t.Fatalf("%v: taken %v, own %v", o.Set, m.Taken, m.Own)
			}
			if i >= 0 && !strings.Contains(string(text), chosen[i].stays) {
				t.Fatalf("%s is not in\n%s", chosen[i].stays, text)
			}
		}
		// What it comes to stands alone, and says the same again.
		again, err := Load("effective", text)
		if err != nil {
			t.Fatal(err)
		}
		alone, err := again.Variants(Options{})
		if err != nil {
			t.Fatal(err)
		}
		if second, _ := alone[0].Effective(); string(second) != string(text) {
			t.Fatalf("%s\nbecame\n%s", text, second)
		}
	})
}

// Mistakes in a profile are told once, at their place in it, however many groups and
// variants there are.
func TestMistakesInAProfileHaveTheirPlaceInIt(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "profile.yaml")
	two := with("kind: Scenario\n", "kind: Scenario\nprofile: profile.yaml\n") + "variants: [{name: a}, {name: b, set: {seed: 3}}]\n"
	two = strings.Replace(two, "set: {seed: 3}", "set: {duration: 3m}", 1)
	for _, bad := range []struct{ text, want string }{
		{"", path + ":1:1: the file is empty"},
		{"a: [", path + ":1:"},
		{strings.Replace(measuredProfile, "kind: Profile", "kind: Scenario", 1), path + ":2:7: kind: "},
		{strings.Replace(measuredProfile, "apiVersion: ipamsim/v1\n", "", 1), path + ":1:1: the profile: apiVersion is missing"},
		{strings.Replace(measuredProfile, "latency:", "latncy:", 1), path + `:5:3: unknown key "latncy" in ec2; did you mean "latency"?`},
		{strings.Replace(measuredProfile, "AttachNetworkInterface: {mean", "AttachNetworkInterfaces: {mean", 1), path + `:6:5: unknown API action "AttachNetworkInterfaces"`},
		{strings.Replace(measuredProfile, "mean: 700ms", "mean: 700", 1), path + ":6:36: ec2.latency.AttachNetworkInterface.mean: 700 has no unit"},
		{strings.Replace(measuredProfile, "max: 9s", "max: 9ms", 1), path + ":6:"},
		{strings.Replace(measuredProfile, "boot: {mean: 33s", "boot: {mean: 33s, min: 1s", 1), path + ":12:"},
		{strings.Replace(measuredProfile, "rate: 2}", "rate: -2}", 1), path + ":10:"},
		{strings.Replace(measuredProfile, "launch: {", "workloads: []\nlaunch: {", 1), path + `:12:1: unknown key "workloads" in the profile`},
		{strings.Replace(measuredProfile, "launch: {", "profile: other.yaml\nlaunch: {", 1), path + `:12:1: unknown key "profile" in the profile`},
	} {
		_, err := beside(t, dir, two, bad.text)
		if err == nil {
			t.Errorf("accepted:\n%s", bad.text)
			continue
		}
		problems := err.(Problems)
		if got := problems[0].String(); len(problems) != 1 || !strings.HasPrefix(got, bad.want) {
			t.Errorf("got\n%v\nwant one that begins %s", err, bad.want)
		}
	}
	for value, want := range map[string]string{
		"none.yaml": "profile: " + filepath.Join(dir, "none.yaml") + ": no such file or directory",
		".":         "a folder, not a profile", "[a]": "the path of a file was expected, got a list", "3": "the path of a file was expected, got 3",
	} {
		if _, err := beside(t, dir, with("kind: Scenario\n", "kind: Scenario\nprofile: "+value+"\n"), measuredProfile); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("profile: %s: %v, want %s", value, err, want)
		}
	}
	if f, err := beside(t, dir, with("kind: Scenario\n", "kind: Scenario\nprofile:\n"), measuredProfile); err != nil || f.Scenario.Measured != nil {
		t.Errorf("without a value: %v", err)
	}
}

// The schema of profiles accepts and refuses what the reader does.
func TestProfilesMeetTheirSchema(t *testing.T) {
	schema := compiled(t, profileSchemaID, ProfileSchema())
	for _, c := range []struct {
		old, new string
		ok       bool
	}{{"", "", true}, {"kind: Profile", "kind: Scenario", false}, {"rate: 2", "rate: x", false}, {"launch:", "lunch:", false}, {"metadata: {source: measured}\n", "", true}} {
		text := strings.Replace(measuredProfile, c.old, c.new, 1)
		read, valid := CheckProfile("p.yaml", []byte(text)), schema.Validate(asJSON(t, []byte(text)))
		if (read == nil) != c.ok || (valid == nil) != c.ok {
			t.Errorf("%s: the reader says %v, the schema %v", fmt.Sprint(c), read, valid)
		}
	}
}
