package fleet_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"ipamsim/ec2model"
	"ipamsim/scenarios"
	"ipamsim/sim/cluster"
	"ipamsim/sim/fleet"
)

// incident is the world of a scenario in testdata, with some of it set anew.
func incident(t *testing.T, name string, set ...string) *tested {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	f, err := scenarios.Load(name, data)
	if err != nil {
		t.Fatal(err)
	}
	variants, err := f.Variants(scenarios.Options{Set: set})
	if err != nil {
		t.Fatal(err)
	}
	w, err := newTested(variants[0], fleet.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// untilAllRun is how long after the jump of the replicas, a minute after the
// start, the last pod runs.
func untilAllRun(t *testing.T, w *tested, pods int) time.Duration {
	t.Helper()
	run, last := 0, time.Duration(0)
	w.Listener.PodRunning = func(p *cluster.Pod) { run, last = run+1, p.Running }
	if err := w.Run(t.Context(), w.End, nil); err != nil {
		t.Fatal(err)
	}
	if run != pods {
		t.Fatalf("%d pods run, want %d", run, pods)
	}
	return last - w.WarmUp - time.Minute
}

// https://github.com/aws/amazon-vpc-cni-k8s/issues/405 took 15 minutes. With one
// bucket for all Describe actions the model takes about as long, much longer or
// shorter from seed to seed; with a bucket for each action, as EC2 has today, it is
// all over when the controller has created the last pod.
func TestTheSharedBucketHoldsUp150NodesAtOnce(t *testing.T) {
	const reported = 15 * time.Minute
	shortest, longest := time.Duration(1<<62), time.Duration(0)
	for seed := 1; seed <= 3; seed++ {
		name := fmt.Sprint("seed=", seed)
		shared := untilAllRun(t, incident(t, "nodes-150-at-once.yaml", name), 4800)
		own := untilAllRun(t, incident(t, "nodes-150-at-once.yaml", name, "ec2.sharedThrottle=[]"), 4800)
		t.Logf("seed %d: %.0f s, %.0f s with a bucket for each action", seed, shared.Seconds(), own.Seconds())
		if shared < 2*own || own > 6*time.Minute {
			t.Errorf("seed %d: %v, %v with a bucket for each action", seed, shared, own)
		}
		shortest, longest = min(shortest, shared), max(longest, shared)
	}
	if shortest > reported || longest < reported {
		t.Errorf("%v to %v, reported %v", shortest, longest, reported)
	}
}

// https://github.com/aws/amazon-vpc-cni-k8s/issues/1724: 180.4 s from the start of
// ipamd to its first 14 addresses, for which it has asked at once.
func TestANewNodeWithAMinimumHasNoAddressFor3MinutesInV1_9(t *testing.T) {
	const reported = 180400 * time.Millisecond
	for version, slow := range map[string]bool{"v1.9.0": true, "v1.23.1": false} {
		shortest, longest := time.Duration(1<<62), time.Duration(0)
		for seed := 1; seed <= 10; seed++ {
			took := firstAddresses(t, incident(t, "new-node-with-a-minimum.yaml", fmt.Sprint("seed=", seed), "nodeGroups.workers.cniVersion="+version))
			shortest, longest = min(shortest, took), max(longest, took)
		}
		t.Logf("%s: %.1f to %.1f s", version, shortest.Seconds(), longest.Seconds())
		if within := shortest <= reported && reported <= longest; within != slow || !slow && longest > 20*time.Second {
			t.Errorf("%s: %v to %v", version, shortest, longest)
		}
	}
}

// firstAddresses is how long after the start of ipamd the second node of a fleet
// has addresses for pods.
func firstAddresses(t *testing.T, w *tested) time.Duration {
	t.Helper()
	defer w.Kernel.Close()
	w.Start()
	began := time.Duration(-1)
	for at := time.Duration(0); at < w.End; at += 50 * time.Millisecond {
		if err := w.Kernel.Run(at); err != nil {
			t.Fatal(err)
		}
		switch second := len(w.Machines) > 1 && w.Machines[1].Daemon != nil; {
		case second && heldBy(w.Machines[1]) > 0:
			return at - began
		case second && began < 0:
			began = at
		}
	}
	t.Fatal("the second node never has an address")
	return 0
}

// https://github.com/aws/amazon-vpc-cni-k8s/issues/989 had 206 requests with v1.6.3
// for addresses that an interface had no room for: metadata lists it before its
// addresses, so that the datastore has it empty and asks for as many again. Neither
// v1.6.0, which asks EC2 what an interface has, nor later releases do. How many
// there are is up to how far metadata lags behind and to the number of nodes, which
// the report does not say.
func TestInterfacesAreAskedForMoreThanTheyHoldInV1_6_3(t *testing.T) {
	for version, reported := range map[string]bool{"v1.6.3": true, "v1.6.0": false, "v1.9.0": false, "v1.23.1": false} {
		w := incident(t, "pods-5000-and-none.yaml", "nodeGroups.workers.cniVersion="+version)
		asked, over := 0, 0
		w.Account.Observe(func(at ec2model.Attempt) {
			if at.Action == ec2model.AssignPrivateIpAddresses {
				asked++
				if at.Err != nil && at.Err.Code == ec2model.CodePrivateIPAddressLimitExceeded {
					over++
				}
			}
		})
		if err := w.Run(t.Context(), w.End, nil); err != nil {
			t.Fatal(err)
		}
		if t.Logf("%s: %d of %d requests", version, over, asked); (over > 0) != reported {
			t.Errorf("%s: %d of %d requests for addresses find the interface full", version, over, asked)
		}
		if version == "v1.6.3" {
			trustSays(t, "issue 989", fmt.Sprintf("%d answers with the profile of v1.6.3", over))
		}
	}
}
