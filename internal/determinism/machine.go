package determinism

import (
	"go/ast"
	"go/types"
	"slices"
	"strconv"
)

// imports that give away something of the machine or of the moment.
var imports = map[string]string{
	"math/rand":    "is seeded by the machine: take a stream of the kernel",
	"crypto/rand":  "is the machine's randomness: take a stream of the kernel",
	"hash/maphash": "is seeded anew in each process",
	"os":           "is the machine's",
	"os/exec":      "is the machine's",
	"os/signal":    "is the machine's",
	"syscall":      "is the machine's",
	"unsafe":       "shows the machine's addresses and sizes",
	"unique":       "has handles without an order",
	"weak":         "depends on when memory is collected",
}

// clocks are functions of package time that read or wait for the wall clock.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"}

// seeded are the functions of package math/rand/v2 that draw nothing from its
// global source.
var seeded = []string{"New", "NewPCG", "NewChaCha8", "NewZipf"}

// machine reports packages that show the machine.
func (c *check) machine() {
	for _, i := range c.file.Imports {
		if path, err := strconv.Unquote(i.Path.Value); err == nil && imports[path] != "" {
			c.Reportf(i.Pos(), "%s %s", path, imports[path])
		}
	}
}

// sources reports clocks, unless they are allowed, and randomness that are not
// the kernel's.
func (c *check) sources(clock bool) {
	each(c, func(id *ast.Ident) {
		f, ok := c.TypesInfo.Uses[id].(*types.Func)
		if !ok || f.Pkg() == nil || f.Signature().Recv() != nil {
			return
		}
		switch f.Pkg().Path() {
		case "time":
			if slices.Contains(clocks, f.Name()) && !clock {
				c.Reportf(id.Pos(), "time.%s is of the wall clock: take the kernel's", f.Name())
			}
		case "math/rand/v2":
			if !slices.Contains(seeded, f.Name()) {
				c.Reportf(id.Pos(), "rand.%s draws from the global source: take a stream of the kernel", f.Name())
			}
		}
	})
}
