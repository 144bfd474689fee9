package serving

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The load that docs/serve.md has the figures of: so many requests a second, on
// the loopback interface. A quarter is instance metadata.
const (
	loadPerSecond = 2000
	mostWaiting   = 4000 // a request that would be more is not sent
)

// Under a load the server answers each request, holds no more memory than before,
// and its books are clean. It takes its time, and is asked for with
// IPAMSIM_LOAD=30s.
func TestUnderLoadMemoryIsBoundedAndTheBooksAreClean(t *testing.T) {
	lasts, err := time.ParseDuration(os.Getenv("IPAMSIM_LOAD"))
	if err != nil {
		t.Skip("IPAMSIM_LOAD=30s asks for 30 s")
	}
	program := filepath.Join(t.TempDir(), "ipamsim")
	if out, err := exec.Command("go", "build", "-o", program, "ipamsim/cmd/ipamsim").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	log := filepath.Join(t.TempDir(), "requests.jsonl")
	var said bytes.Buffer
	cmd := exec.Command(program, "serve", "latency-cliff", "--listen", "127.0.0.1:0", "--out", "log="+log)
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	l := &load{url: regexp.MustCompile(`http://\S+`).FindString(first), client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: mostWaiting}, Timeout: time.Minute}}
	l.prepare(t)
	l.send(2 * time.Second) // connections and buffers are there after it
	before := resident(t, cmd.Process.Pid)
	l.api, l.metadata, l.failed, l.unsent = nil, nil, nil, 0
	began := time.Now()
	l.send(lasts)
	took, after := time.Since(began), resident(t, cmd.Process.Pid)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, out)
	if err := cmd.Wait(); cmd.ProcessState.ExitCode() != 130 || !strings.Contains(said.String(), "the books are clean") {
		t.Errorf("%v\n%s", err, &said)
	}
	answered := len(l.api) + len(l.metadata)
	t.Logf("%d requests in %.1f s: %.0f a second; %d that were due were not sent, %d failed", answered, took.Seconds(), float64(answered)/took.Seconds(), l.unsent, len(l.failed))
	t.Logf("metadata: median %v, p99 %v; API, the account's own latency included: median %v, p99 %v", at(l.metadata, 0.5), at(l.metadata, 0.99), at(l.api, 0.5), at(l.api, 0.99))
	t.Logf("the server's memory: %d MiB before, %d MiB after; %v of CPU", before>>20, after>>20, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
	if len(l.failed) > 0 {
		t.Errorf("%d requests have no answer: %v", len(l.failed), l.failed[0])
	}
	if after > before+64<<20 {
		t.Errorf("the memory has grown from %d to %d MiB", before>>20, after>>20)
	}
	lines, err := os.ReadFile(log)
	if n := bytes.Count(lines, []byte("\n")); err != nil || n < answered {
		t.Errorf("%d requests are in the log (%v)", n, err)
	}
}

// load sends requests when they are due, whether or not others are answered.
type load struct {
	url    string
	client *http.Client
	subnet string
	eni    string
	host   string // metadata of an instance
	token  string

	mutex         sync.Mutex
	api, metadata []time.Duration
	failed        []error
	unsent        int
}

func (l *load) prepare(t *testing.T) {
	t.Helper()
	_, text, err := l.ask("DescribeSubnets")
	if err != nil {
		t.Fatal(err)
	}
	l.subnet = between(t, text, "<subnetId>([^<]+)<")
	_, text, err = l.ask("CreateNetworkInterface", "SubnetId", l.subnet)
	if err != nil {
		t.Fatal(err)
	}
	l.eni = between(t, text, "<networkInterfaceId>([^<]+)<")
	answer, err := l.client.Get(l.url + "/instances")
	if err != nil {
		t.Fatal(err)
	}
	l.host = l.url + between(t, body(answer), `"metadata":"([^"]+)"`)
	r, _ := http.NewRequest(http.MethodPut, l.host+"/latest/api/token", nil)
	r.Header.Set("X-aws-ec2-metadata-token-ttl-seconds", "3600")
	if answer, err = l.client.Do(r); err != nil {
		t.Fatal(err)
	}
	l.token = body(answer)
}

func body(answer *http.Response) string {
	text, _ := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	return string(text)
}

func (l *load) ask(action string, pairs ...string) (status int, text string, err error) {
	form := url.Values{"Action": {action}, "Version": {"2016-11-15"}, "X-Amz-Credential": {"load/20260101/us-west-2/ec2/aws4_request"}}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	answer, err := l.client.PostForm(l.url, form)
	if err != nil {
		return 0, "", err
	}
	return answer.StatusCode, body(answer), nil
}

// one is the n-th request.
func (l *load) one(n int) (metadata bool, err error) {
	status := 0
	switch n % 8 {
	case 0, 4:
		r, _ := http.NewRequestWithContext(context.Background(), http.MethodGet, l.host+"/latest/meta-data/network/interfaces/macs/", nil)
		r.Header.Set("X-aws-ec2-metadata-token", l.token)
		answer, err := l.client.Do(r)
		if err == nil {
			body(answer)
			if answer.StatusCode != 200 {
				err = fmt.Errorf("metadata: %d", answer.StatusCode)
			}
		}
		return true, err
	case 1, 5:
		status, _, err = l.ask("DescribeNetworkInterfaces", "NetworkInterfaceId.1", l.eni)
	case 2:
		status, _, err = l.ask("AssignPrivateIpAddresses", "NetworkInterfaceId", l.eni, "SecondaryPrivateIpAddressCount", "1")
	case 3:
		status, _, err = l.ask("CreateNetworkInterface", "SubnetId", l.subnet)
	case 6:
		status, _, err = l.ask("DescribeInstances", "MaxResults", "50")
	case 7:
		status, _, err = l.ask("DescribeNothing")
	}
	if err == nil && status != 200 && status != 400 && status != 503 {
		err = fmt.Errorf("status %d", status)
	}
	return false, err
}

// send keeps to the rate for a while, and waits for the answers.
func (l *load) send(lasts time.Duration) {
	var all sync.WaitGroup
	waiting := make(chan struct{}, mostWaiting)
	began := time.Now()
	for n := 0; ; n++ {
		due := began.Add(time.Duration(n) * time.Second / loadPerSecond)
		if due.Sub(began) >= lasts {
			break
		}
		time.Sleep(time.Until(due))
		select {
		case waiting <- struct{}{}:
		default:
			l.unsent++
			continue
		}
		all.Go(func() {
			defer func() { <-waiting }()
			sent := time.Now()
			metadata, err := l.one(n)
			l.mutex.Lock()
			defer l.mutex.Unlock()
			switch took := time.Since(sent); {
			case err != nil:
				l.failed = append(l.failed, err)
			case metadata:
				l.metadata = append(l.metadata, took)
			default:
				l.api = append(l.api, took)
			}
		})
	}
	all.Wait()
}

// at is a quantile.
func at(list []time.Duration, q float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[int(q*float64(len(sorted)-1))].Round(10 * time.Microsecond)
}

// resident is the memory of a process, in bytes.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("there is no /proc here")
	}
	var kib int
	if _, err := fmt.Sscanf(between(t, string(text), `VmRSS:\s+([0-9]+) kB`), "%d", &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}
