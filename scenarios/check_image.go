package scenarios

import (
	"fmt"

	"ipamsim/sim/ami"
)

// What systemImages can be.
const (
	ImagesCached = "cached"
	ImagesPulled = "pulled"
)

// checkImage checks what a group's nodes boot, and completes it with what the
// family of the image has, so that whoever shows the scenario shows it.
func (c *checker) checkImage(path, name string, g *NodeGroup) {
	family, ok := ami.Named(g.AMIFamily)
	if !ok {
		return // reported as no family
	}
	if g.KubernetesVersion == "" {
		g.KubernetesVersion = family.Kubernetes
	} else {
		c.checkVersion(path+".kubernetesVersion", name+".kubernetesVersion", g.KubernetesVersion, family)
	}
	if g.Launch.SystemImages == "" {
		g.Launch.SystemImages = ImagesPulled
		if family.Cached {
			g.Launch.SystemImages = ImagesCached
		}
	}
	if c.given("%s.launch", path) {
		c.checkLaunch(path+".launch", name+".launch", g)
	}
}

func (c *checker) checkVersion(path, name, version string, family ami.Family) {
	if !c.usable("%s", path) {
		return
	}
	minor, ok := ami.Minor(version)
	if !ok {
		c.problem(c.at("%s", path), "%s: a version from 1.%d to 1.%d was expected, such as 1.35, got %q", name, ami.Oldest, ami.Newest, version)
		return
	}
	if last, _ := ami.Minor(family.Kubernetes); family.Last && minor > last {
		c.problem(c.at("%s", path), "%s: there is no %s image of %s: %s is the last; give amiFamily: AL2023", name, family.Name, version, family.Kubernetes)
	}
}

func (c *checker) checkLaunch(path, name string, g *NodeGroup) {
	l := &g.Launch
	c.launchTimes(l, path, name)
	if l.SystemImagePull != nil && l.SystemImages == ImagesCached {
		why := "systemImages: cached"
		if !c.given("%s.systemImages", path) {
			why = fmt.Sprintf("an image of %s has them; give systemImages: %s", g.AMIFamily, ImagesPulled)
		}
		c.problem(c.keyAt(path+".systemImagePull"), "%s.systemImagePull: nothing is pulled: %s", name, why)
	}
}

// launchTimes checks what can be said of a launch without its node group.
func (c *checker) launchTimes(l *Launch, path, name string) {
	c.latency(l.Boot, path+".boot", name+".boot")
	c.latency(l.GroupDelay, path+".groupDelay", name+".groupDelay")
	c.latency(l.SystemImagePull, path+".systemImagePull", name+".systemImagePull")
	c.latency(l.KubeProxy, path+".kubeProxy", name+".kubeProxy")
	if l.Boot != nil && l.Profile != string(ami.Fast) {
		c.problem(c.keyAt(path+".profile"), "%s: boot and profile exclude each other: boot is the whole time until kubelet runs", name)
	}
}
