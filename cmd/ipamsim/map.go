package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/reports"
	"ipamsim/sim/inspect"
)

// mapFlags of the map command.
type mapFlags struct {
	momentFlags
	overTime int
	outputs  outputFlag
}

// mapFormats are the ways to write maps.
var mapFormats = formatList{
	{name: "text", about: "a letter an address", write: func(w io.Writer, r *outcome, look reports.TableOptions) error { return reports.Map(w, r.maps, look) }},
	{name: "json", about: "the same for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error { return writeJSON(w, r.maps) }},
	{name: "plots", about: "a picture, SVG and PNG, in a folder", folder: func(ctx context.Context, dir string, r *outcome) error { return reports.MapPictures(ctx, dir, r.maps) }},
}

// mostMoments is how many maps stand side by side: what a page has room for.
const mostMoments = 12

func (a *app) mapCommand() *cobra.Command {
	flags := mapFlags{momentFlags: newMoment(), outputs: outputFlag{from: mapFormats}}
	cmd := &cobra.Command{
		Use:   "map FILE|NAME",
		Short: "Show who holds each address of the subnets at a moment of a run",
		Long: `Stop a run at a moment and show who holds each address of each subnet: pods, addresses
that cool down, warm ones, primaries of interfaces, interfaces that no ipamd knows,
others, AWS; with the free addresses and the free /28 blocks, of which prefixes come,
in numbers. In the text an address is a letter and blocks stand apart, 64 addresses in
80 columns; --out plots=DIR draws it, with a frame around each block. Of a subnet larger
than a /20 each /28 block is a cell, and that is said.

--over-time N shows N moments, from time 0 to --at or the end, side by side in the
picture and one after the other in the text.`,
		Example: `  ipamsim map hello
  ipamsim map subnet-exhaustion --variant default --at 5m --out plots=map
  ipamsim map subnet-exhaustion --over-time 6 --out plots=map
  ipamsim map mine.yaml --at 10m -o json | jq '.moments[0].subnets[] | {name, free, free_blocks}'`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.showMap(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	flags.overTime = 1
	addWhole(cmd, &flags.overTime, "over-time", 1, mostMoments, "how many moments to show, up to the one of --at")
	flags.outputs.add(cmd)
	flags.add(cmd)
	return cmd
}

// showMap is the command: read, run up to the moment, show.
func (a *app) showMap(cmd *cobra.Command, name string, flags *mapFlags) error {
	v, err := flags.read(a, cmd, name)
	if err != nil {
		return err
	}
	when, err := flags.when(v)
	if err != nil {
		return err
	}
	if err := flags.outputs.check(v.Inputs()); err != nil {
		return err
	}
	var out outcome
	err = a.simulateOne(cmd.Context(), flags.quiet, func(ctx context.Context, opts inspect.Options) (err error) {
		out.maps, err = inspect.Addresses(ctx, v, when.Replication, moments(flags.overTime, when.At), opts)
		return err
	})
	if err != nil {
		return err
	}
	write := writeFlags{format: formatFlag{format: mapFormats[0]}, outputs: flags.outputs, noColor: flags.noColor, quiet: true}
	if flags.output.value == "json" {
		write.format.format = mapFormats[1]
	}
	return a.write(&out, &write)
}

// moments are n of them at equal distances, from time 0 to the last; of one it is
// the last.
func moments(n int, last time.Duration) (list []time.Duration) {
	for i := range n - 1 {
		list = append(list, last*time.Duration(i)/time.Duration(n-1))
	}
	return append(list, last)
}
