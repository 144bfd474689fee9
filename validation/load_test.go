package validation

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func gzipped(t *testing.T, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write(data)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestLoadTakesFilesFoldersAndBundlesInNaturalOrder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "run_10.json"), []byte("10"))
	write(t, filepath.Join(dir, "run_9.json"), []byte("9"))
	write(t, filepath.Join(dir, "sub", "deep.json.gz"), gzipped(t, []byte("deep")))
	write(t, filepath.Join(dir, "index.json"), []byte("[]"))
	write(t, filepath.Join(dir, "README.md"), []byte("text"))
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	for _, name := range []string{"b/2.json", "b/10.json", "b/index.json", "b/notes.txt"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(name))
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "more.zip"), archive.Bytes())

	contents := func(paths ...string) (list []string) {
		t.Helper()
		sources, err := Load(paths...)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range sources {
			list = append(list, string(s.Data))
		}
		return list
	}
	if got, want := contents(dir), []string{"b/2.json", "b/10.json", "9", "10", "deep"}; !slices.Equal(got, want) {
		t.Errorf("folder: %q, want %q", got, want)
	}
	if got, want := contents(filepath.Join(dir, "run_10.json"), filepath.Join(dir, "index.json"), filepath.Join(dir, "run_9.json")), []string{"10", "9"}; !slices.Equal(got, want) {
		t.Errorf("files: %q, want %q", got, want)
	}
	tarred, err := Load(bundle)
	if err != nil || len(tarred) != bundleCount {
		t.Errorf("tar: %d traces, %v", len(tarred), err)
	}
}

func TestLoadSaysWhatIsMissing(t *testing.T) {
	empty := t.TempDir()
	broken := filepath.Join(empty, "sub", "x.tar.gz")
	write(t, broken, []byte("no archive"))
	for _, c := range []struct{ path, want string }{
		{filepath.Join(empty, "none.json"), "no such file"},
		{t.TempDir(), "no traces found"},
		{broken, broken},
	} {
		if _, err := Load(c.path); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.path, err, c.want)
		}
	}
}

func TestParseIsStrict(t *testing.T) {
	whole, err := json.Marshal(named(t, "external_detach_with_pods"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parse(whole); err != nil {
		t.Fatalf("a trace does not survive being written: %v", err)
	}
	for _, c := range []struct{ old, new, want string }{
		{`"format":"vpccni-oracle-trace/1"`, `"format":"vpccni-oracle-trace/2"`, "format"},
		{`"loop_overhead_ns":100`, `"loop_overhead_ns":-2500000000`, "negative"},
		{`"backoff_jitter_fraction":0`, `"backoff_jitter_fraction":-10`, "backoff_jitter_fraction"},
		{`"legal_runs":`, `"legal_runs":-`, "runs"},
		{`"kind":"detach_external"`, `"kind":"detach_trunk"`, "detach_trunk"},
		{`"cidr":"10.0.0.0/20"`, `"cidr":"10.0.0.0"`, "subnets[0]"},
		{`"op":"add"`, `"op":"ADD"`, "workload[0]"},
		{`"eni":0`, `"eni":-2`, "ordinal"},
	} {
		changed := strings.Replace(string(whole), c.old, c.new, 1)
		if changed == string(whole) {
			t.Fatalf("%s is not in the trace", c.old)
		}
		if _, err := parse([]byte(changed)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.new, err, c.want)
		}
	}
	renamed := strings.Replace(string(whole), `"max_pods":`, `"most_pods":`, 1)
	if trace, err := parse([]byte(renamed)); err != nil || !strings.Contains(trace.Unknown, "most_pods") {
		t.Errorf("an unknown key is not kept for the verdict: %v", err)
	}
	if _, err := parse(append(whole, "{}"...)); err == nil {
		t.Error("data after the trace is accepted")
	}
}
