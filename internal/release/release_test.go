package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// What an archive holds decides its bytes: not when its files were written, nor
// in which order or by whom.
func TestAnArchiveIsTheSameWhoeverMakesIt(t *testing.T) {
	commit := time.Date(2026, 11, 30, 1, 2, 3, 0, time.UTC)
	for name, write := range map[string]func(to, root string, content []entry, at time.Time) error{"tar": writeTar, "zip": writeZip} {
		var made [][]byte
		for i := range 2 {
			dir := t.TempDir()
			names := []string{"LICENSE", "man/man1/a.1", "b"}
			for j := range names { // in another order the second time
				file := filepath.Join(dir, names[(j+i)%len(names)])
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(filepath.Base(file)), 0o600+os.FileMode(i)); err != nil {
					t.Fatal(err)
				}
				written := commit.Add(time.Duration(i+j) * time.Hour)
				if err := os.Chtimes(file, written, written); err != nil {
					t.Fatal(err)
				}
			}
			content, err := contents(dir)
			if err != nil {
				t.Fatal(err)
			}
			to := filepath.Join(t.TempDir(), "archive")
			if err := write(to, "ipamsim", content, commit); err != nil {
				t.Fatal(err)
			}
			archive, err := os.ReadFile(to)
			if err != nil {
				t.Fatal(err)
			}
			made = append(made, archive)
		}
		if len(made[0]) == 0 || !bytes.Equal(made[0], made[1]) {
			t.Errorf("%s: the same files make archives of %d and %d bytes that differ", name, len(made[0]), len(made[1]))
		}
	}
}

func TestAReleaseOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := release(dir, nil, false); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("got %v, want that the folder is not empty", err)
	}
}

func TestPlatformsAreChosenByName(t *testing.T) {
	if all, err := choose(""); err != nil || len(all) != 6 {
		t.Errorf("got %v, %v; want all six", all, err)
	}
	if two, err := choose("windows-arm64,linux-amd64"); err != nil || len(two) != 2 || two[0].program() != "ipamsim.exe" {
		t.Errorf("got %v, %v", two, err)
	}
	if _, err := choose("linux"); err == nil || !strings.Contains(err.Error(), "linux-amd64") {
		t.Errorf("got %v, want the names that there are", err)
	}
}

func TestAProgramThatIsOfNoCommitIsNoRelease(t *testing.T) {
	self, err := os.Executable() // a test's program is not stamped
	if err != nil {
		t.Fatal(err)
	}
	if _, err := describe(self, false); err == nil || !strings.Contains(err.Error(), "git") {
		t.Errorf("got %v, want that there is no commit", err)
	}
}
