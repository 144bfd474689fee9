package scenarios

import (
	"bytes"
	"fmt"
	"ipamsim/sim/result"
	"reflect"
	"strings"
)

// Reference is the reference page in Markdown, made from the types that the
// reader reads into.
func Reference() []byte {
	var b bytes.Buffer
	b.WriteString(referenceHead)
	types := structTypes()
	for _, t := range types {
		writeType(&b, t)
		if t == faultType {
			writeFaultKinds(&b)
		}
	}
	b.WriteString(referenceThresholds)
	writeMetrics(&b)
	b.WriteString(referenceOverrides)
	writeCNI(&b)
	return b.Bytes()
}

const referenceHead = `<!-- Generated from package scenarios. Do not edit: run "go test ./scenarios -update". -->

# Scenario reference

A scenario is one YAML file: a fleet, what happens to it, and what must hold.
Unknown keys, wrong units and impossible sizes are errors, reported all at once
with their line and column. For completion in an editor, write the schema to a
file with ` + "`ipamsim schema > ipamsim.schema.json`" + ` and begin the scenario with

` + "```yaml" + `
# yaml-language-server: $schema=ipamsim.schema.json
` + "```" + `

A key without a value (` + "`faults:`" + `) counts as absent. Anchors, aliases and merge
keys work. A file has at most 4 MiB, 200000 values and 40 levels.

## Values

| Kind | Written | Remarks |
|---|---|---|
| duration | ` + "`250ms`, `5s`, `1h30m`" + ` | Units ns, us, ms, s, m, h; at most 87600h. A number without a unit is an error, 0 aside. Negative only where the description says so. |
| CIDR | ` + "`10.0.0.0/16`" + ` | IPv4. A single address is a /32. |
| CPU | ` + "`2`, `1.5`, `250m`" + ` | Cores, or thousandths of one. |
| memory | ` + "`512Mi`, `2Gi`" + ` | Ki, Mi, Gi, Ti are powers of 1024; k, M, G, T of 1000. |
| name | ` + "`private-a`" + ` | Lower-case letters, digits and hyphens inside, at most 63. |
`

func writeType(b *bytes.Buffer, t reflect.Type) {
	fmt.Fprintf(b, "\n## %s\n\n", t.Name())
	b.WriteString("| Key | Value | Default | Meaning |\n|---|---|---|---|\n")
	for _, f := range fieldsOf(t) {
		absent := ""
		switch {
		case f.required:
			absent = "required"
		case f.absent != "":
			absent = "`" + f.absent + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.key, typeName(f.typ, f), absent, cell(f.doc))
	}
}

// writeFaultKinds says what each kind of fault does and which keys it has.
func writeFaultKinds(b *bytes.Buffer) {
	b.WriteString(referenceFaultKinds)
	for _, k := range faultKinds {
		how := "at once"
		if k.lasts {
			how = "lasts"
		}
		fmt.Fprintf(b, "| `%s` | %s | `%s` | %s |\n", k.name, how, strings.Join(k.keys, "`, `"), cell(k.doc))
	}
}

const referenceFaultKinds = `
### The kinds of faults

Every kind has ` + "`at`, `for`, `every` and `times`" + `. What lasts, lasts for ` + "`for`" + `, each time anew with ` + "`every`" + `; what happens at once
happens again ` + "`every`" + ` so often until ` + "`for`" + ` or ` + "`times`" + ` is over. One fault hits one place: several are several entries.

| Kind | | Keys of its own | What happens |
|---|---|---|---|
`

// cell is text that does not end a table's cell.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }

const referenceThresholds = `
## Thresholds and metrics

` + "`thresholds`" + ` maps a metric to one condition or to a list of them:

` + "```yaml" + `
thresholds:
  pod_start: ["p(99)<5s", "max<30s"]
  pod_start{variant:prefix-delegation}: "p(99)<2s"
  api_errors{action:AssignPrivateIpAddresses,code:InsufficientFreeAddressesInSubnet}: ["count==0"]
` + "```" + `

A condition is ` + "`aggregation operator value`" + `. Operators are ` + "`<`, `<=`, `>`, `>=`, `==`, `!=`" + `.

| Kind of metric | Aggregations | Value |
|---|---|---|
| trend | ` + "`avg`, `min`, `med`, `max`, `p(N)` with N from 0 to 100" + ` | A duration in ` + "`s`, `ms` or `m`" + `; without a unit, seconds. |
| counter | ` + "`count`" + ` | A number. |
| gauge | ` + "`value`" + ` | A number. |

A selector in braces narrows a metric by its labels. Without ` + "`variant`" + ` a condition
applies to each variant by itself. Without the other labels the last column
says what stands for several subnets or actions. A metric that was never
observed fails.

| Metric | Kind | Labels | Meaning | Over several |
|---|---|---|---|---|
`

func writeMetrics(b *bytes.Buffer) {
	for _, m := range result.Metrics {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s |\n", m.Name, m.Kind, strings.Join(m.Labels, ", "), cell(m.Doc), m.Across)
	}
}

const referenceOverrides = `
## Overrides

A variant's ` + "`set`" + ` and the option ` + "`--set path=value`" + ` change single values. A path is
keys with a dot between them; an entry of a list is called by its name, or by
its index from 0. A dot that belongs to a key is written ` + "`\\.`" + `. The value is
YAML; ` + "`null`" + ` removes the key or the entry, which brings its default back.

` + "```yaml" + `
set:
  nodeGroups.workers.cni.WARM_IP_TARGET: 10
  vpc.subnets.private-a.tags.kubernetes\.io/role/cni: "1"
  workloads.web.replicas.0.count: 200
  autoscaler: null
` + "```" + `

A variant's overrides apply to the file, and those of the command line apply
last. A variant cannot change ` + "`apiVersion`, `kind`, `metadata`, `seed`, `replications`, `thresholds` and `variants`" + `:
all variants share them.

## CNI variables

` + "`cni`" + ` of a node group takes the environment variables of the aws-node container
as amazon-vpc-cni-k8s v1.23.1 reads them. They are laid over the values of the
shipped manifest, ` + "`WARM_ENI_TARGET=1` and `WARM_PREFIX_TARGET=1`" + `. A value with which
the container would not start is an error; one that the daemon would silently
replace by its default is accepted with a warning. Variables that are not
modelled are accepted; those that would change addresses on a real node give a
warning.

| Variable | Default | Modelled | Meaning |
|---|---|---|---|
`

func writeCNI(b *bytes.Buffer) {
	for _, v := range CNIVariables {
		absent, modelled := "", "no"
		if v.Default != "" {
			absent = "`" + v.Default + "`"
		}
		switch {
		case v.Modelled:
			modelled = "yes"
		case !v.Addresses:
			modelled = "no need"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", v.Name, absent, modelled, cell(v.Doc))
	}
}

// typeName is a type in the reference.
func typeName(t reflect.Type, f field) string {
	switch t = deref(t); t {
	case durationType:
		return "duration"
	case prefixType:
		return "CIDR"
	case cpuType:
		return "CPU"
	case memoryType:
		return "memory"
	case thresholdType:
		return "[thresholds](#thresholds-and-metrics)"
	case overridesType:
		return "[overrides](#overrides)"
	}
	switch t.Kind() {
	case reflect.String:
		if f.enum != nil {
			return "`" + strings.Join(f.enum, "`, `") + "`"
		}
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Uint64:
		return "whole number" + bounds(f)
	case reflect.Float64:
		return "number" + bounds(f)
	case reflect.Slice:
		return "list of " + typeName(t.Elem(), field{})
	case reflect.Map:
		return "mapping to " + typeName(t.Elem(), field{})
	}
	return "[" + t.Name() + "](#" + strings.ToLower(t.Name()) + ")"
}

func bounds(f field) string {
	switch {
	case f.min != "" && f.max != "":
		return ", " + f.min + " to " + f.max
	case f.min != "":
		return ", at least " + f.min
	case f.max != "":
		return ", at most " + f.max
	}
	return ""
}
