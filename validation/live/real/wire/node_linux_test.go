package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/validation/live/real/host"
)

// The node as Kubernetes knows it, and where things are in its namespace.
const (
	nodeName = "node"
	podName  = "aws-node-abcde"
	endpoint = "127.0.0.1:4566"
	socket   = "/var/run/aws-node/ipamd.sock"
)

// node is a machine: an instance of the served account, whose devices follow its
// attached interfaces, with a daemon that may be restarted.
type node struct {
	t        *testing.T
	programs string // a folder
	work     string // a folder
	ec2      *ec2.Client
	instance string
	agent    *exec.Cmd

	mu       sync.Mutex
	attached int
}

// boot starts all but the daemon.
func boot(t *testing.T, programs string) *node {
	n := &node{t: t, programs: programs, work: t.TempDir()}
	t.Cleanup(func() {
		for _, log := range []string{"serve.log", "ipamd.log", "plugin.log"} {
			if t.Failed() {
				n.tail(log)
			}
		}
	})
	n.start("serve.log", nil, "ipamsim", "serve", "testdata/wire.yaml", "--listen", endpoint, "--out", "log="+filepath.Join(n.work, "requests.jsonl"))
	n.ec2 = ec2.New(ec2.Options{
		Region: "us-west-2", BaseEndpoint: aws.String("http://" + endpoint),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "operator", SecretAccessKey: "any"}, nil
		}),
	})
	eventually(t, "the account answers", 20*time.Second, func() error {
		_, err := n.ec2.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
		return err
	})
	n.launch()
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go http.Serve(api, kubernetes(t, map[string]any{
		"kind": "Node", "apiVersion": "v1", "metadata": map[string]any{"name": nodeName, "uid": "1", "resourceVersion": "1"},
		"spec":   map[string]any{"providerID": "aws:///us-west-2a/" + n.instance},
		"status": map[string]any{"capacity": map[string]string{"pods": "58"}},
	}))
	config := fmt.Sprintf("apiVersion: v1\nkind: Config\nclusters: [{name: c, cluster: {server: 'http://%s'}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\nusers: [{name: u, user: {}}]\ncurrent-context: c\n", api.Addr())
	if err := os.WriteFile(filepath.Join(n.work, "kubeconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return n
}

// launch runs an instance in the account, and lets the node's devices follow it.
func (n *node) launch() {
	subnets, err := n.ec2.DescribeSubnets(n.t.Context(), &ec2.DescribeSubnetsInput{})
	if err != nil {
		n.t.Fatal(err)
	}
	out, err := n.ec2.RunInstances(n.t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-1"), InstanceType: types.InstanceTypeM5Xlarge, MinCount: aws.Int32(1), MaxCount: aws.Int32(1), SubnetId: subnets.Subnets[0].SubnetId,
	})
	if err != nil {
		n.t.Fatal(err)
	}
	n.instance = *out.Instances[0].InstanceId
	devices := host.Links{}
	if err := n.plug(devices); err != nil {
		n.t.Fatal(err)
	}
	// The operating system routes what leaves the subnet by the primary interface.
	n.command("ip", "route", "add", "default", "via", "10.0.0.1", "dev", "eth0")
	go func() {
		for n.t.Context().Err() == nil {
			time.Sleep(200 * time.Millisecond)
			if err := n.plug(devices); err != nil && n.t.Context().Err() == nil {
				n.t.Errorf("devices: %v", err)
				return
			}
		}
	}()
}

// plug makes the devices those of the interfaces that are attached now.
func (n *node) plug(devices host.Links) error {
	out, err := n.ec2.DescribeNetworkInterfaces(n.t.Context(), &ec2.DescribeNetworkInterfacesInput{Filters: []types.Filter{
		{Name: aws.String("attachment.instance-id"), Values: []string{n.instance}},
	}})
	if err != nil {
		return err
	}
	attached := map[string]*types.NetworkInterface{}
	for i := range out.NetworkInterfaces {
		if e := &out.NetworkInterfaces[i]; e.Status == types.NetworkInterfaceStatusInUse && e.Attachment.Status == types.AttachmentStatusAttached {
			attached[*e.NetworkInterfaceId] = e
		}
	}
	n.mu.Lock()
	n.attached = len(attached)
	n.mu.Unlock()
	return devices.Sync(attached)
}

func (n *node) interfaces() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.attached
}

// start starts a program whose output goes to a file of the working folder.
func (n *node) start(log string, environment []string, program string, args ...string) *exec.Cmd {
	n.t.Helper()
	file, err := os.OpenFile(filepath.Join(n.work, log), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		n.t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(filepath.Join(n.programs, program), args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = file, file, environment
	if err := cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { // again does no harm
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// tail shows the end of a log.
func (n *node) tail(log string) {
	text, _ := os.ReadFile(filepath.Join(n.work, log))
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	fmt.Printf("the end of %s:\n%s\n", log, strings.Join(lines[max(0, len(lines)-15):], "\n"))
}

// daemon starts the daemon, in place of the one that runs if there is one, which
// has no time to say goodbye: it takes SIGTERM as a note only.
func (n *node) daemon(more ...string) {
	n.t.Helper()
	if n.agent != nil {
		n.agent.Process.Kill()
		n.agent.Wait()
		if err := os.Remove(socket); err != nil {
			n.t.Fatal(err)
		}
	}
	n.agent = n.start("ipamd.log", append([]string{
		"PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + filepath.Join(n.work, "kubeconfig"), "MY_NODE_NAME=" + nodeName, "MY_POD_NAME=" + podName,
		"AWS_ENDPOINT_URL_EC2=http://" + endpoint, "AWS_EC2_ENDPOINT=http://" + endpoint, "AWS_REGION=us-west-2",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://" + n.instance + "@" + endpoint, // its role's credentials come from there
		"AWS_VPC_K8S_CNI_LOG_FILE=stdout", "ENABLE_IPv4=true", "WARM_ENI_TARGET=1", "WARM_PREFIX_TARGET=1",
	}, more...), "aws-k8s-agent")
	eventually(n.t, "the daemon's socket answers", time.Minute, func() error {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		return err
	})
}

// cni calls the real plugin, as a container runtime does.
func (n *node) cni(command, pod string) error {
	netns := "/run/netns/" + pod
	if command == "ADD" {
		if _, err := os.Stat(netns); err != nil {
			n.command("ip", "netns", "add", pod)
		}
	}
	cmd := exec.Command(filepath.Join(n.programs, "routed-eni-cni-plugin"))
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "CNI_COMMAND=" + command, "CNI_CONTAINERID=" + pod, "CNI_NETNS=" + netns, "CNI_IFNAME=eth0", "CNI_PATH=" + n.programs,
		"CNI_ARGS=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=" + pod + ";K8S_POD_INFRA_CONTAINER_ID=" + pod,
	}
	cmd.Stdin = strings.NewReader(`{"cniVersion":"1.0.0","name":"aws-cni","type":"aws-cni","vethPrefix":"eni","mtu":"9001","podSGEnforcingMode":"strict","pluginLogFile":"` +
		filepath.Join(n.work, "plugin.log") + `","pluginLogLevel":"DEBUG"}`)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", command, pod, err, bytes.TrimSpace(out))
	}
	if command == "DEL" {
		n.command("ip", "netns", "del", pod)
	}
	return nil
}

// command is what a program of the system prints.
func (n *node) command(name string, args ...string) string {
	n.t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// holdings are the daemon's: the pods' addresses by pod, and all that it has by
// interface, from its introspection.
func (n *node) holdings() (pods map[string]string, cidrs []string, err error) {
	answer, err := http.Get("http://127.0.0.1:61679/v1/enis")
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	var books map[string]struct {
		ENIs map[string]struct {
			AvailableIPv4Cidrs map[string]struct {
				IPAddresses map[string]struct {
					Address      string
					IPAMMetadata struct {
						Pod string `json:"k8sPodName"`
					}
				}
			}
		}
	}
	if err := json.NewDecoder(answer.Body).Decode(&books); err != nil {
		return nil, nil, err
	}
	pods = map[string]string{}
	for _, book := range books {
		for _, e := range book.ENIs {
			for cidr, c := range e.AvailableIPv4Cidrs {
				cidrs = append(cidrs, cidr)
				for _, a := range c.IPAddresses {
					if a.IPAMMetadata.Pod != "" {
						pods[a.IPAMMetadata.Pod] = a.Address
					}
				}
			}
		}
	}
	return pods, cidrs, nil
}

// eventually waits until something is so.
func eventually(t *testing.T, what string, patience time.Duration, check func() error) {
	t.Helper()
	begin := time.Now()
	for {
		err := check()
		if err == nil {
			t.Logf("%5.1f s  %s", time.Since(begin).Seconds(), what)
			return
		}
		if time.Since(begin) > patience {
			t.Fatalf("%s: not within %v: %v", what, patience, err)
		}
		time.Sleep(250 * time.Millisecond)
	}
}
