package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/serving"
)

// serveFlags of the serve command.
type serveFlags struct {
	oneRun
	listen string
	speed  float64
	ends   timeFlag
	out    serveOut
}

// The speeds that are allowed: below a thousandth nothing happens, above a
// thousand no client is fast enough to see anything.
const (
	slowest = 0.001
	fastest = 1000
)

// longest is most of the scenario's time that can be asked for: at the slowest
// speed it is still a time that a timer takes.
const longest = 100 * 24 * time.Hour

func (a *app) serveCommand() *cobra.Command {
	flags := serveFlags{oneRun: newOneRun()}
	cmd := &cobra.Command{
		Use:   "serve FILE|NAME",
		Short: "Serve a scenario's account as EC2: API and instance metadata",
		Long: `Let a scenario live in step with the clock and serve its account over HTTP, so
that the AWS CLI, an SDK or a script of yours can be pointed at it: to see how it
behaves when EC2 throttles it, when a subnet runs out of addresses, or while a fleet
scales out beside it. What the scenario has acts: its nodes with their daemons, the
background callers, the faults.

The EC2 query API is at the root. Each instance has its metadata service (IMDSv2) at
/instances/ID: that is the AWS_EC2_METADATA_SERVICE_ENDPOINT of a program that runs
on it. /instances lists them. Any access key will do; it is the caller's name in the
log. Time 0 of the scenario is when the server starts; after its end the
account goes on. /metrics is for Prometheus: requests by action and code, tokens in
the buckets, who holds the addresses, and what each node's daemon exports.

It listens on the loopback interface only, unless --listen names another address:
there is no authentication. An interrupt ends it with exit code 130, --for with 0.
At the end the account's books are compared with each other; where they are not
clean the exit code is 1.`,
		Example: `  ipamsim serve latency-cliff
  ipamsim serve mine.yaml --listen 127.0.0.1:4566 --speed 10 --out log=requests.jsonl
  AWS_ACCESS_KEY_ID=me AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-west-2 \
    aws --endpoint-url http://127.0.0.1:4566 ec2 describe-subnets`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE:              action(func(cmd *cobra.Command, args []string) error { return a.serve(cmd, args[0], &flags) }),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.listen, "listen", "127.0.0.1:4566", "the address and port to listen on; port 0 takes a free one")
	f.Float64Var(&flags.speed, "speed", 1, "seconds of the scenario that pass in one of the clock, from 0.001 to 1000")
	f.Var(&flags.ends, "for", "how long to serve, of the scenario's time, such as 10m, at most 2400h; until an interrupt unless given")
	f.Var(&flags.out, "out", "also write KIND=FILE: log, a line of JSON for each request; trace, the requests for ui.perfetto.dev; metrics, what /metrics says at the end; repeatable")
	cmd.RegisterFlagCompletionFunc("out", completeOnly("log", "every request as a line of JSON", "trace", "the requests, for ui.perfetto.dev", "metrics", "what /metrics says at the end"))
	freeText(cmd, "listen", "speed", "for")
	flags.add(cmd)
	return cmd
}

// serve is the command: read, open, listen, say where, live.
func (a *app) serve(cmd *cobra.Command, name string, flags *serveFlags) error {
	if !(flags.speed >= slowest && flags.speed <= fastest) {
		return usagef("--speed %v: a number from %v to %v was expected", flags.speed, slowest, fastest)
	}
	if cmd.Flags().Changed("for") && (flags.ends.value <= 0 || time.Duration(flags.ends.value) > longest) {
		return usagef("--for %v: a time of more than 0 and at most %v was expected", &flags.ends, words.Duration(longest))
	}
	v, err := flags.read(a, cmd, name)
	if err != nil {
		return err
	}
	if err := flags.out.check(v.Inputs()); err != nil {
		return err
	}
	listener, err := listen(flags.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	sinks, err := flags.out.open(a.stderr, flags.quiet)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	session, err := serving.Open(ctx, v, serving.Options{Replication: flags.replication - 1, Speed: flags.speed, Now: time.Now(), Log: sinks.add})
	if err == nil {
		err = a.live(ctx, session, listener, v, flags)
	}
	return errors.Join(err, sinks.close())
}

// listen takes the address. One that others can reach is as good as any: the user
// has asked for it by name.
func listen(address string) (net.Listener, error) {
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		return nil, usagef("--listen %q: an address and a port were expected, such as 127.0.0.1:4566; 0.0.0.0:4566 is every interface", address)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, usagef("--listen %s: %w", address, err)
	}
	return listener, nil
}

// lastAnswers is how long answers may take that are under way when it ends.
const lastAnswers = 2 * time.Second

// live serves until the context or the time is over, and audits the books.
func (a *app) live(ctx context.Context, s *serving.Session, l net.Listener, v scenarios.Expanded, flags *serveFlags) error {
	server := serving.NewServer(s)
	until, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	served := make(chan struct{})
	go func() {
		fail(server.Serve(serving.Limit(l)))
		close(served)
	}()
	if err := flags.announce(a.stdout, v, l.Addr()); err != nil {
		return err
	}
	timed := until
	if flags.ends.value > 0 {
		limited, cancel := context.WithTimeout(until, time.Duration(float64(flags.ends.value)/flags.speed))
		defer cancel()
		timed = limited
	}
	err := s.Run(timed)
	lost := context.Cause(until) // why the port is lost, if it is and nobody has interrupted
	last, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
	<-served
	if err := a.audit(s, flags); err != nil {
		return err
	}
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, fmt.Errorf("interrupted after %s", words.Plural(int(s.Requests()), "request"))}
	case lost != nil:
		return lost
	case timed.Err() != nil:
		return nil
	}
	return err
}

// audit says whether the books are clean, and writes the last metrics.
func (a *app) audit(s *serving.Session, flags *serveFlags) error {
	if err := s.Audit(); err != nil {
		return fmt.Errorf("the books are not clean after %s: %w", words.Plural(int(s.Requests()), "request"), err)
	}
	if !flags.quiet {
		fmt.Fprintf(a.stderr, "ipamsim: %s answered; the books are clean\n", words.Plural(int(s.Requests()), "request"))
	}
	if flags.out.metrics == "" {
		return nil
	}
	return writeFile(flags.out.metrics, s.Metrics)
}

// announce says where everything is.
func (f *serveFlags) announce(w io.Writer, v scenarios.Expanded, at net.Addr) error {
	url := "http://" + at.String()
	if f.output.value == "json" {
		return writeJSON(w, map[string]any{
			"schema_version": "ipamsim.serve/v1", "scenario": v.Scenario.Metadata.Name, "variant": v.Name, "speed": f.speed,
			"ec2_endpoint": url, "instances": url + "/instances", "metrics": url + "/metrics", "metadata_endpoint": url + "/instances/{instanceId}",
		})
	}
	_, err := fmt.Fprintf(w, `EC2 query API      %s
instances          %[1]s/instances
instance metadata  %[1]s/instances/ID
metrics            %[1]s/metrics
`, url)
	return err
}

// serveOut are the files that are asked for.
type serveOut struct{ log, trace, metrics string }

// Type, String and Set implement pflag.Value.
func (f *serveOut) Type() string   { return "KIND=FILE" }
func (f *serveOut) String() string { return "" }
func (f *serveOut) Set(s string) error {
	kind, file, _ := strings.Cut(s, "=")
	kinds := map[string]*string{"log": &f.log, "trace": &f.trace, "metrics": &f.metrics}
	at, ok := kinds[kind]
	switch {
	case !ok || file == "":
		return errors.New("log=FILE, trace=FILE or metrics=FILE was expected")
	case *at != "":
		return fmt.Errorf("%s has a file already: %s", kind, *at)
	}
	*at = file
	return nil
}

// check finds what would keep the files from being written, or would lose another:
// as of any command's outputs.
func (f *serveOut) check(inputs []string) error {
	var all outputFlag
	for _, o := range []output{{format{name: "log"}, f.log}, {format{name: "trace"}, f.trace}, {format{name: "metrics"}, f.metrics}} {
		if o.path != "" {
			all.given = append(all.given, o)
		}
	}
	return all.check(inputs)
}

// open makes the files. The log goes to standard error as text where no file is
// asked for, unless it is to be quiet.
func (f *serveOut) open(stderr io.Writer, quiet bool) (sinks, error) {
	var list sinks
	if f.log == "" && !quiet {
		list = append(list, serving.Text(stderr))
	}
	for _, each := range []struct {
		kind, path string
		sink       func(io.WriteCloser) serving.Sink
	}{{"log", f.log, serving.JSON}, {"trace", f.trace, serving.Trace}} {
		if each.path == "" {
			continue
		}
		file, err := os.Create(each.path)
		if err != nil {
			return nil, usagef("--out %s: %w", each.kind, err)
		}
		list = append(list, each.sink(file))
	}
	return list, nil
}

// sinks are where requests go.
type sinks []serving.Sink

func (s sinks) add(l serving.Line) {
	for _, each := range s {
		each.Add(l)
	}
}

func (s sinks) close() error {
	var errs []error
	for _, each := range s {
		errs = append(errs, each.Close())
	}
	return errors.Join(errs...)
}
