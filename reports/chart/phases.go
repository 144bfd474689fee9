package chart

import "ipamsim/sim/result"

// Phase is a part of a pod's start.
type Phase struct {
	Name string
	Look
	Of func(result.Phases) float64 // seconds
}

// Phases are all parts, in the order in which a pod comes through them.
var Phases = []Phase{
	{"waiting for a node", Look{Color: Grey, Hatch: Crossed}, func(p result.Phases) float64 { return p.Node }},
	{"scheduling", Look{Color: Purple, Hatch: Level}, func(p result.Phases) float64 { return p.Scheduling }},
	{"sandbox", Look{Color: SkyBlue, Hatch: Dots}, func(p result.Phases) float64 { return p.Sandbox }},
	{"waiting for an address", Look{Color: Vermillion, Hatch: Falling}, func(p result.Phases) float64 { return p.AddressWait }},
	{"retry back-off", Look{Color: Orange, Hatch: Rising}, func(p result.Phases) float64 { return p.Backoff }},
	{"node's CPU busy", Look{Color: Green, Hatch: Upright}, func(p result.Phases) float64 { return p.CPU }},
	{"image and start", Look{Color: Blue}, func(p result.Phases) float64 { return p.Image }},
}
