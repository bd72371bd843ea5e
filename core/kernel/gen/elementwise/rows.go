package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rowKernels writes the loops over rows of w numbers that meet one parameter row again and
// again: normalisation, per-channel scale and shift, and column sums.
func rowKernels(zmm bool) {
	affine("affine", zmm, false)
	affine("affineAdd", zmm, true)
	gradApply(zmm)
	columnSums(zmm)
	moments(zmm)
	gradSums(zmm)
}

// rows repeats a loop over columns for group rows at a time while that many are left, then
// singly; step moves the row pointers on by the given number of rows.
func rows(count reg.Register, groups []int, one func(group int), step func(group int)) {
	for _, g := range groups {
		labels++
		loop, out := fmt.Sprintf("rows%d", labels), fmt.Sprintf("rowsout%d", labels)
		Label(loop)
		CMPQ(count, Imm(uint64(g)))
		JLT(LabelRef(out))
		one(g)
		step(g)
		SUBQ(Imm(uint64(g)), count)
		JMP(LabelRef(loop))
		Label(out)
	}
}

// affine: y = bend(x*scale+shift) (+ res)
func affine(name string, zmm, residual bool) {
	params := "(y, x, scale, shift *float32, slope float32, rows, w int)"
	if residual {
		params = "(y, x, res, scale, shift *float32, slope float32, rows, w int)"
	}
	k := begin(name, params, zmm)
	moving := []reg.Register{pointer("y"), pointer("x")}
	if residual {
		moving = append(moving, pointer("res"))
	}
	scale, shift, slope := pointer("scale"), pointer("shift"), k.broadcast("slope")
	count, end := pointer("rows"), bytes("w")
	rows(count, []int{1}, func(int) {
		k.columns(end, 4, func(at func(reg.Register) Mem) {
			v, a, b := k.load(at(moving[1])), k.load(at(scale)), k.load(at(shift))
			VFMADD213PS(b, a, v)
			k.bend(v, slope)
			if residual {
				VADDPS(k.load(at(moving[2])), v, v)
			}
			k.store(v, at(moving[0]))
		})
	}, func(int) {
		for _, p := range moving {
			ADDQ(end, p)
		}
	})
	k.end()
}

// gradApply: dx = a*dy + b*x + c
func gradApply(zmm bool) {
	k := begin("gradApply", "(dx, dy, x, a, b, c *float32, rows, w int)", zmm)
	dx, dy, x := pointer("dx"), pointer("dy"), pointer("x")
	a, b, c := pointer("a"), pointer("b"), pointer("c")
	count, end := pointer("rows"), bytes("w")
	rows(count, []int{1}, func(int) {
		k.columns(end, 4, func(at func(reg.Register) Mem) {
			v := k.load(at(c))
			VFMADD231PS(k.load(at(x)), k.load(at(b)), v)
			VFMADD231PS(k.load(at(dy)), k.load(at(a)), v)
			k.store(v, at(dx))
		})
	}, func(int) {
		ADDQ(end, dx)
		ADDQ(end, dy)
		ADDQ(end, x)
	})
	k.end()
}

// rowPointers are the starts of up to four neighbouring rows.
func rowPointers(first reg.Register, end reg.Register, n int) []reg.Register {
	p := []reg.Register{first}
	for len(p) < n {
		q := GP64()
		LEAQ(Mem{Base: p[len(p)-1], Index: end, Scale: 1}, q)
		p = append(p, q)
	}
	return p
}

// columnSums: acc[j] += Σ_i x[i][j]
func columnSums(zmm bool) {
	k := begin("columnSums", "(acc, x *float32, rows, w int)", zmm)
	acc, x := pointer("acc"), pointer("x")
	count, end := pointer("rows"), bytes("w")
	rows(count, []int{4, 1}, func(g int) {
		p := rowPointers(x, end, g)
		k.columns(end, 2, func(at func(reg.Register) Mem) {
			v := k.load(at(p[0]))
			if g == 4 {
				w, u := k.load(at(p[1])), k.load(at(p[2]))
				VADDPS(w, v, v)
				VADDPS(k.load(at(p[3])), u, u)
				VADDPS(u, v, v)
			}
			VADDPS(k.load(at(acc)), v, v)
			k.store(v, at(acc))
		})
	}, func(g int) {
		for range g {
			ADDQ(end, x)
		}
	})
	k.end()
}

// moments: sum[j] += Σ_i x[i][j]-shift[j]; squares[j] += Σ_i (x[i][j]-shift[j])²
func moments(zmm bool) {
	k := begin("moments", "(sum, squares, x, shift *float32, rows, w int)", zmm)
	sum, squares, x, shift := pointer("sum"), pointer("squares"), pointer("x"), pointer("shift")
	count, end := pointer("rows"), bytes("w")
	rows(count, []int{4, 1}, func(g int) {
		p := rowPointers(x, end, g)
		k.columns(end, 1, func(at func(reg.Register) Mem) {
			s, a, q := k.load(at(shift)), k.load(at(sum)), k.load(at(squares))
			for i := range g {
				v := k.load(at(p[i]))
				VSUBPS(s, v, v)
				VADDPS(v, a, a)
				VFMADD231PS(v, v, q)
			}
			k.store(a, at(sum))
			k.store(q, at(squares))
		})
	}, func(g int) {
		for range g {
			ADDQ(end, x)
		}
	})
	k.end()
}

// gradSums: sum[j] += Σ_i dy[i][j]; dot[j] += Σ_i dy[i][j]*(x[i][j]-mean[j])
func gradSums(zmm bool) {
	k := begin("gradSums", "(sum, dot, dy, x, mean *float32, rows, w int)", zmm)
	sum, dot, dy, x, mean := pointer("sum"), pointer("dot"), pointer("dy"), pointer("x"), pointer("mean")
	count, end := pointer("rows"), bytes("w")
	rows(count, []int{2, 1}, func(g int) {
		pd, px := rowPointers(dy, end, g), rowPointers(x, end, g)
		k.columns(end, 2, func(at func(reg.Register) Mem) {
			mu, a, q := k.load(at(mean)), k.load(at(sum)), k.load(at(dot))
			for i := range g {
				d, v := k.load(at(pd[i])), k.load(at(px[i]))
				VSUBPS(mu, v, v)
				VADDPS(d, a, a)
				VFMADD231PS(d, v, q)
			}
			k.store(a, at(sum))
			k.store(q, at(dot))
		})
	}, func(g int) {
		for range g {
			ADDQ(end, dy)
			ADDQ(end, x)
		}
	})
	k.end()
}
