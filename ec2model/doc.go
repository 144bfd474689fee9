// Package ec2model is one AWS account in one Region, as far as the addresses
// of a fleet depend on it: a VPC with its subnets, network interfaces,
// instances, quotas, and the EC2 API in front of them.
//
// An [Account] has one front door. Every call passes the token bucket of its
// action, takes its latency, has its effect or its error at the end of that
// latency, and shows in instance metadata after a lag. The account knows
// nothing of pods, nodes or daemons; a [Caller] is a name in the books.
//
// Addresses are bits in subnets. Each has exactly one owner or none, which is
// checked where it is written and, by [Account.CheckBooks], where it is read.
//
// Every number is data: see [DefaultProfile], [Constants] and the files under
// data/, which name the source of each row.
package ec2model
