package scenarios

// FaultFlushRules drops the policy rules of others, as systemd-networkd does.
const FaultFlushRules FaultKind = "flush-rules"

var flushRules = faultKind{
	name:      FaultFlushRules,
	everyTime: true,
	keys:      ofNodes("when"),
	doc:       "systemd-networkd drops every policy rule that it did not write. With `when: attached` it does so each time that another interface comes to the node.",
	words: func(f *Fault) string {
		return "systemd-networkd drops the policy rules of " + f.nodes(f.Share)
	},
}
