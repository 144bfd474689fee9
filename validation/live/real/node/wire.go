package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	_ "unsafe" // for go:linkname
)

// sdkDial is what the copy of the SDK's HTTP transport dials with, if it is set;
// see package patch.
//
//go:linkname sdkDial github.com/aws/aws-sdk-go-v2/aws/transport/http.BubbleDial
var sdkDial func(ctx context.Context, network, address string) (net.Conn, error)

// wires are the pipes to the servers in the bubble. A host is a service and the
// number of the process that it serves: those of a process that has ended are
// cut, and whoever asks for them hears so at once. (To wait would be worse: the SDK
// waits with a lock held, and who waits for a lock stops the clock of a bubble.)
type wires struct {
	mu    sync.Mutex
	open  map[string]*pipes
	conns map[string][]net.Conn
}

var errGone = errors.New("the daemon's process has ended")

func newWires() *wires {
	w := &wires{open: map[string]*pipes{}, conns: map[string][]net.Conn{}}
	sdkDial = w.dial
	return w
}

// serve answers for a host.
func (w *wires) serve(host string, h http.Handler) {
	l := &pipes{accepted: make(chan net.Conn)}
	w.mu.Lock()
	w.open[host] = l
	w.mu.Unlock()
	go http.Serve(l, h)
}

// cut ends all conversations of a host.
func (w *wires) cut(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, host)
	for _, c := range w.conns[host] {
		c.Close()
	}
	delete(w.conns, host)
}

func (w *wires) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	w.mu.Lock()
	l := w.open[host]
	w.mu.Unlock()
	if l == nil {
		return nil, errGone
	}
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	w.mu.Lock()
	w.conns[host] = append(w.conns[host], client)
	w.mu.Unlock()
	return addressed{client}, nil
}

// addressed is a pipe with the address of a TCP connection, which the SDK takes
// apart.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// pipes is a listener whose connections are pipes.
type pipes struct{ accepted chan net.Conn }

func (p *pipes) Accept() (net.Conn, error) { return <-p.accepted, nil }
func (p *pipes) Close() error              { return nil }
func (p *pipes) Addr() net.Addr            { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// hosts are the names of a process's services.
func hosts(process int) (ec2, imds string) {
	return fmt.Sprintf("ec2-%d.bubble", process), fmt.Sprintf("imds-%d.bubble", process)
}
