package main

import (
	"os"
	"path/filepath"
)

// patchTransport gives the SDK's transport another dialer, if somebody sets one.
func patchTransport(module string) error {
	folder := filepath.Join(module, "aws", "transport", "http")
	client := filepath.Join(folder, "client.go")
	if err := edit(client, "traceDialContext(dialer.DialContext)", "traceDialContext(bubbled(dialer))", 1); err != nil {
		return err
	}
	if err := edit(client, "tr.DialContext = cpy.dialer.DialContext", "tr.DialContext = bubbled(cpy.dialer)", 1); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "bubble.go"), []byte(`package http

import (
	"context"
	"net"
)

// BubbleDial dials in place of the network, if it is set.
var BubbleDial func(ctx context.Context, network, address string) (net.Conn, error)

func bubbled(d *net.Dialer) dialContext {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if BubbleDial == nil {
			return d.DialContext(ctx, network, address)
		}
		if d.Timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, d.Timeout)
			defer cancel()
		}
		return BubbleDial(ctx, network, address)
	}
}
`), 0o644)
}
