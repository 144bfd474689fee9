package serving

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ipamsim/scenarios"
	"ipamsim/scenarios/scenariotest"
)

const small = `
apiVersion: ipamsim/v1
kind: Scenario
metadata: {name: small}
duration: 10m
vpc:
  cidrs: [10.0.0.0/16]
  subnets:
    - {name: a, cidr: 10.0.0.0/24, az: us-west-2a}
nodeGroups:
  - {name: workers, instanceType: m5.large, count: 2}
workloads:
  - name: web
    replicas: [{at: 0s, count: 6}, {at: 1m, count: 30}]
ec2:
  background:
    - {action: DescribeVpcs, rate: 100, from: 1m, to: 2m}
faults:
  - {at: 3m, for: 1m, kind: api-errors, action: DescribeSubnets, code: Unavailable}
  - {at: 5m, kind: subnet-occupy, subnet: a}
  - {at: 6m, kind: subnet-release, subnet: a}
`

// served is a scenario that is served in a bubble, whose clock costs nothing.
type served struct {
	*testing.T
	*Session
	mutex sync.Mutex
	lines []Line
}

func serve(t *testing.T, text string, speed float64, test func(*served)) {
	t.Helper()
	v := scenariotest.Expand(t, text, scenarios.Options{})[0]
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		s := &served{T: t}
		session, err := Open(ctx, v, Options{Speed: speed, Now: time.Now(), Log: func(l Line) {
			s.mutex.Lock()
			defer s.mutex.Unlock()
			s.lines = append(s.lines, l)
		}})
		if err != nil {
			t.Fatal(err)
		}
		s.Session = session
		ended := make(chan error, 1)
		go func() { ended <- s.Session.Run(ctx) }()
		test(s)
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := s.Audit(); err != nil {
			t.Error(err)
		}
		s.fleet.Kernel.Close()
	})
}

// ask sends a request to the API and is the status and text of its answer.
func (s *served) ask(action string, pairs ...string) (status int, text string) {
	s.Helper()
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}, "X-Amz-Credential": {"client/20260101/us-west-2/ec2/aws4_request"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// get reads a path.
func (s *served) get(method, path string, headers ...string) (status int, text string) {
	s.Helper()
	r := httptest.NewRequest(method, path, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// until sleeps up to a moment of the scenario.
func (s *served) until(at time.Duration) {
	s.Helper()
	now := s.fleet.Kernel.Now() - s.fleet.WarmUp
	time.Sleep(time.Duration(float64(at-now) / s.speed))
}

func between(t testing.TB, text, pattern string) string {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("no %s in\n%s", pattern, text)
	}
	return found[1]
}

// What the scenario says happens to clients: other tenants take their tokens,
// requests fail, a subnet is full; and its nodes go on meanwhile. At ten times the
// speed it is the same.
func TestWhatTheScenarioSaysHappensToClients(t *testing.T) {
	for _, speed := range []float64{1, 10} {
		serve(t, small, speed, func(s *served) {
			if status, _ := s.ask("DescribeVpcs"); status != 200 {
				s.Errorf("before anybody else calls: %d", status)
			}
			s.until(110 * time.Second) // 100 a second, and 20 tokens come back
			throttled := 0
			for range 50 {
				if status, text := s.ask("DescribeVpcs"); status == 503 && strings.Contains(text, "RequestLimitExceeded") {
					throttled++
				}
			}
			if throttled < 20 {
				s.Errorf("%d of 50 requests are throttled while others take the tokens", throttled)
			}
			before := s.free()
			s.until(150 * time.Second)
			if status, _ := s.ask("DescribeVpcs"); status != 200 {
				s.Errorf("after the others: %d", status)
			}
			if before == "251" {
				s.Error("the nodes hold nothing")
			}
			s.until(200 * time.Second)
			if status, text := s.ask("DescribeSubnets"); status != 503 || !strings.Contains(text, "Unavailable") {
				s.Errorf("while the action is away: %d", status)
			}
			s.until(250 * time.Second)
			s.free()
			s.until(310 * time.Second)
			if status, text := s.ask("CreateNetworkInterface", "SubnetId", s.subnet()); status != 400 || !strings.Contains(text, "InsufficientFreeAddressesInSubnet") {
				s.Errorf("in a full subnet: %d\n%s", status, text)
			}
			s.until(400 * time.Second)
			if status, text := s.ask("CreateNetworkInterface", "SubnetId", s.subnet()); status != 200 {
				s.Errorf("in one that is not: %d\n%s", status, text)
			}
		})
	}
}

// free is how many addresses EC2 says are free.
func (s *served) free() string {
	s.Helper()
	status, text := s.ask("DescribeSubnets")
	if status != 200 {
		s.Fatalf("DescribeSubnets: %d\n%s", status, text)
	}
	return between(s, text, "<availableIpAddressCount>([0-9]+)<")
}

func (s *served) subnet() string { return s.fleet.Account.Subnets()[0].ID }

// The scenario's nodes have metadata, and so has an instance that a client
// launches, until a while after it is gone.
func TestInstancesHaveMetadata(t *testing.T) {
	serve(t, small, 1, func(s *served) {
		_, text := s.ask("RunInstances", "ImageId", "ami-1", "InstanceType", "m5.large", "MinCount", "1", "MaxCount", "1", "SubnetId", s.subnet())
		launched := between(s, text, "<instanceId>(i-[0-9a-f]+)<")
		_, index := s.get("GET", "/instances")
		var list struct {
			Instances []struct{ InstanceID, Metadata string }
		}
		if err := json.Unmarshal([]byte(index), &list); err != nil || len(list.Instances) != 3 {
			s.Fatalf("%v: %s", err, index)
		}
		for _, i := range list.Instances {
			status, token := s.get("PUT", i.Metadata+"/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "60")
			if status != 200 {
				s.Fatalf("%s: a token: %d", i.InstanceID, status)
			}
			if _, id := s.get("GET", i.Metadata+"/latest/meta-data/instance-id", "X-aws-ec2-metadata-token", token); id != i.InstanceID {
				s.Errorf("%s says that it is %s", i.InstanceID, id)
			}
			for _, path := range []string{"/latest/meta-data/../../../instances", "/latest/%2e%2e/%2e%2e/etc/passwd", "/latest/meta-data/\xff\xfe", "/2007-01-19/meta-data", "/latest/meta-data/" + strings.Repeat("a/", 5000)} {
				r := httptest.NewRequest("GET", "/", nil)
				r.URL = &url.URL{Path: i.Metadata + path}
				r.Header.Set("X-aws-ec2-metadata-token", token)
				w := httptest.NewRecorder()
				if s.ServeHTTP(w, r); w.Code != 404 {
					s.Errorf("%.60s: %d %.60s", path, w.Code, w.Body)
				}
			}
		}
		if status, text := s.ask("TerminateInstances", "InstanceId.1", launched); status != 200 {
			s.Fatal(text)
		}
		s.until(8 * time.Minute)
		if status, _ := s.get("GET", "/instances/"+launched+"/latest/meta-data/instance-id"); status != 404 {
			s.Errorf("a terminated instance answers %d", status)
		}
	})
}

// What /metrics says of clients is what the log says, whatever they send; what it
// says of the subnets is EC2's; and the daemons of the nodes are in it.
func TestMetricsAreTheLogsAndTheBooks(t *testing.T) {
	serve(t, small, 1, func(s *served) {
		s.ask("DescribeSubnets")
		for i := range 300 {
			s.ask("Describe"+strings.Repeat("x", i), "A\x1b[2J", "\x00")
		}
		for range 120 {
			s.ask("DescribeRegions")
		}
		s.get("GET", "/instances/i-0/latest/meta-data/")
		status, text := s.get("GET", "/metrics")
		if status != 200 || !strings.HasSuffix(text, "# EOF\n") {
			s.Fatalf("%d\n%s", status, text)
		}
		sample := regexp.MustCompile(`^[a-z_0-9]+(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? ([-+0-9.e]+|\+Inf|NaN)$`)
		series := map[string]bool{}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if name := line[:strings.LastIndexByte(line, ' ')]; !sample.MatchString(line) || series[name] {
				s.Errorf("no sample, or one that is there already: %s", line)
			} else {
				series[name] = true
			}
		}
		for _, want := range []string{
			`ipamsim_serve_requests_total{job="ipamsim",instance="ipamsim",variant="default",action="DescribeSubnets",code="ok"} 1`,
			`ipamsim_serve_requests_total{job="ipamsim",instance="ipamsim",variant="default",action="other",code="InvalidAction"} 300`,
			`ipamsim_serve_requests_total{job="ipamsim",instance="ipamsim",variant="default",action="metadata",code="404"} 1`,
			`ipamsim_serve_requests_in_flight{job="ipamsim",instance="ipamsim",variant="default"} 0`,
			`ipamsim_serve_subnet_addresses{job="ipamsim",instance="ipamsim",variant="default",subnet="a",holder="free"} ` + s.free(),
		} {
			if !strings.Contains(text, want+"\n") {
				s.Errorf("there is no %s", want)
			}
		}
		if n := strings.Count(text, "\nawscni_eni_allocated{"); n != 2 {
			s.Errorf("%d daemons of 2 nodes", n)
		}
		if len(s.lines) != 423 { // free has asked once more
			s.Errorf("%d lines in the log", len(s.lines))
		}
		for _, l := range s.lines {
			if text := l.String(); len(l.Action) > 300 || strings.ContainsAny(text, "\x1b\x00\n") {
				s.Errorf("the log says %q", text)
			}
		}
		if status, _ := s.get("POST", "/metrics"); status != 405 {
			s.Errorf("POST: %d", status)
		}
	})
}

// A request in whose course something panics ends the account: its books may be
// half written.
func TestAfterAPanicNothingIsServed(t *testing.T) {
	v := scenariotest.Expand(t, small, scenarios.Options{})[0]
	synctest.Test(t, func(t *testing.T) {
		session, err := Open(t.Context(), v, Options{Speed: 1, Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		s := &served{T: t, Session: session}
		cause := make(chan any, 1)
		go func() {
			defer func() { cause <- recover() }()
			_ = s.Session.Run(t.Context())
		}()
		synctest.Wait()
		if err := s.pace.Act(func(time.Duration) { panic("an invariant is broken") }); err == nil {
			t.Error("it is not said")
		}
		if status, text := s.ask("DescribeSubnets"); status != 503 || !strings.Contains(text, "an invariant is broken") {
			t.Errorf("%d %s", status, text)
		}
		if said, _ := (<-cause).(string); !strings.Contains(said, "an invariant is broken") || !strings.Contains(said, "serving_test.go") {
			t.Errorf("the command hears %q", said)
		}
		s.fleet.Kernel.Close()
	})
}

// closing is a file in memory.
type closing struct{ bytes.Buffer }

func (*closing) Close() error { return nil }

// A trace is JSON at its end, and so is all of it that a killed process leaves but
// for the bracket that the format may lack.
func TestATraceIsWholeWheneverItEnds(t *testing.T) {
	for _, n := range []int{0, 1, 3 * mostCallers / 2} {
		var file closing
		sink := Trace(&file)
		for i := range n {
			sink.Add(Line{Time: float64(i), Duration: 0.25, Caller: strings.Repeat("c", 1+i), Action: "DescribeVpcs\n\"", Status: 200})
			if i < 3 && !json.Valid(append(bytes.Clone(file.Bytes()), ']')) {
				t.Fatalf("after %d requests: %s", i+1, file.Bytes())
			}
		}
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		var events []event
		if err := json.Unmarshal(file.Bytes(), &events); err != nil {
			t.Fatal(err)
		}
		begun, open := 0, map[int]float64{}
		for _, e := range events {
			switch e.Phase {
			case "b":
				begun++
				open[e.ID] = e.At
			case "e":
				if e.At-open[e.ID] != 250_000 {
					t.Errorf("request %d takes %v µs", e.ID, e.At-open[e.ID])
				}
				delete(open, e.ID)
			}
		}
		if begun != n || len(open) != 0 {
			t.Errorf("%d of %d requests, %d open", begun, n, len(open))
		}
	}
}
