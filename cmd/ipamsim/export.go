package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"ipamsim/reports"
	"ipamsim/sim/clusterexport"
	"ipamsim/sim/inspect"
)

func (a *app) exportCommand() *cobra.Command {
	flags := newMoment()
	cmd := &cobra.Command{
		Use:   "export FILE|NAME DIR",
		Short: "Write a simulated cluster as kubectl and the AWS CLI would print it",
		Long: `Stop a run at a moment and write the cluster into a new folder, each file as a
command would print it of a real one: nodes, pods, what keeps them and aws-node of
kubectl; subnets, interfaces, instances, the VPC and CIDR reservations of the AWS CLI;
/v1/enis of the nodes that have addresses in cooldown. ipamsim import reads them, and
so may any other tool that reads such files and is to be tried on a cluster of any
size.

Addresses that others hold have an interface each that looks as their holder's do;
those of unknown have none. The folder must be new or empty.`,
		Example: `  ipamsim export subnet-exhaustion --at 5m cluster
  ipamsim export mine.yaml --variant prefix cluster && ipamsim import cluster`,
		Args: wantArgs(2, 2, "a scenario (FILE or NAME, see ipamsim scenarios) and a folder to make"),
		ValidArgsFunction: func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 1 {
				return nil, cobra.ShellCompDirectiveFilterDirs
			}
			return completeScenario(cmd, args, word)
		},
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.export(cmd, args[0], args[1], &flags)
		}),
	}
	cmd.Flags().SortFlags = false
	flags.add(cmd)
	return cmd
}

// export is the command: read, run up to the moment, write the files, list them.
func (a *app) export(cmd *cobra.Command, name, dir string, flags *momentFlags) error {
	if err := vacant(dir); err != nil {
		return err
	}
	var export *clusterexport.Export
	err := a.atMoment(cmd, name, flags, func(m *inspect.Snapshot) error {
		export = clusterexport.Of(m)
		return nil
	})
	if err != nil {
		return err
	}
	var files []reports.NamedFile
	for _, f := range export.Files {
		files = append(files, reports.NamedFile{Name: f.Name, Write: f.Write})
	}
	if err := writeFiles(dir, files); err != nil {
		return err
	}
	if !flags.quiet {
		for _, note := range export.Notes {
			fmt.Fprintf(a.stderr, "note: %s\n", note)
		}
	}
	return a.listExport(dir, export, flags.output.value)
}

// listExport says which files there are now, and which command prints the like of
// a real cluster.
func (a *app) listExport(dir string, e *clusterexport.Export, format string) error {
	type row struct {
		Path    string `json:"path"`
		Command string `json:"command"`
	}
	rows, width := []row{}, 0
	for _, f := range e.Files {
		rows = append(rows, row{filepath.Join(dir, f.Name), f.Command})
		width = max(width, len(rows[len(rows)-1].Path))
	}
	if format == "json" {
		return writeJSON(a.stdout, map[string]any{"schema_version": "ipamsim.export/v1", "files": rows, "notes": append([]string{}, e.Notes...)})
	}
	for _, r := range rows {
		if _, err := fmt.Fprintf(a.stdout, "%-*s  %s\n", width, r.Path, r.Command); err != nil {
			return err
		}
	}
	return nil
}

// vacant says why a folder cannot take an export: files of before would be read
// together with the new ones.
func vacant(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case os.IsNotExist(err):
		if above := filepath.Dir(dir); above != "." {
			if _, err := os.Stat(above); err != nil {
				return usagef("%s: the folder that it would be in, %s: no such file or directory", dir, above)
			}
		}
		return nil
	case err != nil:
		return usagef("%v", err)
	case len(entries) > 0:
		return usagef("%s has files already, which would be taken for a part of the cluster: a new or an empty folder was expected", dir)
	}
	return nil
}
