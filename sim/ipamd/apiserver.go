package ipamd

import (
	"errors"
	"time"
)

// apiServerCheck is how a release looks for the API server when its process
// starts, before anything else. The address of the cluster's Service leads
// there once kube-proxy has written its rules; until then a request gets no
// answer, also when the rules come meanwhile, because the kernel goes on with
// the connection as it began.
type apiServerCheck struct {
	request time.Duration // until a request that nobody answers is given up
	tries   int           // of them; the process goes on without the API server then
	fatal   bool          // it ends instead
}

// apiServerPolled is cmd/aws-k8s-agent/main.go, _main, of v1.23.1 and v1.23.2:
// restCfgTimeout 5 s, pollInterval 5 s, pollTimeout 30 s. The poll's ticker runs
// while a request does (wait.PollUntilContextTimeout), so that the next one
// follows at once. Features that need the API server poll every 2 s without
// end, which is the same but for that.
var apiServerPolled = apiServerCheck{request: 5 * time.Second, tries: 6}

// apiServerAskedOnce is that of v1.9.0, v1.6.3 and v1.6.0: one request, for whose
// connection client-go waits 30 s, and an error ends the process
// (https://github.com/aws/amazon-vpc-cni-k8s/issues/575 has the message).
var apiServerAskedOnce = apiServerCheck{request: 30 * time.Second, tries: 1, fatal: true}

var errNoAPIServer = errors.New("error communicating with apiserver: i/o timeout")

// awaitAPIServer looks for the API server. CLUSTER_ENDPOINT (v1.12.1 and later)
// is an address that needs no kube-proxy.
func (d *Daemon) awaitAPIServer() error {
	if d.host.APIServer == nil || d.Endpoint {
		return nil
	}
	c := d.release.apiServer
	for try := 1; !d.host.APIServer(); try++ {
		d.sleep(APIServerPause, c.request)
		if try < c.tries || d.NeedsAPIServer && !c.fatal {
			continue
		}
		if c.fatal {
			return errNoAPIServer
		}
		return nil
	}
	return nil
}
