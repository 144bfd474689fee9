package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"ipamsim/scenarios"
	"ipamsim/serving"
)

// serveFlags of the serve command.
type serveFlags struct {
	oneRun
	listen string
	speed  float64
	ends   timeFlag
	log    logFlag
}

// The speeds that are allowed: below a thousandth nothing happens, above a
// thousand no client is fast enough to see anything.
const (
	slowest = 0.001
	fastest = 1000
)

func (a *app) serveCommand() *cobra.Command {
	flags := serveFlags{oneRun: newOneRun()}
	cmd := &cobra.Command{
		Use:   "serve FILE|NAME",
		Short: "Serve a scenario's account as EC2: API and instance metadata",
		Long: `Let a scenario live in step with the clock and serve its account over HTTP, so
that the AWS CLI, an SDK, Terraform or a script of yours can be pointed at it: to see
how it behaves when EC2 throttles it, when a subnet runs out of addresses, or while
a fleet scales out beside it. What the scenario has acts: its nodes with their
daemons, the background callers, the faults.

The EC2 query API is at the root. Each instance has its metadata service (IMDSv2) at
/instances/ID: that is the AWS_EC2_METADATA_SERVICE_ENDPOINT of a program that runs
on it. /instances lists them. Any access key will do; it is the caller's name in the
log. Time 0 of the scenario is when the server starts; after its end the
account goes on.

It listens on the loopback interface only, unless --listen names another address:
there is no authentication. An interrupt ends it with exit code 130, --for with 0.`,
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
	f.Var(&flags.ends, "for", "how long to serve, of the scenario's time, such as 10m; until an interrupt unless given")
	f.Var(&flags.log, "out", "write every request as a line of JSON: log=FILE")
	cmd.RegisterFlagCompletionFunc("out", completeOnly("log", "every request as a line of JSON"))
	freeText(cmd, "listen", "speed", "for")
	flags.add(cmd)
	return cmd
}

// serve is the command: read, open, listen, say where, live.
func (a *app) serve(cmd *cobra.Command, name string, flags *serveFlags) error {
	if !(flags.speed >= slowest && flags.speed <= fastest) {
		return usagef("--speed %v: a number from %v to %v was expected", flags.speed, slowest, fastest)
	}
	v, err := flags.read(a, cmd, name)
	if err != nil {
		return err
	}
	listener, err := listen(flags.listen)
	if err != nil {
		return err
	}
	defer listener.Close()
	log, err := flags.log.open(a.stderr, flags.quiet)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	session, err := serving.Open(ctx, v, serving.Options{Replication: flags.replication - 1, Speed: flags.speed, Now: time.Now(), Log: log.write})
	if err == nil {
		err = a.live(ctx, session, listener, v, flags)
	}
	return errors.Join(err, log.close())
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

// The bounds of connections: our own. The longest answer of an account comes
// after its longest latency.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	idleTimeout   = 2 * time.Minute
	headerBytes   = 64 << 10
	lastAnswers   = 2 * time.Second // for answers under way when it ends
)

// live serves until the context or the time is over.
func (a *app) live(ctx context.Context, s *serving.Session, l net.Listener, v scenarios.Expanded, flags *serveFlags) error {
	server := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	if err := flags.announce(a.stdout, v, l.Addr()); err != nil {
		return err
	}
	until := ctx
	if flags.ends.value > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(float64(flags.ends.value)/flags.speed))
		defer cancel()
		until = limited
	}
	err := s.Run(until)
	last, cancel := context.WithTimeout(context.Background(), lastAnswers)
	defer cancel()
	if server.Shutdown(last) != nil {
		_ = server.Close()
	}
	<-served
	switch {
	case ctx.Err() != nil:
		return &exitError{exitInterrupted, fmt.Errorf("interrupted after %d requests", s.Requests())}
	case until.Err() != nil:
		return nil
	}
	return err
}

// announce says where everything is.
func (f *serveFlags) announce(w io.Writer, v scenarios.Expanded, at net.Addr) error {
	url := "http://" + at.String()
	if f.output.value == "json" {
		return writeJSON(w, map[string]any{
			"schema_version": "ipamsim.serve/v1", "scenario": v.Scenario.Metadata.Name, "variant": v.Name, "speed": f.speed,
			"ec2_endpoint": url, "instances": url + "/instances", "metadata_endpoint": url + "/instances/{instanceId}",
		})
	}
	_, err := fmt.Fprintf(w, `EC2 query API      %s
instances          %[1]s/instances
instance metadata  %[1]s/instances/ID
`, url)
	return err
}

// logFlag is where the log of requests goes.
type logFlag struct{ file string }

func (f *logFlag) Type() string   { return "log=FILE" }
func (f *logFlag) String() string { return f.file }
func (f *logFlag) Set(s string) error {
	if len(s) <= len("log=") || s[:len("log=")] != "log=" {
		return errors.New("log=FILE was expected")
	}
	f.file = s[len("log="):]
	return nil
}

// open is the log, which goes to a file as lines of JSON and otherwise, unless
// it is to be quiet, to standard error as text.
func (f *logFlag) open(stderr io.Writer, quiet bool) (*requestLog, error) {
	if f.file == "" {
		if quiet {
			stderr = io.Discard
		}
		return &requestLog{text: stderr}, nil
	}
	file, err := os.Create(f.file)
	if err != nil {
		return nil, usagef("--out log: %w", err)
	}
	return &requestLog{file: file, lines: bufio.NewWriter(file)}, nil
}

// requestLog writes a line for each request, in the order of their ends.
type requestLog struct {
	mutex sync.Mutex
	text  io.Writer // nil: to the file
	file  *os.File
	lines *bufio.Writer
	err   error // the first
}

func (l *requestLog) write(line serving.Line) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	switch {
	case l.text != nil:
		fmt.Fprintln(l.text, line)
	case l.err == nil:
		l.err = json.NewEncoder(l.lines).Encode(line)
	}
}

// close makes the file whole; no request may come after it.
func (l *requestLog) close() error {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.file == nil {
		return nil
	}
	return errors.Join(l.err, l.lines.Flush(), l.file.Close())
}
