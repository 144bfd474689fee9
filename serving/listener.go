package serving

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// The bounds of connections: our own. An answer may take as long as the account
// takes for it; to read it has a bound in package queryapi.
const (
	headerTimeout   = 10 * time.Second
	readTimeout     = 30 * time.Second // headers and body
	idleTimeout     = 2 * time.Minute
	headerBytes     = 64 << 10
	mostConnections = 8192 // open at once
)

// NewServer is an HTTP server within those bounds.
func NewServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: headerBytes}
}

// Limit bounds the connections of a listener that are open at once. More wait in
// the kernel's queue until one ends.
func Limit(l net.Listener) net.Listener { return limit(l, mostConnections) }

func limit(l net.Listener, most int) *limited {
	return &limited{Listener: l, room: make(chan struct{}, most), over: make(chan struct{})}
}

type limited struct {
	net.Listener
	room  chan struct{}
	over  chan struct{} // closed with the listener
	close sync.Once
}

// Accept implements net.Listener.
func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.room <- struct{}{}:
	case <-l.over:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.room
		return nil, err
	}
	return &counted{Conn: c, leave: sync.OnceFunc(func() { <-l.room })}, nil
}

// Close implements net.Listener.
func (l *limited) Close() error {
	l.close.Do(func() { close(l.over) })
	return l.Listener.Close()
}

// counted is a connection that makes room when it ends.
type counted struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
