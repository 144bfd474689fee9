package determinism

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// concurrency reports goroutines and what they meet at. A run is one goroutine
// after the other; processes are coroutines.
func (c *check) concurrency() {
	const says = " inside a run"
	each(c, func(s *ast.GoStmt) { c.Reportf(s.Pos(), "a goroutine"+says) })
	each(c, func(s *ast.SelectStmt) { c.Reportf(s.Pos(), "a select"+says) })
	each(c, func(s *ast.SendStmt) { c.Reportf(s.Pos(), "a channel"+says) })
	each(c, func(t *ast.ChanType) { c.Reportf(t.Pos(), "a channel"+says) })
	each(c, func(e *ast.UnaryExpr) {
		if e.Op == token.ARROW {
			c.Reportf(e.Pos(), "a channel"+says)
		}
	})
	each(c, func(s *ast.RangeStmt) {
		if _, is := c.typeOf(s.X).(*types.Chan); is {
			c.Reportf(s.Pos(), "a channel"+says)
		}
	})
	each(c, func(id *ast.Ident) {
		o := c.TypesInfo.Uses[id]
		if o == nil || o.Pkg() == nil || o.Parent() != o.Pkg().Scope() { // no fields, no methods
			return
		}
		switch p := o.Pkg().Path(); {
		case p == "sync" && !strings.HasPrefix(o.Name(), "Once"), p == "sync/atomic", p == "runtime", p == "context" && strings.HasPrefix(o.Name(), "With"):
			c.Reportf(id.Pos(), "%s.%s"+says, o.Pkg().Name(), o.Name())
		}
	})
}
