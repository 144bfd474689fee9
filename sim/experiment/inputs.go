package experiment

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/scenarios"
	"ipamsim/sim/result"
)

// Inputs are the files that the scenario names, each by its bytes.
func Inputs(variants []scenarios.Expanded) ([]result.Input, error) {
	list := []result.Input{}
	for i := range variants {
		for _, path := range variants[i].Files() {
			name := filepath.Base(path)
			if slices.ContainsFunc(list, func(known result.Input) bool { return known.Name == name }) {
				continue
			}
			h := sha256.New()
			if err := readInto(h, path); err != nil {
				return nil, err
			}
			list = append(list, result.Input{Name: name, Digest: fmt.Sprintf("sha256:%x", h.Sum(nil))})
		}
	}
	slices.SortFunc(list, func(a, b result.Input) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// readInto copies a file.
func readInto(w io.Writer, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(w, file)
	return err
}
