package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// entry is a file of an archive.
type entry struct {
	name, from string
	mode       fs.FileMode
}

// contents are the files below a folder in the order of their names.
func contents(dir string) (list []entry, err error) {
	err = filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, at)
		list = append(list, entry{filepath.ToSlash(name), at, 0o644})
		return err
	})
	return list, err
}

// writeTar writes a compressed archive in which nothing depends on who made it
// or when: each file is of the commit's time.
func writeTar(to, root string, content []entry, at time.Time) error {
	return create(to, func(w io.Writer) error {
		compressed, err := gzip.NewWriterLevel(w, gzip.BestCompression)
		if err != nil {
			return err
		}
		archive := tar.NewWriter(compressed)
		for _, e := range content {
			text, err := os.ReadFile(e.from)
			if err != nil {
				return err
			}
			head := &tar.Header{Typeflag: tar.TypeReg, Name: path.Join(root, e.name), Size: int64(len(text)), Mode: int64(e.mode), ModTime: at, Format: tar.FormatUSTAR}
			if err := archive.WriteHeader(head); err != nil {
				return err
			}
			if _, err := archive.Write(text); err != nil {
				return err
			}
		}
		return errors.Join(archive.Close(), compressed.Close())
	})
}

// writeZip is writeTar for Windows.
func writeZip(to, root string, content []entry, at time.Time) error {
	return create(to, func(w io.Writer) error {
		archive := zip.NewWriter(w)
		for _, e := range content {
			text, err := os.ReadFile(e.from)
			if err != nil {
				return err
			}
			head := &zip.FileHeader{Name: path.Join(root, e.name), Method: zip.Deflate, Modified: at}
			head.SetMode(e.mode)
			file, err := archive.CreateHeader(head)
			if err != nil {
				return err
			}
			if _, err := file.Write(text); err != nil {
				return err
			}
		}
		return archive.Close()
	})
}

// create writes a new file.
func create(to string, write func(io.Writer) error) error {
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	return errors.Join(write(file), file.Close())
}
