package determinism

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// exact are the functions of package math whose results IEEE 754 defines to
// the bit, or that move bits about.
var exact = []string{
	"Abs", "Ceil", "Copysign", "Floor", "Frexp", "Inf", "IsInf", "IsNaN", "Ldexp", "Max", "Min", "Modf", "NaN", "Nextafter", "Round", "RoundToEven",
	"Signbit", "Sqrt", "Trunc", "Float32bits", "Float32frombits", "Float64bits", "Float64frombits", "FMA",
}

// ourOwn is the package whose business the bits of floats are.
const ourOwn = "ipamsim/internal/portable"

// floats reports arithmetic whose last bits differ between machines.
func (c *check) floats() {
	each(c, func(e *ast.BinaryExpr) {
		if e.Op == token.ADD || e.Op == token.SUB {
			c.fused(e, e.X)
			c.fused(e, e.Y)
		}
	})
	each(c, func(s *ast.AssignStmt) {
		if s.Tok == token.ADD_ASSIGN || s.Tok == token.SUB_ASSIGN {
			c.fused(s, s.Rhs[0])
		}
	})
	each(c, func(call *ast.CallExpr) {
		if t, is := c.conversion(call); is {
			c.toInteger(call, t)
			return
		}
		name := fullName(c.called(call))
		switch f := c.called(call).(type) {
		case *types.Func:
			if f.Pkg() != nil && f.Pkg().Path() == "math" && !slices.Contains(exact, f.Name()) {
				c.Reportf(call.Pos(), "math.%s differs between machines in its last bits: see internal/portable", f.Name())
			}
		}
		switch name {
		case "(*math/rand/v2.Rand).NormFloat64", "(*math/rand/v2.Rand).ExpFloat64":
			c.Reportf(call.Pos(), "it decides by math.Exp and math.Log, which differ between machines: see internal/portable")
		}
	})
}

// fused reports a product that is added to something and not rounded before.
func (c *check) fused(sum ast.Node, term ast.Expr) {
	for {
		term = ast.Unparen(term)
		minus, is := term.(*ast.UnaryExpr)
		if !is || minus.Op != token.SUB {
			break
		}
		term = minus.X
	}
	product, is := term.(*ast.BinaryExpr)
	if is && product.Op == token.MUL && isFloat(c.typeOf(term)) && !c.constant(term) {
		c.Reportf(sum.Pos(), "some machines round x*y + z once and others twice: write float64(x*y) + z")
	}
}

func isFloat(t types.Type) bool { return is(t, types.IsFloat|types.IsComplex) }

// conversion says to what type a call converts, if it does.
func (c *check) conversion(call *ast.CallExpr) (types.Type, bool) {
	t := c.TypesInfo.Types[call.Fun]
	return t.Type, t.IsType() && len(call.Args) == 1
}

// toInteger reports the conversion of a float to an integer.
func (c *check) toInteger(call *ast.CallExpr, t types.Type) {
	if c.Pkg.Path() != ourOwn && is(t, types.IsInteger) && isFloat(c.typeOf(call.Args[0])) && !c.constant(call) {
		c.Reportf(call.Pos(), "a float that is too large becomes another integer on another machine: see internal/portable")
	}
}
