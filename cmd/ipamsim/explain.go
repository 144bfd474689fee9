package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios"
	"ipamsim/sim/explain"
	"ipamsim/sim/fleet"
	"ipamsim/sim/recording"
)

// slowestMost bounds --slowest: each pod is a screen of text.
const slowestMost = 100

// explainFlags of the explain command.
type explainFlags struct {
	oneRun
	pod     string
	slowest int
	trace   traceFlag
}

func (a *app) explainCommand() *cobra.Command {
	flags := explainFlags{oneRun: newOneRun()}
	cmd := &cobra.Command{
		Use:   "explain FILE|NAME",
		Short: "Explain one pod's start: where it waited, and whose side it was",
		Long: `Explain the starts of single pods: at which boundary each waited and how long,
from its creation until its containers ran, what the node's ipamd did meanwhile,
whose side it is, and which log lines and events one would find on a cluster.

A pod is called as in Kubernetes' events here: WORKLOAD-ORDINAL, counted from 0 in
order of creation. Without --pod the slowest are explained: those that took longest
from their creation until they ran, and before them those that never started. That
takes two runs of one replication of one variant: one to find the pods, one to record
them. A pod that is named takes one, if its node came after it; if the node is older,
the run begins again when that is known.`,
		Example: `  ipamsim explain latency-cliff
  ipamsim explain latency-cliff --slowest 3 --variant warm-targets
  ipamsim explain latency-cliff --pod burst-17 --replication 2
  ipamsim explain mine.yaml --pod web-4 -o json | jq '.pods[].phases'
  ipamsim explain mine.yaml --pod web-4 --out trace=web-4.json   # for ui.perfetto.dev`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.explain(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.pod, "pod", "", "the pod to explain, such as web-17")
	flags.slowest = 1
	addWhole(cmd, &flags.slowest, "slowest", 1, slowestMost, "explain so many of the slowest pods")
	f.Var(&flags.trace, "out", "write the pods and their nodes for ui.perfetto.dev: trace=FILE")
	cmd.RegisterFlagCompletionFunc("out", completeOnly("trace", traceAbout))
	freeText(cmd, "pod")
	flags.add(cmd)
	return cmd
}

// explain is the command: read, simulate, write.
func (a *app) explain(cmd *cobra.Command, name string, flags *explainFlags) error {
	question, err := flags.question(cmd)
	if err != nil {
		return err
	}
	v, err := flags.read(a, cmd, name)
	if err != nil {
		return err
	}
	if err := flags.trace.check(v.Inputs()); err != nil {
		return err
	}
	e, err := a.explainVariant(cmd.Context(), v, question, flags)
	if err != nil {
		return err
	}
	if err := flags.trace.write(e.Recording); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("--out trace=%s: %w", flags.trace.path, err)
	}
	if flags.output.value == "json" {
		return reports.TimelineJSON(a.stdout, e)
	}
	return reports.Timeline(a.stdout, e, flags.look(a))
}

// question checks the flags that say what is asked.
func (f *explainFlags) question(cmd *cobra.Command) (explain.Question, error) {
	q := explain.Question{Replication: f.replication, Pod: strings.TrimPrefix(f.pod, "default/"), Slowest: f.slowest}
	switch {
	case cmd.Flags().Changed("pod") && cmd.Flags().Changed("slowest"):
		return q, usagef("--pod and --slowest: want one of the two")
	case cmd.Flags().Changed("pod") && q.Pod == "":
		return q, usagef("--pod: want a pod's name, such as web-17")
	}
	return q, nil
}

// explainVariant runs it, and puts what cannot be answered into words.
func (a *app) explainVariant(ctx context.Context, v scenarios.Expanded, q explain.Question, flags *explainFlags) (e *explain.Explanation, err error) {
	err = a.interruptible(ctx, flags.quiet, false, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		e, err = explain.Explain(ctx, v, q, explain.Options{Version: a.version.Version, Progress: report})
		return err
	})
	var unknown *explain.UnknownPodError
	if asError(err, &unknown) {
		return nil, usagef("--pod: %w%s%s", unknown, nearestPod(unknown), podNames(unknown.Names))
	}
	return e, err
}

// nearestPod suggests the workload, or the last ordinal, that was meant.
func nearestPod(e *explain.UnknownPodError) string {
	workload, ordinal := e.Name, ""
	if i := strings.LastIndexByte(e.Name, '-'); i >= 0 {
		if _, err := strconv.Atoi(e.Name[i+1:]); err == nil {
			workload, ordinal = e.Name[:i], e.Name[i:]
		}
	}
	var names []string
	for _, r := range e.Names {
		if r.Workload == workload {
			return "" // the range says it
		}
		names = append(names, r.Workload+ordinal)
	}
	return words.DidYouMean(workload+ordinal, names)
}

// podNames lists which pods there were.
func podNames(ranges []explain.NameRange) string {
	if len(ranges) == 0 {
		return "; the run has no pods at all"
	}
	var list []string
	for _, r := range ranges {
		name := fmt.Sprintf("%s-0 to %s-%d", r.Workload, r.Workload, r.Pods-1)
		switch r.Pods {
		case 0:
			name = "none of " + r.Workload
		case 1:
			name = r.Workload + "-0"
		}
		if r.Awaited > 0 {
			name += fmt.Sprintf(" (and %s more that were asked for and that their controller had not created at the end)", words.Count(r.Awaited))
		}
		list = append(list, name)
	}
	return "; there were " + strings.Join(list, ", ")
}

// traceFlag is explain's --out.
type traceFlag struct{ path string }

func (f *traceFlag) String() string {
	if f.path == "" {
		return ""
	}
	return "trace=" + f.path
}
func (f *traceFlag) Type() string { return "trace=path" }

func (f *traceFlag) Set(s string) error {
	name, path, ok := strings.Cut(s, "=")
	switch {
	case name != "trace" || !ok || path == "":
		return errors.New("want trace=PATH, for example trace=pod.json")
	case path == "-":
		return errors.New("standard output has the explanation: want a file")
	case f.path != "":
		return errors.New("a second trace would be the same as the first")
	}
	f.path = path
	return nil
}

func (f *traceFlag) check(inputs []string) error {
	if f.path == "" {
		return nil
	}
	if err := (output{format{name: "trace"}, filepath.Clean(f.path)}).check(inputs); err != nil {
		return usagef("--out trace=%s: %w", f.path, err)
	}
	return nil
}

func (f *traceFlag) write(r *recording.Recording) error {
	if f.path == "" {
		return nil
	}
	return writeFile(f.path, func(w io.Writer) error { return reports.TraceOf(w, r) })
}
