package reports

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// WriteFile writes a file whole or not at all: into a temporary file in the
// same folder, which then takes the file's place. A new file has the mode that
// the umask leaves it, one that exists keeps its own. A symbolic link stays
// one: the file behind it is made or replaced. A device or a pipe, such as
// /dev/stdout, has no place to take and is written directly. A context that is
// cancelled ends it with the context's error, and leaves nothing behind.
func WriteFile(ctx context.Context, path string, write func(io.Writer) error) error {
	path, err := Behind(path)
	if err != nil {
		return err
	}
	info, err := os.Lstat(path)
	switch {
	case err == nil && info.IsDir():
		return &fs.PathError{Op: "write", Path: path, Err: errors.New("is a directory")}
	case err == nil && !info.Mode().IsRegular():
		return writeThrough(ctx, path, write)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	s, err := stage(ctx, path, write)
	if err != nil {
		return err
	}
	return s.commit()
}

// mostLinks is how many links in a row are followed, as in Linux
// (https://man7.org/linux/man-pages/man7/path_resolution.7.html).
const mostLinks = 40

// Behind is the path itself, or what it links to in the end, which need not
// exist.
func Behind(path string) (string, error) {
	for range mostLinks {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return path, nil // what is wrong with it, its user finds
		}
		// The kernel knows where its own links lead: /dev/stdout's text is no path.
		if behind, err := os.Stat(path); err == nil && !behind.Mode().IsRegular() && !behind.IsDir() {
			return path, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return "", &fs.PathError{Op: "write", Path: path, Err: errors.New("too many links")}
}

// staged is a file that is written and has not its name yet.
type staged struct{ temp, path string }

// stage writes what is to be at path into a temporary file beside it.
func stage(ctx context.Context, path string, write func(io.Writer) error) (staged, error) {
	if err := ctx.Err(); err != nil {
		return staged{}, err
	}
	file, err := createBeside(path)
	if err != nil {
		return staged{}, err
	}
	errs := []error{buffered(heedful{ctx, file}, write)}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		errs = append(errs, file.Chmod(info.Mode().Perm()))
	}
	// A file that has its name has its content, also after a loss of power.
	errs = append(errs, file.Sync(), file.Close())
	if err := errors.Join(errs...); err != nil {
		os.Remove(file.Name())
		return staged{}, err
	}
	return staged{file.Name(), path}, nil
}

// mostTemporary bounds the search for a name that nothing has.
const mostTemporary = 10_000

// createBeside makes a temporary file in the folder of path. Unlike
// os.CreateTemp it leaves the mode to the umask.
func createBeside(path string) (*os.File, error) {
	var err error
	for i := range mostTemporary {
		name := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%d", filepath.Base(path), i))
		var file *os.File
		file, err = os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
	return nil, err
}

// commit gives the file its name.
func (s staged) commit() error {
	if err := os.Rename(s.temp, s.path); err != nil {
		s.drop()
		return err
	}
	return nil
}

func (s staged) drop() { os.Remove(s.temp) }

// WriteFiles writes several files into a folder, all or none of them: a full
// disk is noticed before the first has its name. It makes the folder unless it is
// there. Links in the folder are replaced, not followed. A context that is
// cancelled ends it with the context's error, and leaves nothing behind.
func WriteFiles(ctx context.Context, dir string, files []NamedFile) error {
	made := os.Mkdir(dir, 0o777)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	var all []staged
	for _, f := range files {
		s, err := stage(ctx, filepath.Join(dir, f.Name), f.Write)
		if err != nil {
			for _, s := range all {
				s.drop()
			}
			if made == nil {
				os.Remove(dir) // it is empty
			}
			return err
		}
		all = append(all, s)
	}
	var errs []error
	for _, s := range all {
		errs = append(errs, s.commit())
	}
	return errors.Join(errs...)
}

// NamedFile is the content of a file.
type NamedFile struct {
	Name  string // without a folder
	Write func(io.Writer) error
}

func writeThrough(ctx context.Context, path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(buffered(heedful{ctx, file}, write), file.Close())
}

// heedful is a writer that takes nothing more once its context is cancelled.
type heedful struct {
	ctx context.Context
	to  io.Writer
}

func (h heedful) Write(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.to.Write(p)
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriter(w)
	if err := write(b); err != nil {
		return err
	}
	return b.Flush()
}
