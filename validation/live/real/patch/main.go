// Command patch prepares builds of package node.
//
// The daemon asks the SDK for its connections, and the SDK has no seam for who
// dials. So patch copies the SDK's module from the module cache to a folder,
// changes two lines of its HTTP transport there, and writes a go.mod that points
// to the copy. Nothing else differs: the daemon itself is the module that its
// authors have released.
//
// Where Go's map order decides what the daemon does, runs of it cannot be compared
// one by one. For that there is a second go.mod, which points to a copy of the
// daemon's module too: in it the daemon's maps are walked in an order that a
// variable tells, half a pass of its loop takes a given time, and its context can
// be seen before it has been initialised.
//
// The copies are made for a test and thrown away with the folder.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The modules that are copied.
const (
	sdk    = "github.com/aws/aws-sdk-go-v2"
	daemon = "github.com/aws/amazon-vpc-cni-k8s"
)

func main() {
	out := flag.String("out", "", "the folder to fill")
	mod := flag.String("mod", "go.mod", "which go.mod says what is copied")
	flag.Parse()
	if *out == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := prepare(*out, *mod); err != nil {
		fmt.Fprintln(os.Stderr, "patch:", err)
		os.Exit(1)
	}
}

// prepare fills a folder: sdk, daemon, plain.mod and ordered.mod.
func prepare(out, mod string) error {
	out, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	mark, err := marking(mod)
	if err != nil {
		return err
	}
	marked := filepath.Join(out, "made-of")
	if was, err := os.ReadFile(marked); err == nil && string(was) == mark {
		return nil // nothing has changed since
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	sdkCopy, daemonCopy := filepath.Join(out, "sdk"), filepath.Join(out, "daemon")
	if err := copyModule(mod, sdk, sdkCopy); err != nil {
		return err
	}
	if err := patchTransport(sdkCopy); err != nil {
		return err
	}
	if err := writeMod(mod, filepath.Join(out, "plain.mod"), map[string]string{sdk: sdkCopy}); err != nil {
		return err
	}
	if err := copyModule(mod, daemon, daemonCopy); err != nil {
		return err
	}
	if err := patchDaemon(mod, daemonCopy); err != nil {
		return err
	}
	if err := writeMod(mod, filepath.Join(out, "ordered.mod"), map[string]string{sdk: sdkCopy, daemon: daemonCopy}); err != nil {
		return err
	}
	return os.WriteFile(marked, []byte(mark), 0o644)
}

// marking tells what a folder is made of: the modules' versions, where ipamsim is,
// and the sources of this program.
func marking(mod string) (string, error) {
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	sources, err := filepath.Glob(filepath.Join("patch", "*.go"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, here)
	for _, file := range append(sources, mod, strings.TrimSuffix(mod, ".mod")+".sum") {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(sum, file, len(text))
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// writeMod writes a go.mod, and its go.sum, with modules replaced by folders.
func writeMod(mod, file string, replaced map[string]string) error {
	sums, err := os.ReadFile(strings.TrimSuffix(mod, ".mod") + ".sum")
	if err != nil {
		return err
	}
	text, err := os.ReadFile(mod)
	if err != nil {
		return err
	}
	if err := os.WriteFile(strings.TrimSuffix(file, ".mod")+".sum", sums, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		return err
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	replaced["ipamsim"] = filepath.Join(here, "..", "..", "..")
	for module, folder := range replaced {
		if _, err := goTool("mod", "edit", "-replace="+module+"="+folder, file); err != nil {
			return err
		}
	}
	return nil
}

// goTool is what the go command says.
func goTool(args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("go %s: %w", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(text)), nil
}
