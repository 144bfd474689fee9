package validation

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"ipamsim/internal/input"
)

// Source is a trace that was found but not yet parsed.
type Source struct {
	Path string // of the file, or "bundle!member"
	Data []byte
}

// Bounds on what is read, so that a broken archive ends in an error.
const (
	maxTraceBytes = 64 << 20  // of a trace, and of an archive
	maxTotalBytes = 512 << 20 // of all that one file unpacks to
	maxTraces     = 100_000
)

// Load finds the traces in files, folders and bundles: .json, .json.gz,
// .tar.gz, .tgz and .zip. A folder or bundle is taken with everything below
// it, in natural order (rand_9 before rand_10), less files of other types. A
// file named index.json lists traces and is none. Any other path without a
// trace is an error, and so is finding none at all.
func Load(paths ...string) ([]Source, error) {
	var all []Source
	for _, p := range paths {
		found, err := loadPath(p)
		if err != nil {
			return nil, err
		}
		if len(found) == 0 && filepath.Base(p) != indexFile {
			return nil, fmt.Errorf("%s: no traces found", p)
		}
		if all = append(all, found...); len(all) > maxTraces {
			return nil, fmt.Errorf("%s: more than %d traces", p, maxTraces)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no traces found")
	}
	return all, nil
}

// indexFile is a list of traces, with which collections come.
const indexFile = "index.json"

func loadPath(root string) ([]Source, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if filepath.Base(root) == indexFile {
			return nil, nil
		}
		return loadFile(root)
	}
	var files []string
	err = filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && kindOf(p) != unknownFile && d.Name() != indexFile {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(files, compareNatural)
	var all []Source
	for _, file := range files {
		found, err := loadFile(file)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

type fileKind int

const (
	unknownFile fileKind = iota
	jsonFile
	gzipFile
	tarFile
	zipFile
)

func kindOf(name string) fileKind {
	switch {
	case strings.HasSuffix(name, ".json"):
		return jsonFile
	case strings.HasSuffix(name, ".json.gz"):
		return gzipFile
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		return tarFile
	case strings.HasSuffix(name, ".zip"):
		return zipFile
	}
	return unknownFile
}

func loadFile(file string) ([]Source, error) {
	data, err := readRegular(file)
	if err != nil {
		return nil, err
	}
	found, err := unpack(file, data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	slices.SortStableFunc(found, func(a, b Source) int { return compareNatural(a.Path, b.Path) })
	return found, nil
}

// readRegular reads a file that has an end.
func readRegular(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", file)
	}
	data, err := readBounded(f)
	if err != nil {
		err = fmt.Errorf("%s: %w", file, err)
	}
	return data, err
}

func unpack(file string, data []byte) ([]Source, error) {
	switch kindOf(file) {
	case gzipFile:
		r, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		data, err := readBounded(r)
		return []Source{{Path: file, Data: data}}, err
	case tarFile:
		return unpackTar(file, data)
	case zipFile:
		return unpackZip(file, data)
	}
	return []Source{{Path: file, Data: data}}, nil // whatever it is called, it was asked for
}

func unpackTar(file string, data []byte) ([]Source, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var found []Source
	total := 0
	for r := tar.NewReader(&bounded{r: z, left: maxTotalBytes}); ; {
		member, err := r.Next()
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return nil, err
		}
		if member.Typeflag != tar.TypeReg || !isMember(member.Name) {
			continue
		}
		content, err := readBounded(r)
		if err != nil {
			return nil, err
		}
		if total += len(content); total > maxTotalBytes || len(found) == maxTraces {
			return nil, errTooMuch
		}
		found = append(found, Source{Path: file + "!" + path.Clean(member.Name), Data: content})
	}
}

var errTooMuch = fmt.Errorf("it unpacks to more than %d bytes or %d traces", maxTotalBytes, maxTraces)

// bounded is a reader that fails where io.LimitReader would end.
type bounded struct {
	r    io.Reader
	left int
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooMuch
	}
	n, err := b.r.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

func unpackZip(file string, data []byte) ([]Source, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	var found []Source
	total := 0
	for _, member := range z.File {
		if !isMember(member.Name) {
			continue
		}
		r, err := member.Open()
		if err != nil {
			return nil, err
		}
		content, err := readBounded(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		if total += len(content); total > maxTotalBytes || len(found) == maxTraces {
			return nil, errTooMuch
		}
		found = append(found, Source{Path: file + "!" + path.Clean(member.Name), Data: content})
	}
	return found, nil
}

func isMember(name string) bool {
	return kindOf(name) == jsonFile && path.Base(name) != indexFile
}

func readBounded(r io.Reader) ([]byte, error) { return input.ReadAll(r, maxTraceBytes, "a trace") }

// compareNatural orders runs of digits by their value and all else bytewise.
func compareNatural(a, b string) int {
	for a != "" && b != "" {
		na, nb := digits(a), digits(b)
		if na == 0 || nb == 0 {
			if a[0] != b[0] {
				return int(a[0]) - int(b[0])
			}
			a, b = a[1:], b[1:]
			continue
		}
		x, y := strings.TrimLeft(a[:na], "0"), strings.TrimLeft(b[:nb], "0")
		if len(x) != len(y) {
			return len(x) - len(y)
		}
		if c := strings.Compare(x, y); c != 0 {
			return c
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

// digits is the length of the run of digits that s starts with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}
