package determinism

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// excuse begins a comment that says why the order of a map does not matter.
const excuse = "// any order: "

// reason is such a comment, and whether a range over a map stands beside it.
type reason struct {
	at     token.Pos
	needed bool
}

// mapOrder reports loops over maps whose effect may depend on the order.
func (c *check) mapOrder() {
	c.readReasons()
	ast.Inspect(c.file, func(n ast.Node) bool {
		for _, list := range statements(n) {
			for i, s := range list {
				if labelled, is := s.(*ast.LabeledStmt); is {
					s = labelled.Stmt
				}
				if loop, is := s.(*ast.RangeStmt); is && c.isMap(loop.X) {
					c.mapLoop(loop, list[i+1:])
				}
			}
		}
		return true
	})
	c.mapIterators()
	for _, r := range c.why {
		if !r.needed {
			c.Reportf(r.at, "there is no map here whose order could matter")
		}
	}
}

// readReasons finds the excuses of the file.
func (c *check) readReasons() {
	c.why = map[int]*reason{}
	for _, group := range c.file.Comments {
		for _, comment := range group.List {
			if why, is := strings.CutPrefix(comment.Text, excuse); is && strings.TrimSpace(why) != "" {
				c.why[c.line(group.End())] = &reason{at: comment.Pos()}
			}
		}
	}
}

func (c *check) line(p token.Pos) int { return c.Fset.Position(p).Line }

// excused says whether an excuse stands on the node's line or above it.
func (c *check) excused(n ast.Node) bool {
	for _, line := range []int{c.line(n.Pos()), c.line(n.Pos()) - 1} {
		if r := c.why[line]; r != nil {
			r.needed = true
			return true
		}
	}
	return false
}

func (c *check) isMap(e ast.Expr) bool {
	_, is := c.typeOf(e).(*types.Map)
	return is
}

// statements are the lists of statements that a node has.
func statements(n ast.Node) [][]ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return [][]ast.Stmt{n.List}
	case *ast.CaseClause:
		return [][]ast.Stmt{n.Body}
	case *ast.CommClause:
		return [][]ast.Stmt{n.Body}
	}
	return nil
}

// mapLoop reports a loop over a map unless its order cannot matter.
func (c *check) mapLoop(loop *ast.RangeStmt, after []ast.Stmt) {
	l := newLoop(c, loop, after)
	for _, sum := range l.floatSums() {
		c.Reportf(sum.Pos(), "floats that are summed up in another order have other last bits: sort the keys, or sum up integers")
	}
	if why := l.orderMatters(); why != "" && !c.excused(loop) {
		c.Reportf(loop.Pos(), "the order of a map: %s; sort the keys, or say why it does not matter (%s...)", why, excuse)
	}
}

// takers are functions whose result does not depend on the order in which
// they are given the keys or values of a map.
var takers = []string{"slices.Sorted", "maps.Collect", "maps.Insert"}

// mapIterators reports iterators over maps that are handed to anybody else.
func (c *check) mapIterators() {
	taken := map[ast.Expr]bool{}
	each(c, func(call *ast.CallExpr) {
		if slices.Contains(takers, fullName(c.called(call))) {
			for _, argument := range call.Args {
				taken[argument] = true
			}
		}
	})
	each(c, func(call *ast.CallExpr) {
		if c.iterates(call) && !taken[call] && !c.excused(call) {
			c.Reportf(call.Pos(), "the order of a map: hand its keys to slices.Sorted, or say why it does not matter (%s...)", excuse)
		}
	})
}

// iterates says whether a call returns an iterator over a map.
func (c *check) iterates(call *ast.CallExpr) bool {
	switch fullName(c.called(call)) {
	case "maps.Keys", "maps.Values", "maps.All", "(*sync.Map).Range", "(reflect.Value).MapRange", "(reflect.Value).MapKeys":
		return true
	}
	return false
}
