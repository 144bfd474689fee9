package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// sbom is what lists the modules of a program, at a version that is not of this
// module: no user's build needs it.
const sbom = "github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0"

// shells and the files that they look for completions in.
var shells = []struct{ name, file string }{
	{"bash", "ipamsim.bash"}, {"zsh", "_ipamsim"}, {"fish", "ipamsim.fish"}, {"powershell", "ipamsim.ps1"},
}

// texts come along in each archive.
var texts = []string{"LICENSE", "README.md", "CHANGELOG.md"}

// build compiles the program for a platform: static, without what differs
// between machines (paths, build identifier, the local C compiler).
func build(to string, p platform, more ...string) error {
	args := append([]string{"build", "-trimpath", "-buildvcs=true", "-ldflags=-s -w -buildid=", "-o", to}, more...)
	cmd := exec.Command("go", append(args, "./cmd/ipamsim")...)
	cmd.Env = append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0", "GOFLAGS=", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	return run(cmd)
}

// common makes what is the same on each platform: manual pages, completions,
// texts. It says what is being released.
func common(dir string, dirty bool) (commit, error) {
	if err := os.MkdirAll(filepath.Join(dir, "completion"), 0o755); err != nil {
		return commit{}, err
	}
	here := platform{runtime.GOOS, runtime.GOARCH}
	documents := filepath.Join(filepath.Dir(dir), "documents-"+here.program())
	if err := build(documents, here, "-tags=man"); err != nil {
		return commit{}, err
	}
	if err := run(exec.Command(documents, "man", filepath.Join(dir, "man", "man1"))); err != nil {
		return commit{}, err
	}
	for _, s := range shells {
		script, err := exec.Command(documents, "completion", s.name).Output()
		if err != nil {
			return commit{}, fmt.Errorf("completion %s: %w", s.name, err)
		}
		if err := os.WriteFile(filepath.Join(dir, "completion", s.file), script, 0o644); err != nil {
			return commit{}, err
		}
	}
	for _, name := range texts {
		text, err := os.ReadFile(name)
		if err != nil {
			return commit{}, err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return commit{}, err
		}
	}
	return describe(documents, dirty)
}

// pack makes a platform's archive and the list of what its program is made of.
func pack(work, made string, which commit, p platform) error {
	name := fmt.Sprintf("ipamsim-%s-%s", which.version, p)
	program := filepath.Join(work, p.String(), p.program())
	if err := build(program, p); err != nil {
		return err
	}
	list := filepath.Join(made, name+".cdx.json")
	cmd := exec.Command("go", "run", sbom, "bin", "-json", "-std", "-noserial", "-notimestamp", "-version", which.version, "-output", list, program)
	cmd.Env = append(os.Environ(), "GOFLAGS=")
	if err := run(cmd); err != nil {
		return err
	}
	content, err := contents(filepath.Join(work, "common"))
	if err != nil {
		return err
	}
	content = append([]entry{{p.program(), program, 0o755}}, content...)
	if p.os == "windows" {
		return writeZip(filepath.Join(made, name+".zip"), name, content, which.time)
	}
	return writeTar(filepath.Join(made, name+".tar.gz"), name, content, which.time)
}

// run runs a command and shows what it said if it failed.
func run(cmd *exec.Cmd) error {
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, said)
	}
	return nil
}
