package ipamd

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Line is one line of the daemon's log, ipamd.log on a real node.
type Line struct {
	Level   string `json:"level"`  // debug, info, warn or error
	Caller  string `json:"caller"` // directory/file.go:line, as the real log has it
	Message string `json:"message"`
}

// JSON is the line as the real file has it, in the encoding of its zap logger,
// without the line break. at is when the line was written.
func (l Line) JSON(at time.Time) string {
	var b strings.Builder
	b.WriteString(`{"level":`)
	quoteJSON(&b, l.Level)
	b.WriteString(`,"ts":`)
	quoteJSON(&b, at.Format("2006-01-02T15:04:05.000Z0700"))
	b.WriteString(`,"caller":`)
	quoteJSON(&b, l.Caller)
	b.WriteString(`,"msg":`)
	quoteJSON(&b, l.Message)
	b.WriteString(`}`)
	return b.String()
}

// poolTooLow begins the line of a pass that wants more addresses.
const poolTooLow = "IP pool is too low"

// PoolTooLow says whether the line tells that the pool holds less than its
// targets ask for.
func (l Line) PoolTooLow() bool { return strings.HasPrefix(l.Message, poolTooLow) }

// quoteJSON leaves <, > and & as they are, as zap does.
func quoteJSON(b *strings.Builder, s string) {
	var text strings.Builder
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string always encodes
	b.WriteString(strings.TrimSuffix(text.String(), "\n"))
}

// Levels of lines.
const (
	debug = "debug"
	info  = "info"
	warn  = "warn"
	fail  = "error"
)

// date is the date of a virtual time in the daemon's log and introspection.
func (d *Daemon) date(t time.Duration) time.Time {
	if d.host.Epoch.IsZero() {
		return epoch.Add(t)
	}
	return d.host.Epoch.Add(t)
}

// logs says whether anybody reads the log. Lines whose arguments cost
// something to get are written only then.
func (d *Daemon) logs() bool { return d.host.Log != nil }

// Unobserve ends the log and the news of pauses: nobody listens any more, and
// an idle daemon may park again.
func (d *Daemon) Unobserve() { d.host.Log, d.host.Pausing = nil, nil }

// log writes a line. To call it with arguments costs an allocation even when
// nobody reads: log1 and its like cost a comparison.
func (d *Daemon) log(l line, args ...any) {
	if d.host.Log == nil {
		return
	}
	t := &d.release.lines[l.number()]
	if len(t.spots) == 0 {
		return // the release has no such line
	}
	message := t.format
	if len(args) > 0 {
		message = fmt.Sprintf(t.format, args...)
	}
	d.host.Log(Line{Level: t.level, Caller: t.caller(l.place()), Message: message})
}

// logError writes an error's text where a line stands: the real daemon takes
// the text for a format.
func (d *Daemon) logError(l line, err error) {
	if d.logs() && len(d.release.lines[l.number()].spots) > 0 {
		d.host.Log(Line{Level: fail, Caller: d.release.lines[l.number()].caller(l.place()), Message: err.Error()})
	}
}

func log1[A any](d *Daemon, l line, a A) {
	if d.host.Log != nil {
		d.log(l, a)
	}
}

func log2[A, B any](d *Daemon, l line, a A, b B) {
	if d.host.Log != nil {
		d.log(l, a, b)
	}
}

func log3[A, B, C any](d *Daemon, l line, a A, b B, c C) {
	if d.host.Log != nil {
		d.log(l, a, b, c)
	}
}
