package awssdk

import (
	"errors"
	"fmt"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/portable"
)

// Costs in the retry quota, and the back-off: aws-sdk-go-v2 aws/retry,
// standard.go, jitter_backoff.go and token_bucket.go.
const (
	retryCost        = 5  // DefaultRetryCost
	retryTimeoutCost = 10 // DefaultRetryTimeoutCost
	successRefund    = 1  // DefaultNoRetryIncrement; a retry that succeeds also gets its cost back

	maxBackoff         = 20 * time.Second // DefaultMaxBackoff
	maxJitteredAttempt = 4                // the logarithm of maxBackoff in seconds to the base 2, cut
)

// throttleCodes, timeoutCodes and the HTTP statuses are what the standard
// mode retries (aws/retry/standard.go).
var throttleCodes = map[string]bool{
	"Throttling":                             true,
	"ThrottlingException":                    true,
	"ThrottledException":                     true,
	"RequestThrottledException":              true,
	"RequestThrottled":                       true,
	"TooManyRequestsException":               true,
	"ProvisionedThroughputExceededException": true,
	"TransactionInProgressException":         true,
	"RequestLimitExceeded":                   true,
	"BandwidthLimitExceeded":                 true,
	"LimitExceededException":                 true,
	"SlowDown":                               true,
	"PriorRequestNotComplete":                true,
	"EC2ThrottledException":                  true,
}

var timeoutCodes = map[string]bool{"RequestTimeout": true, "RequestTimeoutException": true}

// timeoutError is a request that was not answered in time. It carries no
// code, because EC2 has not spoken.
type timeoutError struct {
	Action ec2model.Action
	After  time.Duration
}

func (e *timeoutError) Error() string {
	return fmt.Sprintf("%v: no answer within %v (Client.Timeout exceeded while awaiting headers)", e.Action, e.After)
}

// maxAttemptsError ends an operation whose last attempt failed like those
// before it.
type maxAttemptsError struct {
	Attempts int
	Err      error // of the last attempt
}

func (e *maxAttemptsError) Error() string {
	return fmt.Sprintf("exceeded maximum number of attempts, %d, %v", e.Attempts, e.Err)
}

func (e *maxAttemptsError) Unwrap() error { return e.Err }

// ErrorCode is the last attempt's, or empty when EC2 did not answer it.
func (e *maxAttemptsError) ErrorCode() string { return code(e.Err) }

// quotaError ends an operation that would be tried again if the client had
// not failed so often of late.
type quotaError struct {
	Available, Requested int // tokens
	Err                  error
}

func (e *quotaError) Error() string {
	return fmt.Sprintf("%v: failed to get rate limit token, retry quota exceeded, %d available, %d requested", e.Err, e.Available, e.Requested)
}

func (e *quotaError) Unwrap() error { return e.Err }

// ErrorCode is the last attempt's, or empty when EC2 did not answer it.
func (e *quotaError) ErrorCode() string { return code(e.Err) }

// retry decides what follows the n-th attempt, which failed with err: either
// the pause before the next one and the tokens that it holds, or the error
// that ends the operation.
func (c *Client) retry(action ec2model.Action, n int, err error) (pause time.Duration, held int, end error) {
	if c.opts.V1 != (V1{}) {
		pause, end = c.retryV1(action, n, err)
		return pause, 0, end
	}
	noRetryer := c.opts.MaxAttempts == 1 && c.opts.RetryQuota == 0
	if noRetryer || !retryable(err) {
		return 0, 0, err
	}
	if n >= c.opts.MaxAttempts {
		return 0, 0, &maxAttemptsError{Attempts: n, Err: err}
	}
	cost := retryCost
	if isTimeout(err) {
		cost = retryTimeoutCost
	}
	if c.quota < cost {
		return 0, 0, &quotaError{Available: c.quota, Requested: cost, Err: err}
	}
	c.quota -= cost
	return c.backoff(n), cost, nil
}

// backoff is the pause after the n-th attempt: full jitter over 2^n seconds,
// and from the fifth on the longest pause without any jitter.
func (c *Client) backoff(n int) time.Duration {
	if n > maxJitteredAttempt {
		return maxBackoff
	}
	c.draws()
	b, most := c.random.Float64(), int64(1)<<n
	if c.opts.Nanoseconds {
		return time.Duration(portable.Int64(float64(b*float64(most)) * float64(time.Second)))
	}
	return portable.Microseconds(b * float64(most*1_000_000))
}

func retryable(err error) bool {
	return isTimeout(err) || isThrottle(err) || hasRetryableStatus(err)
}

func isThrottle(err error) bool { return IsThrottle(code(err)) }

// IsThrottle says that the SDK takes an error code for a throttle.
func IsThrottle(code string) bool { return throttleCodes[code] }

func hasRetryableStatus(err error) bool {
	answer, ok := err.(*ec2model.Error) // next to always; As allocates
	if !ok && !errors.As(err, &answer) {
		return false
	}
	switch answer.HTTPStatus {
	case 500, 502, 503, 504:
		return true
	}
	return false
}

func isTimeout(err error) bool {
	switch e := err.(type) {
	case *timeoutError:
		return true
	case *ec2model.Error:
		return timeoutCodes[e.Code]
	}
	var timeout *timeoutError
	return errors.As(err, &timeout) || timeoutCodes[code(err)]
}

func code(err error) string {
	c, _ := ec2model.CodeOf(err)
	return c
}
