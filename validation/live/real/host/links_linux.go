package host

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/vishvananda/netlink"
)

// Seclude gives the process a /run of its own, with what the daemon and
// iptables keep there.
func Seclude() error {
	run, err := filepath.EvalSymlinks("/var/run")
	if err != nil {
		return err
	}
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("no mounts of its own: %w", err)
	}
	if err := syscall.Mount("tmpfs", run, "tmpfs", 0, "size=64m"); err != nil {
		return fmt.Errorf("no %s of its own: %w", run, err)
	}
	return os.Mkdir(filepath.Join(run, "aws-node"), 0o755)
}

// Links are the node's network devices: one end of a pair for each attached
// interface, under its device's name.
type Links map[string]string // by interface ID

// Sync makes the devices those of the attached interfaces.
func (l Links) Sync(attached map[string]*types.NetworkInterface) error {
	for id, name := range l {
		if attached[id] == nil {
			link, err := netlink.LinkByName(name)
			if err == nil {
				err = netlink.LinkDel(link)
			}
			if err != nil {
				return fmt.Errorf("device %s of %s: %w", name, id, err)
			}
			delete(l, id)
		}
	}
	for id, e := range attached {
		if l[id] != "" {
			continue
		}
		name := fmt.Sprintf("eth%d", *e.Attachment.DeviceIndex)
		if err := plug(name, e); err != nil {
			return fmt.Errorf("device %s of %s: %w", name, id, err)
		}
		l[id] = name
	}
	return nil
}

// plug adds a device.
func plug(name string, e *types.NetworkInterface) error {
	mac, err := net.ParseMAC(*e.MacAddress)
	if err != nil {
		return err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.HardwareAddr, attrs.MTU = name, mac, 9001
	pair := &netlink.Veth{LinkAttrs: attrs, PeerName: "far" + name}
	if err := netlink.LinkAdd(pair); err != nil {
		return err
	}
	far, err := netlink.LinkByName(pair.PeerName)
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(far); err != nil {
		return err
	}
	if *e.Attachment.DeviceIndex != 0 {
		return nil
	}
	// The operating system configures the primary interface.
	if err := netlink.LinkSetUp(pair); err != nil {
		return err
	}
	address, err := netlink.ParseAddr(*e.PrivateIpAddress + "/24")
	if err != nil {
		return err
	}
	return netlink.AddrAdd(pair, address)
}

// Loopback is brought up as every system does.
func Loopback() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	return netlink.LinkSetUp(lo)
}
