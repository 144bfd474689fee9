package result

import "strings"

// NetworkCause is what began a defect of a node's network. In JSON it is its
// text.
type NetworkCause struct {
	Kind NetworkCauseKind
	Text string // as the rest of a sentence that begins with "by"
}

// NetworkCauseKind is what advice goes by.
type NetworkCauseKind string

// The kinds. Most are events of the moment at which the defect began; the
// others are what had happened to the address, or to its interface, before.
const (
	RulesFlushed        NetworkCauseKind = "rules-flushed"
	TableFlushed        NetworkCauseKind = "table-flushed"
	InterfaceDetached   NetworkCauseKind = "interface-detached"
	InterfaceChanged    NetworkCauseKind = "interface-changed"
	InterfaceSetUp      NetworkCauseKind = "interface-set-up"
	InterfaceReleased   NetworkCauseKind = "interface-released"
	IPAMDStart          NetworkCauseKind = "ipamd-start"
	AddressReturned     NetworkCauseKind = "address-returned" // ipamd may have asked for it long ago
	AddressGivenTwice   NetworkCauseKind = "address-given-twice"
	AddressNotAssigned  NetworkCauseKind = "address-not-assigned"
	PodForgotten        NetworkCauseKind = "pod-forgotten"
	DELMissed           NetworkCauseKind = "del-missed"
	RuleLeftBehind      NetworkCauseKind = "rule-left-behind"
	MarkRuleLost        NetworkCauseKind = "mark-rule-lost"
	RefreshRefused      NetworkCauseKind = "refresh-refused"
	StepRefused         NetworkCauseKind = "step-refused"
	StepKilled          NetworkCauseKind = "step-killed"
	PluginAtWork        NetworkCauseKind = "plugin"
	InterfaceNeverSetUp NetworkCauseKind = "interface-never-set-up" // in v1.23.1 ipamd enters a new interface, asks EC2 about its subnet, and when that fails leaves it as it is; a later reconcile adds the addresses all the same (ipamd.go: setupENI; mended in v1.23.2)
)

// aStep stands for the name of a step.
const aStep = "%s"

// NetworkCauses are all kinds in words, with %s where the name of a step
// belongs. One that says more comes before one whose words it shares.
var NetworkCauses = []NetworkCause{
	{RulesFlushed, "systemd-networkd, which dropped the rules that it had not written (flush-rules)"},
	{TableFlushed, "the loss of an interface's table (flush-table)"},
	{InterfaceDetached, "the detachment of an interface by somebody else (detach-eni)"},
	{InterfaceChanged, "a change of the node's interfaces from outside"},
	{InterfaceSetUp, "ipamd's set-up of an interface"},
	{InterfaceReleased, "ipamd's release of an interface"},
	{InterfaceNeverSetUp, "an interface that ipamd has in its book and never set up, because DescribeSubnets failed"},
	{IPAMDStart, "the start of ipamd"},
	{AddressReturned, "ipamd's return of an address that was on a pod"},
	{AddressGivenTwice, "an address that ipamd had forgotten and gave to another pod"},
	{AddressNotAssigned, "an address that ipamd has in its book and EC2 has not given to the node"},
	{PodForgotten, "a DEL of a pod that ipamd no longer knew: then the plugin tears nothing down"},
	{DELMissed, "a DEL that ipamd did not hear"},
	{RuleLeftBehind, "a rule that an earlier pod with the address has left behind"},
	{MarkRuleLost, "a rule for marked packets (1024) that was lost before: only a start of ipamd writes it"},
	{RefreshRefused, "the step refresh-rule, which was refused by the kernel"},
	{StepRefused, "the step " + aStep + ", which was refused by the kernel"},
	{StepKilled, "the step " + aStep + ", which was not reached because the plugin was killed"},
	{PluginAtWork, "the CNI plugin"},
}

// Of is a cause of the kind. step is one of hostnet's, for the kinds that are
// about one, and otherwise empty.
func (k NetworkCauseKind) Of(step string) NetworkCause {
	for _, c := range NetworkCauses {
		if c.Kind == k {
			return NetworkCause{k, strings.Replace(c.Text, aStep, step, 1)}
		}
	}
	panic("result: no words for the cause " + string(k))
}

// String is the text.
func (c NetworkCause) String() string { return c.Text }

// MarshalText is the text.
func (c NetworkCause) MarshalText() ([]byte, error) { return []byte(c.Text), nil }

// UnmarshalText finds the kind by the text. A text of another version has
// none.
func (c *NetworkCause) UnmarshalText(text []byte) error {
	*c = NetworkCause{Text: string(text)}
	for _, known := range NetworkCauses {
		before, after, ofStep := strings.Cut(known.Text, aStep)
		if known.Text == c.Text || ofStep && strings.HasPrefix(c.Text, before) && strings.HasSuffix(c.Text, after) {
			c.Kind = known.Kind
			return nil
		}
	}
	return nil
}
