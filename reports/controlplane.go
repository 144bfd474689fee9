package reports

import (
	"encoding/json"
	"fmt"
	"strings"

	"ipamsim/sim/result"
)

// requestRate is a client's bucket in a scenario; nil is no limit.
type requestRate struct {
	Rate  float64
	Burst int
}

func (r *requestRate) String() string {
	if r == nil {
		return "no limit"
	}
	return fmt.Sprintf("%g/s (%d at once)", r.Rate, r.Burst)
}

// controlPlane says how fast pods were created and bound, which decides most
// bursts. Variants with the same control plane share a line.
func controlPlane(p *printer, r *result.Result) {
	names := map[string][]string{}
	var lines []string
	for _, v := range r.Variants {
		line := controlPlaneOf(v.Scenario)
		if line == "" {
			continue
		}
		if names[line] == nil {
			lines = append(lines, line)
		}
		names[line] = append(names[line], v.Name)
	}
	for _, line := range lines {
		where := ""
		if len(lines) > 1 {
			where = " in " + strings.Join(names[line], ", ")
		}
		p.paragraph("", "  ", "control plane"+where+": "+line)
	}
}

// controlPlaneOf is what a scenario says of it, or nothing where it says none.
func controlPlaneOf(scenario json.RawMessage) string {
	var s struct {
		ControlPlane *struct {
			Tier        string
			PodCreation *requestRate
			Scheduling  *requestRate
		}
	}
	if json.Unmarshal(scenario, &s) != nil || s.ControlPlane == nil {
		return ""
	}
	c := s.ControlPlane
	return fmt.Sprintf("tier %s; pod creation of each controller %s, scheduling %s", c.Tier, c.PodCreation, c.Scheduling)
}
