package scenarios

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"

	"ipamsim/internal/words"
)

//go:embed *.yaml incidents/*.yaml
var shipped embed.FS

// incidentFolder is where the scenarios after published incidents are, and how
// their names begin.
const incidentFolder = "incidents/"

// EmbeddedNames are the names of the shipped scenarios: the one for beginners
// first, the others by name.
func EmbeddedNames() []string {
	names := namesIn("*.yaml")
	first := slices.Index(names, "hello")
	return slices.Insert(slices.Delete(names, first, first+1), 0, "hello")
}

// IncidentNames are the names of the shipped scenarios that are made after
// published incidents, sorted: incidents/neon-s1 and so on.
func IncidentNames() []string { return namesIn(incidentFolder + "*.yaml") }

func namesIn(pattern string) (names []string) {
	files, err := fs.Glob(shipped, pattern)
	if err != nil {
		panic(err) // the patterns are constants
	}
	for _, file := range files {
		names = append(names, strings.TrimSuffix(file, ".yaml"))
	}
	slices.Sort(names)
	return names
}

// Embedded is the shipped scenarios in the order of EmbeddedNames.
func Embedded() []*File { return openAll(EmbeddedNames()) }

// Incidents are those after published incidents, in the order of IncidentNames.
func Incidents() []*File { return openAll(IncidentNames()) }

func openAll(names []string) (files []*File) {
	for _, name := range names {
		f, err := openEmbedded(name)
		if err != nil {
			panic(err) // tests read all of them
		}
		files = append(files, f)
	}
	return files
}

// Source is the text of a shipped scenario.
func Source(name string) ([]byte, bool) {
	data, err := shipped.ReadFile(name + ".yaml")
	return data, err == nil
}

func openEmbedded(name string) (*File, error) {
	data, _ := Source(name)
	return load(name, "", data)
}

// Open reads an embedded scenario by name, or a file by path; "-" is standard
// input. What looks like a path is one. The error is a Problems.
func Open(nameOrPath string) (*File, error) {
	if slices.Contains(EmbeddedNames(), nameOrPath) || slices.Contains(IncidentNames(), nameOrPath) {
		f, err := openEmbedded(nameOrPath)
		if info, statErr := os.Stat(nameOrPath); err == nil && statErr == nil && info.Mode().IsRegular() {
			f.Warnings = append(f.Warnings, Problem{File: nameOrPath, Message: "this is the shipped scenario of that name, not the file: write ./" + nameOrPath + " for the file"})
		}
		return f, err
	}
	_, err := os.Stat(nameOrPath)
	looksLikePath := nameOrPath == "-" || strings.ContainsAny(strings.TrimPrefix(nameOrPath, incidentFolder), `/\.`)
	if errors.Is(err, fs.ErrNotExist) && !looksLikePath {
		return nil, Problems{{File: nameOrPath, Message: "neither a file nor a shipped scenario" + meant(nameOrPath)}}
	}
	return LoadPath(nameOrPath)
}

// meant suggests names like a word, or all of the scenarios but incidents.
func meant(word string) string {
	if like := words.DidYouMean(word, slices.Concat(EmbeddedNames(), IncidentNames())); like != "" {
		return like
	}
	return words.DidYouMeanOr(word, EmbeddedNames())
}
