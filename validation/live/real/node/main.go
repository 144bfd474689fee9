package main

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"
	"testing/synctest"

	"ipamsim/validation/live"
	"ipamsim/validation/live/real/host"
)

func main() {
	var job live.Job
	if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
		fail(fmt.Errorf("the job cannot be read: %w", err))
	}
	if err := host.Seclude(); err != nil {
		fail(err)
	}
	everything := func(string, string) (bool, error) { return true, nil }
	testing.Main(everything, []testing.InternalTest{{Name: "node", F: func(t *testing.T) {
		synctest.Test(t, func(*testing.T) { play(&job) })
	}}}, nil, nil)
}

// play runs the job and ends the process.
func play(job *live.Job) {
	n, err := newNode(job)
	if err == nil {
		err = n.run()
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(live.Result{Recording: n.stage.Recording(), Unseen: n.unseen})
	}
	if err != nil {
		fail(err)
	}
	os.Exit(0)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
