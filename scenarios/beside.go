package scenarios

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"ipamsim/internal/input"
)

// besidePath is where a file is that a scenario of a folder names.
func besidePath(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// openRegular opens a file that a scenario names and that must be a regular one,
// which it says before it opens it: a pipe would wait for who writes into it.
func openRegular(path, kind string) (*os.File, error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("a folder, not " + kind)
	case !info.Mode().IsRegular():
		return nil, errors.New("a device or a pipe, not " + kind)
	}
	return os.Open(path)
}

// regularFile reads such a file whole. Its errors do not name it.
func regularFile(path string, most int, kind string) ([]byte, error) {
	file, err := openRegular(path, kind)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer file.Close()
	text, err := input.ReadAll(file, most, kind)
	return text, withoutPath(err)
}

// withoutPath is what is wrong with a file, for who has named it already.
func withoutPath(err error) error {
	if at := (*fs.PathError)(nil); errors.As(err, &at) {
		return at.Err
	}
	return err
}

// readOnce are files that a scenario names, each as it was read the first time.
// Several goroutines expand a scenario.
type readOnce[T any] struct {
	mutex sync.Mutex
	files map[string]*T
}

func (o *readOnce[T]) of(path string, read func(path string) *T) *T {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.files == nil {
		o.files = map[string]*T{}
	}
	if o.files[path] == nil {
		o.files[path] = read(path)
	}
	return o.files[path]
}
