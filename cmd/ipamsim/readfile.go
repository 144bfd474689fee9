package main

import (
	"fmt"
	"io"
	"io/fs"
	"os"

	"ipamsim/internal/input"
)

// readFile has a file read, or standard input for -. An error says in which
// file something is wrong, at its place if there is one.
func (a *app) readFile(name string, read func(r io.Reader, called string) error) error {
	if name == "-" {
		return inFile("<stdin>", read(a.stdin, "<stdin>"))
	}
	file, err := os.Open(name)
	if err != nil {
		return inFile(name, err)
	}
	defer file.Close()
	return inFile(name, read(file, name))
}

func inFile(name string, err error) error {
	var wrong *input.Error
	var pathError *fs.PathError
	switch {
	case err == nil:
		return nil
	case asError(err, &wrong) && wrong.Line > 0:
		return fmt.Errorf("%s:%w", name, err)
	case asError(err, &pathError):
		return fmt.Errorf("%s: %w", name, pathError.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}
