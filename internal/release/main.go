// Release builds what a release consists of into a folder: for each platform an
// archive with the static program, its manual pages and completions, and a list
// of what it is made of (SBOM); and the digests of them all. Of one commit it
// makes the same bytes each time, wherever the clone lies.
//
//	go run ./internal/release -out dist
//
// The version is the tag of the commit, or else Go's pseudo-version of it; both
// are semantic versions. A work tree with changes is refused, because it has
// neither.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// platform is one that programs are built for.
type platform struct{ os, arch string }

var platforms = []platform{
	{"linux", "amd64"}, {"linux", "arm64"},
	{"darwin", "amd64"}, {"darwin", "arm64"},
	{"windows", "amd64"}, {"windows", "arm64"},
}

func (p platform) String() string { return p.os + "-" + p.arch }

// program is the name of the program's file.
func (p platform) program() string {
	if p.os == "windows" {
		return "ipamsim.exe"
	}
	return "ipamsim"
}

func main() {
	out := flag.String("out", "dist", "the folder to write into; it must not be there, or be empty")
	only := flag.String("only", "", "platforms, separated by commas, such as linux-amd64; all of them unless given")
	dirty := flag.Bool("dirty", false, "build a work tree with changes all the same, to try it")
	flag.Parse()
	if flag.NArg() > 0 {
		fail(fmt.Errorf("unexpected argument %q", flag.Arg(0)))
	}
	chosen, err := choose(*only)
	if err != nil {
		fail(err)
	}
	if err := release(*out, chosen, *dirty); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "release:", err)
	os.Exit(1)
}

// choose are the platforms of a list.
func choose(list string) ([]platform, error) {
	if list == "" {
		return platforms, nil
	}
	var chosen []platform
	for name := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(platforms, func(p platform) bool { return p.String() == name })
		if i < 0 {
			return nil, fmt.Errorf("no platform %q: want some of %v", name, platforms)
		}
		chosen = append(chosen, platforms[i])
	}
	return chosen, nil
}

// release makes everything beside the folder and moves it there when it is
// whole.
func release(out string, chosen []platform, dirty bool) error {
	if left, err := os.ReadDir(out); err == nil && len(left) > 0 {
		return fmt.Errorf("%s is not empty", out)
	}
	work, err := os.MkdirTemp(filepath.Dir(filepath.Clean(out)), ".release.*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	made := filepath.Join(work, "dist")
	if err := os.Mkdir(made, 0o755); err != nil {
		return err
	}
	which, err := common(filepath.Join(work, "common"), dirty)
	if err != nil {
		return err
	}
	for _, p := range chosen {
		fmt.Fprintln(os.Stderr, "release:", which.version, p)
		if err := pack(work, made, which, p); err != nil {
			return fmt.Errorf("%s: %w", p, err)
		}
	}
	if err := writeSums(made); err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return os.Rename(made, out)
}

// commit is what a release is made of.
type commit struct {
	version string
	time    time.Time
}

// describe reads what Go has written into a program.
func describe(program string, dirty bool) (commit, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return commit{}, err
	}
	c := commit{version: info.Main.Version, time: time.Unix(0, 0).UTC()}
	stamped := false
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.modified" && s.Value == "true" && !dirty:
			return commit{}, errors.New("the work tree has changes, so that no commit is what would be built (-dirty builds it all the same)")
		case s.Key == "vcs.time":
			stamped = true
			if c.time, err = time.Parse(time.RFC3339, s.Value); err != nil {
				return commit{}, err
			}
		}
	}
	if !stamped {
		return commit{}, errors.New("this is no clone of a git repository, whose commit and tag name the version (Go reads them of no linked work tree of git worktree: clone it)")
	}
	return c, nil
}

// writeSums writes the digests of the files, as sha256sum -c reads them.
func writeSums(dir string) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var sums strings.Builder
	for _, f := range files {
		bytes, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(bytes), f.Name())
	}
	return os.WriteFile(filepath.Join(dir, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
