package clients

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"ipamsim/ec2model"
	"ipamsim/ec2model/queryapi"
	"ipamsim/sim/des"
)

// The IDs that a world begins with.
const (
	subnetA = "subnet-00000000000000001"
	subnetB = "subnet-00000000000000002"
	vpcID   = "vpc-00000000000000001"
)

// config is an account with two subnets.
func config() ec2model.Config {
	return ec2model.Config{
		CIDRs:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Profile: ec2model.DefaultProfile(),
		Subnets: []ec2model.SubnetConfig{
			{Name: "a", CIDR: netip.MustParsePrefix("10.0.0.0/22"), AZ: "us-west-2a"},
			{Name: "b", CIDR: netip.MustParsePrefix("10.0.4.0/22"), AZ: "us-west-2b"},
		},
	}
}

// prefix is a /22 of the third byte.
func prefix(a, b, c byte) netip.Prefix {
	return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b, c, 0}), 22)
}

// world is an account that is served.
type world struct {
	*testing.T
	ctx     context.Context
	account *ec2model.Account
	kernel  *des.Kernel
	pace    *queryapi.Pace
	http    *http.Client // to the server, whatever the address
	url     string
}

// build puts an account behind a handler, in step with the clock.
func build(t *testing.T, cfg ec2model.Config, speed float64) (*world, *http.Server) {
	t.Helper()
	k := des.New(1, 0, des.Limits{})
	account, err := ec2model.NewAccount(k, cfg)
	if err != nil {
		t.Fatal(err)
	}
	service := queryapi.New(account, k, queryapi.Options{Epoch: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)})
	w := &world{T: t, ctx: context.Background(), account: account, kernel: k, pace: queryapi.NewPace(k, speed)}
	return w, &http.Server{Handler: queryapi.NewHandler(service, w.pace, nil)}
}

// inBubble runs a test with a server and its clients in virtual time.
func inBubble(t *testing.T, test func(w *world), change ...func(*ec2model.Config)) {
	t.Helper()
	cfg := config()
	for _, c := range change {
		c(&cfg)
	}
	synctest.Test(t, func(t *testing.T) {
		w, server := build(t, cfg, 1)
		pipes := &pipeListener{conns: make(chan net.Conn), done: make(chan struct{})}
		w.http = &http.Client{Transport: &http.Transport{DialContext: pipes.dial}}
		w.url = "http://ec2.test"
		ctx, cancel := context.WithCancel(t.Context())
		w.ctx = ctx
		var over sync.WaitGroup
		over.Go(func() { _ = server.Serve(pipes) })
		over.Go(func() { _ = w.pace.Run(ctx) })
		defer func() { // also where a test has given up
			w.http.CloseIdleConnections()
			cancel()
			_ = server.Close()
			over.Wait()
			w.kernel.Close()
		}()
		test(w)
		_ = w.pace.Act(func(time.Duration) {
			if err := w.account.CheckBooks(); err != nil {
				t.Error(err)
			}
		})
	})
}

// pipeListener takes connections that never leave the process.
type pipeListener struct {
	conns chan net.Conn
	once  sync.Once
	done  chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case l.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.conns:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// ec2 is the SDK's client.
func (w *world) ec2(change ...func(*ec2.Options)) *ec2.Client {
	return ec2.New(ec2.Options{
		Region: "us-west-2", BaseEndpoint: aws.String(w.url), HTTPClient: w.http,
		Credentials: credentials.NewStaticCredentialsProvider("sdk", "any", ""),
	}, change...)
}

// imds is the SDK's metadata client of an instance.
func (w *world) imds(instance string) *imds.Client {
	return imds.New(imds.Options{Endpoint: "http://" + instance + "@" + strings.TrimPrefix(w.url, "http://"), HTTPClient: w.http})
}
