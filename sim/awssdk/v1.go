package awssdk

import (
	"errors"
	"time"

	"ipamsim/ec2model"
)

// V1 makes a client that of the SDK for Go v1, as old releases of the VPC CNI
// have it: without a retry quota and with pauses of its own. The zero value is
// none.
type V1 struct {
	Retries int // after the first request of a call
	// AddressRetries are those of AssignPrivateIpAddresses and
	// ModifyNetworkInterfaceAttribute, which the SDK treats apart.
	AddressRetries int
}

// Pauses of aws-sdk-go v1: aws/client/default_retryer.go and, for calls that
// have a retryer of their own, service/ec2/customizations.go.
const (
	v1MinPause     = 30 * time.Millisecond  // DefaultRetryerMinRetryDelay
	v1MinThrottle  = 500 * time.Millisecond // DefaultRetryerMinThrottleDelay
	v1MaxPause     = 300 * time.Second      // DefaultRetryerMaxRetryDelay and DefaultRetryerMaxThrottleDelay
	v1AddressPause = time.Second            // customRetryerMinRetryDelay
	v1AddressMost  = 8 * time.Second        // customRetryerMaxRetryDelay
)

// retryV1 decides what follows the n-th attempt of an action, which failed: the
// pause before the next one, or the error that ends the call.
func (c *Client) retryV1(action ec2model.Action, n int, err error) (pause time.Duration, end error) {
	retries, shortest, longest := c.opts.V1.Retries, v1MinPause, v1MaxPause
	switch {
	case action == ec2model.AssignPrivateIpAddresses || action == ec2model.ModifyNetworkInterfaceAttribute:
		retries, shortest, longest = c.opts.V1.AddressRetries, v1AddressPause, v1AddressMost
	case isThrottle(err) || hasRetryableStatus(err) && !internal(err):
		shortest = v1MinThrottle
	}
	if n > retries || !retryable(err) {
		return 0, err
	}
	pause = c.jitterV1(shortest) << (n - 1)
	if pause > longest {
		pause = c.jitterV1(longest / 2)
	}
	return pause, nil
}

// internal says whether EC2 answered 500, which is tried again sooner than 502 to
// 504: aws/request/retryer.go.
func internal(err error) bool {
	var answer *ec2model.Error
	return errors.As(err, &answer) && answer.HTTPStatus == 500
}

// jitterV1 is between d and twice that.
func (c *Client) jitterV1(d time.Duration) time.Duration {
	c.draws()
	return d + time.Duration(c.random.Int64N(int64(d/time.Microsecond)))*time.Microsecond
}

// draws makes sure that there is a random stream.
func (c *Client) draws() {
	if c.random == nil {
		c.random = c.kernel.Rand("sdk/" + string(c.caller))
	}
}
