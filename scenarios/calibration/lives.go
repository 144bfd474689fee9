package calibration

import (
	"cmp"
	"maps"
	"math"
	"slices"

	"ipamsim/internal/words"
	"ipamsim/scenarios/calibration/fit"
)

// lives are what CloudTrail has of single interfaces and instances, in seconds since
// 1970: its times are whole ones.
type lives struct {
	attached   map[string]int64  // an interface, and when it was attached, at last
	attachment map[string]string // what it is of
	detached   map[string]int64  // by attachment
	deletes    map[string][]try  // by interface
	ended      map[string]int64  // an instance, and when somebody asked for its end, first
}

// try is one to delete an interface.
type try struct {
	at    int64
	inUse bool // it failed, for the interface was not yet detached
}

func newLives() lives {
	return lives{map[string]int64{}, map[string]string{}, map[string]int64{}, map[string][]try{}, map[string]int64{}}
}

// inUse are the codes of a delete that comes too early. The VPC CNI expects the first.
// https://github.com/aws/amazon-vpc-cni-k8s/issues/732
var inUse = []string{"Client.InvalidParameterValue", "Client.InvalidNetworkInterface.InUse"}

// enter keeps a record of one that was done, or of a delete that came too early.
func (l *lives) enter(at int64, r *record) {
	if r.RequestParameters == nil || r.ErrorCode != "" && r.EventName != "DeleteNetworkInterface" {
		return
	}
	of := r.RequestParameters
	switch r.EventName {
	case "AttachNetworkInterface":
		l.attached[of.NetworkInterfaceID] = max(at, l.attached[of.NetworkInterfaceID])
		if r.ResponseElements != nil && r.ResponseElements.AttachmentID != "" {
			l.attachment[r.ResponseElements.AttachmentID] = of.NetworkInterfaceID
		}
	case "DetachNetworkInterface":
		l.detached[of.AttachmentID] = at
	case "DeleteNetworkInterface":
		if early := slices.Contains(inUse, r.ErrorCode); early || r.ErrorCode == "" {
			l.deletes[of.NetworkInterfaceID] = append(l.deletes[of.NetworkInterfaceID], try{at, early})
		}
	case "TerminateInstances":
		for _, id := range of.instances() {
			if first, ok := l.ended[id]; !ok || at < first {
				l.ended[id] = at
			}
		}
	}
}

// detachMost bounds what is believed: a delete so long after the detach is somebody
// else's, who tidies up.
const detachMost = 600

// detach bounds how long an interface takes to be detached, by the deletes that came too
// early and the first that did not.
func (w *fitter) detach() {
	const key = "ec2.detachTime"
	var list []fit.Between
	strangers, early := 0, 0
	for _, id := range slices.Sorted(maps.Keys(w.lives.detached)) {
		eni, at := w.lives.attachment[id], w.lives.detached[id]
		if eni == "" {
			strangers++
			continue
		}
		b := fit.Between{Low: math.Inf(-1), High: math.Inf(1), Seconds: 2}
		tries := slices.SortedFunc(slices.Values(w.lives.deletes[eni]), func(a, b try) int { return cmp.Compare(a.at, b.at) })
		for _, t := range tries {
			after := float64(t.at - at)
			switch {
			case after < 0 || after > detachMost:
			case t.inUse && after < b.High:
				b.Low = after
			case !t.inUse:
				b.High = min(b.High, after)
			}
		}
		if math.IsInf(b.High, 1) && math.IsInf(b.Low, -1) {
			continue // nobody tried to delete it
		}
		if b.Low >= b.High { // both within one second
			b.High = b.Low + 1
		}
		if b.Low > 0 {
			early++
		}
		list = append(list, b)
	}
	switch {
	case len(list) == 0:
		w.left(key, "CloudTrail has nothing of an interface that was attached, detached and deleted")
	case early == 0:
		w.left(key, "each of %s could be deleted at the first try: none shows what it takes at least", words.Plural(len(list), "detached interface"))
	default:
		w.bounds(key, "CloudTrail, from a detach to the first delete that succeeded", list, 0, w.usualMean(w.usual.DetachTime))
	}
	if strangers > 0 {
		w.Notes = append(w.Notes, words.Plural(strangers, "interface")+" were detached that were attached before CloudTrail's records begin: they are not used")
	}
}
