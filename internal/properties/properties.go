// Package properties makes every run of the tests try the same random cases.
// A test that tries other cases each time fails one day for a change that has
// nothing to do with it, on a machine where nobody looks for the cause. Tests of
// properties import it for its effect alone. `make properties` tries others, and
// more.
package properties

import (
	"flag"
	"fmt"
	"os"
	"strconv"

	_ "pgregory.net/rapid" // its flags are there before init runs
)

const (
	seedFlag     = "rapid.seed"
	seedVariable = "RAPID_SEED" // rapid's own; 0 asks for cases that nobody has seen
	seed         = "1"

	checksFlag     = "rapid.checks"
	checksVariable = "RAPID_CHECKS"
)

func init() {
	if _, chosen := os.LookupEnv(seedVariable); chosen {
		return
	}
	if err := flag.Set(seedFlag, seed); err != nil { // one on the command line is read later, and wins
		panic(fmt.Sprintf("properties: rapid has no flag %s: %v", seedFlag, err))
	}
}

// Checks is how many cases each property of a package tries, where a case is a
// whole fleet, unless somebody asks for another number. It is called by an init
// function.
func Checks(n int) {
	if _, chosen := os.LookupEnv(checksVariable); chosen {
		return
	}
	if err := flag.Set(checksFlag, strconv.Itoa(n)); err != nil {
		panic(fmt.Sprintf("properties: rapid has no flag %s: %v", checksFlag, err))
	}
}
