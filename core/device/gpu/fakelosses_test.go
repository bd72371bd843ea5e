package gpu

import (
	"math"

	"github.com/atelier-engine/atelier/core/device/cuda"
)

func (o *plainOps) Shift(y, x, by cuda.Ptr, n, h, w, c, sign int) cuda.Op {
	return o.op("shift", func(m *fake) {
		to, from, amounts := m.at(y, n*h*w*c), m.at(x, n*h*w*c), m.at(by, 2*n)
		clear(to)
		for i := range n * h * w {
			s, r, q := i/(h*w), i/w%h-sign*int(amounts[i/(h*w)*2]), i%w-sign*int(amounts[i/(h*w)*2+1])
			if r >= 0 && r < h && q >= 0 && q < w {
				copy(to[i*c:(i+1)*c], from[((s*h+r)*w+q)*c:])
			}
		}
	})
}

func (o *plainOps) Cut(y, x, by cuda.Ptr, n, h, w, c int) cuda.Op {
	return o.op("cut", func(m *fake) {
		to, from, b := m.at(y, n*h*w*c), m.at(x, n*h*w*c), m.at(by, 4*n)
		copy(to, from)
		for i := range n * h * w {
			r, q, a := i/w%h, i%w, b[i/(h*w)*4:]
			if r >= int(a[0]) && r < int(a[0])+int(a[2]) && q >= int(a[1]) && q < int(a[1])+int(a[3]) {
				clear(to[i*c : (i+1)*c])
			}
		}
	})
}

func (o *plainOps) Tone(y, x, by cuda.Ptr, n, h, w, c int, offset bool) cuda.Op {
	return o.op("tone", func(m *fake) {
		to, from, b := m.at(y, n*h*w*c), m.at(x, n*h*w*c), m.at(by, 3*n)
		for i := range n * h * w {
			a, grey := b[i/(h*w)*3:], float32(0)
			for _, v := range from[i*c : (i+1)*c] {
				grey += v / float32(c)
			}
			for j := i * c; j < (i+1)*c; j++ {
				to[j] = a[0] * (grey + a[2]*(from[j]-grey))
				if offset {
					to[j] += a[1]
				}
			}
		}
	})
}

// reduced is f and its derivative by a.
func reduced(f cuda.Reduction, a, b, param float64) (v, d float64) {
	switch f {
	case cuda.Sum:
		return a, 1
	case cuda.SumSquares:
		return a * a, 2 * a
	case cuda.Dot:
		return a * b, b
	case cuda.SquaredError:
		return (a - b) * (a - b), 2 * (a - b)
	case cuda.AbsError:
		switch {
		case a > b:
			return a - b, 1
		case a < b:
			return b - a, -1
		}
		return 0, 0
	case cuda.BCE, cuda.BCEConst:
		if f == cuda.BCEConst {
			b = param
		}
		return max(a, 0) - a*b + math.Log1p(math.Exp(-math.Abs(a))), 1/(1+math.Exp(-a)) - b
	case cuda.Hinge:
		if param*a < 1 {
			return 1 - param*a, -param
		}
	}
	return 0, 0
}

// each calls f with the operands of every value of a reduction.
func (o *plainOps) each(m *fake, a, b, weights cuda.Ptr, n, one, bn int, f func(i int, a, b, w float64)) {
	va, vb, vw := m.at(a, n), m.at(b, bn), m.at(weights, n/one)
	for i := range n {
		v, w := 0.0, 1.0
		if vb != nil {
			v = float64(vb[i%bn])
		}
		if vw != nil {
			w = float64(vw[i/one])
		}
		f(i, float64(va[i]), v, w)
	}
}

func (o *plainOps) Reduce(out, a, b, weights cuda.Ptr, n, one, bn int, f cuda.Reduction, param, alpha float32) cuda.Op {
	return o.op("reduce", func(m *fake) {
		var sum float64
		o.each(m, a, b, weights, n, one, bn, func(_ int, a, b, w float64) {
			v, _ := reduced(f, a, b, float64(param))
			sum += v * w
		})
		m.at(out, 1)[0] = float32(sum * float64(alpha))
	})
}

func (o *plainOps) ReduceGrad(dx, a, b, weights, dy cuda.Ptr, n, one, bn int, f cuda.Reduction, param, alpha float32) cuda.Op {
	return o.op("reduce dx", func(m *fake) {
		by := float64(alpha)
		if dy != 0 {
			by *= float64(m.at(dy, 1)[0])
		}
		to := m.at(dx, n)
		o.each(m, a, b, weights, n, one, bn, func(i int, a, b, w float64) {
			_, d := reduced(f, a, b, float64(param))
			to[i] = float32(d * w * by)
		})
	})
}

// softmax calls f with the probability and the negative logarithm of it.
func softmax(z []float32, f func(j int, p, l float64)) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range z {
		top = max(top, float64(v))
	}
	for _, v := range z {
		sum += math.Exp(float64(v) - top)
	}
	for j, v := range z {
		f(j, math.Exp(float64(v)-top)/sum, top+math.Log(sum)-float64(v))
	}
}

func (o *plainOps) SoftmaxLoss(out, z, p, weights cuda.Ptr, n, k int) cuda.Op {
	return o.op("softmax", func(m *fake) {
		var sum float64
		w := m.at(weights, n)
		for i := range n {
			by := 1.0
			if w != nil {
				by = float64(w[i])
			}
			q := m.at(p.Add(i*k), k)
			softmax(m.at(z.Add(i*k), k), func(j int, _, l float64) { sum += by * l * float64(q[j]) })
		}
		m.at(out, 1)[0] = float32(sum / float64(n))
	})
}

func (o *plainOps) SoftmaxLossGrad(dz, z, p, weights, dy cuda.Ptr, n, k int) cuda.Op {
	return o.op("softmax dx", func(m *fake) {
		w := m.at(weights, n)
		for i := range n {
			by := float64(m.at(dy, 1)[0]) / float64(n)
			if w != nil {
				by *= float64(w[i])
			}
			q, to, mass := m.at(p.Add(i*k), k), m.at(dz.Add(i*k), k), 0.0
			for _, v := range q {
				mass += float64(v)
			}
			softmax(m.at(z.Add(i*k), k), func(j int, p, _ float64) { to[j] = float32((mass*p - float64(q[j])) * by) })
		}
	})
}

// neighbours calls f with the indices of neighbours to the right and below.
func neighbours(n, h, w, c int, f func(i, j int)) {
	for i := range n * h * w * c {
		if i/c%w+1 < w {
			f(i, i+c)
		}
		if i/(c*w)%h+1 < h {
			f(i, i+w*c)
		}
	}
}

func (o *plainOps) TV(out, x cuda.Ptr, n, h, w, c int) cuda.Op {
	return o.op("tv", func(m *fake) {
		v, sum := m.at(x, n*h*w*c), 0.0
		neighbours(n, h, w, c, func(i, j int) { sum += float64(v[i]-v[j]) * float64(v[i]-v[j]) })
		m.at(out, 1)[0] = float32(sum / float64(len(v)))
	})
}

func (o *plainOps) TVGrad(dx, x, dy cuda.Ptr, n, h, w, c int) cuda.Op {
	return o.op("tv dx", func(m *fake) {
		v, to := m.at(x, n*h*w*c), m.at(dx, n*h*w*c)
		clear(to)
		by := 2 * m.at(dy, 1)[0] / float32(len(v))
		neighbours(n, h, w, c, func(i, j int) {
			to[i] += by * (v[i] - v[j])
			to[j] -= by * (v[i] - v[j])
		})
	})
}

func (o *plainOps) WeightedSum(out cuda.Ptr, x []cuda.Ptr, weights []float32) cuda.Op {
	return o.op("weighted sum", func(m *fake) {
		var sum float64
		for i, p := range x {
			sum += float64(weights[i]) * float64(m.at(p, 1)[0])
		}
		m.at(out, 1)[0] = float32(sum)
	})
}
