// Command judge replays the traces of a folder with the simulated daemon and
// prints the names of those that do not conform, one a line. It is ipamsim conform
// with nothing around it, so that it is soon built of a changed source.
package main

import (
	"context"
	"fmt"
	"os"

	"ipamsim/validation"
)

// seeds of random picks are few: what is looked for shows with ordered ones.
const seeds = 3

func main() {
	if err := judge(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "judge:", err)
		os.Exit(2)
	}
}

func judge(paths []string) error {
	sources, err := validation.Load(paths...)
	if err != nil {
		return err
	}
	return validation.Conform(context.Background(), sources, validation.Options{Seeds: seeds}, func(v validation.Verdict) error {
		if v.Error != "" {
			return fmt.Errorf("%s: %s", v.Name, v.Error)
		}
		if !v.Conforms {
			fmt.Println(v.Name)
		}
		return nil
	})
}
