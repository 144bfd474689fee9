package explain

import (
	"ipamsim/sim/findings"
	"ipamsim/sim/recording"
	"ipamsim/sim/result"
)

// Searched and Followed are the two ways to an answer.
var Searched, Followed = searched, followed

// LoopPause is what a pause between two passes is called, WithoutWords what
// the verdict says of a boundary.
var LoopPause, WithoutWords = loopPause, withoutWords

// FailedAdds are the ADDs that failed.
func (p *Pod) FailedAdds() []recording.AddRecord { return p.failedAdds() }

// FindClues lists what a search would find.
func (p *Pod) FindClues() []Clue { return p.findClues() }

// Judge reads the pod's phases.
func (p *Pod) Judge(o *result.Outcome, f findings.Facts) Verdict { return p.judge(o, f) }
