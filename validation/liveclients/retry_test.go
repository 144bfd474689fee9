package clients

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"

	"ipamsim/ec2model"
)

// scarce gives CreateTags a bucket of five tokens that fills with five a second.
func scarce(cfg *ec2model.Config) {
	cfg.Profile.Requests[ec2model.CreateTags] = ec2model.Bucket{Burst: 5, RefillPerSecond: 5}
}

// patient makes ten attempts, whatever other calls have spent.
func patient(o *retry.StandardOptions) { o.MaxAttempts, o.RateLimiter = 10, ratelimit.None }

// tagging sends CreateTags from several callers at once, each so often, and counts
// what came of it.
func (w *world) tagging(callers, each int, retryer func() aws.Retryer) (failed int, took time.Duration, attempts int) {
	var mutex sync.Mutex
	var throttled, sent atomic.Int64
	w.account.Observe(func(a ec2model.Attempt) {
		if a.Action == ec2model.CreateTags {
			sent.Add(1)
			if a.Throttled {
				throttled.Add(1)
			}
		}
	})
	start := time.Now()
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			c := w.ec2(func(o *ec2.Options) { o.Retryer = retryer() })
			for range each {
				in := &ec2.CreateTagsInput{Resources: []string{subnetA}, Tags: tagged("k", "v")}
				if _, err := c.CreateTags(w.ctx, in); err != nil {
					mutex.Lock()
					failed++
					mutex.Unlock()
					var api smithy.APIError
					if !errors.As(err, &api) || api.ErrorCode() != ec2model.CodeRequestLimitExceeded {
						w.Errorf("a call fails: %v", err)
					}
				}
			}
		})
	}
	all.Wait()
	return failed, time.Since(start), int(sent.Load())
}

// The standard retryer gets three attempts of each call through a bucket that it
// exceeds a little, and gives up when it exceeds it by far.
func TestSDKRetriesInStandardMode(t *testing.T) {
	standard := func() aws.Retryer { return retry.NewStandard() }
	inBubble(t, func(w *world) {
		time.Sleep(960 * time.Millisecond) // the answer to a throttled request takes 50 ms at least: by then the bucket has filled
		failed, _, attempts := w.tagging(7, 1, standard)
		if failed != 0 || attempts != 9 {
			w.Errorf("%d fail in %d attempts", failed, attempts)
		}
		tried("| aws-sdk-go-v2, standard, 3 attempts | 7 calls at once on a bucket of 5 tokens that fills with 5 a second | all succeed: two are sent again, once |")
	}, scarce)
	inBubble(t, func(w *world) {
		failed, _, attempts := w.tagging(60, 1, standard)
		if failed < 20 || attempts <= 100 || attempts > 180 {
			w.Errorf("%d fail in %d attempts", failed, attempts)
		}
		tried("| aws-sdk-go-v2, standard, 3 attempts | 60 calls at once on the same bucket | 20 and more fail with RequestLimitExceeded after their third attempt |")
	}, scarce)
	inBubble(t, func(w *world) {
		many := func() aws.Retryer {
			return retry.NewStandard(patient)
		}
		failed, took, _ := w.tagging(60, 1, many)
		if failed != 0 || took < 11*time.Second || took > 4*time.Minute {
			w.Errorf("%d fail, all take %v", failed, took)
		}
		tried("| aws-sdk-go-v2, standard, 10 attempts | 60 calls at once on the same bucket | all succeed, the last not before 11 s |")
	}, scarce)
}

// The adaptive retryer waits for a rate of its own, in pieces that it rounds down to
// nothing: in a bubble, whose clock stands still meanwhile, it would spin for ever.
// So it runs against a port.
func TestSDKRetriesInAdaptiveMode(t *testing.T) {
	cfg := config()
	scarce(&cfg)
	onPort(t, cfg, 1, func(w *world) {
		one := retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, patient) })
		failed, _, attempts := w.tagging(6, 4, func() aws.Retryer { return one }) // one client's, so that its rate is that of all
		if failed != 0 || attempts < 24 {
			w.Errorf("%d of 24 calls fail, in %d attempts", failed, attempts)
		}
		tried("| aws-sdk-go-v2, adaptive, 10 attempts | 24 calls of 6 goroutines of one client on the same bucket | all succeed |")
	})
}

func TestCLIRetries(t *testing.T) {
	onCommands(t, func(c *commands) {
		_ = c.pace.Act(func(time.Duration) {
			c.account.SetFault(func(_ ec2model.Caller, action ec2model.Action, start time.Duration) *ec2model.Error {
				if action == ec2model.DescribeVpcs {
					return ec2model.NewError(ec2model.CodeRequestLimitExceeded, "Request limit exceeded.")
				}
				return nil
			})
		})
		for _, mode := range []string{"standard", "adaptive"} {
			attempts := c.count(ec2model.DescribeVpcs)
			c.env = append(c.env, "AWS_RETRY_MODE="+mode, "AWS_MAX_ATTEMPTS=3")
			_, err := c.run("describe-vpcs")
			if err == nil || !strings.Contains(err.Error(), "(RequestLimitExceeded) when calling the DescribeVpcs operation (reached max retries: 2)") {
				c.Errorf("%s: %v", mode, err)
			}
			if n := attempts(); n != 3 {
				c.Errorf("%s: %d attempts", mode, n)
			}
			tried(fmt.Sprintf("| AWS CLI, %s, 3 attempts | a call that is always throttled | it fails with RequestLimitExceeded, \"reached max retries: 2\", after three requests |", mode))
		}
	})
}

// count counts the attempts of an action from now on.
func (w *world) count(action ec2model.Action) func() int {
	var n atomic.Int64
	_ = w.pace.Act(func(time.Duration) {
		w.account.Observe(func(a ec2model.Attempt) {
			if a.Action == action {
				n.Add(1)
			}
		})
	})
	return func() int { return int(n.Load()) }
}
