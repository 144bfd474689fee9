package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/reports"
	calibrationreport "ipamsim/reports/calibration"
	"ipamsim/scenarios/calibration"
)

// calibrateFormats in the order of help and completion.
var calibrateFormats = formatList{
	{name: "yaml", about: "the profile, for scenarios to take", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		_, err := w.Write(r.calibrated.Profile)
		return err
	}},
	{name: "json", about: "what was fitted and how well, for programs", write: func(w io.Writer, r *outcome, _ reports.TableOptions) error {
		return reports.Document(w, &r.calibrated.Report)
	}},
	{name: "text", about: "the same for people", write: func(w io.Writer, r *outcome, look reports.TableOptions) error {
		return calibrationreport.Text(w, &r.calibrated.Report, look.Width)
	}},
	{name: "plots", about: "fitted against observed, SVG and PNG, in a folder", folder: func(ctx context.Context, dir string, r *outcome) error {
		return calibrationreport.Pictures(ctx, dir, &r.calibrated.Report)
	}},
}

func (a *app) calibrateCommand() *cobra.Command {
	flags := newWriteFlags(calibrateFormats)
	commands := false
	against := listFlag{of: "PATH"}
	cmd := &cobra.Command{
		Use:   "calibrate PATH...",
		Short: "Make a profile of your account from scrapes, CloudTrail, /v1/enis, nodes and events",
		Long: `Read what was measured of a cluster and its account, offline, and write a profile that
scenarios take with profile: FILE. Files are recognised by what is in them, UTF-16 and
gzip included; of a folder all files are read; - is standard input. --print-commands
prints the commands that collect everything; they only read.

  awscni_aws_api_latency_ms     of ipamd's metrics, scraped, or as Prometheus answers
                                query_range: how long calls of the EC2 API take, and how
                                late instance metadata is
  records of CloudTrail         log files, or what lookup-events prints: the buckets of
                                the account, what others call, and how long detaches take
  answers of /v1/enis, and      each a line of JSON with its time; with CloudTrail: how
  lists of interfaces           late metadata is, how long instances shut down
  nodes with NodeClaims or      kubectl get -o json, aws ec2 describe-instances: how long
  instances                     nodes boot
  events                        kubectl get -o json: how long images are pulled, and how
                                long pods and nodes take to start

Each value stands with what it was fitted to and with its interval. What the files do
not say, or not well enough, is listed with the reason, and left to the scenario and the
model. How long pods and nodes take to start has several parts, and is not fitted:
--against holds it against the events and nodes of a simulated cluster. The profile goes
to standard output, the report to standard error.

The exit code is 2 when a file is refused or nothing can be fitted.`,
		Example: `  ipamsim calibrate --print-commands > collect.sh
  ipamsim calibrate measured > profile.yaml
  ipamsim calibrate range.json trail/*.json.gz --out plots=pictures > profile.yaml
  ipamsim calibrate measured -o json | jq '.latencies[] | {key, mean_seconds, poor}'

  # do pods and nodes start there as they do in a scenario that has the profile?
  ipamsim run scenario.yaml --quiet --out events=simulated/events.json
  ipamsim calibrate measured --against simulated > profile.yaml

  # then, in a scenario:
  # profile: profile.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if commands {
				return wantArgs(0, 0, "")(cmd, args)
			}
			return wantArgs(1, -1, "a PATH: a file, a folder, or - for standard input")(cmd, args)
		},
		RunE: action(func(cmd *cobra.Command, args []string) error {
			if commands {
				_, err := io.WriteString(a.stdout, calibration.Commands())
				return err
			}
			return a.calibrate(args, against.values, &flags)
		}),
	}
	cmd.Flags().SortFlags = false
	cmd.Flags().BoolVar(&commands, "print-commands", false, "print the commands that collect what is read, and do nothing else")
	cmd.Flags().Var(&against, "against", "events and nodes of a simulated cluster, a file or a folder: starts are held against its; repeatable")
	flags.add(cmd)
	cmd.Flags().BoolVarP(&flags.quiet, "quiet", "q", false, "no report on standard error")
	return cmd
}

// calibrate is the command: read, fit, report, write.
func (a *app) calibrate(args, against []string, flags *writeFlags) error {
	sources, err := a.sources(args)
	if err != nil {
		return err
	}
	simulated, err := a.sources(against)
	if err != nil {
		return err
	}
	var read []string
	for _, s := range slices.Concat(sources, simulated) {
		read = append(read, s.Name)
	}
	if err := flags.outputs.check(read); err != nil {
		return err
	}
	a.running = "calibrate " + strings.Join(args, " ")
	result, err := calibration.Calibrate(sources, simulated)
	if !flags.quiet && flags.format.name != "text" {
		if err := calibrationreport.Text(a.stderr, &result.Report, textWidth(a.stderr)); err != nil {
			return err
		}
	}
	switch {
	case errors.Is(err, calibration.ErrNothing):
		return usagef("%w; no profile was made", err)
	case err != nil:
		return a.refuse(err, "no profile was made")
	}
	return a.write(&outcome{calibrated: result}, flags)
}
