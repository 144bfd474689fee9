package clusterimport

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
)

const commandHint = "`ipamsim import --print-commands` prints the commands whose output is read"

// rowKind is what a row of a list is.
type rowKind int

const (
	kubeRow rowKind = iota
	subnetRow
	interfaceRow
	vpcRow
	reservationRow // of instances, as describe-instances groups them
	instanceRow
	typeRow
	cidrReservationRow
	groupRow // an Auto Scaling group
	nodegroupRow
	trailRow
	passedRow // nothing is taken from it
	rowKinds
)

// rowSources are, by kind of row, the list that the command prints and the
// command.
var rowSources = [rowKinds]struct{ list, command string }{
	kubeRow:            {"items", "kubectl get"},
	subnetRow:          {"Subnets", "aws ec2 describe-subnets"},
	interfaceRow:       {"NetworkInterfaces", "aws ec2 describe-network-interfaces"},
	vpcRow:             {"Vpcs", "aws ec2 describe-vpcs"},
	reservationRow:     {"Reservations", "aws ec2 describe-instances"},
	instanceRow:        {"Instances", "aws ec2 describe-instances"},
	typeRow:            {"InstanceTypes", "aws ec2 describe-instance-types"},
	cidrReservationRow: {"SubnetIpv4CidrReservations", "aws ec2 get-subnet-cidr-reservations"},
	groupRow:           {"AutoScalingGroups", "aws autoscaling describe-auto-scaling-groups"},
	trailRow:           {"Records", "CloudTrail"},
	passedRow:          {"SubnetIpv6CidrReservations", "aws ec2 get-subnet-cidr-reservations"},
}

// listKeys are the lists that are read row by row.
var listKeys = func() map[string]rowKind {
	keys := map[string]rowKind{}
	for kind, s := range rowSources {
		if s.list != "" {
			keys[s.list] = rowKind(kind)
		}
	}
	return keys
}()

func (k rowKind) list() string    { return rowSources[k].list }
func (k rowKind) command() string { return rowSources[k].command }

// guess says what a row is that stands in no named list.
func guess(row []byte) (rowKind, bool) {
	var is struct {
		Kind, Metadata, Spec, Status                                                     *skipped
		SubnetID                                                                         *skipped `json:"SubnetId"`
		InterfaceID                                                                      *skipped `json:"NetworkInterfaceId"`
		VpcID                                                                            *skipped `json:"VpcId"`
		InstanceID                                                                       *skipped `json:"InstanceId"`
		CidrBlock, AvailableIPAddressCount, Instances, InstanceType, NetworkInfo, States *skipped
		PrivateIPAddresses                                                               *skipped `json:"PrivateIpAddresses"`
		ReservationID                                                                    *skipped `json:"SubnetCidrReservationId"`
		ImageID                                                                          *skipped `json:"ImageId"`
	}
	if json.Unmarshal(row, &is) != nil {
		return 0, false
	}
	switch {
	case is.Metadata != nil && (is.Kind != nil || is.Spec != nil || is.Status != nil):
		return kubeRow, true
	case is.ReservationID != nil:
		return cidrReservationRow, true
	case is.InterfaceID != nil && is.PrivateIPAddresses != nil && is.SubnetID != nil:
		return interfaceRow, true
	case is.Instances != nil && is.InstanceID == nil:
		return reservationRow, true
	case is.InstanceID != nil && is.InstanceType != nil && is.ImageID != nil:
		return instanceRow, true
	case is.InstanceType != nil && is.NetworkInfo != nil:
		return typeRow, true
	case is.SubnetID != nil && is.CidrBlock != nil && is.AvailableIPAddressCount != nil:
		return subnetRow, true
	case is.VpcID != nil && is.CidrBlock != nil && is.SubnetID == nil:
		return vpcRow, true
	}
	return 0, false
}

// read recognises a text and takes what is in it.
func (f *file) read(r *bufio.Reader) error {
	head, err := firstOf(r)
	var wrong *input.Error
	switch {
	case errors.As(err, &wrong):
		return wrong
	case err != nil && !errors.Is(err, io.EOF):
		return err
	case len(head) == 0:
		return &input.Error{Line: 1, Column: 1, Message: "empty: " + commandHint}
	}
	if why := otherText(string(head)); why != "" {
		return &input.Error{Line: 1, Column: 1, Message: why}
	}
	if strings.IndexByte("{[\"", head[0]) >= 0 {
		return f.json(r)
	}
	if taken := uselessText(string(head)); taken != "" {
		f.takenFor, f.note = taken, "nothing is taken from it: it does not say what the cluster is"
		return nil
	}
	return f.yaml(r)
}

// firstOf are the first bytes of a text without white space before them.
func firstOf(r *bufio.Reader) ([]byte, error) {
	var head []byte
	for n := 512; ; n = min(2*n, r.Size()) {
		var err error
		head, err = r.Peek(n)
		head = bytes.TrimLeft(head, " \t\r\n")
		if len(head) > 256 || err != nil || n == r.Size() {
			return head, err
		}
	}
}

// others are texts for people, by what they begin with, and what is to be asked
// for in their place.
var others = []struct {
	begin *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`^(-{8,}\r?\n\||\+-{4,}|\|\s)`), "a table for people, of --output table: --output json was expected"},
	{regexp.MustCompile(`^Name:\s+\S+[^\n]*\n(Namespace|Roles|Priority|Labels|Selector):`), "what `kubectl describe` prints, for people: `kubectl get -o json` was expected"},
	{regexp.MustCompile(`^(NAMESPACE|NAME)\s+[A-Z]`), "a table of `kubectl get` for people: -o json was expected"},
	{regexp.MustCompile(`^(SUBNETS|NETWORKINTERFACES|VPCS|RESERVATIONS|INSTANCES|INSTANCETYPES|ATTACHMENT|TAGS)\t`), "the columns of --output text: --output json was expected"},
	{regexp.MustCompile(`^(subnet|eni|i|vpc)-[0-9a-f]+\s`), "the columns of --output text: --output json was expected"},
	{regexp.MustCompile(`^\[?[\w.-]*[@:~][^\n]*[$#] (aws|kubectl) `), "copied from a terminal, with its prompt: what the command alone prints was expected"},
	{regexp.MustCompile(`^([$#>] )?(aws|kubectl) [a-z]`), "a command, or copied from a terminal with one: what it prints was expected"},
	{regexp.MustCompile(`^(?i)(error|an error occurred|unable to|error from server)\b`), "the message of an error: the command that should have made this file failed"},
	{regexp.MustCompile(`^(?i)<(!doctype|html|\?xml)`), "HTML or XML: JSON was expected"},
}

func otherText(head string) string {
	for _, o := range others {
		if o.begin.MatchString(head) {
			return o.why + "; " + commandHint
		}
	}
	return ""
}

var useless = []struct {
	begin *regexp.Regexp
	taken string
}{
	{regexp.MustCompile(`^(# (HELP|TYPE) )?awscni_`), "metrics of one ipamd, which do not name its node"},
	{regexp.MustCompile(`^# (HELP|TYPE) `), "metrics of Prometheus"},
}

func uselessText(head string) string {
	for _, u := range useless {
		if u.begin.MatchString(head) {
			return u.taken
		}
	}
	return ""
}

// row takes one row of a list.
func (f *file) row(p *passage, from int64, kind rowKind, text []byte) error {
	if kind == kubeRow {
		return f.kube(p, from, text)
	}
	if kind == typeRow || kind == trailRow || kind == passedRow { // read later, or not at all
		if err := decode(p, from, text, &skipped{}); err != nil {
			return err
		}
	}
	f.rows[kind]++
	return f.aws(p, from, kind, text)
}

// listed takes what a document says of its lists when they have been read.
func (f *file) listed(doc *document) error {
	var about struct {
		Continue           string
		RemainingItemCount int
	}
	json.Unmarshal(doc.rest["metadata"], &about)
	if about.Continue != "" {
		return &input.Error{Message: fmt.Sprintf("one page of several (metadata.continue is set, %d more rows): kubectl get prints all of them", about.RemainingItemCount)}
	}
	if token := doc.rest["NextToken"]; token != nil && !bytes.Equal(token, []byte("null")) && doc.lists["InstanceTypes"] == 0 {
		return &input.Error{Message: "one page of several (NextToken is set), and the rest is missing: the AWS CLI prints all of them without --max-items, --starting-token and --no-paginate"}
	} else if token != nil {
		f.note = "one page of several (NextToken is set): types on other pages are as they are built in"
	}
	for key, n := range doc.lists { // any order: each turn is about a list of its own
		if kind := listKeys[key]; n == 100 || n == 1000 {
			f.suspicious[kind] = n
		}
	}
	return nil
}

// single takes a document that is one object.
func (f *file) single(p *passage, from int64, text []byte, members map[string][]byte) error {
	if has(members, "kind") && has(members, "apiVersion") || has(members, "metadata") && has(members, "spec") {
		return f.kube(p, from, text)
	}
	if has(members, "data") {
		var inner map[string]json.RawMessage
		json.Unmarshal(members["data"], &inner)
		for key := range inner { // any order: a set is filled
			members[key] = inner[key]
		}
	}
	switch {
	case has(members, "resultType") && has(members, "result"):
		return f.recorded(members["resultType"], members["result"])
	case has(members, "addon"):
		return f.addon(members["addon"])
	case has(members, "nodegroup"):
		return f.nodegroup(p, from, members["nodegroup"])
	case has(members, "env"):
		return f.configuration(text)
	case has(members, "ENIs") && has(members, "TotalIPs"):
		return f.introspection(text)
	case has(members, "0") && bytes.Contains(members["0"], []byte(`"ENIs"`)):
		return f.introspection(text)
	case has(members, "level") && has(members, "caller") && has(members, "msg"):
		f.takenFor, f.note = "the log of one ipamd", "nothing is taken from it: it does not say what the cluster is"
		return nil
	case has(members, "instanceType") && has(members, "defaultMaxENIs"):
		f.takenFor = "the node agent's table of instance types"
		f.note = "nothing is taken from it: it has neither hypervisor nor network cards; aws ec2 describe-instance-types has"
		return nil
	case looksLikeLabels(members):
		return p.at(from, "labels alone, of one node: what `kubectl get nodes -o json` prints was expected, whole")
	}
	if kind, ok := guess(text); ok {
		return f.row(p, from, kind, text)
	}
	return &unknownError{p.at(from, fmt.Sprintf("an object with %s, which is none of those that are read: %s", keysIn(text), commandHint))}
}

// unknownError is about a file that has nothing to do with a cluster.
type unknownError struct{ why *input.Error }

func (e *unknownError) Error() string { return e.why.Error() }
func (e *unknownError) Unwrap() error { return e.why }

func has(members map[string][]byte, key string) bool { return members[key] != nil }

// looksLikeLabels says whether an object has the labels of a node as its keys.
func looksLikeLabels(members map[string][]byte) bool {
	return has(members, "kubernetes.io/hostname") || has(members, "beta.kubernetes.io/os") || has(members, "kubernetes.io/os")
}

// describe says what a file was taken for.
func (f *file) describe() string {
	if f.takenFor != "" {
		return f.takenFor
	}
	var parts []string
	for kind, n := range f.rows {
		if command := rowKind(kind).command(); n > 0 && !slices.Contains(parts, command) {
			parts = append(parts, command)
		}
	}
	if len(f.kinds) > 0 {
		parts = append(parts, "kubectl get "+words.And(f.kindNames()))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
