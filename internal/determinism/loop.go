package determinism

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// loop is a range over a map, looked at for what it does. Its order does not
// matter when all it does is one of a few things: it adds integers up, keeps a
// least or a greatest, sets or deletes what belongs to its key, sets a
// constant, returns one, or collects what is sorted right behind it. And what
// it changes decides nothing in it.
type loop struct {
	*check
	stmt    *ast.RangeStmt
	after   []ast.Stmt                     // that follow it
	key     types.Object                   // its variable; nil without
	own     map[types.Object]bool          // variables of one turn
	changed map[types.Object]bool          // what outlives a turn
	set     map[types.Object]string        // constants that variables are set to
	returns string                         // what it returns
	places  map[*ast.Ident]bool            // where a changed variable stands for its change
	lists   map[types.Object]*ast.CallExpr // collected by append
}

func newLoop(c *check, stmt *ast.RangeStmt, after []ast.Stmt) *loop {
	l := &loop{check: c, stmt: stmt, after: after, own: map[types.Object]bool{}, changed: map[types.Object]bool{},
		set: map[types.Object]string{}, places: map[*ast.Ident]bool{}, lists: map[types.Object]*ast.CallExpr{}}
	if id, is := stmt.Key.(*ast.Ident); is && stmt.Tok == token.DEFINE {
		l.key = c.TypesInfo.Defs[id]
	}
	// What is declared within the loop is of one turn.
	ast.Inspect(stmt, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			if o := c.TypesInfo.Defs[id]; o != nil {
				l.own[o] = true
			}
		}
		return true
	})
	return l
}

// floatSums are the places where the loop adds floats up.
func (l *loop) floatSums() (list []ast.Node) {
	ast.Inspect(l.stmt.Body, func(n ast.Node) bool {
		s, is := n.(*ast.AssignStmt)
		if !is || !isFloat(l.typeOf(s.Lhs[0])) || l.ofOneTurn(s.Lhs[0]) || l.ofItsKey(s.Lhs[0]) {
			return true
		}
		switch s.Tok {
		case token.ADD_ASSIGN, token.SUB_ASSIGN, token.MUL_ASSIGN, token.QUO_ASSIGN:
			list = append(list, s)
		case token.ASSIGN:
			if b, is := ast.Unparen(s.Rhs[0]).(*ast.BinaryExpr); is && l.mentions(b, l.root(s.Lhs[0])) {
				list = append(list, s)
			}
		}
		return true
	})
	return list
}

// orderMatters says what it is about the loop that may depend on the order;
// "" when nothing can.
func (l *loop) orderMatters() string {
	if l.stmt.Tok == token.ASSIGN {
		return "the loop's variables outlive it"
	}
	if why := l.block(l.stmt.Body.List); why != "" {
		return why
	}
	if why := l.deciding(); why != "" {
		return why
	}
	for list := range l.lists { // any order: whichever is named is right
		if !l.sortedAfter(list) {
			return list.Name() + " is not sorted right behind the loop"
		}
	}
	return ""
}

func (l *loop) block(list []ast.Stmt) string {
	for _, s := range list {
		if why := l.statement(s); why != "" {
			return why
		}
	}
	return ""
}

// statement says why a statement's effect may depend on the order.
func (l *loop) statement(s ast.Stmt) string {
	switch s := s.(type) {
	case nil:
		return ""
	case *ast.EmptyStmt, *ast.DeclStmt:
		return l.pure(s)
	case *ast.BlockStmt:
		return l.block(s.List)
	case *ast.IfStmt:
		return first(l.statement(s.Init), l.pure(s.Cond), l.statement(s.Body), l.statement(s.Else))
	case *ast.ForStmt:
		return first(l.statement(s.Init), l.pure(s.Cond), l.statement(s.Post), l.statement(s.Body))
	case *ast.RangeStmt:
		return first(l.pure(s.X), l.statement(s.Body))
	case *ast.SwitchStmt:
		return first(l.statement(s.Init), l.pure(s.Tag), l.statement(s.Body))
	case *ast.CaseClause:
		for _, e := range s.List {
			if why := l.pure(e); why != "" {
				return why
			}
		}
		return l.block(s.Body)
	case *ast.BranchStmt:
		if s.Tok == token.CONTINUE {
			return ""
		}
		return "it ends with " + s.Tok.String()
	case *ast.ReturnStmt:
		return l.result(s)
	case *ast.IncDecStmt:
		return l.sum(s.X, nil)
	case *ast.AssignStmt:
		return l.assignment(s)
	case *ast.ExprStmt:
		return l.deletion(s)
	}
	return "it does what is not looked into"
}

func first(reasons ...string) string {
	for _, why := range reasons {
		if why != "" {
			return why
		}
	}
	return ""
}

// pure says why computing something may have an effect, or an outcome, that
// depends on the order: it calls.
func (l *loop) pure(n ast.Node) (why string) {
	if n == nil || n == ast.Expr(nil) {
		return ""
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if _, is := l.conversion(n); is || harmless(l.called(n)) {
				return true
			}
			why = fmt.Sprintf("it calls %s", types.ExprString(n.Fun))
		case *ast.FuncLit:
			why = "it makes a function"
		}
		return why == ""
	})
	return why
}

// harmless says whether a function only computes.
func harmless(o types.Object) bool {
	switch f := o.(type) {
	case *types.Builtin:
		return slices.Contains([]string{"len", "cap", "min", "max", "make", "new", "append", "complex", "real", "imag"}, f.Name())
	case *types.Func:
		return f.Pkg() != nil && slices.Contains([]string{"strings", "strconv", "math", "math/bits", "fmt", "cmp", "net/netip", "unicode", "utf8"}, f.Pkg().Path())
	}
	return false
}

// result is a return: each must return the same.
func (l *loop) result(s *ast.ReturnStmt) string {
	text := ""
	for _, e := range s.Results {
		if !l.literal(e) {
			return "it returns what the order decides"
		}
		text += types.ExprString(e) + ","
	}
	if l.returns != "" && l.returns != text+";" {
		return "it returns what the order decides"
	}
	l.returns = text + ";"
	if len(l.changed) > 0 {
		return "it ends before all is done"
	}
	return ""
}

func (l *loop) literal(e ast.Expr) bool { return l.constant(e) || l.TypesInfo.Types[e].IsNil() }

// assignment says why an assignment may depend on the order.
func (l *loop) assignment(s *ast.AssignStmt) string {
	for _, e := range s.Rhs {
		if why := l.pure(e); why != "" {
			return why
		}
	}
	if s.Tok == token.DEFINE {
		return ""
	}
	if s.Tok != token.ASSIGN {
		return first(l.pure(s.Lhs[0]), l.update(s))
	}
	for i, left := range s.Lhs {
		if why := l.pure(left); why != "" {
			return why
		}
		var right ast.Expr
		if len(s.Lhs) == len(s.Rhs) {
			right = s.Rhs[i]
		}
		if why := l.store(left, right); why != "" {
			return why
		}
	}
	return ""
}

// update is x op= y.
func (l *loop) update(s *ast.AssignStmt) string {
	switch s.Tok {
	case token.ADD_ASSIGN, token.SUB_ASSIGN, token.OR_ASSIGN, token.AND_ASSIGN, token.XOR_ASSIGN, token.AND_NOT_ASSIGN, token.MUL_ASSIGN:
		return l.sum(s.Lhs[0], s.Rhs[0])
	}
	return "it computes with " + s.Tok.String()
}

// sum is x op= y, or x++, whose op commutes on integers.
func (l *loop) sum(x, y ast.Expr) string {
	switch {
	case l.ofOneTurn(x):
		return ""
	case l.ofItsKey(x):
		return l.change(x)
	}
	if !is(l.typeOf(x), types.IsInteger) {
		return types.ExprString(x) + " is no integer"
	}
	return l.change(x)
}

// store is left = right; right is nil for one of several results.
func (l *loop) store(left, right ast.Expr) string {
	root, isName := left.(*ast.Ident)
	switch {
	case isName && root.Name == "_" || l.ofOneTurn(left):
		return ""
	case l.ofItsKey(left):
		return l.change(left)
	case right == nil || !isName:
	case l.literal(right):
		o, text := l.TypesInfo.ObjectOf(root), types.ExprString(right)
		if before, is := l.set[o]; is && before != text {
			return root.Name + " is set to one or the other"
		}
		l.set[o] = text
		return l.change(left)
	default:
		call, is := ast.Unparen(right).(*ast.CallExpr)
		if !is || len(call.Args) == 0 || types.ExprString(call.Args[0]) != root.Name {
			break
		}
		b, is := l.called(call).(*types.Builtin)
		if !is {
			break
		}
		switch b.Name() {
		case "min", "max":
			l.place(call.Args[0])
			return l.change(left)
		case "append":
			l.place(call.Args[0])
			l.lists[l.TypesInfo.ObjectOf(root)] = call
			return l.change(left)
		}
	}
	return types.ExprString(left) + " is what the last turn leaves"
}

// deletion is delete(m, key).
func (l *loop) deletion(s *ast.ExprStmt) string {
	call, is := s.X.(*ast.CallExpr)
	if !is {
		return "it does what is not looked into"
	}
	if b, is := l.called(call).(*types.Builtin); is && b.Name() == "delete" {
		return first(l.pure(call.Args[0]), l.pure(call.Args[1]), l.change(call.Args[0]))
	}
	return l.pure(call)
}

// change notes that a variable changes for good.
func (l *loop) change(x ast.Expr) string {
	o := l.root(x)
	if o == nil {
		return types.ExprString(x) + " may be anything"
	}
	l.changed[o] = true
	l.place(x)
	if l.returns != "" {
		return "it ends before all is done"
	}
	return ""
}

// place notes that a variable stands where it is changed.
func (l *loop) place(x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is {
			l.places[id] = true
		}
		return true
	})
}

// deciding says which changed variable has a say in the loop.
func (l *loop) deciding() (why string) {
	ast.Inspect(l.stmt.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IndexExpr:
			return why == "" && !l.ofItsKey(n)
		case *ast.Ident:
			if !l.places[n] && l.changed[l.TypesInfo.Uses[n]] {
				why = n.Name + " is changed and read"
			}
		}
		return why == ""
	})
	return why
}

// root is the variable at the beginning of x.y[z]; nil when it is none.
func (l *loop) root(x ast.Expr) types.Object {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.Ident:
			return l.TypesInfo.ObjectOf(e)
		case *ast.SelectorExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.StarExpr:
			x = e.X
		default:
			return nil
		}
	}
}

// ofOneTurn says whether x is a variable of one turn and not what it points to.
func (l *loop) ofOneTurn(x ast.Expr) bool {
	id, is := ast.Unparen(x).(*ast.Ident)
	return is && l.own[l.TypesInfo.ObjectOf(id)]
}

// ofItsKey says whether x is an entry of a map or a list that only the turn of
// its key reaches.
func (l *loop) ofItsKey(x ast.Expr) bool {
	index, is := ast.Unparen(x).(*ast.IndexExpr)
	if !is || l.key == nil {
		return false
	}
	id, is := ast.Unparen(index.Index).(*ast.Ident)
	return is && l.TypesInfo.ObjectOf(id) == l.key
}

func (l *loop) mentions(n ast.Node, o types.Object) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		if id, is := n.(*ast.Ident); is && o != nil && l.TypesInfo.Uses[id] == o {
			found = true
		}
		return !found
	})
	return found
}

// sortedAfter says whether the first statement after the loop that mentions
// the list sorts it, by an order in which equal elements are the same.
func (l *loop) sortedAfter(list types.Object) bool {
	for _, s := range l.after {
		if !l.mentions(s, list) {
			continue
		}
		e, is := s.(*ast.ExprStmt)
		if !is {
			return false
		}
		call, is := e.X.(*ast.CallExpr)
		if !is || !l.mentions(call.Args[0], list) {
			return false
		}
		switch fullName(l.called(call)) {
		case "slices.Sort", "sort.Strings", "sort.Ints", "sort.Float64s":
			return true
		}
		return false
	}
	return false
}
