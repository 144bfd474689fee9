package promql

// unseen are rules that cannot see a finding, or take something else for it, by
// scenario, variant and mode, and why: what they would have to know is in no metric.
var unseen = map[string]string{
	"imds-stale/running lost-addresses":                  "ipamd removed addresses on pods that stale metadata did not list; EC2 still had them on the node, so that the finding is shared-addresses",
	"imds-stale/restarted lost-addresses":                "likewise",
	"imds-stale/running latency-cliff":                   "the pool shrinks and grows with what stale metadata lists, while what is free in it cools down",
	"imds-stale/restarted latency-cliff":                 "likewise",
	"ipamd-crash/throttled-start ipamd-down":             "each daemon is away for less than a minute, once: ADDs that find nobody are in no metric",
	"rolling-restart/all-at-once ipamd-down":             "likewise, all of them within minutes",
	"node-upgrade/half-at-once latency-cliff":            "5 pods in 90 minutes, on nodes that EC2 also refused for want of room",
	"incidents/modify-537/default interface-churn":       "each is freed before ipamd has entered it, because a call fails: the finding counts those that were in the pool",
	"silent-drop/pods-recreated cooldown-stall":          "recreated pods come while the old ones' addresses cool down and an interface is on its way: ADDs count for what ipamd did",
	"silent-drop/both cooldown-stall":                    "likewise",
	"silent-drop/both latency-cliff":                     "the daemon was restarted in the same minutes, and its counters began again",
	"incidents/cooldown-2896/default cooldown-stall":     "one pod, on a node of its own: a rule asks for two",
	"incidents/prefix-code-3105/default fragmentation":   "each start of the daemon ends with the refusal, and its counters with it: it is never scraped with one",
	"incidents/run-instances-34870/three api-throttling": "what is throttled is RunInstances: the rule is about what ipamd asks",
	"incidents/neon-s2/default api-throttling":           "5 tries in 3,164, which the SDK makes up for: what calls count are those that fail for good",
	"incidents/nodes-150-405/default api-throttling":     "likewise: the SDK of that release tries until it is let through",
	"incidents/nodes-150-405/default ipamd-down":         "the container of one node of 150 ends twice while the node comes up: too few for a finding",
	"latency-cliff-fleet/default ipamd-down":             "likewise, 3 of 310, whose first calls EC2 throttles",
	"latency-cliff-fleet/warm-targets ipamd-down":        "likewise",
	"latency-cliff-fleet/prefix-delegation ipamd-down":   "likewise, 4 of 310",
	"incidents/neon-s3/pause ipamd-down":                 "each daemon is rolled out twice, 18 minutes apart: ADDs that find nobody are in no metric",
	"incidents/neon-s3/no-pause ipamd-down":              "likewise",
	"incidents/scale-130-1676/after-28s latency-cliff":   "88 s, of which scrapes every 30 s see next to nothing",
}
