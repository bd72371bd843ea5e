package recipe

import (
	"fmt"

	"github.com/yuin/gopher-lua/ast"
)

// The operator .. joins up to two hundred strings in one instruction, which no
// budget sees in time. So each chain of .. becomes a call of a function that
// looks at the sizes first. Its name is no Lua identifier: no recipe can mean
// it by accident.
const concatName = "(concat)"

// maxNesting bounds the depth of a recipe's syntax tree: the compiler recurses.
const maxNesting = 1000

// rewriter walks a syntax tree and replaces what it must.
type rewriter struct{ depth int }

// rewrite changes the statements in place. It fails when they nest too deep.
func rewrite(chunk []ast.Stmt) (err error) {
	defer func() {
		if v := recover(); v != nil {
			deep, ok := v.(tooDeep)
			if !ok {
				panic(v)
			}
			err = fmt.Errorf("line %d: more than %d levels of nesting: split the expression", int(deep), maxNesting)
		}
	}()
	(&rewriter{}).block(chunk)
	return nil
}

// tooDeep is the line where a tree nests too deep.
type tooDeep int

func (r *rewriter) enter(at ast.PositionHolder) func() {
	if r.depth++; r.depth > maxNesting {
		panic(tooDeep(at.Line()))
	}
	return func() { r.depth-- }
}

func (r *rewriter) block(stmts []ast.Stmt) {
	for _, s := range stmts {
		r.stmt(s)
	}
}

func (r *rewriter) stmt(s ast.Stmt) {
	defer r.enter(s)()
	switch s := s.(type) {
	case *ast.AssignStmt:
		r.exprs(s.Lhs)
		r.exprs(s.Rhs)
	case *ast.LocalAssignStmt:
		r.exprs(s.Exprs)
	case *ast.FuncCallStmt:
		s.Expr = r.expr(s.Expr)
	case *ast.DoBlockStmt:
		r.block(s.Stmts)
	case *ast.WhileStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Stmts)
	case *ast.RepeatStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Stmts)
	case *ast.IfStmt:
		s.Condition = r.expr(s.Condition)
		r.block(s.Then)
		r.block(s.Else)
	case *ast.NumberForStmt:
		s.Init, s.Limit, s.Step = r.expr(s.Init), r.expr(s.Limit), r.expr(s.Step)
		r.block(s.Stmts)
	case *ast.GenericForStmt:
		r.exprs(s.Exprs)
		r.block(s.Stmts)
	case *ast.FuncDefStmt:
		s.Name.Func, s.Name.Receiver = r.expr(s.Name.Func), r.expr(s.Name.Receiver)
		r.block(s.Func.Stmts)
	case *ast.ReturnStmt:
		r.exprs(s.Exprs)
	}
}

func (r *rewriter) exprs(es []ast.Expr) {
	for i, e := range es {
		es[i] = r.expr(e)
	}
}

// expr gives the expression that stands for e; nil stays nil.
func (r *rewriter) expr(e ast.Expr) ast.Expr {
	if e == nil {
		return nil
	}
	defer r.enter(e)()
	switch e := e.(type) {
	case *ast.AttrGetExpr:
		e.Object, e.Key = r.expr(e.Object), r.expr(e.Key)
	case *ast.TableExpr:
		for _, f := range e.Fields {
			f.Key, f.Value = r.expr(f.Key), r.expr(f.Value)
		}
	case *ast.FuncCallExpr:
		e.Func, e.Receiver = r.expr(e.Func), r.expr(e.Receiver)
		r.exprs(e.Args)
	case *ast.LogicalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.RelationalOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.ArithmeticOpExpr:
		e.Lhs, e.Rhs = r.expr(e.Lhs), r.expr(e.Rhs)
	case *ast.UnaryMinusOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryNotOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.UnaryLenOpExpr:
		e.Expr = r.expr(e.Expr)
	case *ast.FunctionExpr:
		r.block(e.Stmts)
	case *ast.StringConcatOpExpr:
		return r.concat(e)
	}
	return e
}

// concat turns a .. b .. c, which the parser nests to the right, into a call.
func (r *rewriter) concat(e *ast.StringConcatOpExpr) ast.Expr {
	const most = 50 // operands of one call: each needs a register
	var args []ast.Expr
	var rest ast.Expr = e
	for len(args) < most {
		c, ok := rest.(*ast.StringConcatOpExpr)
		if !ok {
			break
		}
		args = append(args, single(r.expr(c.Lhs)))
		rest = c.Rhs
	}
	args = append(args, single(r.expr(rest)))
	name := &ast.IdentExpr{Value: concatName}
	call := &ast.FuncCallExpr{Func: name, Args: args, AdjustRet: true}
	for _, n := range []ast.PositionHolder{name, call} {
		n.SetLine(e.Line())
		n.SetLastLine(e.LastLine())
	}
	return call
}

// single cuts an operand that could give several values (a call, ...) to one.
func single(e ast.Expr) ast.Expr {
	switch e := e.(type) {
	case *ast.FuncCallExpr:
		e.AdjustRet = true
	case *ast.Comma3Expr:
		e.AdjustRet = true
	}
	return e
}
