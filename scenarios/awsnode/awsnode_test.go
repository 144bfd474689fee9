package awsnode

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"ipamsim/internal/input"
	_ "ipamsim/internal/properties"
)

func isKnown(name string) bool {
	return strings.HasPrefix(name, "WARM_") || name == "MINIMUM_IP_TARGET"
}

// However a team writes an environment down, the variables are the same.
func TestEveryFormOfAnEnvironmentSaysTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		env := rapid.MapOfN(rapid.SampledFrom([]string{"WARM_IP_TARGET", "WARM_ENI_TARGET", "MINIMUM_IP_TARGET", "OTHER", "A_B"}),
			rapid.StringOfN(rapid.RuneFrom([]rune("a0 :{}\"'#-[]é")), 0, 8, -1), 1, 5).Draw(t, "env")
		if env["WARM_IP_TARGET"] == "" {
			env["WARM_IP_TARGET"] = "5"
		}
		inJSON := func(v any) string {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		inYAML := func(v any) string {
			text, err := yaml.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		}
		values := map[string]any{"env": env}
		var list []any
		for name, value := range env {
			list = append(list, map[string]any{"name": name, "value": value})
		}
		containers := []any{map[string]any{"name": "aws-eks-nodeagent", "env": []any{map[string]any{"name": "WARM_IP_TARGET", "value": "99"}}}, map[string]any{"name": "aws-node", "image": "r:5000/cni:v1.23.1", "env": list}}
		daemon := map[string]any{"kind": "DaemonSet", "metadata": map[string]any{"name": "aws-node"}, "spec": map[string]any{"template": map[string]any{"spec": map[string]any{"containers": containers}}}}
		addOn := map[string]any{"name": "vpc-cni", "version": "v1.20.0", "configurationValues": inYAML(values)}
		forms := map[string]string{
			"values": inYAML(values), "values in JSON": inJSON(values),
			"a dependency":  inYAML(map[string]any{"global": "x", "aws-vpc-cni": values}),
			"describe":      inJSON(map[string]any{"addon": map[string]any{"addonName": "vpc-cni", "addonVersion": "v1.20.0", "configurationValues": inJSON(values)}}),
			"eksctl":        inYAML(map[string]any{"kind": "ClusterConfig", "addons": []any{map[string]any{"name": "coredns", "configurationValues": "{\"env\":{\"WARM_IP_TARGET\":\"9\"}}"}, addOn}}),
			"daemon":        inYAML(daemon),
			"kubectl get":   inJSON(map[string]any{"kind": "List", "items": []any{map[string]any{"kind": "Pod"}, daemon}}),
			"two documents": "kind: ConfigMap\n---\n" + inYAML(daemon),
		}
		for form, text := range forms {
			s, err := Read([]byte(text), isKnown)
			if err != nil || s == nil {
				t.Fatalf("%s: %v\n%s", form, err, text)
			}
			got := map[string]string{}
			for _, v := range s.Variables {
				got[v.Name] = v.Value
				if v.Line < 1 || v.Line > strings.Count(text, "\n")+1 || v.Column < 1 {
					t.Errorf("%s: %s is at %d:%d of\n%s", form, v.Name, v.Line, v.Column, text)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(env) || len(s.Variables) != len(env) {
				t.Errorf("%s: %q, and it is %q\n%s", form, got, env, text)
			}
			if whole := strings.Contains(text, "DaemonSet"); s.Whole != whole {
				t.Errorf("%s: whole is %v", form, s.Whole)
			}
		}
	})
}

func TestWhatAFileIsTakenForIsSaidAndNothingOfOthersIsShown(t *testing.T) {
	for _, c := range []struct{ text, as, version, wrong string }{
		{"env: {WARM_IP_TARGET: 5}\nimage: {tag: v1.19.0}\n", "values of the Helm chart, or the add-on's configuration", "v1.19.0", ""},
		{"base: &b {WARM_IP_TARGET: 4}\nenv: {<<: *b, WARM_ENI_TARGET: 2}\n", "values of the Helm chart, or the add-on's configuration", "", ""},
		{"cni: {env: {WARM_IP_TARGET: 5}}\n", "values of the Helm chart under cni", "", ""},
		{"kind: DaemonSet\nmetadata: {name: aws-node}\nspec: {template: {spec: {containers: [{name: aws-node, env: [{name: WARM_IP_TARGET, value: '5'}]}]}}}\n", "a patch of the DaemonSet aws-node", "", ""},
		{"addons: [{name: vpc-cni, configurationValues: {env: {WARM_IP_TARGET: 5}}}]\n", "configurationValues of the add-on vpc-cni", "", ""},
		{"", "", "", ""},
		{"env: {SECRET: hunter2}\n", "", "", ""},
		{"env: [{name: WARM_IP_TARGET, value: 5}]\n", "", "", ""},
		{"- just\n- a list\n", "", "", ""},
		{"addons: [{name: vpc-cni, configurationValues: ''}]\n", "", "", ""},
		{"addons: [{name: vpc-cni, configurationValues: '{hunter2'}]\n", "", "", "1:47: configurationValues: neither JSON nor YAML (line 1)"},
		{"password: hunter2\n  broken: [\n", "", "", "neither YAML nor JSON: " + Wanted + " (line 2)"},
		{"env:\n{{- range .Values.env }}\n", "", "", "neither YAML nor JSON: " + Wanted + " (line 2); this is a template: take its values, or what helm template prints"},
		{"a: {env: {WARM_IP_TARGET: 1}}\nb: {env: {WARM_IP_TARGET: 2}}\n", "", "", "2:1: settings of aws-node are in several places of the file, in lines 1 and 2: one was expected"},
		{"env:\n  WARM_IP_TARGET: [1]\n", "", "", "2:19: env.WARM_IP_TARGET: a text, a number, true or false was expected"},
		{"kind: DaemonSet\nmetadata: {name: aws-node}\n", "", "", "1:1: the DaemonSet aws-node has no container aws-node"},
		{strings.Repeat("-", mostMarks+1), "", "", "more values than a file of settings may have"},
		{"a: &a [*a]\nenv: &e {<<: *e, A: 1}\n", "", "", ""},
		{"env: &e {<<: *e, WARM_IP_TARGET: 1}\n", "values of the Helm chart, or the add-on's configuration", "", ""},
	} {
		s, err := Read([]byte(c.text), isKnown)
		var wrong *input.Error
		switch {
		case c.wrong != "":
			if !errors.As(err, &wrong) || wrong.Error() != c.wrong {
				t.Errorf("%.80q\n got %v\nwant %s", c.text, err, c.wrong)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("a secret is shown: %v", err)
			}
		case err != nil:
			t.Errorf("%.80q: %v", c.text, err)
		case (s == nil) != (c.as == ""):
			t.Errorf("%.80q: %+v", c.text, s)
		case s != nil && (s.As != c.as || s.Version != c.version):
			t.Errorf("%.80q: %q, version %q", c.text, s.As, s.Version)
		}
	}
}

// The chart and the manifest as they are published are read, and their version.
func TestPublishedFilesAreRead(t *testing.T) {
	for name, version := range map[string]string{"helm-values-aws-vpc-cni.yaml": "v1.23.1", "aws-node-ds-v1.23.0-multidoc.yaml": "v1.23.0", "addon-configuration-values.json": ""} {
		text, err := os.ReadFile("../clusterimport/testdata/samples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Read(text, func(name string) bool { return name == "WARM_PREFIX_TARGET" })
		if err != nil || s == nil || s.Version != version {
			t.Errorf("%s: %+v, %v", name, s, err)
		}
	}
}
