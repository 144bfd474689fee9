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

// CleanUpLeakedENIs is one run of the job: it deletes interfaces of this CNI
// that are attached to nothing, of any node of the cluster.
func (d *Daemon) CleanUpLeakedENIs() {
	list, err := d.host.EC2.DescribeLeakedNetworkInterfaces(d.identity.VPCID, d.clusterName)
	if err != nil {
		return
	}
	var leaked []string
	for _, n := range list {
		if n.Description != nil && strings.HasPrefix(*n.Description, descriptionPrefix) && d.oldEnough(n) {
			leaked = append(leaked, *n.NetworkInterfaceId)
		}
	}
	for _, id := range leaked {
		_ = d.deleteENI(id)
	}
}

// oldEnough reads the createdAt tag. One without is tagged now and spared;
// one that cannot be read is tagged anew and deleted all the same.
func (d *Daemon) oldEnough(n types.NetworkInterface) bool {
	value, ok := tagMap(n.TagSet)[tagCreatedAt]
	if !ok {
		d.tagCreated(*n.NetworkInterfaceId)
		return false
	}
	created, err := time.Parse(time.RFC3339, value)
	if err != nil {
		d.tagCreated(*n.NetworkInterfaceId)
		return true
	}
	return epoch.Add(d.now()).Sub(created) >= leakedAge
}

func (d *Daemon) tagCreated(id string) {
	tags := tagList(map[string]string{tagCreatedAt: epoch.Add(d.now()).Format(time.RFC3339)})
	_ = d.retry(tagBackoff, func() error { return d.host.EC2.CreateTags(id, tags) })
}
