package fleet_test

import (
	"testing"
	"time"

	"ipamsim/sim/awssdk"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/result"
)

// attemptsOf restarts the daemon of one node in an environment and has EC2
// refuse what it asks for; it is the most requests that a call took.
func attemptsOf(t *testing.T, version, environment string) int {
	t.Helper()
	l := inLab(t, setting{
		Nodes: 1, Pods: 3, CNI: environment, Group: ", cniVersion: " + version, Replicas: "{at: 65s, count: 20}",
		Faults: []string{"{kind: restart-ipamd, at: 30s}", "{kind: api-errors, at: 1m, for: 10m, code: RequestLimitExceeded}"},
	})
	most, record := 0, l.SDK.OnCall
	l.SDK.OnCall = func(c awssdk.Call) {
		record(c)
		most = max(most, c.Attempts)
	}
	l.to(12 * time.Minute)
	return most
}

// v1.23.1 makes its client of the SDK's environment, v1.23.2 of a configuration
// with a retryer of its own.
func TestTheReleaseSaysWhetherTheEnvironmentBoundsAttempts(t *testing.T) {
	for _, test := range []struct {
		version, environment string
		least, most          int
	}{
		{"v1.23.1", "", 3, 3},
		{"v1.23.1", "AWS_MAX_ATTEMPTS: 1", 1, 1},
		{"v1.23.1", "AWS_MAX_ATTEMPTS: 5", 5, 5},
		{"v1.23.1", `AWS_MAX_ATTEMPTS: "0"`, 3, 3}, // the SDK takes 0 for unset
		{"v1.23.1", `AWS_MAX_ATTEMPTS: "-1"`, 9, 101},
		{"v1.23.2", "", 3, 3},
		{"v1.23.2", "AWS_MAX_ATTEMPTS: 1", 3, 3},
		{"v1.23.2", "AWS_MAX_ATTEMPTS: 5", 3, 3},
	} {
		if got := attemptsOf(t, test.version, test.environment); got < test.least || got > test.most {
			t.Errorf("%s with %q: %d requests in a call, want %d to %d", test.version, test.environment, got, test.least, test.most)
		}
	}
}

// What EC2 answers after 15 s is too late for the default of 10 s.
func TestHTTPTimeoutIsTheClients(t *testing.T) {
	for environment, outlived := range map[string]bool{"": true, "HTTP_TIMEOUT: 20": false, "HTTP_TIMEOUT: 5": true} {
		l := inLab(t, setting{
			Nodes: 1, Pods: 3, CNI: environment, Replicas: "{at: 65s, count: 12}",
			Faults: []string{"{kind: restart-ipamd, at: 30s}", "{kind: api-slow, action: CreateNetworkInterface, at: 1m, for: 10m, add: 15s}"},
		})
		late, record := false, l.SDK.OnCall
		l.SDK.OnCall = func(c awssdk.Call) { record(c); late = late || c.Attempts > 1 }
		l.to(10 * time.Minute)
		if late != outlived {
			t.Errorf("%q: requests time out: %v", environment, late)
		}
	}
}

// While DescribeSubnets fails, v1.23.1 uses interfaces that it has not set up,
// and v1.23.2 sets them up.
func TestPodsLosePacketsWhereSetupENIFailsClosedAndNotWhereItFailsOpen(t *testing.T) {
	for version, loses := range map[string]bool{"v1.23.1": true, "v1.23.2": false} {
		l := inLab(t, setting{
			Nodes: 6, Pods: 30, Group: ", cniVersion: " + version, Replicas: "{at: 90s, count: 120}",
			Faults: []string{"{kind: api-errors, at: 1m, for: 4m, action: DescribeSubnets, code: RequestLimitExceeded, share: 0.85}"},
		})
		l.to(8 * time.Minute)
		never := 0
		for _, m := range l.Machines {
			for _, d := range m.Defects {
				if d.Cause.Kind == result.InterfaceNeverSetUp {
					never++
				}
			}
		}
		if got := len(l.pods()); got != 120 || (never > 0) != loses {
			t.Errorf("%s: %d of 120 pods run, %d of them on interfaces that were never set up", version, got, never)
		}
	}
}

func TestEveryReleaseIsInTheLanguageAndTheDefaultIsTheFirst(t *testing.T) {
	for i, version := range append([]string{""}, ipamd.Releases()...) {
		s := setting{Nodes: 1, Group: ", cniVersion: " + version}
		if i == 0 {
			s.Group, version = "", result.DefaultCNIVersion
		}
		l := inLab(t, s)
		if got := l.Machines[0].Daemon.Version(); got != version || i < 2 && got != ipamd.Releases()[0] {
			t.Errorf("the daemon of %s is %s", version, got)
		}
	}
}

// throttledCalls has EC2 throttle what a node asks for, and counts its calls' attempts
// and how long they took.
func throttledCalls(t *testing.T, version, mode string) (requests int, took time.Duration) {
	t.Helper()
	l := inLab(t, setting{
		Nodes: 1, Pods: 3, CNI: "AWS_RETRY_MODE: " + mode, Group: ", cniVersion: " + version, Replicas: "{at: 65s, count: 20}",
		Faults: []string{"{kind: restart-ipamd, at: 30s}", "{kind: api-errors, at: 1m, for: 10m, code: RequestLimitExceeded}"},
	})
	record := l.SDK.OnCall
	l.SDK.OnCall = func(c awssdk.Call) {
		record(c)
		requests, took = requests+c.Attempts, took+c.End-c.Start
	}
	l.to(12 * time.Minute)
	return requests, took
}

// In adaptive mode the client of v1.23.1 holds requests back after a throttled one;
// that of v1.23.2 has a standard retryer whatever the environment says.
func TestAdaptiveModeHoldsRequestsBackWhereTheReleaseHeedsIt(t *testing.T) {
	for version, heeds := range map[string]bool{"v1.23.1": true, "v1.23.2": false} {
		standard, quick := throttledCalls(t, version, "standard")
		adaptive, slow := throttledCalls(t, version, "adaptive")
		if held := slow/time.Duration(adaptive) > quick/time.Duration(standard); held != heeds || (!heeds && slow != quick) {
			t.Errorf("%s: %d requests took %v in standard mode, %d took %v in adaptive mode", version, standard, quick, adaptive, slow)
		}
	}
}
