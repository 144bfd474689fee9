package main

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ipamsim/scenarios"
)

// A flag that several commands have takes the same values in each, and a shell
// knows of every value what it may be.
func TestAFlagIsTheSameEverywhere(t *testing.T) {
	a := &app{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}
	type declared struct {
		value, short string
		completes    bool
	}
	files := map[string]bool{"back-test of import": true, "addon-config of tune": true, "from of limits": true, "against of calibrate": true} // their values are the names of files
	at := map[string]map[declared][]string{}
	var visit func(*cobra.Command)
	visit = func(cmd *cobra.Command) {
		if cmd.Name() == "completion" || cmd.Name() == "help" {
			return // cobra's own
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			_, completes := cmd.GetFlagCompletionFunc(f.Name)
			completes = completes || len(f.Annotations) > 0
			value := fmt.Sprintf("%T", f.Value)
			switch v := f.Value.(type) {
			case *wholeFlag:
				value += fmt.Sprint(" from ", v.least, " to ", v.most)
			case *listFlag: // of some commands several
				value = "*pflag.stringValue"
			}
			if f.Value.Type() != "bool" && !completes && !files[f.Name+" of "+cmd.Name()] {
				t.Errorf("%s --%s: a shell would offer files for its value", cmd.CommandPath(), f.Name)
			}
			if at[f.Name] == nil {
				at[f.Name] = map[declared][]string{}
			}
			key := declared{value, f.Shorthand, completes}
			at[f.Name][key] = append(at[f.Name][key], cmd.CommandPath())
		})
		for _, c := range cmd.Commands() {
			visit(c)
		}
	}
	visit(a.root())
	// Formats and outputs are each command's own, and these are two things of one name.
	own := map[string]bool{"output": true, "out": true, "from": true}
	several := 0
	for name, ways := range at {
		if len(ways) > 1 && !own[name] {
			t.Errorf("--%s is declared in several ways: %v", name, ways)
		}
		for _, commands := range ways {
			if len(commands) > 1 {
				several++
			}
		}
	}
	if several < 10 {
		t.Fatalf("only %d flags of several commands were found", several)
	}
}

// --replications and --replication reach as far as the language lets a scenario.
func TestReplicationsAreBoundedAsInTheLanguage(t *testing.T) {
	file, err := scenarios.Open("hello")
	if err != nil {
		t.Fatal(err)
	}
	for n, fine := range map[int]bool{0: false, 1: true, replicationMost: true, replicationMost + 1: false} {
		if _, err := file.Variants(scenarios.Options{Replications: &n}); (err == nil) != fine {
			t.Errorf("%d replications: %v", n, err)
		}
	}
}
