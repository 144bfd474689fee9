package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/reports"
	"ipamsim/scenarios/clusterimport"
	"ipamsim/sim"
	"ipamsim/sim/fleet"
	"ipamsim/sim/inspect"
)

// importFlags of the import command.
type importFlags struct {
	clusterimport.Options
	report   reportFlag
	backTest listFlag
	commands bool
	quiet    bool
}

func (a *app) importCommand() *cobra.Command {
	flags := importFlags{backTest: listFlag{of: "file"}}
	cmd := &cobra.Command{
		Use:   "import PATH...",
		Short: "Make a scenario of a cluster from what kubectl and the AWS CLI print",
		Long: `Read what kubectl get and the AWS CLI print of a cluster, offline, and write a
scenario that begins with that cluster: its nodes with their interfaces, addresses,
prefixes and pods, its subnets with whoever else has addresses in them, and the
settings of aws-node. Files are recognised by what is in them: JSON or YAML, lists,
several documents in one file, UTF-16 and gzip. Of a folder all files are read; - is
standard input. --print-commands prints the commands that collect everything; they
only read.

The scenario goes to standard output. What each file was taken for, what is assumed
because no file says it, and what is in the cluster and not in the model go to
standard error, and so does a table of what each node and each subnet holds: as
imported, and at time 0 of a simulation of the scenario. Addresses that are held and
that no interface in the files has count as unknown.

Environments of pods are never read, but for the container aws-node of its DaemonSet.
What /api/v1/query_range of Prometheus answers to kube_deployment_spec_replicas, or to
kube_statefulset_replicas, is the load: replicas over time, from time 0 on.

--back-test takes a recording of Prometheus, of awscni_assigned_ip_addresses and of
awscni_total_ip_addresses by node, and simulates the same time with the cluster's
settings, each node with the pods that it had: what ipamd held in the simulation
stands beside what it really held.

--anonymise hashes the names of nodes, workloads, namespaces, groups, labels, subnets
and instances; addresses, zones and instance types stay.

The exit code is 2 when a file is refused or something is missing that cannot be
assumed, and 1 when the simulation does not hold at time 0 what was imported.`,
		Example: `  ipamsim import --print-commands > collect.sh
  ipamsim import cluster > scenario.yaml
  ipamsim import nodes.json pods.json.gz subnets.json interfaces.json > scenario.yaml
  kubectl get nodes -o json | ipamsim import - subnets.json interfaces.json > scenario.yaml
  ipamsim import cluster --report json=report.json --anonymise > scenario.yaml
  ipamsim import cluster replicas.json > scenario.yaml
  ipamsim import cluster --back-test assigned.json --back-test total.json > scenario.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if flags.commands {
				return wantArgs(0, 0, "")(cmd, args)
			}
			return wantArgs(1, -1, "a PATH: a file, a folder, or - for standard input")(cmd, args)
		},
		RunE: action(func(cmd *cobra.Command, args []string) error {
			if flags.commands {
				_, err := io.WriteString(a.stdout, clusterimport.Commands())
				return err
			}
			return a.importCluster(cmd.Context(), args, &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(&flags.report, "report", "write the report to a file, too: json=PATH or text=PATH; repeatable")
	f.Var(&flags.backTest, "back-test", "simulate what Prometheus has recorded, too, and show both: what /api/v1/query_range answers (repeatable)")
	f.BoolVar(&flags.commands, "print-commands", false, "print the commands that collect what is read, and do nothing else")
	f.BoolVar(&flags.Anonymise, "anonymise", false, "hash all names")
	f.StringVar(&flags.GroupLabel, "group-label", "", "a label that names a node's group where those of Karpenter, EKS, eksctl and kOps do not")
	f.StringVar(&flags.Name, "name", "", "name of the scenario; imported unless given")
	addQuiet(cmd, &flags.quiet, "no progress, and no report")
	freeText(cmd, "group-label", "name", "report")
	return cmd
}

// readingGC lets the heap grow to five times what is kept before it is collected:
// 450 MiB, in place of 200, for 1,000 nodes with 30,000 pods, in a seventh less time.
const readingGC = 400

// importCluster is the command: read, write the scenario, simulate, report.
func (a *app) importCluster(ctx context.Context, args []string, flags *importFlags) error {
	sources, err := a.sources(args)
	if err != nil {
		return err
	}
	a.running = "import " + strings.Join(args, " ")
	if os.Getenv("GOGC") == "" { // what is read is dropped at once, and what is kept is small beside it
		defer debug.SetGCPercent(debug.SetGCPercent(readingGC))
	}
	result, err := clusterimport.Import(sources, flags.Options)
	if err != nil {
		return errors.Join(a.tellImport(result, flags), a.refuse(err, "no scenario was made"))
	}
	var warnings []string
	err = a.interruptible(ctx, flags.quiet, false, func(ctx context.Context, report func(fleet.Progress)) error {
		warnings, err = result.Simulate(ctx, inspect.Options{Progress: report})
		return err
	})
	if err != nil {
		return err
	}
	if err := a.backTest(ctx, result, flags); err != nil {
		return err
	}
	if _, err := a.stdout.Write(result.Scenario); err != nil {
		return err
	}
	result.Report.Notes = append(result.Report.Notes, warnings...)
	if err := a.tellImport(result, flags); err != nil {
		return err
	}
	if nodes, subnets := result.Report.Mismatch(); nodes+subnets > 0 {
		return fmt.Errorf("the simulation does not hold at time 0 what was imported, on %s and in %s: please report it", words.Plural(nodes, "node"), words.Plural(subnets, "subnet"))
	}
	return nil
}

// backTest simulates what was recorded, if anything is given.
func (a *app) backTest(ctx context.Context, result *clusterimport.Result, flags *importFlags) error {
	if len(flags.backTest.values) == 0 {
		return nil
	}
	history := new(clusterimport.History)
	for _, name := range flags.backTest.values {
		if err := a.readFile(name, func(r io.Reader, _ string) error { return history.Read(r) }); err != nil {
			return usageError(err)
		}
	}
	err := a.interruptible(ctx, flags.quiet, false, func(ctx context.Context, report func(fleet.Progress)) (err error) {
		result.Report.BackTest, err = result.BackTest(ctx, history, sim.Options{Version: a.version.Version, Progress: report})
		return err
	})
	var faults clusterimport.Faults
	if asError(err, &faults) {
		return usageError(err)
	}
	return err
}

// refuse prints what is wrong with the files, each in a line of its own.
func (a *app) refuse(err error, consequence string) error {
	var faults clusterimport.Faults
	if !asError(err, &faults) {
		return usageError(err)
	}
	for _, f := range faults {
		fmt.Fprintln(a.stderr, words.Printable(f))
	}
	return usagef("%s; %s", words.Plural(len(faults), "problem"), consequence)
}

// tellImport writes the report, wherever it is wanted.
func (a *app) tellImport(result *clusterimport.Result, flags *importFlags) error {
	if !flags.quiet {
		look := reports.TableOptions{Color: wantsColor(a.stderr), Width: textWidth(a.stderr)}
		if err := reports.Import(a.stderr, &result.Report, look); err != nil {
			return err
		}
	}
	for _, to := range flags.report.given {
		write := func(w io.Writer) error { return writeJSON(w, &result.Report) }
		if to.format == "text" {
			write = func(w io.Writer) error { return reports.Import(w, &result.Report, reports.TableOptions{}) }
		}
		if err := writeFile(to.path, write); err != nil {
			return usageError(err)
		}
	}
	return nil
}

// mostFiles is how many files an import reads.
const mostFiles = 10_000

// sources opens what was named: files, all files of folders, or standard input.
func (a *app) sources(args []string) (named []clusterimport.Source, err error) {
	for _, arg := range args {
		if arg == "-" {
			named = append(named, clusterimport.Source{Name: "<stdin>", Reader: a.stdin})
			continue
		}
		found, err := filesIn(arg)
		if err != nil {
			return nil, usageError(inFile(arg, err))
		}
		named = append(named, found...)
	}
	if len(named) > mostFiles {
		return nil, usagef("%d files, and the most is %d", len(named), mostFiles)
	}
	return named, nil
}

// filesIn is a file, or the files of a folder and of those in it, hidden ones
// aside, in the order of their names.
func filesIn(path string) (list []clusterimport.Source, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []clusterimport.Source{{Name: path, Reader: &lateFile{path: path}}}, nil
	}
	err = filepath.WalkDir(path, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case at != path && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		case d.Type().IsRegular() || d.Type()&fs.ModeSymlink != 0:
			if info, err := os.Stat(at); err == nil && info.IsDir() {
				return nil
			}
			list = append(list, clusterimport.Source{Name: at, Reader: &lateFile{path: at}, Related: true})
		}
		return nil
	})
	if err == nil && len(list) == 0 {
		err = errors.New("a folder without files")
	}
	return list, err
}

// lateFile is opened when it is read, and closed at its end: of many files one is
// open at a time.
type lateFile struct {
	path string
	file *os.File
	over error // what ended it
}

func (f *lateFile) Read(p []byte) (n int, err error) {
	if f.over != nil {
		return 0, f.over
	}
	if f.file == nil {
		f.file, f.over = os.Open(f.path)
	}
	if f.over == nil {
		if n, f.over = f.file.Read(p); f.over != nil {
			f.file.Close()
		}
	}
	return n, f.over
}

// reportFlag is the value of --report, which may be given repeatedly.
type reportFlag struct {
	given []struct{ format, path string }
}

func (f *reportFlag) Type() string   { return "format=path" }
func (f *reportFlag) String() string { return "" }
func (f *reportFlag) Set(s string) error {
	format, path, ok := strings.Cut(s, "=")
	if !ok || path == "" || format != "json" && format != "text" {
		return errors.New("want json=PATH or text=PATH, for example json=report.json")
	}
	f.given = append(f.given, struct{ format, path string }{format, path})
	return nil
}
