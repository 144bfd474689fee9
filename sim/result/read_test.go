package result

import (
	"errors"
	"io"
	"strings"
	"testing"

	"ipamsim/internal/input"
)

// smallest is a result with nothing in it, but for what is put after the name
// of its variant.
func smallest(more string) string {
	return `{
  "schema_version": "ipamsim.result/v2",
  "seed": 18446744073709551615,
  "variants": [
    {"name": "a", "scenario": {"seed": 1}` + more + `}
  ],
  "of_a_later_version": [1, {"x": null}]
}
`
}

func TestAResultIsReadAsItWasStored(t *testing.T) {
	r, err := Read(strings.NewReader(smallest(`, "network": {"episodes": [{"cause": "the CNI plugin"}, {"cause": "of another version"}]}`)))
	if err != nil {
		t.Fatal(err)
	}
	v := &r.Variants[0]
	causes := []NetworkCause{v.Network.Episodes[0].Cause, v.Network.Episodes[1].Cause}
	if r.Seed != 18446744073709551615 || v.Name != "a" || string(v.Scenario) != `{"seed": 1}` || causes[0] != PluginAtWork.Of("") || causes[1].Text != "of another version" {
		t.Errorf("%+v", r)
	}
}

func TestWhatIsNoResultIsSaidWithItsPlace(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"nothing", " \n", "1:1: empty: a result was expected"},
		{"cut short", smallest("")[:100], "5:10: the text ends in the middle"},
		{"a comma too many", strings.Replace(smallest(""), `"seed": 1}`, `"seed": 1,}`, 1), "5:42: not JSON: invalid character '}'"},
		{"two documents", smallest("") + "{}", "9:1: not JSON: invalid character '{' after top-level value"},
		{"prose", "Dear ipamsim,", "1:1: not JSON: a result was expected"},
		{"UTF-16", "\xff\xfe{\x00", "1:1: UTF-16"},
		{"a list", "[1]", "1:1: an object was expected, found array"},
		{"a number", "\n 7", "2:2: an object was expected, found number"},
		{"another object", "{}", `1:1: not a result: there is no schema_version, expected "ipamsim.result/v2"`},
		{"version 1", `{"schemaVersion": "ipamsim.result/v1"}`, `1:2: schemaVersion is "ipamsim.result/v1", expected schema_version "ipamsim.result/v2": an earlier ipamsim wrote it`},
		{"version 3", "{\"x\": [{}],\n  \"schema_version\": \"ipamsim.result/v3\"}", `2:3: schema_version is "ipamsim.result/v3", expected "ipamsim.result/v2": another version of ipamsim`},
		{"an explanation", `{"schema_version": "ipamsim.explanation/v2"}`, `1:2: schema_version is "ipamsim.explanation/v2", expected "ipamsim.result/v2": this is another kind of document, explanation`},
		{"a report of conformance", `{"schema_version": 2}`, `1:2: schema_version is 2, expected "ipamsim.result/v2"`},
		{"a scenario", "# mine\napiVersion: ipamsim/v1\nkind: Scenario\n", "1:1: this is a scenario, not a result"},
		{"a scenario as JSON", `{"apiVersion": "ipamsim/v1"}`, "1:2: this is a scenario, not a result"},
		{"a result as YAML", "schema_version: ipamsim.result/v2\n", "1:1: this is a result as YAML"},
		{"a trace", `{"displayTimeUnit":"ms","traceEvents":[]}`, "1:25: this is a trace, not a result"},
		{"a word for a number", smallest(`, "pods": {"wanted": "ü"}`), "5:65: variants.pods.wanted: a whole number was expected, found string"},
		{"half a pod", smallest(`, "pods": {"wanted": 1.5}`), "5:65: variants.pods.wanted: a whole number was expected, found number 1.5"},
		{"no variants", `{"schema_version": "ipamsim.result/v2"}`, "variants: at least one"},
		{"no scenario", `{"schema_version": "ipamsim.result/v2", "variants": [{}]}`, "variants[0].scenario: an object"},
		{"no traffic", smallest(`, "api": {"AssignPrivateIpAddresses": null}`), "variants[0].api.AssignPrivateIpAddresses: an object was expected, found null"},
		{"quantiles that fall", smallest(`, "nodes": {"ready_seconds": {"p50": 2, "p90": 1}}`), "variants[0].nodes.ready_seconds: ascending quantiles"},
		{"a sample too few", smallest(`, "series": {"at_seconds": [0, 1], "pods": {"running": [1]}}`), "variants[0].series.pods: 1 samples, where at_seconds has 2"},
		{"time that runs back", smallest(`, "series": {"at_seconds": [1, 0]}`), "variants[0].series.at_seconds do not ascend"},
		{"a bin without a count", smallest(`, "replications": [{"distributions": {"pod_start": {"below_seconds": [1]}}}]`), "variants[0].replications[0].distributions.pod_start: 1 bins in below_seconds, 0 in counts"},
		{"a pod too few", smallest(`, "distributions": {"node_ready": {"count": 2, "below_seconds": [1], "counts": [1]}}`), "variants[0].distributions.node_ready: counts come to 1, count is 2"},
		{"a map without its subnet", smallest(`, "maps": {"frames": [{"cells": ["256."]}]}`), "variants[0].maps.frames[0]: cells of 1 subnets, where there are 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Read(strings.NewReader(test.text))
			var wrong *input.Error
			if !errors.As(err, &wrong) || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsNoWrongResult(t *testing.T) {
	_, err := Read(io.MultiReader(strings.NewReader("{"), brokenDisk{}))
	var wrong *input.Error
	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &wrong) {
		t.Error(err)
	}
}

type brokenDisk struct{}

func (brokenDisk) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
