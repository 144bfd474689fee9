// Package clients asks the account that ipamsim serves with clients that nobody
// here wrote: the EC2 client of aws-sdk-go-v2 and the AWS CLI. Its tests hold
// every action, pages, filters, waiters, errors and retries under throttling to
// what those clients make of them, and write the table of docs/serve-conformance.md.
//
// It is a module of its own so that the SDK's client, which takes minutes to
// build, never reaches the users of ipamsim.
//
//	make clients             # at the root
//	go test . -update        # here: writes the table anew; the AWS CLI is needed
//
// The SDK's client runs in a synctest bubble together with the server, so that
// waiters and back-offs take virtual time; the AWS CLI runs against a real port.
package clients
