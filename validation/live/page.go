package live

import (
	"bytes"
	"fmt"
	"os"
)

// WritePart puts a text between the two marks of a part in a page, in place of
// what is there:
//
//	<!-- part NAME -->
//	<!-- end NAME -->
func WritePart(file, name string, text []byte) error {
	page, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin, end := fmt.Appendf(nil, "<!-- part %s -->\n", name), fmt.Appendf(nil, "<!-- end %s -->\n", name)
	before, rest, found := bytes.Cut(page, begin)
	_, after, closed := bytes.Cut(rest, end)
	if !found || !closed {
		return fmt.Errorf("%s has no part %q", file, name)
	}
	return os.WriteFile(file, bytes.Join([][]byte{before, begin, text, end, after}, nil), 0o644)
}
