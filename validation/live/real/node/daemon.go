package main

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"unsafe"

	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd"
	"github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd/datastore"
	"github.com/aws/amazon-vpc-cni-k8s/rpc"

	"ipamsim/validation"
)

// daemon is one process of the real daemon, in so far as a bubble has processes.
type daemon struct {
	context *ipamd.IPAMContext
	server  *server
}

// server is the daemon's own type of that name, whose methods are what its socket
// leads to.
type server struct {
	rpc.UnimplementedCNIBackendServer
	rpc.UnimplementedConfigServerBackendServer
	rpc.UnimplementedNPBackendServer
	version     string
	ipamContext *ipamd.IPAMContext
}

//go:linkname addNetwork github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.(*server).AddNetwork
func addNetwork(s *server, ctx context.Context, in *rpc.AddNetworkRequest) (*rpc.AddNetworkReply, error)

//go:linkname delNetwork github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.(*server).DelNetwork
func delNetwork(s *server, ctx context.Context, in *rpc.DelNetworkRequest) (*rpc.DelNetworkReply, error)

// start is what the daemon's main function does from nodeInit on.
func (n *node) start() {
	process := n.processes
	made, err := ipamd.New(n.ctx, n.kube, true)
	if process != n.processes {
		return
	}
	n.act(func() { n.stage.Initialised(err) })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	n.daemon = &daemon{context: made, server: &server{ipamContext: made}}
	made.StartNodeIPPoolManager(n.ctx)
}

// setEnvironment makes the process's environment the scenario's, and the way to
// the servers of the daemon's process.
func (n *node) setEnvironment() error {
	ec2, imds := hosts(n.processes)
	env := map[string]string{
		"AWS_EC2_ENDPOINT":                  "http://" + ec2,
		"AWS_ENDPOINT_URL_EC2":              "http://" + ec2,
		"AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://" + imds,
		"AWS_ACCESS_KEY_ID":                 n.stage.Instance(), // names the caller
		"AWS_SECRET_ACCESS_KEY":             "none",
		"AWS_REGION":                        "zone",
		"DISABLE_LEAKED_ENI_CLEANUP":        "true",
	}
	if n.stage.Scenario().LeakCleanupDelayMS != nil {
		delete(env, "DISABLE_LEAKED_ENI_CLEANUP")
	}
	maps.Copy(env, n.environment)
	for name, value := range env {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// request is one ADD or DEL, as the plugin sends it.
func (n *node) request(step *validation.Step) {
	eni, failure := "", validation.NotReady
	if d := n.daemon; d != nil {
		if step.Op == "add" {
			eni, failure = d.add(step.Pod)
		} else {
			eni, failure = d.del(step.Pod)
		}
	}
	if failure == "" && n.restarts {
		if err := wirePod(step.Pod, step.Op == "add"); err != nil {
			fail(err)
		}
	}
	n.act(func() { n.stage.Outcome(step, eni, failure) })
}

// The network that the plugin names, and the pods' namespace.
const (
	network   = "aws-cni"
	namespace = "default"
)

func (d *daemon) add(pod string) (eni, failure string) {
	reply, err := addNetwork(d.server, context.Background(), &rpc.AddNetworkRequest{
		ContainerID: pod, IfName: "eth0", NetworkName: network, K8S_POD_NAME: pod, K8S_POD_NAMESPACE: namespace, Netns: "/proc/1/ns/net",
	})
	switch {
	case err != nil:
		return "", err.Error()
	case !reply.Success:
		return "", validation.NoAddress
	}
	return d.holder(pod), ""
}

func (d *daemon) del(pod string) (eni, failure string) {
	eni = d.holder(pod)
	_, err := delNetwork(d.server, context.Background(), &rpc.DelNetworkRequest{
		ContainerID: pod, IfName: "eth0", NetworkName: network, K8S_POD_NAME: pod, K8S_POD_NAMESPACE: namespace, Reason: "PodDeleted",
	})
	switch {
	case err == nil:
		return eni, ""
	case errors.Is(err, datastore.ErrUnknownPod), strings.Contains(err.Error(), datastore.ErrUnknownPod.Error()):
		return "", validation.UnknownPod
	}
	return "", err.Error()
}

// holder is the interface that a pod's address is on.
func (d *daemon) holder(pod string) string {
	key := datastore.IPAMKey{NetworkName: network, ContainerID: pod, IfName: "eth0"}
	for id, e := range d.store().GetENIInfos().ENIs {
		for _, c := range e.AvailableIPv4Cidrs {
			for _, a := range c.IPAddresses {
				if a.IPAMKey == key {
					return id
				}
			}
		}
	}
	return ""
}

// store is the daemon's book of network card 0.
func (d *daemon) store() *datastore.DataStore { return storeOf(d.context) }

// storeOf is a context's book of network card 0; nil before it has one.
func storeOf(c *ipamd.IPAMContext) *datastore.DataStore {
	if c == nil {
		return nil
	}
	field := reflect.ValueOf(c).Elem().FieldByName("dataStoreAccess")
	access := *(**datastore.DataStoreAccess)(unsafe.Pointer(field.UnsafeAddr()))
	if access == nil {
		return nil
	}
	return access.GetDataStore(0)
}

// pool is what the daemon's statistics say.
func (n *node) pool() *validation.Pool {
	store := storeOf(earlyContext)
	if n.daemon != nil {
		store = n.daemon.store()
	}
	p := &validation.Pool{}
	if store == nil {
		return p
	}
	stats := store.GetIPStats("4")
	p.Total, p.Assigned, p.Cooling = stats.TotalIPs, stats.AssignedIPs, stats.CooldownIPs
	p.Available = stats.AvailableAddresses()
	p.Prefixes, p.FreePrefixes = stats.TotalPrefixes, store.GetFreePrefixes()
	enis := store.GetENIInfos().ENIs
	for _, id := range slices.Sorted(maps.Keys(enis)) {
		e := validation.PoolENI{ID: id}
		for _, c := range enis[id].AvailableIPv4Cidrs {
			e.Total += c.Size()
			e.Assigned += c.AssignedIPAddressesInCidr()
		}
		p.ENIs = append(p.ENIs, e)
	}
	return p
}

// sdkRandom is where the SDK draws the jitter of its back-offs.
//
//go:linkname sdkRandom github.com/aws/aws-sdk-go-v2/internal/rand.Reader
var sdkRandom io.Reader

// drawForSDK lets the SDK draw what ours draws.
func (n *node) drawForSDK() {
	if sdkRandom != nil && n.processes > 1 {
		return // the stream goes on
	}
	sdkRandom = draws{n, n.pump.kernel.Rand("sdk/" + n.stage.Instance()), n.pump.kernel.Rand("sdk numbers")}
}

// draws answers the SDK: when it asks for the 53 bits of a float, that is the
// jitter of a back-off, and all else numbers its operations. Back-offs of what is
// cut off by the end of a process are nobody's.
type draws struct {
	node            *node
	jitter, numbers *rand.Rand
}

func (d draws) Read(p []byte) (int, error) {
	if len(p) != 7 || d.node.processes > 1 && d.node.pump.now() == d.node.ended {
		for i := range p {
			p[i] = byte(d.numbers.Uint32())
		}
		return len(p), nil
	}
	var word [8]byte
	binary.BigEndian.PutUint64(word[:], uint64(d.jitter.Float64()*(1<<53)))
	return copy(p, word[1:]), nil
}
