package main

import (
	"context"
	"errors"
	"fmt"
	"io"
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
// number of the process that it serves.
type wires struct {
	mu    sync.Mutex
	open  map[string]*pipes
	conns map[string][]net.Conn
}

var errNobody = errors.New("nobody serves this host")

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

// end ends a host, as its process has ended: its conversations are cut, and whoever
// of that process asks for anything from now on is refused at once, with an error
// after which the SDK does not try again. A retry would draw a back-off that is the
// next process's; and the SDK waits for one with the lock of its metadata token
// held, while who waits for a lock stops the clock of a bubble.
func (w *wires) end(host string) {
	w.mu.Lock()
	cut := w.conns[host]
	delete(w.conns, host)
	w.mu.Unlock()
	for _, c := range cut {
		c.Close()
	}
	w.serve(host, http.HandlerFunc(refuse))
}

func refuse(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusBadRequest)
	io.WriteString(w, "<Response><Errors><Error><Code>ProcessHasEnded</Code><Message>the daemon's process has ended</Message></Error></Errors></Response>")
}

func (w *wires) dial(ctx context.Context, _, address string) (net.Conn, error) {
	host, _, _ := strings.Cut(address, ":")
	w.mu.Lock()
	l := w.open[host]
	w.mu.Unlock()
	if l == nil {
		return nil, errNobody
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
