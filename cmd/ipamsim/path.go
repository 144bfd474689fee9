package main

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"ipamsim/reports"
	"ipamsim/sim/hostnet"
	"ipamsim/sim/inspect"
)

// pathFlags of the path command.
type pathFlags struct {
	momentFlags
	from, to, endpoint string
}

func (a *app) pathCommand() *cobra.Command {
	flags := pathFlags{momentFlags: newMoment()}
	cmd := &cobra.Command{
		Use:   "path FILE|NAME --from POD --to POD|NODE|IP",
		Short: "Follow a pod's packets there and back at a moment of a run",
		Long: `Stop a run at a moment and follow a connection of a pod, hop by hop: out of the
pod, through the node's policy rules and routing tables as Linux asks them, the
translation of what leaves the VPC, the VPC's check of the source address, and in at
the other end; and the answer back. Each hop names the command that shows it on the
real machine. Nothing is sent: it is what the rules, the tables and EC2 say.

The destination is a pod (WORKLOAD-ORDINAL), a node, or an address: of the VPC, or
outside. For the address of a Service, name the pod behind it with --endpoint.

The exit code is 0 when the question has an answer, be it that the packets are lost:
the last line says it, and with -o json delivered is false.`,
		Example: `  ipamsim path silent-drop --at 2m --from web-0 --to web-1
  ipamsim path mine.yaml --from web-0 --to 198.51.100.7
  ipamsim path mine.yaml --from web-0 --to 172.20.0.10 --endpoint dns-1
  ipamsim path mine.yaml --from web-0 --to web-1 -o json | jq .verdict`,
		Args:              wantArgs(1, 1, "a scenario (FILE or NAME, see ipamsim scenarios)"),
		ValidArgsFunction: completeScenario,
		RunE: action(func(cmd *cobra.Command, args []string) error {
			return a.path(cmd, args[0], &flags)
		}),
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&flags.from, "from", "", "the pod that sends, such as web-0")
	f.StringVar(&flags.to, "to", "", "a pod, a node or an address")
	f.StringVar(&flags.endpoint, "endpoint", "", "the pod behind the address of a Service")
	freeText(cmd, "from", "to", "endpoint")
	flags.add(cmd)
	return cmd
}

// path is the command: read, run up to the moment, follow.
func (a *app) path(cmd *cobra.Command, name string, flags *pathFlags) error {
	target, err := flags.target()
	if err != nil {
		return err
	}
	var way *inspect.PacketPath
	err = a.atMoment(cmd, name, &flags.momentFlags, func(m *inspect.Snapshot) (err error) {
		way, err = m.Path(podName(flags.from), target)
		return err
	})
	if err != nil {
		return err
	}
	if flags.output.value == "json" {
		return writeJSON(a.stdout, way)
	}
	return reports.Path(a.stdout, way, flags.look(a))
}

// looksLikeAddress is what was meant to be an address: no pod or node has a
// dot or a colon in its name.
var looksLikeAddress = regexp.MustCompile(`^[0-9][0-9.:/]*$|:`)

// podName drops the namespace, of which the model has one.
func podName(name string) string { return strings.TrimPrefix(name, "default/") }

// target reads --to and --endpoint.
func (f *pathFlags) target() (inspect.Target, error) {
	switch {
	case f.from == "":
		return inspect.Target{}, usagef("--from: a pod was expected, such as web-0")
	case f.to == "":
		return inspect.Target{}, usagef("--to: a pod, a node or an address was expected")
	}
	address, err := netip.ParseAddr(f.to)
	switch {
	case err != nil && f.endpoint != "":
		return inspect.Target{}, usagef("--endpoint is for the address of a Service: --to %s is none", f.to)
	case err != nil && looksLikeAddress.MatchString(f.to):
		return inspect.Target{}, usagef("--to %s: an IPv4 address has four numbers from 0 to 255, such as 10.0.0.17", f.to)
	case err != nil:
		return inspect.Target{Name: podName(f.to)}, nil
	case !address.Is4():
		return inspect.Target{}, usagef("--to %s: an IPv4 address was expected", f.to)
	case !reachable(address):
		return inspect.Target{}, usagef("--to %s is not an address that packets of a pod are routed to: one of the VPC, or outside, was expected", f.to)
	case f.endpoint == "" && isService(address):
		return inspect.Target{}, usagef("--to %s is in the range that EKS gives to Services: name the pod behind it with --endpoint", f.to)
	}
	return inspect.Target{Address: address, Endpoint: podName(f.endpoint)}, nil
}

// reachable says whether an address is one host's, elsewhere. Of the
// link-local ones only that of instance metadata is.
func reachable(a netip.Addr) bool {
	if a == hostnet.MetadataAddress {
		return true
	}
	return a.IsGlobalUnicast()
}

// isService says whether an address is in one of the two ranges of which EKS
// chooses the Service CIDR of a cluster, as far as no VPC of a scenario is
// likely to have it
// (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html).
func isService(a netip.Addr) bool {
	return netip.MustParsePrefix("172.20.0.0/16").Contains(a) || netip.MustParsePrefix("10.100.0.0/16").Contains(a)
}
