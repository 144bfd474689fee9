package reports

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

func write(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

// content of a folder's only file.
func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 {
		t.Fatalf("the folder holds %v", entries)
	}
	text, err := os.ReadFile(filepath.Join(dir, entries[0].Name()))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWriteFileMakesAndReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	for _, text := range []string{"a longer first text", "second"} {
		if err := WriteFile(t.Context(), path, write(text)); err != nil {
			t.Fatal(err)
		}
		if got := onlyFile(t, dir); got != text {
			t.Errorf("the file holds %q, want %q", got, text)
		}
	}
}

// A file that anything else would make has the mode that a new result has.
func TestANewFileHasTheModeThatTheUmaskLeaves(t *testing.T) {
	for _, mask := range []int{0o077, 0o002, 0} {
		old := syscall.Umask(mask)
		dir := t.TempDir()
		err := WriteFile(t.Context(), filepath.Join(dir, "result.json"), write("text"))
		err2 := os.WriteFile(filepath.Join(dir, "other"), nil, 0o666)
		syscall.Umask(old)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		got, err := os.Stat(filepath.Join(dir, "result.json"))
		want, err2 := os.Stat(filepath.Join(dir, "other"))
		if err != nil || err2 != nil || got.Mode() != want.Mode() {
			t.Errorf("umask %o: mode %v, want %v", mask, got.Mode(), want.Mode())
		}
	}
}

func TestALinkToNothingStaysOne(t *testing.T) {
	dir, links := t.TempDir(), t.TempDir()
	link, second := filepath.Join(links, "latest"), filepath.Join(links, "newest")
	if err := errors.Join(os.Symlink(filepath.Join(dir, "new"), link), os.Symlink("latest", second)); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(t.Context(), second, write("new")); err != nil {
		t.Fatal(err)
	}
	if got := onlyFile(t, dir); got != "new" {
		t.Errorf("the file behind the link holds %q", got)
	}
	loop := filepath.Join(links, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(t.Context(), loop, write("new")); err == nil {
		t.Error("a link to itself was written")
	}
}

func TestSeveralFilesAreWrittenAllOrNone(t *testing.T) {
	dir := t.TempDir()
	full := errors.New("no space left on device")
	err := WriteFiles(t.Context(), dir, []NamedFile{{"a", write("a")}, {"b", write("b")}, {"c", func(io.Writer) error { return full }}})
	if !errors.Is(err, full) {
		t.Errorf("error %v", err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestAPictureReplacesALink(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	target := filepath.Join(elsewhere, "scenario.yaml")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(target, filepath.Join(dir, "pod-start.svg")); err != nil {
		t.Skip(err)
	}
	if err := WriteFiles(t.Context(), dir, []NamedFile{{"pod-start.svg", write("new")}}); err != nil {
		t.Fatal(err)
	}
	if got := onlyFile(t, elsewhere); got != "old" {
		t.Errorf("the file behind the link holds %q", got)
	}
}

func TestWriteFileThatFailsLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("broken")
	err := WriteFile(t.Context(), path, func(w io.Writer) error {
		io.WriteString(w, "half of it")
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if got := onlyFile(t, dir); got != "old" {
		t.Errorf("the file holds %q", got)
	}
}

func TestWriteFileKeepsModeAndLink(t *testing.T) {
	dir, links := t.TempDir(), t.TempDir()
	path, link := filepath.Join(dir, "result.json"), filepath.Join(links, "latest.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(t.Context(), link, write("new")); err != nil {
		t.Fatal(err)
	}
	if got := onlyFile(t, dir); got != "new" {
		t.Errorf("the file behind the link holds %q", got)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestWriteFileWritesDevicesDirectly(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip(err)
	}
	if err := WriteFile(t.Context(), os.DevNull, write("anything")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%s became %v, %v", os.DevNull, info.Mode(), err)
	}
}

// Cancelled after any piece, what is written is there as it was, and nothing else.
func TestACancelledWriteLeavesNothingBehind(t *testing.T) {
	const pieces = 2
	piece := bytes.Repeat([]byte("x"), 9000) // more than is buffered
	for at := range 2 * pieces {
		dir := t.TempDir()
		ctx, cancel := context.WithCancel(t.Context())
		done := 0
		piecemeal := func(w io.Writer) error {
			for range pieces {
				if done++; done > at {
					cancel()
				}
				if _, err := w.Write(piece); err != nil {
					return err
				}
			}
			return nil
		}
		if err := os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o666); err != nil {
			t.Fatal(err)
		}
		err := WriteFiles(ctx, dir, []NamedFile{{"a", piecemeal}, {"b", piecemeal}})
		cancel()
		left, err2 := os.ReadDir(dir)
		content, err3 := os.ReadFile(filepath.Join(dir, "a"))
		if !errors.Is(err, context.Canceled) || err2 != nil || err3 != nil || len(left) != 1 || string(content) != "old" {
			t.Errorf("cancelled after %d pieces: %d files are left, %d bytes; %v, %v, %v", at, len(left), len(content), err, err2, err3)
		}
	}
}
