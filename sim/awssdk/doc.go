// Package awssdk is the blocking client between a program and the modelled
// EC2: attempts, back-off, retry quota and time-outs, as the standard retry
// mode of aws-sdk-go-v2 has them.
//
// A method blocks the kernel's current process until the operation is over,
// retries included. One operation is one or more HTTP requests.
package awssdk
