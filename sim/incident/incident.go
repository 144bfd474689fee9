// Package incident runs the scenarios that are made after public reports, and
// holds what was reported beside what they come to.
package incident

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim"
	"ipamsim/sim/des"
	"ipamsim/sim/fleet"
	"ipamsim/sim/result"
)

// Report is what was reported of incidents beside what their scenarios come to.
type Report struct {
	SchemaVersion string     `json:"schema_version"` // ipamsim.validation/v1
	Version       string     `json:"version"`        // of the program
	Incidents     []Incident `json:"incidents"`
	Cases         []Case     `json:"cases"`
	Unexpressed   []Left     `json:"not_expressed"` // reports that no scenario can be made after
}

// schemaVersion is that of a Report.
const schemaVersion = "ipamsim.validation/v1"

// Incident is one scenario.
type Incident struct {
	Name        string    `json:"name"`        // as ipamsim run takes it
	Digest      string    `json:"digest"`      // of the file
	Fingerprint string    `json:"fingerprint"` // of all that happened in its variants, one after the other
	Sources     []string  `json:"sources"`
	Summary     string    `json:"summary"`
	Assumed     []Assumed `json:"assumed"`
}

// Assumed is what a report does not say, and why it was taken to be so.
type Assumed struct {
	What   string `json:"what"`
	Reason string `json:"reason"`
}

// Case is one number of a report.
type Case struct {
	Name      string   `json:"name"`   // of the incident
	What      string   `json:"what"`   // the number is
	Metric    string   `json:"metric"` // with selector and aggregation
	Unit      string   `json:"unit"`   // s, or empty for counts
	Reported  float64  `json:"reported"`
	Low       *float64 `json:"low"`       // the least that counts as reproduced; null for no bound
	High      *float64 `json:"high"`      // the most
	Simulated *float64 `json:"simulated"` // null when it was never observed, and with never
	Never     bool     `json:"never"`     // the value is infinite: that share of the pods never started
	Inside    bool     `json:"inside"`
	Reason    string   `json:"reason"`  // of the bounds
	Outside   string   `json:"outside"` // why it is recorded as outside; empty where it is recorded as inside
}

// Counts are how the cases of a report came out.
type Counts struct {
	Inside, Outside int
	Lost            int // outside, and recorded as inside
	Won             int // inside, and recorded as outside
}

// Count counts the cases.
func (r *Report) Count() (n Counts) {
	for i := range r.Cases {
		c := &r.Cases[i]
		switch recorded := c.Outside == ""; {
		case c.Inside && recorded:
			n.Inside++
		case c.Inside:
			n.Inside, n.Won = n.Inside+1, n.Won+1
		case recorded:
			n.Outside, n.Lost = n.Outside+1, n.Lost+1
		default:
			n.Outside++
		}
	}
	return n
}

// Options of a validation.
type Options struct {
	Version  string               // of the program, for the report
	Workers  int                  // runs at a time; 0 is one per core
	Progress func(fleet.Progress) // called now and then, never concurrently; nil for nobody
}

// Validate runs the scenarios of files, all of which have an incident, and holds
// their numbers beside the reported ones. The report does not depend on the number
// of workers. A cancelled context ends it with the context's error.
func Validate(ctx context.Context, files []*scenarios.File, opts Options) (*Report, error) {
	r := &Report{SchemaVersion: schemaVersion, Version: opts.Version, Incidents: []Incident{}, Cases: []Case{}, Unexpressed: notExpressed}
	p, err := planned(files)
	if err != nil {
		return nil, err
	}
	err = sim.Stream(ctx, len(p.variants), p.runs, p.prepare, p.judge, sim.Options{Version: opts.Version, Workers: opts.Workers, Progress: opts.Progress})
	if err != nil {
		return nil, err
	}
	for i, f := range files {
		var all des.Fingerprint
		for _, v := range p.judged[p.first[i]:p.first[i+1]] {
			all.AddString(v.fingerprint)
			r.Cases = append(r.Cases, v.cases...)
		}
		r.Incidents = append(r.Incidents, about(f, all.String()))
	}
	return r, nil
}

// about is the incident of a file.
func about(f *scenarios.File, fingerprint string) Incident {
	in := f.Scenario.Incident
	out := Incident{Name: f.Name, Digest: f.Digest, Fingerprint: fingerprint, Sources: in.Sources, Summary: oneLine(in.Summary)}
	for _, a := range in.Assumed {
		out.Assumed = append(out.Assumed, Assumed{oneLine(a.What), oneLine(a.Reason)})
	}
	return out
}

// plan is the variants of all files in a row, so that no worker waits for the
// longest of one file.
type plan struct {
	variants []scenarios.Expanded
	names    []string // of the file of each
	first    []int    // variant of each file, and one past the last
	runs     int
	judged   []judged // by variant
}

// judged is what is kept of a variant.
type judged struct {
	fingerprint string
	cases       []Case
}

func planned(files []*scenarios.File) (*plan, error) {
	p := &plan{first: []int{0}}
	for _, f := range files {
		if f.Scenario.Incident == nil {
			return nil, fmt.Errorf("%s has no incident", f.Name)
		}
		list, err := f.Variants(scenarios.Options{})
		if err != nil {
			return nil, err
		}
		for i := range list {
			p.runs += list[i].Scenario.Replications
			p.names = append(p.names, f.Name)
		}
		p.variants = append(p.variants, list...)
		p.first = append(p.first, len(p.variants))
	}
	p.judged = make([]judged, len(p.variants))
	return p, nil
}

func (p *plan) prepare(_ context.Context, i int) (*scenarios.Expanded, error) {
	return &p.variants[i], nil
}

// judge keeps of a variant what its cases need. Several workers call it, each for
// another variant.
func (p *plan) judge(i int, e *scenarios.Expanded, v *result.Variant) error {
	p.judged[i].fingerprint = sim.Fingerprint(v)
	for k := range e.Scenario.Incident.Reported {
		c, about, err := caseOf(&e.Scenario.Incident.Reported[k], v)
		if err != nil {
			return err
		}
		if about {
			c.Name = p.names[i]
			p.judged[i].cases = append(p.judged[i].cases, c)
		}
	}
	return nil
}

// caseOf holds a reported number beside a variant, if it is about that one.
func caseOf(r *scenarios.ReportedFigure, v *result.Variant) (c Case, about bool, err error) {
	bounds, err := r.Bounds()
	if err != nil {
		return c, false, err
	}
	list := result.Judge(v, bounds)
	if len(list) == 0 {
		return c, false, nil
	}
	c = Case{What: oneLine(r.What), Metric: r.Title(), Unit: list[0].Unit, Reported: r.Value, Low: r.Low, High: r.High,
		Simulated: list[0].Value, Never: list[0].Never, Inside: len(result.Broken(slices.Clone(list))) == 0, Reason: oneLine(r.Reason), Outside: oneLine(r.Outside)}
	return c, true, nil
}

// oneLine joins the lines of a folded text.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
