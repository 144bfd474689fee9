package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/limits"
	"ipamsim/reports"
)

func (a *app) limitsCommand() *cobra.Command {
	output := choiceFlag{value: "table", choices: []string{"table", "wide", "json", "csv"}}
	from := listFlag{of: "file"}
	cmd := &cobra.Command{
		Use:   "limits [TYPE|PATTERN]...",
		Short: "Print what EC2 instance types can hold: interfaces, addresses, pods",
		Long: `Print the interfaces of instance types, the addresses of each, and the numbers of
pods that follow: with secondary addresses, with prefixes (a dash where the VPC CNI
uses none, which is anything but Nitro and bare metal), and with custom networking,
where the first interface carries no pods. All count the two pods of every node that
use the host's network, aws-node and kube-proxy.

RECOMMENDED is what AWS's own tools set with prefix delegation: no more than 110 up to
30 vCPU, else 250. NODE AGENT, in the wide table, is what Amazon Linux 2023 sets when
it is told nothing: the number for secondary addresses, whatever the VPC CNI does.
ipamsim model nodeadm prints the sources.

A PATTERN has the wildcards of a shell, or is a family. Without any, all types are
printed. --from adds types of your Region, or replaces what is built in.`,
		Example: `  ipamsim limits m5.large c5.4xlarge
  ipamsim limits m7i 'c?.metal*' -o wide
  aws ec2 describe-instance-types --output json | ipamsim limits --from - 'r8*'
  ipamsim limits -o json | jq '.[] | select(.max_pods < 12) | .type'`,
		ValidArgsFunction: completeTypes,
		RunE: action(func(_ *cobra.Command, args []string) error {
			types := limits.Published()
			for _, name := range from.values {
				if err := a.describeTypes(types, name); err != nil {
					return usageError(err)
				}
			}
			rows, err := types.Matching(args)
			if err != nil {
				return usageError(err)
			}
			switch output.value {
			case "json":
				return writeJSON(a.stdout, rows)
			case "csv":
				return reports.LimitsCSV(a.stdout, rows)
			}
			return reports.Limits(a.stdout, rows, output.value == "wide", reports.TableOptions{Color: wantsColor(a.stdout), Width: textWidth(a.stdout)})
		}),
	}
	output.add(cmd)
	cmd.Flags().Var(&from, "from", "types from what aws ec2 describe-instance-types prints; - is standard input (repeatable)")
	return cmd
}

// describeTypes reads instance types from a file, or standard input for -.
func (a *app) describeTypes(types limits.Types, name string) error {
	return a.readFile(name, func(r io.Reader, called string) error {
		_, more, err := types.Describe(r)
		if more {
			fmt.Fprintf(a.stderr, "warning: %s has a NextToken: it is one page of several, and types of the others are as they are built in\n", called)
		}
		return err
	})
}

// completeTypes completes instance types: the families first.
func completeTypes(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	rows, err := limits.Published().Matching(nil)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var list []cobra.Completion
	for _, r := range rows {
		family, _, _ := strings.Cut(r.Type, ".")
		switch {
		case strings.Contains(typed, "."):
			list = append(list, r.Type)
		case len(list) == 0 || list[len(list)-1] != family:
			list = append(list, family)
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp
}
