package ipamd

// v1_6_3 is amazon-vpc-cni-k8s v1.6.3 of July 2020, for v1.6.1 to v1.6.3: as
// v1.6.0, except that a sweep over metadata believes what metadata says of an
// interface's addresses (getENIMetadata), and asks EC2 about all interfaces at once
// at the start and when one is new (DescribeAllENIs). Its wait for an interface
// still looks for the interface alone, so that one whose addresses metadata does
// not list yet comes into the datastore without them, and is asked for as many
// again (https://github.com/aws/amazon-vpc-cni-k8s/issues/989). From v1.7.2 on
// WaitForENIAndIPsAttached waits for the addresses, too.
var v1_6_3 = func() release {
	r := v1_6_0
	r.version = "v1.6.3"
	r.describesEach = false
	return r
}()
