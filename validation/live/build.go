package live

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Releases are the releases of the VPC CNI that can be driven, the newest first:
// each has a go.mod here, go.mod itself is the first one's.
var Releases = []string{"v1.23.2", "v1.23.1"}

// Daemon is a release of the real daemon, built to be driven.
type Daemon struct {
	Release string
	plain   string // the program with the daemon as it was released
	inOrder string // the one whose maps are walked in order

	idle time.Duration // CPU of a process that has next to nothing to play
}

// Build builds a release, or takes the programs that an earlier Build has left if
// they are to be used again whatever has changed since. Copies of modules and
// programs go to a folder of the user's cache, from where they may be deleted at
// any time. here is the folder of this package.
func Build(here, release string, again bool) (*Daemon, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil, err
	}
	out := filepath.Join(cache, "ipamsim-live", release)
	d := &Daemon{Release: release, plain: filepath.Join(out, "plain"), inOrder: filepath.Join(out, "ordered")}
	if !again {
		if err := d.build(filepath.Join(here, "real"), out); err != nil {
			return nil, err
		}
	}
	moment := on("t3.small", 11, 0).named("moment")
	moment.DurationMS = 1
	r, err := d.Play(context.Background(), Job{Scenario: moment, Maps: GoOrder}, false)
	if err != nil {
		return nil, err
	}
	d.idle = r.cpu
	return d, nil
}

// build builds both programs in the real daemon's module.
func (d *Daemon) build(module, out string) error {
	mod := "go.mod"
	if d.Release != Releases[0] {
		mod = d.Release + ".mod"
	}
	if err := goTool(module, "run", "./patch", "-mod", mod, "-out", out); err != nil {
		return err
	}
	for _, program := range []string{d.plain, d.inOrder} {
		// The flag lets package node reach what math/rand draws from.
		if err := goTool(module, "build", "-trimpath", "-ldflags=-checklinkname=0", "-modfile", program+".mod", "-o", program, "./node"); err != nil {
			return err
		}
	}
	return nil
}

func goTool(folder string, args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return nil
}
