package awssdk

// Drew says whether the client has drawn a random number.
func (c *Client) Drew() bool { return c.random != nil }
