package ipamd

// v1_23_2 is amazon-vpc-cni-k8s v1.23.2, read beside v1.23.1 file by file. The
// pool's logic, its timers and its defaults, the datastore and the plugin's
// steps for IPv4 are the same. Two things differ:
//
//   - pkg/ipamd/ipamd.go, setupENI: when DescribeSubnets fails it goes on as if
//     the subnet was not excluded, and sends an event
//     (https://github.com/aws/amazon-vpc-cni-k8s/pull/3843).
//   - pkg/awsutils/awsutils.go, New: the client of EC2 is made of the session
//     helper's configuration. That one brings a retryer of its own, and the SDK
//     then reads neither AWS_MAX_ATTEMPTS nor AWS_RETRY_MODE; it also heeds
//     AWS_EC2_ENDPOINT (https://github.com/aws/amazon-vpc-cni-k8s/pull/3873).
//
// What is new besides is about what the model has no notion of: IPv6, HyperPod
// nodes, and VLANs of branch interfaces.
var v1_23_2 = release{
	version: "v1.23.2",

	switches: switches{apiServer: apiServerPolled},

	lines: withEvent(v1_23_1.after(moved_v1_23_2)),
	moved: moved_v1_23_2,
}

// withEvent adds the line about the event, from pkg/utils/eventrecorder: the
// daemon's warning goes there and not to its log.
func withEvent(list [lines]template) [lines]template {
	list[lineSubnetEvent] = template{debug, "Sent pod event: eventType: %s, reason: %s, message: %s", spots{{once, "ipamd/ipamd.go:1332"}}}
	return list
}

// moved_v1_23_2 is where the lines of v1.23.1 stand in v1.23.2. Files that are
// not here have not changed.
var moved_v1_23_2 = moves{
	"awsutils/awsutils.go": {
		{36, -2}, {43, -1}, {53, 1}, {69, 5}, {220, 8}, {270, 21}, {455, 14}, {461, 19}, {472, 65}, {1024, 70}, {1048, 93}, {2098, 97}, {2118, 122},
	},
	"ipamd/ipamd.go":       {{49, 1}, {622, 5}, {780, 6}, {1216, 30}, {1296, 32}, {1299, 37}, {2859, 41}},
	"ipamd/rpc_handler.go": {{240, -1}},
	"driver/driver.go":     {{48, 8}},
}
