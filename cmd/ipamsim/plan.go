package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"ipamsim/reports"
	"ipamsim/reports/html"
	"ipamsim/sim/controlplane"
	"ipamsim/sim/fleet"
	"ipamsim/sim/planning"
)

// planFlags of the plan command.
type planFlags struct {
	runFlags
	surge, unavailable string
}

func (a *app) planCommand() *cobra.Command {
	flags := planFlags{runFlags: runFlags{writeFlags: newWriteFlags(planFormats)}}
	cmd := &cobra.Command{
		Use:   "plan FILE|NAME",
		Short: "Say what is free, how much more fits, and which limit comes first",
		Long: `Answer what one asks before a cluster grows or changes: for each variant of the
scenario and each subnet the free addresses and /28 blocks, now (at time 0) and at the
worst moment of the run; for each node group how many more nodes, with as many pods as
the present ones have, and how many more pods on the present nodes start until one does
not, and which limit keeps it from starting: addresses or blocks of a subnet, the
interfaces of the instance type, max pods, CPU, memory, network address usage, or the
quota of network interfaces (vpc.quotas in the scenario). Besides: what one node takes,
without pods, as now and full; what losing a zone does to the others; whether the
subnets are ready for an update of the control plane, and for replacing all nodes with
the --surge that is given; how fast the largest group can double; and what an overlay
would use.

Nothing of that is reckoned: the fleet is simulated with so many more, again and again,
until it is known how many start. It is the fleet as it is at time 0, at rest; where no
pod runs then, as it is at the busiest moment of the run. Requests to EC2 are not
throttled meanwhile, and the control plane is not in the way.

Thresholds are not judged: the exit code is 0.`,
		Example: `  ipamsim plan subnet-exhaustion
  ipamsim plan mine.yaml --variant default --set vpc.quotas.nau=256000
  ipamsim plan mine.yaml --out html=plan.html   # for the browser
  ipamsim plan mine.yaml -o json | jq '.variants[].growth[] | {group, by, until_full, binding_limit}'`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.plan(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.writeFlags.add(cmd)
	flags.addSeed(cmd, "the file's")
	flags.addReplications(cmd, "runs that the worst moment is looked for in, in place of the file's number")
	flags.addVariants(cmd, "plan only for the variant of this name; repeatable")
	flags.addSet(cmd, "the scenario")
	f.Uint64Var(&flags.events, "events", 0, "most events that looking for one limit may execute; 0 is 60 million. What is not found by then is said to be open")
	f.StringVar(&flags.surge, "surge", "", "how all nodes are replaced: how many more come first in each group, or which share of it, such as 3 or 10%; unless given what EKS does, two for each zone")
	f.StringVar(&flags.unavailable, "max-unavailable", "", "and how many are drained at a time, or which share; 1 unless given")
	flags.addRunning(cmd)
	freeText(cmd, "events", "surge", "max-unavailable")
	return cmd
}

// plan is the command: read, ask, write.
func (a *app) plan(cmd *cobra.Command, name string, flags *planFlags) error {
	options := planning.Options{Version: a.version.Version, Workers: flags.workers, Events: flags.events}
	if err := flags.replacing(&options); err != nil {
		return err
	}
	variants, err := a.readVariants(cmd, name, &flags.runFlags)
	if err != nil {
		return err
	}
	if err := flags.outputs.check(inputs(variants)); err != nil {
		return err
	}
	flags.memory.apply()
	a.running = describeRun(name, variants[0].Scenario.Seed, &flags.runFlags)
	var out outcome
	err = a.interruptible(cmd.Context(), flags.quiet, false, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		options.Progress = report
		out.plan, err = planning.Make(ctx, variants, options)
		return err
	})
	if err != nil {
		return err
	}
	return a.write(&out, &flags.writeFlags)
}

// planFormats are the ways to write a plan.
var planFormats = formatList{
	{name: "text", about: "text for people", write: func(w io.Writer, r *outcome, look reports.TableOptions) error { return reports.Plan(w, r.plan, look) }},
	{name: "json", about: "all of it for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return writeJSON(w, r.plan) }},
	{name: "html", about: htmlAbout, write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return html.Plan(w, r.plan) }},
}

// replacing reads how all nodes are replaced.
func (f *planFlags) replacing(o *planning.Options) error {
	for _, flag := range []struct {
		name, text string
		least      int
		to         **controlplane.IntOrPercent
	}{{"surge", f.surge, 0, &o.Surge}, {"max-unavailable", f.unavailable, 1, &o.Unavailable}} {
		if flag.text == "" {
			continue
		}
		n, err := controlplane.ParseIntOrPercent(flag.text, flag.least, controlplane.AllPercent)
		if err != nil {
			return usagef("--%s %s: %w", flag.name, flag.text, err)
		}
		*flag.to = &n
	}
	return nil
}
