package ipamd

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Timers of the leaked-interface job: its host waits a random whole number of
// seconds below LeakedDelayMax before every run and LeakedInterval after it.
const (
	LeakedInterval = time.Hour
	LeakedDelayMax = 300 * time.Second

	leakedAge = 5 * time.Minute
)

// TagInstance is the key of the tag that every interface of a daemon carries;
// its value is the instance that it was made for.
const TagInstance = tagInstance

// TagNoManage is the key of the tag by which a daemon leaves an interface alone
// whose value is true.
const TagNoManage = tagNoManage

// CleanUpLeakedENIs is one run of the job: it deletes interfaces of this CNI
// that are attached to nothing, of any node of the cluster.
func (d *Daemon) CleanUpLeakedENIs() {
	d.log(lineLeakedCheck) // "Will attempt to clean up" comes before the wait, which is the host's
	cluster := d.ClusterName
	if d.release.cleansAnyAge {
		cluster = ""
	}
	list, err := d.host.EC2.DescribeLeakedNetworkInterfaces(d.identity.VPCID, cluster)
	if err != nil {
		log1(d, lineLeakedFailed, err)
		return
	}
	var leaked []string
	for _, n := range list {
		if n.Description != nil && strings.HasPrefix(*n.Description, descriptionPrefix) && d.oldEnough(n) {
			leaked = append(leaked, *n.NetworkInterfaceId)
		}
	}
	if len(leaked) == 0 {
		d.log(lineLeakedNone)
		return
	}
	log1(d, lineLeakedFound, len(leaked))
	for _, id := range leaked {
		if err := d.deleteENI(id, ofLeaked); err != nil {
			d.metrics.utilFailed("cleanUpLeakedENIDeleteErr", err)
			log2(d, lineLeakedKept, id, err)
			continue
		}
		log1(d, lineLeakedGone, id)
	}
}

// oldEnough reads the createdAt tag. One without is tagged now and spared;
// one that cannot be read is tagged anew and deleted all the same.
func (d *Daemon) oldEnough(n *types.NetworkInterface) bool {
	if d.release.cleansAnyAge {
		return true
	}
	value, ok := tagSet(n.TagSet).get(tagCreatedAt)
	if !ok {
		d.tagCreated(*n.NetworkInterfaceId, undated)
		return false
	}
	created, err := time.Parse(time.RFC3339, value)
	if err != nil {
		d.tagCreated(*n.NetworkInterfaceId, misdated)
		return true
	}
	if epoch.Add(d.now()).Sub(created) < leakedAge {
		d.log(lineLeakedYoung)
		return false
	}
	return true
}

func (d *Daemon) tagCreated(id string, at place) {
	value := epoch.Add(d.now()).Format(time.RFC3339)
	log3(d, lineLeakedTag.from(at), id, tagCreatedAt, value)
	tags := tagSet{}.with(tagCreatedAt, value)
	_ = d.retry(tagBackoff, func() error { return d.host.EC2.CreateTags(id, tags) })
}
