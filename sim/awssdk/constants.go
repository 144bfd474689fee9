package awssdk

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/source"
)

const (
	retryGo  = "https://github.com/aws/aws-sdk-go-v2/blob/main/aws/retry/standard.go"
	jitterGo = "https://github.com/aws/aws-sdk-go-v2/blob/main/aws/retry/jitter_backoff.go"
	limitGo  = "https://github.com/aws/aws-sdk-go-v2/blob/main/aws/retry/adaptive_ratelimit.go"
	bucketGo = "https://github.com/aws/aws-sdk-go-v2/blob/main/aws/ratelimit/token_bucket.go"
)

// Constants are the numbers and rules of the client with their sources.
func Constants() []source.Constant {
	o := DefaultOptions()
	list := []source.Constant{
		{Name: "attempts.most", Value: fmt.Sprint(o.MaxAttempts), Unit: "requests", Kind: source.Measured,
			Source: "VPC CNI v1.23.1 against a local endpoint; its session helper asks for 10 but also installs a retryer, and the SDK then drops the number: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awssession/session.go"},
		seconds("attempt.timeout", o.AttemptTimeout, "HTTP_TIMEOUT of the VPC CNI, which takes no less: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awssession/session.go"),
		number("quota.size", o.RetryQuota, "tokens", "DefaultRetryRateTokens: "+retryGo),
		number("quota.retry", retryCost, "tokens", "DefaultRetryCost: "+retryGo),
		number("quota.retryAfterTimeout", retryTimeoutCost, "tokens", "DefaultRetryTimeoutCost: "+retryGo),
		number("quota.success", successRefund, "tokens back", "DefaultNoRetryIncrement; a retry that succeeds gets its cost back as well: "+retryGo+", "+bucketGo),
	}
	for n := 1; n <= maxJitteredAttempt; n++ {
		list = append(list, source.Constant{Name: fmt.Sprintf("backoff.%d", n), Value: fmt.Sprintf("0 to %g", longestBackoff(n).Seconds()), Unit: "s", Kind: source.FromCode,
			Source: fmt.Sprintf("uniform, after failed attempt %d: %s", n, jitterGo)})
	}
	list = append(list,
		source.Constant{Name: "adaptive.smooth", Value: fmt.Sprint(adaptiveSmooth), Kind: source.FromCode, Source: "adaptive mode, weight of the last half second in the measured rate: " + limitGo},
		source.Constant{Name: "adaptive.beta", Value: fmt.Sprint(adaptiveBeta), Kind: source.FromCode, Source: "what a throttled request leaves of the rate: " + limitGo},
		source.Constant{Name: "adaptive.scale", Value: fmt.Sprint(adaptiveScale), Unit: "requests/s⁴", Kind: source.FromCode, Source: "of the cube of the time since the last throttled request, by which the rate grows: " + limitGo},
		source.Constant{Name: "adaptive.minFill", Value: fmt.Sprint(adaptiveMinFill), Unit: "tokens/s", Kind: source.FromCode, Source: "the lowest rate: " + limitGo},
	)
	const metadata = "measured on the client of the VPC CNI v1.23.1; that a service that answers nothing takes no connections is our assumption"
	return append(list,
		seconds(fmt.Sprintf("backoff.%dAndLater", maxJitteredAttempt+1), maxBackoff, "DefaultMaxBackoff, without jitter from here on: "+jitterGo),
		source.Rule("retryable.throttles", codes(throttleCodes), source.FromCode, "DefaultThrottleErrorCodes: "+retryGo),
		source.Rule("retryable.timeouts", codes(timeoutCodes), source.FromCode, "DefaultRetryableErrorCodes, and requests without an answer: "+retryGo),
		source.Constant{Name: "retryable.statuses", Value: statuses(), Unit: "HTTP", Kind: source.FromCode, Source: "DefaultRetryableHTTPStatusCodes: " + retryGo},
		number("leaked.pageSize", leakedPageSize, "results", "getLeakedENIs: https://github.com/aws/amazon-vpc-cni-k8s/blob/v1.23.1/pkg/awsutils/awsutils.go"),
		source.Constant{Name: "metadata.dial", Value: fmt.Sprintf("%g", metadataDial.Seconds()), Unit: "s", Kind: source.Measured, Source: "how long a read of instance metadata waits for a connection: " + metadata},
		source.Constant{Name: "metadata.pause", Value: fmt.Sprintf("%g", metadataPause.Seconds()), Unit: "s", Kind: source.Measured, Source: "between the tries of a read: " + metadata},
		source.Constant{Name: "metadata.tries", Value: fmt.Sprint(metadataTries), Unit: "requests", Kind: source.Measured, Source: "tries of a read: " + metadata},
	)
}

func seconds(name string, d time.Duration, where string) source.Constant {
	return source.Duration(name, d, source.FromCode, where)
}

func number(name string, n int, unit, where string) source.Constant {
	return source.Number(name, n, unit, source.FromCode, where)
}

// highest makes every draw the highest.
type highest struct{}

func (highest) Uint64() uint64 { return 1<<64 - 1 }

// longestBackoff is the upper end of the pause after the n-th attempt.
func longestBackoff(n int) time.Duration {
	c := Client{random: rand.New(highest{})}
	return c.backoff(n).Round(time.Millisecond)
}

func codes(set map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(set)), ", ")
}

// statuses asks the retryer about every status of an error.
func statuses() string {
	var list []string
	for status := 400; status < 600; status++ {
		if retryable(&ec2model.Error{HTTPStatus: status}) {
			list = append(list, fmt.Sprint(status))
		}
	}
	return strings.Join(list, ", ")
}
