// Package calibration makes a profile of measurements: how long the calls of ipamd take,
// how late metadata is, how long nodes boot and images are pulled, what buckets the
// account has and who else draws from them.
//
// Files are recognised by what is in them, as an import does it. Each parameter has one
// source and one model, decided before any data is seen:
//
//   - ec2.latency.ACTION: awscni_aws_api_latency_ms, a summary without quantiles, of which
//     the sum and the count between two scrapes are the total of so many draws. The daemon
//     cuts each to whole milliseconds: half of one is given back. It counts operations, with
//     the SDK's pauses where a try was throttled: an action whose mean may be more than
//     [biasMost] too long for that is left out.
//   - ec2.metadata.interface: the wait for a new interface, waitForENIAndIPsAttached in the
//     same summary. The daemon looks at once and after pauses that double, so that a wait
//     bounds the lag: longer than to the look before the last one, not longer than to the
//     last. It begins after ModifyNetworkInterfaceAttribute, whose mean is added. Only waits
//     that were alone between two scrapes are used. Where there are too few of them: the time
//     from AttachNetworkInterface in CloudTrail until the interface is in an answer to
//     /v1/enis, which the daemon enters at the look that finds it.
//   - ec2.detachTime: CloudTrail, from a detach to the first delete of the interface that
//     succeeded; deletes that came too early bound it from below.
//   - ec2.shutdownTime: from TerminateInstances in CloudTrail until lists of interfaces have
//     none of the instance any more.
//   - ec2.throttle.ACTION: CloudTrail, of all requests of the account that passed and that
//     were refused, second by second; see package fit. An action with a second bucket, of
//     resources or of unfiltered calls, is left out: which of them refused nobody can see.
//   - ec2.background: CloudTrail, of the callers that a scenario does not have itself.
//   - launch.boot: from the launch of an instance to the creation of its node, less what the
//     model has for the registration. Both are of whole seconds, and bound the time.
//   - launch.systemImagePull: events of kubelet that name the images of kube-proxy and of the
//     VPC CNI.
//   - imagePull, of each image of workloads: the same of others, which tell the pull to the
//     millisecond, and the mean time from Pulled to Started. A profile has no workloads; it
//     has these as comments.
//
// How long pods take from Scheduled to Started, and nodes to Ready, is no parameter: it is
// reported between what whole seconds leave open, and held against the same of a
// simulated cluster.
//
// What cannot be told from the files is not guessed: it is listed, with the reason, and the
// scenario keeps its own value or the model's.
package calibration
