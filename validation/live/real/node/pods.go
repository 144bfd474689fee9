package main

import (
	"github.com/aws/amazon-vpc-cni-k8s/pkg/networkutils"
	"github.com/vishvananda/netlink"
)

// wirePod adds or removes the host's end of a pod's network, by whose name the
// daemon knows after a restart that the pod is still there.
func wirePod(pod string, there bool) error {
	name := networkutils.GeneratePodHostVethName("eni", namespace, pod, 0)
	if !there {
		link, err := netlink.LinkByName(name)
		if err != nil {
			return err
		}
		return netlink.LinkDel(link)
	}
	if _, err := netlink.LinkByName(name); err == nil {
		return nil
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	return netlink.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: "p" + name[1:]})
}
