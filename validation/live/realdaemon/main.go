// Command realdaemon plays scenarios with the real ipamd and with ours, and says
// where they differ.
//
//	realdaemon [flags]                 the set of scenarios
//	realdaemon [flags] NAME...         some of the set
//	realdaemon [flags] FILE...         nodes of ipamsim's own scenarios (.yaml)
//
// The exit code is 0 when nothing differs, 1 when something does, and 2 when it
// cannot be played.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/validation"
	"ipamsim/validation/live"
)

// options of the command.
type options struct {
	release string
	record  string
	nodes   int
	random  int
	seed    uint64
	effort  live.Effort
	table   bool
	list    bool
}

func main() {
	var o options
	flag.StringVar(&o.release, "release", live.Releases[0], "release of the VPC CNI: "+strings.Join(live.Releases, " or "))
	flag.StringVar(&o.record, "record", "", "a folder for traces of the real daemon, which ipamsim conform replays")
	flag.IntVar(&o.nodes, "nodes", 3, "nodes that are taken out of each of ipamsim's own scenarios")
	flag.IntVar(&o.random, "random", 0, "play so many random scenarios in place of the set")
	flag.Uint64Var(&o.seed, "seed", 1, "number of the first random scenario")
	flag.IntVar(&o.effort.Go, "go", 2, "runs with Go's own map order, besides the two with ordered maps")
	flag.IntVar(&o.effort.Uniform, "uniform", 4, "runs with uniformly random map order")
	flag.BoolVar(&o.table, "table", false, "end with a table in Markdown")
	flag.BoolVar(&o.list, "list", false, "list the set, and play nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	differ, err := run(ctx, &o, flag.Args())
	switch {
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
	if !slices.Contains(live.Releases, o.release) {
		return 0, fmt.Errorf("release %q is not one of %s", o.release, strings.Join(live.Releases, ", "))
	}
	if o.nodes < 1 || o.random < 0 || o.effort.Go < 0 || o.effort.Uniform < 0 {
		return 0, errors.New("a number of runs or nodes is too small")
	}
	list, err := wanted(ctx, o, args)
	if err != nil {
		return 0, err
	}
	if missing := live.Missing(); missing != "" {
		return 0, errors.New(missing)
	}
	daemon, err := live.Build(".", o.release)
	if err != nil {
		return 0, err
	}
	var table live.Table
	for _, s := range list {
		f, err := daemon.Compare(ctx, s, o.effort)
		if err != nil {
			return differ, err
		}
		if !f.Equal() {
			differ++
		}
		f.Write(os.Stdout)
		table = append(table, f)
		if err := record(o.record, f.Trace); err != nil {
			return differ, err
		}
	}
	if o.table {
		table.Write(os.Stdout)
	}
	fmt.Printf("%d played, %d differ\n", len(list), differ)
	return differ, nil
}

// wanted are the scenarios to play.
func wanted(ctx context.Context, o *options, args []string) ([]*validation.Scenario, error) {
	set := live.Set()
	if o.random > 0 {
		var list []*validation.Scenario
		for i := range o.random {
			list = append(list, live.Random(o.seed+uint64(i)))
		}
		return list, nil
	}
	if len(args) == 0 {
		return set, nil
	}
	var list []*validation.Scenario
	for _, arg := range args {
		if strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml") {
			found, err := live.Extract(ctx, arg, o.nodes)
			if err != nil {
				return nil, err
			}
			list = append(list, found...)
			continue
		}
		i := slices.IndexFunc(set, func(s *validation.Scenario) bool { return s.Name == arg })
		if i < 0 {
			return nil, fmt.Errorf("%s is no scenario of the set (-list shows them), and no .yaml file", arg)
		}
		list = append(list, set[i])
	}
	return list, nil
}

// record writes a trace to a folder, if one is wanted.
func record(folder string, t *validation.Trace) error {
	if folder == "" {
		return nil
	}
	data, err := t.JSON()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, t.Scenario.Name+".json"), data, 0o644)
}
