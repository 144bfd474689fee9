package clusterimport

import (
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
)

// schedule is when a CronJob starts pods, from an hour's beginning on.
type schedule struct {
	every, from time.Duration
	batch       int
	shortest    time.Duration // how long pods have run
	longest     time.Duration
	assumed     bool // how long is
}

// lifetime is how long a pod has run that has ended.
type lifetime = time.Duration

func lifetimeOf(p *pod) (lifetime, bool) {
	begin, err := time.Parse(time.RFC3339, p.Status.StartTime)
	if err != nil {
		return 0, false
	}
	var longest lifetime
	for _, s := range p.Status.ContainerStatuses {
		if s.State.Terminated == nil {
			return 0, false
		}
		end, err := time.Parse(time.RFC3339, s.State.Terminated.FinishedAt)
		if err != nil || end.Before(begin) {
			return 0, false
		}
		longest = max(longest, end.Sub(begin))
	}
	return longest, longest > 0
}

// usualLifetime is assumed of the pods of a CronJob of which none has ended.
const usualLifetime = 5 * time.Minute

// crons takes the schedules of CronJobs. Within the hour that a scenario runs for,
// from the beginning of an hour, some start and others do not.
func (w *world) crons(loads map[string]*workload) {
	none := 0
	for _, c := range w.cronJobs.list {
		if c.Spec.Suspend {
			continue
		}
		key := "CronJob " + c.Metadata.Namespace + "/" + c.Metadata.Name
		s, ok := scheduleOf(c.Spec.Schedule)
		if !ok {
			none++
			continue
		}
		s.batch = 1
		if n := c.Spec.JobTemplate.Spec.Parallelism; n != nil {
			s.batch = min(max(1, *n), 2_000_000)
		}
		l := loads[key]
		if l == nil {
			spec := &c.Spec.JobTemplate.Spec.Template.Spec
			r, err := requestOf(spec)
			if err != nil {
				w.problem("the CronJob %s: %v", words.Printable(c.Metadata.Name), err)
				continue
			}
			l = &workload{namespace: c.Metadata.Namespace, owner: c.Metadata.Name, kind: "CronJob", nodes: map[*machine]bool{}, request: r, hostNetwork: spec.HostNetwork, at: placementOf(spec)}
			loads[key] = l
			w.loads = append(w.loads, l)
		}
		l.schedule = s
	}
	if none > 0 {
		w.say("%s with a schedule that is not each hour's: none of their pods start in the hour of the scenario", words.Plural(none, "CronJob"))
	}
}

// scheduleOf reads a schedule that is the same in each hour: */N or a minute.
func scheduleOf(text string) (*schedule, bool) {
	if text == "@hourly" {
		text = "0 * * * *"
	}
	f := strings.Fields(text)
	if len(f) != 5 || f[1] != "*" || f[2] != "*" || f[3] != "*" || f[4] != "*" {
		return nil, false
	}
	if f[0] == "*" {
		return &schedule{every: time.Minute}, true
	}
	if step, ok := strings.CutPrefix(f[0], "*/"); ok {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > 59 || 60%n != 0 {
			return nil, false
		}
		return &schedule{every: time.Duration(n) * time.Minute}, true
	}
	n, err := strconv.Atoi(f[0])
	if err != nil || n < 0 || n > 59 {
		return nil, false
	}
	return &schedule{every: time.Hour, from: time.Duration(n) * time.Minute}, true
}

// plan finds how long the pods of a CronJob run.
func (l *workload) plan(w *world, ended []lifetime) {
	s := l.schedule
	if s == nil {
		return
	}
	for _, life := range ended {
		if s.shortest == 0 || life < s.shortest {
			s.shortest = life
		}
		s.longest = max(s.longest, life)
	}
	if len(ended) == 0 {
		s.shortest, s.longest, s.assumed = usualLifetime, usualLifetime, true
		w.assume("%s: pods of this CronJob run for %v: none in the files has ended", l.name, usualLifetime)
	}
}
