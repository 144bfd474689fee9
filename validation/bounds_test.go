package validation

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATraceOutOfBoundsIsRefused(t *testing.T) {
	const good = `{"format":"vpccni-oracle-trace/1","fully_stable":true,"scenario":{"name":"x","instance_type":"m5.large","subnets":[{"cidr":"10.0.0.0/24","in_use":["10.0.0.9-10.0.0.20"]}],
"latency_ms":{"DescribeInstances":5},"imds_lag_ms":5,"duration_ms":1000,"events":[{"t_ms":5,"kind":"node_unschedulable"}],"workload":[{"t_ms":7,"op":"add","pod":"p"}]}}`
	if _, err := parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ from, to, want string }{
		{"10.0.0.9-10.0.0.20", "0.0.0.0-255.255.255.255", "in_use: 0.0.0.0-255.255.255.255 is not in 10.0.0.0/24"},
		{"10.0.0.9-10.0.0.20", "10.0.0.9-10.0.0.1", "ends before it begins"},
		{"10.0.0.0/24", "10.0.0.0/8", "block of a /16"},
		{"10.0.0.0/24", "fd00::/64", "IPv4"},
		{`"DescribeInstances":5`, `"DescribeInstances":-1`, "latency_ms of DescribeInstances"},
		{`"DescribeInstances":5`, `"DescribeInstances":9223372036854775807`, "latency_ms of DescribeInstances"},
		{`"imds_lag_ms":5`, `"imds_lag_ms":9223372036854775`, "a duration is negative, or more than"},
		{`"duration_ms":1000`, `"duration_ms":9223372036854775`, "duration_ms"},
		{`"t_ms":5`, `"t_ms":-1`, "events[0]: t_ms is -1"},
		{`"t_ms":7`, `"t_ms":-1`, "workload[0]: t_ms is -1"},
		{`"t_ms":7`, `"t_ms":9223372036854775807`, "workload[0]: t_ms"},
	} {
		bad := strings.Replace(good, test.from, test.to, 1)
		if bad == good {
			t.Fatalf("%s is not in the trace", test.from)
		}
		if _, err := parse([]byte(bad)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.to, err, test.want)
		}
	}
}

// zeros has no end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestWhatHasNoEndIsNotRead(t *testing.T) {
	if _, err := io.Copy(io.Discard, &bounded{r: zeros{}, left: 1 << 20}); !errors.Is(err, errTooMuch) {
		t.Errorf("%v", err)
	}
	if _, err := readBounded(zeros{}); err == nil {
		t.Error("a trace without an end was read")
	}
	if info, err := os.Stat("/dev/zero"); err == nil && !info.Mode().IsRegular() {
		if _, err := Load("/dev/zero"); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%v", err)
		}
	}
}

// A member that is no trace is not kept, but it must be unpacked to be passed
// over.
func TestAnArchiveThatUnpacksWithoutEndIsAnError(t *testing.T) {
	var packed bytes.Buffer
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	w := tar.NewWriter(z)
	w.WriteHeader(&tar.Header{Name: "other", Mode: 0o600, Size: maxTotalBytes + 1<<20})
	io.CopyN(w, zeros{}, maxTotalBytes+1<<20)
	w.WriteHeader(&tar.Header{Name: "a.json", Mode: 0o600, Size: 2})
	w.Write([]byte("{}"))
	w.Close()
	z.Close()
	file := filepath.Join(t.TempDir(), "bomb.tar.gz")
	if err := os.WriteFile(file, packed.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(file); !errors.Is(err, errTooMuch) {
		t.Errorf("%v", err)
	}
}
