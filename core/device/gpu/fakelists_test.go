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

func (o *plainOps) WeaveFold(f, x cuda.Ptr, n, h, w, c, period, side int) cuda.Op {
	return o.op("weave", func(m *fake) {
		windows := n * (h / side) * (w / side)
		to, from := m.at(f, windows*period*period*c), m.at(x, n*h*w*c)
		clear(to)
		weave(n, h, w, c, period, side, func(i, k int) { to[k] += from[i] * float32(period*period) / float32(side*side) })
		mid := float64(period-1) / 2
		for k := range windows * c {
			v := to[k/c*period*period*c+k%c:]
			var mean, sx, sy, square float64
			for i := range period * period {
				x, y := float64(i%period)-mid, float64(i/period)-mid
				mean, sx, sy, square = mean+float64(v[i*c]), sx+x*float64(v[i*c]), sy+y*float64(v[i*c]), square+x*x
			}
			for i := range period * period {
				v[i*c] -= float32(mean/float64(period*period) + sx/square*(float64(i%period)-mid) + sy/square*(float64(i/period)-mid))
			}
		}
	})
}

func (o *plainOps) WeaveSpread(dx, f, dy cuda.Ptr, n, h, w, c, period, side int, alpha float32) cuda.Op {
	return o.op("weave dx", func(m *fake) {
		to, from := m.at(dx, n*h*w*c), m.at(f, n*(h/side)*(w/side)*period*period*c)
		clear(to)
		weave(n, h, w, c, period, side, func(i, k int) { to[i] = from[k] * alpha * m.at(dy, 1)[0] })
	})
}

// weave calls f with the index of every value in a whole window, and that of its window and phase.
func weave(n, h, w, c, period, side int, f func(i, k int)) {
	for i := range n * h * w * c {
		x, y := i/c%w, i/(c*w)%h
		if x/side < w/side && y/side < h/side {
			window := (i/(c*w*h)*(h/side)+y/side)*(w/side) + x/side
			f(i, ((window*period+y%period)*period+x%period)*c+i%c)
		}
	}
}
