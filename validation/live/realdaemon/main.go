// Command realdaemon plays scenarios with the real ipamd and with ours, and says
// where they differ.
//
//	realdaemon [flags]                 the set of scenarios
//	realdaemon [flags] NAME...         some of the set
//	realdaemon [flags] NAME|FILE...    nodes of ipamsim's own scenarios (.yaml), or scenarios of one node (.json)
//	realdaemon -random N [flags]       random scenarios; one that differs is made small
//	realdaemon -mutations [flags]      the set with simulated daemons that have a fault each
//
// The exit code is 0 when nothing differs (with -mutations: when all are caught),
// 1 when something does, 2 when it cannot be played, and 130 when interrupted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"

	"ipamsim/validation/live"
)

// options of the command.
type options struct {
	release   string
	record    string
	page      string
	nodes     int
	variant   string
	random    int
	seed      uint64
	workers   int
	effort    live.Effort
	table     bool
	list      bool
	mutations bool
	again     bool
}

func main() {
	var o options
	flag.StringVar(&o.release, "release", live.Releases[0], "release of the VPC CNI: "+strings.Join(live.Releases, " or "))
	flag.StringVar(&o.record, "record", "", "a folder for traces of the real daemon, which ipamsim conform replays")
	flag.StringVar(&o.page, "page", "", "a page in which the results are put in their place, such as ../UNCHANGED.md")
	flag.IntVar(&o.nodes, "nodes", 3, "nodes that are taken out of each of ipamsim's own scenarios")
	flag.StringVar(&o.variant, "variant", "", "which variant of ipamsim's own scenarios; the first one unless named")
	flag.IntVar(&o.random, "random", 0, "play so many random scenarios in place of the set")
	flag.Uint64Var(&o.seed, "seed", 1, "number of the first random scenario")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "scenarios at a time")
	flag.IntVar(&o.effort.Go, "go", 2, "runs with Go's own map order, of either build, besides the two with ordered maps")
	flag.IntVar(&o.effort.Uniform, "uniform", 4, "runs with uniformly random map order")
	flag.IntVar(&o.effort.Follow, "follow", 0, "look for the order of maps in each run whose order is random, with so many replays at most")
	flag.BoolVar(&o.table, "table", false, "end with a table in Markdown")
	flag.BoolVar(&o.list, "list", false, "list the set, and play nothing")
	flag.BoolVar(&o.mutations, "mutations", false, "give the simulated daemon one fault after the other, and say which scenarios show it")
	flag.BoolVar(&o.again, "again", false, "use the programs that are there, whatever has changed since they were built")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	differ, err := run(ctx, &o, flag.Args())
	switch {
	case ctx.Err() != nil:
		os.Exit(130)
	case err != nil:
		fmt.Fprintln(os.Stderr, "realdaemon:", err)
		os.Exit(2)
	case differ > 0:
		os.Exit(1)
	}
}

func run(ctx context.Context, o *options, args []string) (differ int, err error) {
	if o.list {
		for _, s := range live.Set() {
			fmt.Println(s.Name)
		}
		return 0, nil
	}
	if err := o.check(args); err != nil {
		return 0, err
	}
	list, err := wanted(ctx, o, args)
	if err != nil {
		return 0, err
	}
	if missing := live.Missing(); missing != "" {
		return 0, errors.New(missing)
	}
	daemon, err := live.Build(".", o.release, o.again)
	if err != nil {
		return 0, err
	}
	if o.mutations {
		return mutate(ctx, o, daemon, list)
	}
	return compare(ctx, o, daemon, list)
}

func (o *options) check(args []string) error {
	switch {
	case !slices.Contains(live.Releases, o.release):
		return fmt.Errorf("release %q is not one of %s", o.release, strings.Join(live.Releases, ", "))
	case o.nodes < 1 || o.random < 0 || o.effort.Go < 0 || o.effort.Uniform < 0 || o.effort.Follow < 0 || o.workers < 1:
		return errors.New("a number of runs, replays, nodes or workers is too small")
	case o.random > 0 && len(args) > 0:
		return errors.New("-random draws scenarios, so that none can be named")
	case o.variant != "" && len(args) == 0:
		return errors.New("-variant is of ipamsim's own scenarios, and none is named")
	case o.mutations && (o.random > 0 || o.record != ""):
		return errors.New("-mutations goes with neither -random nor -record")
	}
	return nil
}
