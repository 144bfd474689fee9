package calibration

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/words"
	"ipamsim/scenarios/calibration/fit"
	"ipamsim/scenarios/clusterimport"
)

// record is one of CloudTrail's, as far as it is read. eventTime is when the request was
// completed, in whole seconds.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type record struct {
	EventTime                                  time.Time
	EventID, EventSource, EventName, ErrorCode string
	UserAgent, AwsRegion, RecipientAccountID   string `json:",omitempty"`
	RequestParameters, ResponseElements        *elements
}

// elements are those of a request, or of its answer, that name what it is about.
type elements struct {
	NetworkInterfaceID string `json:"networkInterfaceId"`
	AttachmentID       string `json:"attachmentId"`
	InstancesSet       *struct {
		Items []struct {
			InstanceID string `json:"instanceId"`
		}
	}
}

// instances are those that are named.
func (e *elements) instances() (ids []string) {
	if e == nil || e.InstancesSet == nil {
		return nil
	}
	for _, i := range e.InstancesSet.Items {
		ids = append(ids, i.InstanceID)
	}
	return ids
}

// Bounds of a trail.
const (
	mostRecords = 2_000_000
	longestSpan = 31 * 24 * time.Hour
)

// trail is what CloudTrail has of EC2, second by second.
type trail struct {
	seen        map[string]bool // event IDs: a record may be delivered twice
	places      []string        // accounts and Regions
	first, last int64
	actions     map[string]map[int64]*seconds
	callers     map[string]int
}

// seconds counts a second's requests of an action.
type seconds struct {
	fit.Second
	others  int // that passed, of callers that a scenario does not have itself
	ipamd   int // requests of the VPC CNI
	refused int // of them
}

// throttled are the codes of a request that a bucket refused.
var throttled = []string{"Client.RequestLimitExceeded", "RequestLimitExceeded", "Server.RequestLimitExceeded", "Client.ThrottlingException", "ThrottlingException"}

// lookup takes a row of what `aws cloudtrail lookup-events` prints, which has the record
// as a text.
func (f *file) lookup(row clusterimport.Row) error {
	var e struct{ CloudTrailEvent string }
	if err := row.Decode(&e); err != nil {
		return err
	}
	if e.CloudTrailEvent == "" {
		return nil
	}
	var r record
	if err := json.Unmarshal([]byte(e.CloudTrailEvent), &r); err != nil {
		return row.Wrong("CloudTrailEvent is not the record that CloudTrail writes")
	}
	return f.enterRecord(row, &r)
}

func (f *file) record(row clusterimport.Row) error {
	var r record
	if err := row.Decode(&r); err != nil {
		return err
	}
	return f.enterRecord(row, &r)
}

func (f *file) enterRecord(row clusterimport.Row, r *record) error {
	t := &f.trail
	switch {
	case r.EventSource != "ec2.amazonaws.com":
		f.note = "records of other services than EC2 are passed over"
		return nil
	case r.EventTime.IsZero() || r.EventName == "":
		return row.Wrong("a record without eventTime or eventName")
	case r.EventID != "" && t.seen[r.EventID]:
		return nil
	case len(t.seen) == mostRecords:
		return row.Wrong(fmt.Sprintf("more than %d records, the most that are read", mostRecords))
	}
	t.seen[r.EventID] = true
	f.take("record of CloudTrail")
	if place := r.RecipientAccountID + " " + r.AwsRegion; !slices.Contains(t.places, place) {
		t.places = append(t.places, place)
	}
	at := r.EventTime.Unix()
	if len(t.seen) == 1 {
		t.first, t.last = at, at
	}
	t.first, t.last = min(t.first, at), max(t.last, at)
	if t.last-t.first > int64(longestSpan.Seconds()) {
		return row.Wrong("records of more than 31 days: give fewer")
	}
	f.count(at, r)
	if r.EventName == "RunInstances" {
		for _, id := range r.ResponseElements.instances() {
			if f.launched[id].IsZero() {
				f.launched[id] = r.EventTime
			}
		}
	}
	f.lives.enter(at, r)
	return nil
}

func (c *collection) count(at int64, r *record) {
	t := &c.trail
	if t.actions[r.EventName] == nil {
		t.actions[r.EventName] = map[int64]*seconds{}
	}
	s := t.actions[r.EventName][at]
	if s == nil {
		s = new(seconds)
		t.actions[r.EventName][at] = s
	}
	caller := callerOf(r.UserAgent)
	refused := slices.Contains(throttled, r.ErrorCode)
	if caller == ipamdCaller {
		s.ipamd++
	}
	switch {
	case refused && caller == ipamdCaller:
		s.refused++
		s.Refused++
	case refused:
		s.Refused++
	default:
		s.Passed++
		if caller == "others" {
			s.others++
		}
	}
	t.callers[caller]++
}

const ipamdCaller = "the VPC CNI"

// callerOf names who calls, as far as a scenario has them itself.
func callerOf(agent string) string {
	agent = strings.ToLower(agent)
	for _, c := range []struct{ part, name string }{
		{"amazon-vpc-cni-k8s", ipamdCaller}, {"karpenter", "Karpenter"}, {"autoscaling.amazonaws.com", "Auto Scaling"},
		{"cluster-autoscaler", "the Cluster Autoscaler"}, {"ec2fleet.amazonaws.com", "EC2 Fleet"},
	} {
		if strings.Contains(agent, c.part) {
			return c.name
		}
	}
	return "others"
}

// span is how long the trail is, in seconds.
func (t *trail) span() float64 { return float64(t.last - t.first + 1) }

// of are an action's seconds from the first of the trail on.
func (t *trail) of(action string) []fit.Second {
	list := make([]fit.Second, t.last-t.first+1)
	for at, s := range t.actions[action] { // any order: each by itself
		list[at-t.first] = s.Second
	}
	return list
}

// retried is the share of ipamd's requests of an action that were refused.
func (t *trail) retried(action string) float64 {
	all, refused := 0, 0
	for _, s := range t.actions[action] { // any order: whole numbers are summed up
		all, refused = all+s.ipamd, refused+s.refused
	}
	if all == 0 {
		return 0
	}
	return float64(refused) / float64(all)
}

// one says that the trail is of one account in one Region.
func (t *trail) one() error {
	if len(t.places) <= 1 {
		return nil
	}
	list := slices.Sorted(slices.Values(t.places))
	for i := range list {
		list[i] = words.Printable(list[i])
	}
	return fmt.Errorf("CloudTrail's records are of several accounts or Regions, each of which has buckets of its own: %s; give the records of one", words.And(list))
}

// secondBucket says why an action's bucket cannot be told from refusals.
func secondBucket(p *ec2model.Profile, a ec2model.Action) string {
	none := ec2model.DefaultProfile().Resources[ec2model.AttachNetworkInterface] // which has none
	switch {
	case p.Resources[a] != none:
		return "it draws from a bucket of requests and from one of instances: which of them refused does not show"
	case p.Unfiltered[a] != none:
		return "calls without a filter draw from a second bucket: which of them refused does not show"
	}
	return ""
}
