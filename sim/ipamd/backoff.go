package ipamd

import (
	"errors"
	"time"

	"ipamsim/internal/portable"
)

// backoff repeats a step: it runs at once, then after start, then after twice
// that and so on up to backoffCap, each pause lengthened by the jitter.
type backoff struct {
	start  time.Duration
	jitter float64 // of the pause
	tries  int
	why    Pause
}

// The back-offs of the real daemon (pkg/awsutils).
var (
	waitBackoff   = backoff{start: 100 * time.Millisecond, jitter: 0.15, tries: 12, why: MetadataPause}
	detachBackoff = backoff{start: 200 * time.Millisecond, jitter: 0.15, tries: 12, why: RetryPause}
	deleteBackoff = backoff{start: 500 * time.Millisecond, jitter: 0.15, tries: 12, why: RetryPause}
	tagBackoff    = backoff{start: 500 * time.Millisecond, jitter: 0.30, tries: 5, why: RetryPause}
)

const backoffCap = time.Minute

// retry runs step until it succeeds, and returns its last error. There is no
// pause after the last try.
func (d *Daemon) retry(b backoff, step func() error) error {
	pause := b.start
	for try := 1; ; try++ {
		err := step()
		if err == nil || try == b.tries {
			return err
		}
		d.sleep(b.why, pause+d.host.Jitter(time.Duration(portable.Int64(float64(pause)*b.jitter))))
		pause = min(2*pause, backoffCap)
	}
}

// code is an API error's code, or "".
func code(err error) string {
	coded, ok := err.(interface{ ErrorCode() string }) // next to always, and sooner known
	if ok || errors.As(err, &coded) {
		return coded.ErrorCode()
	}
	return ""
}

const (
	codeNotFound     = "InvalidNetworkInterfaceID.NotFound"
	codeLimit        = "PrivateIpAddressLimitExceeded"
	codeNoAddresses  = "InsufficientFreeAddressesInSubnet"
	codeNoCIDRBlocks = "InsufficientCidrBlocks"
)

// insufficient says whether EC2 had no address or no block left.
func insufficient(err error) bool {
	c := code(err)
	return c == codeNoAddresses || c == codeNoCIDRBlocks
}
