package inspect_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
	"ipamsim/sim/inspect"
)

// inspected is a node or a pod of a lab that has 20 pods on one node.
func inspected(t *testing.T, name string, faults ...string) *inspect.View {
	t.Helper()
	v := scenariotest.Expand(t, scenariotest.Setting{Nodes: 1, Pods: 5, CNI: "WARM_IP_TARGET: 21", Replicas: "{at: 1m, count: 20}", Faults: faults}.String(), scenarios.Options{})[0]
	look, when := inspect.Pod, inspect.When{Replication: 1, At: 5 * time.Minute}
	if strings.HasPrefix(name, "nodes-") {
		look = inspect.Node
	}
	view, err := look(context.Background(), v, when, name, 10_000, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return view
}

func output(t *testing.T, v *inspect.View, command string) string {
	t.Helper()
	text, err := v.Exec(command)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The JSON of a view has each ip command's output as a value too, equal to
// what the command prints with -json.
func TestTheJSONOfAViewParses(t *testing.T) {
	for _, name := range []string{"nodes-0", "web-3"} {
		view := inspected(t, name)
		text, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		var doc struct {
			SchemaVersion string `json:"schema_version"`
			Terminals     []struct {
				Commands []struct {
					Command, Output string
					JSON            any
				}
			}
		}
		if err := json.Unmarshal(text, &doc); err != nil || doc.SchemaVersion != inspect.ViewSchema {
			t.Fatal(doc.SchemaVersion, err)
		}
		for i, terminal := range doc.Terminals {
			for _, c := range terminal.Commands {
				isIP, isFile := strings.HasPrefix(c.Command, "ip "), strings.Contains(c.Command, ".json") || strings.Contains(c.Command, "enis")
				if (c.JSON != nil) != (isIP || isFile) {
					t.Errorf("%s, %s: its JSON is %v", name, c.Command, c.JSON)
				}
				if !isIP || i > 0 {
					continue
				}
				var printed any
				if err := json.Unmarshal([]byte(output(t, view, strings.Replace(c.Command, "ip ", "ip -json ", 1))), &printed); err != nil {
					t.Errorf("%s: %v", c.Command, err)
				}
				if a, b := marshalled(t, printed), marshalled(t, c.JSON); a != b {
					t.Errorf("%s\n-json prints %s\nthe view has %s", c.Command, a, b)
				}
			}
		}
	}
}

func marshalled(t *testing.T, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// In whatever a node shows, a sandbox has one ID and its namespace one path.
func TestSandboxesHaveOneNameEverywhere(t *testing.T) {
	node := inspected(t, "nodes-0")
	const ipamdLog, pluginLog = "tail -n 10000 /var/log/aws-routed-eni/ipamd.log", "tail -n 10000 /var/log/aws-routed-eni/plugin.log"
	all := func(text, pattern string) []string {
		var list []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return slices.Compact(list)
	}
	for name, lists := range map[string][][]string{
		"container": {
			all(output(t, node, pluginLog), `add request: ContainerID\((.*?)\)`),
			all(output(t, node, ipamdLog), `Sandbox (.*?), ifname`),
			all(output(t, node, ipamdLog), `to sandbox aws-cni/(.*?)/eth0 `),
			all(output(t, node, "cat "+inspect.CheckpointPath), `"containerID":"(.*?)"`),
		},
		"namespace": {
			all(output(t, node, pluginLog), `add request: .*?Netns\(/var/run/netns/(.*?)\)`),
			all(output(t, node, ipamdLog), `for NS /var/run/netns/(.*?),`),
			all(output(t, node, "ip link"), `link-netns (.*)`),
		},
	} {
		for i, list := range lists {
			if len(list) != 20 || !slices.Equal(list, lists[0]) {
				t.Errorf("%s, place %d: %d names\n%v\nwant\n%v", name, i, len(list), list, lists[0])
			}
		}
	}
}

// A line of a pod's logs has one of the words that the command looks for.
func TestThePodsLogsAreTheLinesThatGrepFinds(t *testing.T) {
	view := inspected(t, "web-3")
	looked := 0
	for _, c := range view.Terminals[1].Commands {
		args, isGrep := strings.CutPrefix(c.Name, "grep -wF ")
		if !isGrep {
			continue
		}
		var words []string
		for _, m := range regexp.MustCompile(`-e (\S+)`).FindAllStringSubmatch(args, -1) {
			words = append(words, regexp.QuoteMeta(m[1]))
		}
		word := regexp.MustCompile(`(^|\W)(` + strings.Join(words, "|") + `)(\W|$)`)
		for line := range strings.Lines(c.Text) {
			looked++
			if !word.MatchString(line) {
				t.Errorf("%s prints %s", c.Name, line)
			}
		}
	}
	if looked < 8 {
		t.Errorf("only %d lines", looked)
	}
}

// The plugin's own release after a failed wiring has its own reason in ipamd's
// log and metrics.
func TestAWiringThatFailsIsCountedAsSuch(t *testing.T) {
	view := inspected(t, "nodes-0", "{kind: netlink-errors, step: to-rule, share: 0.5, at: 30s, for: 4m}")
	metrics, log := output(t, view, "curl localhost:61678/metrics"), output(t, view, "tail -n 10000 /var/log/aws-routed-eni/ipamd.log")
	failed := regexp.MustCompile(`awscni_del_ip_req_count\{reason="SetupNSFailed"\} (\d+)`).FindStringSubmatch(metrics)
	if failed == nil || !strings.Contains(log, `Reason:\"SetupNSFailed\"`) || !strings.Contains(metrics, `reason="PodDeleted"`) {
		t.Errorf("%v of %s", failed, metrics)
	}
}
