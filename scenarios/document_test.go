package scenarios

import "strings"

// document is the smallest scenario that is right. Tests break it.
const document = `apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: small}
duration: 2m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: a}
nodeGroups:
  - name: workers
    instanceType: m5.large
    count: 3
workloads:
  - name: web
    replicas:
      - {at: 10s, count: 12}
`

// with is the document with replacements: pairs of old and new.
func with(pairs ...string) string {
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(document, pairs[i]) {
			panic("no " + pairs[i] + " in the document")
		}
	}
	return strings.NewReplacer(pairs...).Replace(document)
}
