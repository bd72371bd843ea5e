package gpu

import (
	"math"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// rows calls f with the arrays of each row of a table.
func (m *fake) rows(l cuda.Table, columns int, f func(row [][]float32)) {
	v := m.at(l.At, 2*l.Rows*(columns+1))
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(v))), len(v)/2)
	for ; len(words) > 0; words = words[columns+1:] {
		row := make([][]float32, columns)
		for i := range row {
			row[i] = m.at(cuda.Ptr(words[i]), int(words[columns]))
		}
		f(row)
	}
}

func (o *plainOps) EMA(l cuda.Table, decay float32) cuda.Op {
	return o.op("ema", func(m *fake) { m.rows(l, 2, func(r [][]float32) { kernel.EMAPlain(r[0], r[1], decay) }) })
}

func (o *plainOps) Adam(l cuda.Table, lr, beta1, beta2, eps float32, step int, normSq cuda.Ptr, clip float32) cuda.Op {
	return o.op("adam", func(m *fake) {
		by := float32(1)
		if normSq != 0 && clip > 0 {
			by = float32(min(1, float64(clip)/math.Sqrt(float64(m.at(normSq, 1)[0]))))
		}
		m.rows(l, 4, func(r [][]float32) {
			grad := append([]float32{}, r[3]...)
			kernel.ScalePlain(grad, grad, by)
			kernel.AdamPlain(r[0], r[1], r[2], grad, lr, beta1, beta2, eps, step)
		})
	})
}

func (o *plainOps) SumSquares(out cuda.Ptr, l cuda.Table) cuda.Op {
	return o.op("squares", func(m *fake) {
		sum := 0.0
		m.rows(l, 1, func(r [][]float32) { sum += kernel.SumSquares(r[0]) })
		m.at(out, 1)[0] = float32(sum)
	})
}

func (o *plainOps) DotRows(y, a, b cuda.Ptr, rows, k int) cuda.Op {
	return o.op("dot rows", func(m *fake) {
		to := m.at(y, rows)
		for i := range to {
			to[i] = float32(kernel.Dot(m.at(a.Add(i*k), k), m.at(b.Add(i*k), k)))
		}
	})
}
