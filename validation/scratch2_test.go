package validation

import (
	"fmt"
	"os"
	"testing"
)

func TestScratch2(t *testing.T) {
	dir := os.Getenv("TRACES2")
	if dir == "" {
		t.Skip()
	}
	src, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range src {
		tr, err := Parse(s.Data)
		if err != nil {
			t.Fatal(err)
		}
		list := tr.stableProjections()
		if tr.FullyStable {
			list = everything
		}
		n := map[string]int{}
		first := ""
		for seed := 1; seed <= 200; seed++ {
			got, err := Run(&tr.Scenario, RandomPicks(seed), false)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				if d := p.diff(&tr.Recording, got); d != nil {
					n[p.name]++
					if first == "" {
						first = d.String()
					}
				}
			}
		}
		if len(n) > 0 {
			fmt.Println(s.Path, tr.FullyStable, tr.LegalRuns, n, first)
		}
	}
}
