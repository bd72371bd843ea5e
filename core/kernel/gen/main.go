// Command gen writes the assembly of the convolution kernels with avo:
//
//	go run ./core/kernel/gen -out core/kernel/zz_kernels_amd64.s -stubs core/kernel/zz_kernels_amd64.go -pkg kernel
//
// One description serves two targets: AVX-512 (32 registers of 16 floats) and
// AVX2 (16 registers of 8). A target is a width, its registers and the way it
// broadcasts.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// target is one instruction set.
type target struct {
	suffix string
	wide   bool          // AVX-512
	bytes  int           // of one register
	rows   int           // of the largest tile
	reg    []VecPhysical // registers of full width
}

var (
	avx512 = target{"512", true, 64, 14, []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}}
	avx2 = target{"256", false, 32, 6, []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}}
)

// begin opens a function that takes a pointer to its arguments in RDI.
func (t target) begin(name string) {
	TEXT(name+t.suffix, NOSPLIT, "func(args *uint64)")
	Pragma("noescape")
	Load(Param("args"), RDI)
}

// arg is field i of the argument block: eight bytes each.
func arg(i int) Mem { return Mem{Base: RDI, Disp: 8 * i} }

func (t target) zero(v VecPhysical) {
	if t.wide {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

func end() {
	VZEROUPPER()
	RET()
}

func main() {
	ConstraintExpr("amd64")
	for _, t := range []target{avx512, avx2} {
		for rows := 1; rows <= t.rows; rows++ {
			t.tile(rows)
			t.grad(rows)
		}
		t.winogradIn()
		t.winogradOut()
		t.peak()
	}
	Generate()
}

// peak runs independent multiply-adds in registers: the figure that the
// benchmarks call the peak. args: count.
func (t target) peak() {
	t.begin("peak")
	MOVQ(arg(0), RCX)
	n := 12
	for i := range n + 2 {
		t.zero(t.reg[i])
	}
	Label("loop")
	for range 4 {
		for i := range n {
			VFMADD231PS(t.reg[n], t.reg[n+1], t.reg[i])
		}
	}
	DECQ(RCX)
	JNZ(LabelRef("loop"))
	end()
}

func rowsName(name string, rows int) string { return fmt.Sprintf("%s%dx", name, rows) }
