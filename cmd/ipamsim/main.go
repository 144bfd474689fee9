// Command ipamsim simulates how a fleet of EKS nodes gets pod IP addresses:
// the VPC CNI's ipamd on every node against a modelled EC2.
package main

import (
	"context"
	"os"

	"ipamsim/sim"
)

func main() {
	a := &app{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, simulate: sim.Run, version: programVersion()}
	os.Exit(a.execute(context.Background(), os.Args[1:]))
}
