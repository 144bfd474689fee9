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

// surroundings says what decides most bursts besides the settings: how
// fast pods were created and bound, what the nodes boot, and where EC2 put those
// of fleets.
func surroundings(p *printer, r *result.Result) {
	sharedLine(p, r, "control plane", controlPlaneOf)
	sharedLine(p, r, "nodes", nodesOf)
	sharedLine(p, r, "zone of a fleet request", fleetZoneOf)
}

// sharedLine prints what variants' scenarios say of something; those that say
// the same share a line.
func sharedLine(p *printer, r *result.Result, what string, of func(scenario json.RawMessage) string) {
	names := map[string][]string{}
	var lines []string
	for _, v := range r.Variants {
		line := of(v.Scenario)
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
		p.paragraph("", "  ", what+where+": "+line)
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

// fleetZones are the policies by which a fleet request gets its zone.
var fleetZones = map[string]string{
	"random":    "random, another one for each request (ec2.allocation.fleetZone; EC2 publishes no rule)",
	"fixed":     "fixed, always that of the first subnet (ec2.allocation.fleetZone)",
	"most-free": "most-free, that of the subnet with most free addresses, at which EC2 does not look (ec2.allocation.fleetZone)",
}

// fleetZoneOf is how fleet requests get their zone, or nothing where there is
// none: only Karpenter makes them, and a choice takes two zones.
func fleetZoneOf(scenario json.RawMessage) string {
	var s struct {
		Autoscaler *struct{ Kind string }
		EC2        struct{ Allocation struct{ FleetZone string } }
		VPC        struct{ Subnets []struct{ AZ string } }
	}
	if json.Unmarshal(scenario, &s) != nil || s.Autoscaler == nil || s.Autoscaler.Kind != "karpenter" {
		return ""
	}
	for _, subnet := range s.VPC.Subnets {
		if subnet.AZ != s.VPC.Subnets[0].AZ {
			return fleetZones[s.EC2.Allocation.FleetZone]
		}
	}
	return ""
}
