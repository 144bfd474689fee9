package live

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Missing says what this machine lacks to run the real daemon; it is empty when
// nothing is missing.
func Missing() string {
	if _, err := exec.LookPath("iptables"); err != nil {
		return "iptables is not on the PATH"
	}
	cmd := exec.Command("true")
	Apart(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Sprintf("network and mount namespaces cannot be made: %v", err)
	}
	return ""
}

// Apart lets a command run in network and mount namespaces of its own.
func Apart(cmd *exec.Cmd) {
	attr := &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS}
	if uid := os.Getuid(); uid != 0 {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
		attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}}
	}
	cmd.SysProcAttr = attr
}

// Play runs the real daemon through a scenario. A process that takes far too long
// is ended and begun anew.
func (d *Daemon) Play(ctx context.Context, job Job, plain bool) (*Result, error) {
	for try := 1; ; try++ {
		limited, cancel := context.WithTimeout(ctx, patience)
		r, err := d.playOnce(limited, job, plain)
		stood := limited.Err() != nil && ctx.Err() == nil
		cancel()
		if !stood || try == tries {
			return r, err
		}
	}
}

// A process takes less than a second of CPU for an hour of virtual time. It is
// waited for so long, and so often.
const (
	patience = 20 * time.Minute // for machines that are short of time
	tries    = 3
)

func (d *Daemon) playOnce(ctx context.Context, job Job, plain bool) (*Result, error) {
	program := d.inOrder
	if plain {
		program = d.plain
	}
	input, err := json.Marshal(job)
	if err != nil {
		return nil, err
	}
	var out, errors bytes.Buffer
	cmd := exec.CommandContext(ctx, program)
	Apart(cmd)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errors
	cmd.Env = environment()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s: the real daemon's process: %w: %s", job.Scenario.Name, err, lastLines(errors.String()))
	}
	r := &Result{cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if err := json.Unmarshal(out.Bytes(), r); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", job.Scenario.Name, err, lastLines(errors.String()))
	}
	return r, nil
}

// cpuTime is what this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// environment is what the process begins with; the scenario's variables come
// later. What the daemon reads before its main function is here.
func environment() []string {
	log, level := os.Getenv("IPAMD_LOG"), "DEBUG"
	if log == "" {
		log, level = "/dev/null", "FATAL"
	}
	return []string{
		"PATH=" + os.Getenv("PATH"), "HOME=/", "MY_NODE_NAME=node", "MY_POD_NAME=aws-node",
		"GODEBUG=randautoseed=0,randseednop=0", // its own draws are the same in each run
		"GOGC=off", "GOMEMLIMIT=512MiB",        // a process is over before collecting its garbage pays
		"AWS_VPC_K8S_CNI_LOG_FILE=" + log, "AWS_VPC_K8S_CNI_LOGLEVEL=" + level,
	}
}

func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
