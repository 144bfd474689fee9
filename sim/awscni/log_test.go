package awscni_test

import (
	"encoding/json"
	"errors"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/awscni"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/ipamd"
	"ipamsim/sim/kubelet"
)

// listener collects the plugin's log.
type listener []ipamd.Line

func (l *listener) hear(_ *kubelet.Pod, line ipamd.Line) { *l = append(*l, line) }

var random = []struct {
	pattern *regexp.Regexp
	name    string
}{
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "ID"},
	{regexp.MustCompile(`\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`), "UUID"},
	{regexp.MustCompile(`0xc000[0-9a-f]{6}\b`), "POINTER"},
}

// texts are lines on one line each, with what is random on a real node by
// its name.
func texts(lines []ipamd.Line) []string {
	list := make([]string, len(lines))
	for i, l := range lines {
		text := l.Level + " " + l.Caller + " " + l.Message
		for _, r := range random {
			text = r.pattern.ReplaceAllString(text, r.name)
		}
		list[i] = text
	}
	return list
}

func compare(t *testing.T, got []ipamd.Line, want string) {
	t.Helper()
	list := strings.Split(strings.TrimSpace(want), "\n")
	for i, text := range texts(got) {
		if text = strings.ReplaceAll(text, "\n", `\n`); i >= len(list) || text != strings.TrimSpace(list[i]) {
			t.Fatalf("line %d:\n%s\nwant\n%s", i+1, text, strings.Join(list[min(i, len(list)):], "\n"))
		}
	}
	if len(got) != len(list) {
		t.Fatalf("%d lines, want %d", len(got), len(list))
	}
}

const (
	conf   = `{"capabilities":{"io.kubernetes.cri.pod-annotations":true},"cniVersion":"0.4.0","mtu":"9001","name":"aws-cni","pluginLogFile":"/var/log/aws-routed-eni/plugin.log","pluginLogLevel":"DEBUG","podSGEnforcingMode":"strict",`
	rest   = `"runtimeConfig":{"io.kubernetes.cri.pod-annotations":{"kubernetes.io/config.source":"api"}},"type":"aws-cni","vethPrefix":"eni"}`
	result = `"prevResult":{"cniVersion":"0.4.0","dns":{},"interfaces":[{"name":"eni13cb13a6388"},{"mac":"2","name":"eth0","sandbox":"/var/run/netns/cni-UUID"},{"mac":"0","name":"dummy13cb13a6388","sandbox":"1"}],"ips":[{"address":"10.1.0.1/32","interface":1,"version":"4"}]},`

	args    = `ContainerID(ID) Netns(/var/run/netns/cni-UUID) IfName(eth0) Args(K8S_POD_NAMESPACE=default;K8S_POD_NAME=p-1;K8S_POD_INFRA_CONTAINER_ID=ID;IgnoreUnknown=1;K8S_POD_UID=UUID) Path(/opt/cni/bin) `
	whom    = `ContainerID(ID) Netns(/var/run/netns/cni-UUID) IfName(eth0) PodNamespace(default) PodName(p-1)`
	refused = `rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial unix /var/run/aws-node/ipamd.sock: connect: connection refused"`

	beginsAdd = `info routed-eni-cni-plugin/cni.go:131 Constructed new logger instance
		info routed-eni-cni-plugin/cni.go:149 Received CNI add request: ` + args + `argsStdinData(` + conf + rest + `)
		debug routed-eni-cni-plugin/cni.go:149 Prev Result: <nil>\n
		debug routed-eni-cni-plugin/cni.go:149 MTU value set is 9001:
		debug routed-eni-cni-plugin/cni.go:149 pod requires multi-nic attachment: false
		debug routed-eni-cni-plugin/cni.go:190 Connected to IPAMD via Unix socket: /var/run/aws-node/ipamd.sock
		`
	answered = `info routed-eni-cni-plugin/cni.go:149 Received add network response from ipamd for container ID interface eth0: Success:true IPAllocationMetadata:{IPv4Addr:"10.1.0.1" DeviceNumber:1 RouteTableId:2} NetworkPolicyMode:"standard"
		debug routed-eni-cni-plugin/cni.go:288 SetupPodNetwork: hostVethName=eni13cb13a6388, contVethName=eth0, netnsPath=/var/run/netns/cni-UUID, ipAddr=10.1.0.1/32, routeTableNumber=2, mtu=9001
		`
	routed = `debug driver/driver.go:298 Successfully setup container route, containerAddr=10.1.0.1/32, hostVeth=eni13cb13a6388, rtTable=main
		`
	toRule = `debug driver/driver.go:298 Successfully setup toContainer rule, containerAddr=10.1.0.1/32, rtTable=main
		`
	fromRule = `debug driver/driver.go:298 Successfully setup fromContainer rule, containerAddr=10.1.0.1/32, rtTable=2
		`
	dummy = `debug routed-eni-cni-plugin/cni.go:149 Using dummy interface: {Name:dummy13cb13a6388 Mac:0 Mtu:0 Sandbox:1 SocketPath: PciID:}
		`
	beginsDel = `info routed-eni-cni-plugin/cni.go:131 Constructed new logger instance
		debug routed-eni-cni-plugin/cni.go:370 Prev Result: &{0.4.0 [{Name:eni13cb13a6388 Mac: Sandbox:} {Name:eth0 Mac:2 Sandbox:/var/run/netns/cni-UUID} {Name:dummy13cb13a6388 Mac:0 Sandbox:1}] [{Version:4 Interface:POINTER Address:{IP:10.1.0.1 Mask:ffffffff} Gateway:<nil>}] [] {[]  [] []}}\n
		info routed-eni-cni-plugin/cni.go:370 Received CNI del request: ` + args + `argsStdinData(` + conf + result + rest + `)
		debug routed-eni-cni-plugin/cni.go:407 Connected to IPAMD via Unix socket: /var/run/aws-node/ipamd.sock
		`
	beginsVainDel = `info routed-eni-cni-plugin/cni.go:131 Constructed new logger instance
		debug routed-eni-cni-plugin/cni.go:370 Prev Result: <nil>\n
		info routed-eni-cni-plugin/cni.go:370 Received CNI del request: ` + args + `argsStdinData(` + conf + rest + `)
		debug routed-eni-cni-plugin/cni.go:407 Connected to IPAMD via Unix socket: /var/run/aws-node/ipamd.sock
		`
	released = `info routed-eni-cni-plugin/cni.go:370 Received del network response from ipamd for pod p-1 namespace default sandbox ID: Success:true IPAllocationMetadata:{IPv4Addr:"10.1.0.1" DeviceNumber:1 RouteTableId:2} NetworkPolicyMode:"standard"
		debug routed-eni-cni-plugin/cni.go:495 TeardownPodNetwork: containerAddr=10.1.0.1/32, routeTable=2
		`
	unwired = `debug driver/driver.go:319 Successfully deleted toContainer rule, containerAddr=10.1.0.1/32, rtTable=main
		debug driver/driver.go:319 Successfully deleted fromContainer rule, containerAddr=10.1.0.1/32, rtTable=2
		debug driver/driver.go:319 Successfully deleted container route, containerAddr=10.1.0.1/32, rtTable=main
		`
	added    = `debug routed-eni-cni-plugin/cni.go:149 Network Policy agent for EnforceNpToPod returned Success : true`
	deleted  = `debug routed-eni-cni-plugin/cni.go:370 Network Policy agent for DeletePodNp returned Success : true`
	notFound = `info routed-eni-cni-plugin/cni.go:370 Container ID not found`
	noAnswer = `error routed-eni-cni-plugin/cni.go:370 Error received from DelNetwork gRPC call for container ID: ` + refused + `
		`
)

// The log of one pod's first ADD and what follows it within a few seconds, or
// of its DEL.
func TestTheLogOfTheADD(t *testing.T) {
	for _, c := range []struct {
		name  string
		stock int
		down  bool // before the ADD
		step  hostnet.Step
		err   error
		then  func(*world) // at the step
		want  string
	}{
		{name: "success", stock: 1, want: beginsAdd + answered + routed + toRule + fromRule + dummy + added},
		{name: "no address", want: beginsAdd + "error routed-eni-cni-plugin/cni.go:149 Failed to assign an IP address to container ID\n" + beginsVainDel + notFound},
		{name: "no daemon", stock: 1, down: true, want: beginsAdd + "error routed-eni-cni-plugin/cni.go:149 Error received from AddNetwork grpc call for containerID ID: " + refused + "\n" +
			beginsVainDel + noAnswer + `info routed-eni-cni-plugin/cni.go:452 PrevResult not available for pod. Pod may have already been deleted.
			info routed-eni-cni-plugin/cni.go:370 Could not teardown pod using prevResult: ` + whom},
		{name: "refused at the rule", stock: 2, step: hostnet.StepFromRule, err: &hostnet.RefusedError{Step: hostnet.StepFromRule},
			want: beginsAdd + answered + routed + toRule + dummy + "error routed-eni-cni-plugin/cni.go:149 Failed SetupPodNetwork for container ID: SetupPodNetwork: unable to setup IP based container routes and rules: " +
				"failed to setup fromContainer rule, containerAddr=10.1.0.1/32, rtTable=2: no buffer space available\n" + beginsVainDel + notFound},
		{name: "refused at the veth, and no daemon", stock: 2, step: hostnet.StepVeth, err: &hostnet.RefusedError{Step: hostnet.StepVeth},
			then: func(w *world) { w.ipam.down = true; w.kernel.After(ms, func() { w.ipam.down = false }) },
			want: beginsAdd + answered + dummy + "error routed-eni-cni-plugin/cni.go:149 Failed SetupPodNetwork for container ID: SetupPodNetwork: failed to setup veth pair: failed to setup veth network: no buffer space available\n" +
				"error routed-eni-cni-plugin/cni.go:149 Error received from DelNetwork grpc call for container ID: " + refused + "\n" + beginsVainDel + released + unwired + deleted},
		{name: "killed", stock: 2, step: hostnet.StepToRule, err: hostnet.ErrKilled, want: beginsAdd + answered + routed + beginsVainDel + released + unwired + deleted},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines listener
			w := newHeardWorld(c.stock, lines.hear)
			if c.err != nil {
				w.strike(c.step, c.err, func() {
					if c.then != nil {
						c.then(w)
					}
				})
			}
			w.ipam.down = c.down
			w.start(1)
			w.run(t, 5*time.Second)
			compare(t, lines, c.want)
		})
	}
}

func TestTheLogOfTheDEL(t *testing.T) {
	const failedTo = "TeardownPodNetwork: unable to teardown IP based container routes and rules: failed to delete toContainer rule, containerAddr=10.1.0.1/32, rtTable=main: no buffer space available\n"
	const byResult = "debug routed-eni-cni-plugin/cni.go:664 TeardownPodNetwork: containerAddr=10.1.0.1/32, routeTable=2\n"
	for _, c := range []struct {
		name string
		down bool
		err  error // at del-to-rule
		want string
	}{
		{name: "success", want: beginsDel + released + unwired + deleted},
		{name: "refused", err: &hostnet.RefusedError{Step: hostnet.StepDelToRule},
			want: beginsDel + released + "error routed-eni-cni-plugin/cni.go:370 Failed on TeardownPodNetwork for container ID ID: " + failedTo + beginsDel + notFound},
		{name: "killed", err: hostnet.ErrKilled, want: beginsDel + released + beginsDel + notFound},
		{name: "no daemon", down: true, want: beginsDel + noAnswer + byResult + unwired + "info routed-eni-cni-plugin/cni.go:370 Handled pod teardown using prevResult: " + whom},
		{name: "no daemon, refused", down: true, err: &hostnet.RefusedError{Step: hostnet.StepDelToRule},
			want: beginsDel + noAnswer + byResult + "error routed-eni-cni-plugin/cni.go:452 Failed to teardown pod network: " + failedTo + "info routed-eni-cni-plugin/cni.go:370 Could not teardown pod using prevResult: " + whom},
	} {
		t.Run(c.name, func(t *testing.T) {
			var lines listener
			w := newHeardWorld(1, lines.hear, func(t *kubelet.Timings) { t.SandboxGC = time.Hour })
			p := w.start(1)
			w.run(t, 10*time.Second)
			lines = nil
			if c.err != nil {
				w.strike(hostnet.StepDelToRule, c.err, nil)
			}
			w.ipam.down = c.down
			w.kubelet.Stop(p)
			w.run(t, 30*time.Second)
			compare(t, lines, c.want)
		})
	}
}

// What the removal of the dead sandbox asks again has neither a network
// namespace nor a result.
func TestTheLogOfARemoval(t *testing.T) {
	var lines listener
	w := newHeardWorld(1, lines.hear)
	p := w.start(1)
	w.run(t, 10*time.Second)
	w.ipam.down = true
	w.kubelet.Stop(p)
	w.until(t, "gone", func() bool { return len(w.gone) == 1 })
	w.ipam.down, lines = false, nil
	w.run(t, 3*time.Minute)
	compare(t, lines, strings.ReplaceAll(beginsVainDel, "Netns(/var/run/netns/cni-UUID)", "Netns()")+released+unwired+deleted)
}

// A pod on the primary interface has no rule from it, and its table is main.
func TestTheLogOfAPodOnThePrimaryInterface(t *testing.T) {
	var lines listener
	w := newHeardWorld(2, lines.hear)
	w.start(0)
	w.run(t, 10*time.Second)
	lines = nil
	p := w.start(1)
	w.run(t, 20*time.Second)
	w.kubelet.Stop(p)
	w.run(t, 30*time.Second)
	all := strings.Join(texts(lines), "\n")
	for _, want := range []string{`{IPv4Addr:"10.1.0.2" RouteTableId:254}`, "routeTableNumber=254", "routeTable=254", `{"mac":"254","name":"eth0"`, "Mac:0 Mtu:0 Sandbox:0 "} {
		if !strings.Contains(all, want) {
			t.Errorf("%s is not in\n%s", want, all)
		}
	}
	if strings.Contains(all, "fromContainer") {
		t.Error("a rule from the pod is told of")
	}
}

// Whatever happens, every line is one of the list, and each of the list is
// written some time.
func TestTheLogHasTheLinesOfTheListAndNoOthers(t *testing.T) {
	formats := awscni.Lines()
	written := make([]bool, len(formats))
	hear := func(_ *kubelet.Pod, l ipamd.Line) {
		i := slices.IndexFunc(formats, func(f ipamd.Line) bool {
			verb := strings.IndexByte(f.Message+"%", '%')
			return l.Level == f.Level && l.Caller == f.Caller && strings.HasPrefix(l.Message, f.Message[:verb])
		})
		if i < 0 || strings.Contains(l.Message, "%!") {
			t.Errorf("%+v", l)
			return
		}
		written[i] = true
		if _, text, ok := strings.Cut(l.Message, "argsStdinData("); ok && !json.Valid([]byte(strings.TrimSuffix(text, ")"))) {
			t.Errorf("no JSON: %s", text)
		}
	}
	for step := hostnet.StepVeth; step <= hostnet.StepDelFromRule; step++ {
		for i := range 4 {
			w := newHeardWorld(3, hear)
			_ = w.network.AddPod("default/p-1", netip.MustParseAddr("10.1.0.9"), 1) // an older sandbox has left its veth
			w.strike(step, fateOf(step, i%2 == 0), nil)
			p := w.start(1)
			w.run(t, time.Minute)
			w.ipam.down = i > 1
			w.kubelet.Stop(p)
			w.start(2)
			w.run(t, 2*time.Minute)
			w.ipam.down, w.ipam.stock = false, 0
			w.start(3)
			w.kernel.At(w.kernel.Now()+ms, func() { w.network.Fate = nil })
			w.run(t, 5*time.Minute)
		}
	}
	w := newHeardWorld(1, hear)
	w.strike(hostnet.StepVeth, fateOf(hostnet.StepVeth, false), func() { w.ipam.down = true })
	w.start(1)
	w.run(t, time.Minute)
	for i, f := range formats {
		if !written[i] {
			t.Errorf("never written: %+v", f)
		}
	}
}

func TestAFailedCallIsToldInTheWordsOfGRPC(t *testing.T) {
	var lines listener
	w := newHeardWorld(1, lines.hear)
	w.ipam.failure = errors.New("failed to retrieve vpc-ipv4-cidr-blocks")
	w.start(1)
	w.run(t, 5*time.Second)
	const want = "error routed-eni-cni-plugin/cni.go:149 Error received from AddNetwork grpc call for containerID ID: rpc error: code = Unknown desc = failed to retrieve vpc-ipv4-cidr-blocks"
	if !slices.Contains(texts(lines), want) {
		t.Errorf("got %q", texts(lines))
	}
}

func TestALogThatNobodyReadsCostsNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, awscni.UnheardLog); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
