package serving

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a listener whose connections never leave the process.
type pipes struct{ conns chan net.Conn }

func (p pipes) Accept() (net.Conn, error) {
	c, ok := <-p.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}
func (p pipes) Close() error   { close(p.conns); return nil }
func (p pipes) Addr() net.Addr { return &net.UnixAddr{} }

// With two connections open a third one waits until one of them ends, however
// often that is closed; and a closed listener lets nobody wait.
func TestALimitedListenerHasRoomForSoMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pipes{make(chan net.Conn, 10)}
		for range 5 {
			_, there := net.Pipe()
			p.conns <- there
		}
		l := limit(p, 2)
		taken := make(chan net.Conn, 10)
		over := make(chan struct{})
		go func() {
			defer close(over)
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				taken <- c
			}
		}()
		synctest.Wait()
		if len(taken) != 2 {
			t.Fatalf("%d connections are open", len(taken))
		}
		c := <-taken
		_, _ = c.Close(), c.Close()
		synctest.Wait()
		if len(taken) != 2 {
			t.Errorf("%d after one has ended", len(taken))
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		<-over
	})
}

// Whoever sends a header or a body by the drop, or does not read what it has asked
// for, is cut off in time, and what is no HTTP is refused.
func TestClientsThatTakeTheirTimeAreCutOff(t *testing.T) {
	serve(t, small, 1, func(s *served) {
		p := pipes{make(chan net.Conn)}
		server := NewServer(s.Session)
		over := make(chan struct{})
		go func() { _ = server.Serve(p); close(over) }()
		dial := func() net.Conn {
			here, there := net.Pipe()
			p.conns <- there
			return here
		}
		lasts := func(what string, want time.Duration, act func(net.Conn)) {
			begin := time.Now()
			c := dial()
			act(c)
			_ = c.Close()
			if took := time.Since(begin); took < want || took > want+2*time.Second {
				s.Errorf("%s: %v, want %v and a little", what, took, want)
			}
		}
		drops := func(before, drop string) func(net.Conn) {
			return func(c net.Conn) {
				_, err := io.WriteString(c, before)
				for err == nil {
					time.Sleep(800 * time.Millisecond)
					_ = c.SetDeadline(time.Now().Add(time.Second / 2)) // the server may have stopped reading, and answers
					_, err = io.WriteString(c, drop)
				}
			}
		}
		lasts("headers by the drop", headerTimeout, drops("GET / HTTP/1.1\r\nHost: a\r\n", "X-A: b\r\n"))
		lasts("a body by the drop", readTimeout, drops("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n", "a"))
		lasts("no reading", 30*time.Second, func(c net.Conn) {
			_, _ = io.WriteString(c, "GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
			time.Sleep(29 * time.Second)
			for range 2 {
				_, _ = c.Read(make([]byte, 1)) // there is more than fits into a buffer
			}
			time.Sleep(1500 * time.Millisecond)
			if _, err := io.Copy(io.Discard, c); err != nil && err != io.ErrClosedPipe {
				s.Error(err)
			}
		})
		for _, rubbish := range []string{
			"\x16\x03\x01\x02\x00\x01\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.7\r\nHost: a\r\n\r\n", "GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabc", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("a", 1<<17) + "\r\n\r\n",
		} {
			c := dial()
			go func() { _, _ = io.WriteString(c, rubbish) }()
			if answer, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || answer.StatusCode < 400 || answer.StatusCode == 500 {
				s.Errorf("%.40q: %v %v", rubbish, answer, err)
			}
			_ = c.Close()
		}
		time.Sleep(time.Minute) // closed connections linger
		_ = server.Close()
		<-over
		if n := s.handler.InFlight(); n != 0 {
			s.Errorf("%d requests are still in flight", n)
		}
	})
}

// An answer takes as long as the account takes for it, which at a low speed is
// longer than a request may take to be read.
func TestAnAnswerThatTakesMinutesComes(t *testing.T) {
	serve(t, small, 0.001, func(s *served) {
		p := pipes{make(chan net.Conn)}
		server := NewServer(s.Session)
		over := make(chan struct{})
		go func() { _ = server.Serve(p); close(over) }()
		here, there := net.Pipe()
		p.conns <- there
		began := time.Now()
		_, _ = io.WriteString(here, "GET /?Action=DescribeSubnets&Version=2016-11-15&X-Amz-Credential=a/20260101/us-west-2/ec2/aws4_request HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(here), nil)
		if took := time.Since(began); err != nil || answer.StatusCode != 200 || took < readTimeout+10*time.Second {
			s.Errorf("after %v: %v %v", took, answer, err)
		}
		_ = here.Close()
		time.Sleep(time.Minute)
		_ = server.Close()
		<-over
	})
}
