package awssdk

// Drew says whether the client has drawn a random number.
func (c *Client) Drew() bool { return c.random != nil }

// How operations fail besides with EC2's own errors.
type (
	MaxAttemptsError = maxAttemptsError
	QuotaError       = quotaError
	TimeoutError     = timeoutError
)
