package gpu

import (
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// plainOps are the operations of a fake: each launches one "kernel" that calls the plain twins of package
// kernel.
type plainOps struct {
	cuda.Operations // what is not here is not used
	m               *fake
	packs           bool // want packed weights
	in              device.Precision
}

// op makes an operation of f; the kernels of precisions other than TF32 are called so. Its scratch memory is
// overwritten when it runs.
func (o *plainOps) op(name string, f func(m *fake)) cuda.Op {
	o.m.mu.Lock()
	defer o.m.mu.Unlock()
	o.m.kernels = append(o.m.kernels, f)
	if o.in != device.TF32 {
		name = fmt.Sprint(name, " ", o.in)
	}
	id := uint64(len(o.m.kernels) - 1)
	return cuda.Op{Name: name, Scratch: 256, Launches: []cuda.Launch{{Kernel: name, Grid: [3]int{1, 1, 1}, Block: [3]int{1, 1, 1},
		Args: []cuda.Arg{{Kind: cuda.Int64, Bits: id}, {Kind: cuda.Pointer, Scratch: true}}}}}
}

// packing keeps the weights behind 64 values that no kernel needs.
const packing = 64

func (o *plainOps) PackedBytes(c kernel.Conv) int {
	if o.packs {
		return 4 * (c.WeightLen() + packing)
	}
	return 0
}

func (o *plainOps) PackWeights(c kernel.Conv, packed, w cuda.Ptr) cuda.Op {
	return o.op("pack", func(m *fake) {
		copy(m.at(packed.Add(packing), c.WeightLen()), m.at(w, c.WeightLen()))
	})
}

func weightsAt(m *fake, c kernel.Conv, w cuda.Weights) []float32 {
	if w.Packed != 0 {
		return m.at(w.Packed.Add(packing), c.WeightLen())
	}
	return m.at(w.Raw, c.WeightLen())
}

func (o *plainOps) ConvForward(c kernel.Conv, y, x cuda.Ptr, w cuda.Weights, bias, residual cuda.Ptr, n, h, wd int, act kernel.Act) cuda.Op {
	return o.op("conv", func(m *fake) {
		oh, ow := c.OutSize(h, wd)
		to := m.at(y, n*oh*ow*c.OutC)
		kernel.ConvForwardPlain(c, to, m.at(x, n*h*wd*c.InC), n, h, wd, weightsAt(m, c, w), m.at(bias, c.OutC), act)
		if residual != 0 {
			kernel.AddPlain(to, to, m.at(residual, len(to)))
		}
	})
}

func (o *plainOps) ConvGradData(c kernel.Conv, dx, dy cuda.Ptr, w cuda.Weights, n, h, wd int) cuda.Op {
	return o.op("conv dx", func(m *fake) {
		oh, ow := c.OutSize(h, wd)
		kernel.ConvGradDataPlain(c, m.at(dx, n*h*wd*c.InC), m.at(dy, n*oh*ow*c.OutC), n, h, wd, m.at(w.Raw, c.WeightLen()))
	})
}

func (o *plainOps) ConvGradWeights(c kernel.Conv, dw, x, dy cuda.Ptr, n, h, wd int) cuda.Op {
	return o.op("conv dw", func(m *fake) {
		oh, ow := c.OutSize(h, wd)
		kernel.ConvGradWeightsPlain(c, m.at(dw, c.WeightLen()), m.at(x, n*h*wd*c.InC), m.at(dy, n*oh*ow*c.OutC), n, h, wd)
	})
}

func (o *plainOps) BiasGrad(db, dy cuda.Ptr, rows, c int) cuda.Op {
	return o.op("bias", func(m *fake) { kernel.BiasGradPlain(m.at(db, c), m.at(dy, rows*c), rows, c) })
}

func (o *plainOps) MatMul(c, a, b cuda.Ptr, n, mm, k, nn int, shared bool) cuda.Op {
	return o.op("matmul", func(m *fake) {
		for i := range n {
			of := i
			if shared {
				of = 0
			}
			kernel.MatMul(m.at(c.Add(i*mm*nn), mm*nn), m.at(a.Add(i*mm*k), mm*k), m.at(b.Add(of*k*nn), k*nn), mm, k, nn)
		}
	})
}

func (o *plainOps) MatMulTN(c, a, b cuda.Ptr, n, k, mm, nn int, alpha float32) cuda.Op {
	return o.op("matmul tn", func(m *fake) {
		for i := range n {
			to := m.at(c.Add(i*mm*nn), mm*nn)
			kernel.MatMulTN(to, m.at(a.Add(i*k*mm), k*mm), m.at(b.Add(i*k*nn), k*nn), k, mm, nn)
			kernel.ScalePlain(to, to, alpha)
		}
	})
}

func (o *plainOps) Moments(mean, invstd, x cuda.Ptr, n, hw, c int, eps float32, std bool) cuda.Op {
	return o.op("moments", func(m *fake) {
		for i := range n {
			sd := m.at(invstd.Add(i*c), c)
			plainMoments(m.at(mean.Add(i*c), c), sd, m.at(x.Add(i*hw*c), hw*c), eps)
			for j := range sd {
				if !std {
					sd[j] = 1 / sd[j]
				}
			}
		}
	})
}

// plainMoments computes mean and sqrt(variance + eps) of the columns of x.
func plainMoments(mean, std, x []float32, eps float32) {
	c := len(mean)
	hw := float64(len(x) / c)
	for j := range c {
		var sum, sq float64
		for p := j; p < len(x); p += c {
			sum += float64(x[p])
		}
		sum /= hw
		for p := j; p < len(x); p += c {
			d := float64(x[p]) - sum
			sq += d * d
		}
		mean[j], std[j] = float32(sum), float32(math.Sqrt(sq/hw+float64(eps)))
	}
}

func (o *plainOps) Stats(y, x cuda.Ptr, n, hw, c int, eps float32) cuda.Op {
	return o.op("stats", func(m *fake) {
		for i := range n {
			to := m.at(y.Add(2*i*c), 2*c)
			plainMoments(to[:c], to[c:], m.at(x.Add(i*hw*c), hw*c), eps)
		}
	})
}

func (o *plainOps) StatsGrad(dx, x, y, dy cuda.Ptr, n, hw, c int) cuda.Op {
	return o.op("stats dx", func(m *fake) {
		to, v, stats, d := m.at(dx, n*hw*c), m.at(x, n*hw*c), m.at(y, 2*n*c), m.at(dy, 2*n*c)
		for i := range to {
			k := i/(hw*c)*2*c + i%c
			to[i] = (d[k] + d[k+c]*(v[i]-stats[k])/stats[k+c]) / float32(hw)
		}
	})
}

func (o *plainOps) NormApply(y, x, residual cuda.Ptr, a cuda.NormParams, n, hw, c int, act kernel.Act) cuda.Op {
	return o.op("norm", func(m *fake) {
		scale, shift := make([]float32, c), make([]float32, c)
		for i := range n {
			mean, invstd := m.at(a.Mean.Add(i*a.Stats), c), m.at(a.InvStd.Add(i*a.Stats), c)
			gamma, beta := m.at(a.Gamma.Add(i*a.Params), c), m.at(a.Beta.Add(i*a.Params), c)
			for j := range c {
				scale[j] = gamma[j] * invstd[j]
				shift[j] = beta[j] - mean[j]*scale[j]
			}
			var r []float32
			if residual != 0 {
				r = m.at(residual.Add(i*hw*c), hw*c)
			}
			kernel.ScaleShiftPlain(m.at(y.Add(i*hw*c), hw*c), m.at(x.Add(i*hw*c), hw*c), r, scale, shift, hw, c, act)
		}
	})
}

func (o *plainOps) NormGrad(dx, dgamma, dbeta, x, y, dy cuda.Ptr, a cuda.NormParams, n, hw, c int, act kernel.Act) cuda.Op {
	return o.op("norm dx", func(m *fake) {
		dz := append([]float32{}, m.at(dy, n*hw*c)...)
		if y != 0 {
			kernel.ActivateGradPlain(dz, m.at(y, n*hw*c), dz, act)
		}
		if dgamma != 0 && a.Params == 0 {
			clear(m.at(dgamma, c))
			clear(m.at(dbeta, c))
		}
		for i := range n {
			one := make([]float32, 2*c)
			kernel.InstanceNormGradPlain(m.at(dx.Add(i*hw*c), hw*c), one[:c], one[c:], m.at(x.Add(i*hw*c), hw*c), dz[i*hw*c:(i+1)*hw*c],
				m.at(a.Gamma.Add(i*a.Params), c), m.at(a.Mean.Add(i*a.Stats), c), m.at(a.InvStd.Add(i*a.Stats), c), 1, hw, c, false)
			if dgamma == 0 {
				continue
			}
			dg, db := m.at(dgamma.Add(i*a.Params), c), m.at(dbeta.Add(i*a.Params), c)
			if a.Params != 0 {
				copy(dg, one[:c])
				copy(db, one[c:])
				continue
			}
			kernel.AddPlain(dg, dg, one[:c])
			kernel.AddPlain(db, db, one[c:])
		}
	})
}

func (o *plainOps) NormRunning(runMean, runVar, mean, invstd cuda.Ptr, rows, c int, eps, momentum float32) cuda.Op {
	return o.op("running", func(m *fake) {
		rm, rv, mu, is := m.at(runMean, c), m.at(runVar, c), m.at(mean, c), m.at(invstd, c)
		for i := range c {
			v := max(0, 1/(float64(is[i])*float64(is[i]))-float64(eps)) * float64(rows) / float64(max(1, rows-1))
			rm[i] += momentum * (mu[i] - rm[i])
			rv[i] += momentum * (float32(v) - rv[i])
		}
	})
}

func (o *plainOps) NormFold(scale, shift, gamma, beta, mean, variance cuda.Ptr, c int, eps float32) cuda.Op {
	return o.op("fold", func(m *fake) {
		sc, sh, g, b, mu, v := m.at(scale, c), m.at(shift, c), m.at(gamma, c), m.at(beta, c), m.at(mean, c), m.at(variance, c)
		for i := range c {
			sc[i] = g[i] / float32(math.Sqrt(float64(v[i])+float64(eps)))
			sh[i] = b[i] - mu[i]*sc[i]
		}
	})
}

func (o *plainOps) ScaleShift(y, x, residual, scale, shift cuda.Ptr, rows, c int, act kernel.Act) cuda.Op {
	return o.op("scale shift", func(m *fake) {
		sh := m.at(shift, c)
		if sh == nil {
			sh = make([]float32, c)
		}
		kernel.ScaleShiftPlain(m.at(y, rows*c), m.at(x, rows*c), m.at(residual, rows*c), m.at(scale, c), sh, rows, c, act)
	})
}

func (o *plainOps) Activate(y, x cuda.Ptr, n int, act kernel.Act) cuda.Op {
	return o.op("act", func(m *fake) { kernel.ActivatePlain(m.at(y, n), m.at(x, n), act) })
}

func (o *plainOps) ActivateGrad(dx, y, dy cuda.Ptr, n int, act kernel.Act) cuda.Op {
	return o.op("act dx", func(m *fake) { kernel.ActivateGradPlain(m.at(dx, n), m.at(y, n), m.at(dy, n), act) })
}

func (o *plainOps) Linear(y, a, b cuda.Ptr, n int, alpha, beta float32) cuda.Op {
	return o.op("linear", func(m *fake) {
		to, u, v := m.at(y, n), m.at(a, n), m.at(b, n)
		for i := range to {
			r := alpha * u[i]
			if v != nil {
				r += beta * v[i]
			}
			to[i] = r
		}
	})
}

func (o *plainOps) ScaleSamples(y, x, weights cuda.Ptr, n, one int) cuda.Op {
	return o.op("scale samples", func(m *fake) {
		to, from, w := m.at(y, n), m.at(x, n), m.at(weights, n/one)
		for i := range to {
			to[i] = from[i] * w[i/one]
		}
	})
}

func (o *plainOps) Nudge(y, x, seed cuda.Ptr, n int, size float32) cuda.Op {
	return o.op("nudge", func(m *fake) { kernel.Nudge(m.at(y, n), m.at(x, n), uint32(m.at(seed, 1)[0]), size) })
}

func (o *plainOps) Fill(y cuda.Ptr, n int, v float32) cuda.Op {
	return o.op("fill", func(m *fake) {
		for i, to := 0, m.at(y, n); i < n; i++ {
			to[i] = v
		}
	})
}

func (o *plainOps) Copy(y, x cuda.Ptr, n int) cuda.Op {
	return o.op("copy", func(m *fake) { copy(m.at(y, n), m.at(x, n)) })
}

func (o *plainOps) CopyRows(y, x cuda.Ptr, rows, width, yStride, xStride, repeat int) cuda.Op {
	return o.op("copy rows", func(m *fake) {
		for r := range rows {
			copy(m.at(y.Add(r*yStride), width), m.at(x.Add(r/repeat*xStride), width))
		}
	})
}

func (o *plainOps) MaxPool(y, idx, x cuda.Ptr, n, h, w, c, k, stride int) cuda.Op {
	return o.op("maxpool", func(m *fake) {
		size := n * pooled(h, k, stride) * pooled(w, k, stride) * c
		kernel.MaxPoolPlain(m.at(y, size), m.indices(idx, size), m.at(x, n*h*w*c), n, h, w, c, k, stride)
	})
}

func pooled(n, k, stride int) int { return (n-k)/stride + 1 }

func (o *plainOps) MaxPoolGrad(dx, dy, idx cuda.Ptr, n, h, w, c, k, stride int) cuda.Op {
	return o.op("maxpool dx", func(m *fake) {
		size := n * pooled(h, k, stride) * pooled(w, k, stride) * c
		kernel.MaxPoolGradPlain(m.at(dx, n*h*w*c), m.at(dy, size), m.indices(idx, size), n, h, w, c, k, stride)
	})
}

func (o *plainOps) AvgPool(y, x cuda.Ptr, n, h, w, c, k, stride int) cuda.Op {
	return o.op("avgpool", func(m *fake) {
		size := n * pooled(h, k, stride) * pooled(w, k, stride) * c
		kernel.AvgPoolPlain(m.at(y, size), m.at(x, n*h*w*c), n, h, w, c, k, stride)
	})
}

func (o *plainOps) AvgPoolGrad(dx, dy cuda.Ptr, n, h, w, c, k, stride int) cuda.Op {
	return o.op("avgpool dx", func(m *fake) {
		size := n * pooled(h, k, stride) * pooled(w, k, stride) * c
		kernel.AvgPoolGradPlain(m.at(dx, n*h*w*c), m.at(dy, size), n, h, w, c, k, stride)
	})
}

func (o *plainOps) ColumnMeans(y, x cuda.Ptr, n, hw, c int, mean bool) cuda.Op {
	return o.op("column means", func(m *fake) {
		to, from := m.at(y, n*c), m.at(x, n*hw*c)
		for i := range to {
			var s float64
			for p := range hw {
				s += float64(from[(i/c*hw+p)*c+i%c])
			}
			if mean {
				s /= float64(hw)
			}
			to[i] = float32(s)
		}
	})
}

func (o *plainOps) GlobalAvgPoolGrad(dx, dy cuda.Ptr, n, hw, c int) cuda.Op {
	return o.op("global dx", func(m *fake) { kernel.GlobalAvgPoolGradPlain(m.at(dx, n*hw*c), m.at(dy, n*c), n, hw, c) })
}

func (o *plainOps) ResizeNearest(y, x cuda.Ptr, n, h, w, c, f int) cuda.Op {
	return o.op("nearest", func(m *fake) {
		kernel.ResizeNearestPlain(m.at(y, n*h*f*w*f*c), m.at(x, n*h*w*c), n, h, w, c, f)
	})
}

func (o *plainOps) ResizeNearestGrad(dx, dy cuda.Ptr, n, h, w, c, f int) cuda.Op {
	return o.op("nearest dx", func(m *fake) {
		kernel.ResizeNearestGradPlain(m.at(dx, n*h*w*c), m.at(dy, n*h*f*w*f*c), n, h, w, c, f)
	})
}

func (o *plainOps) ResizeBilinear(y, x cuda.Ptr, n, h, w, c, oh, ow int) cuda.Op {
	return o.op("bilinear", func(m *fake) {
		kernel.ResizeBilinearPlain(m.at(y, n*oh*ow*c), m.at(x, n*h*w*c), n, h, w, c, oh, ow)
	})
}

func (o *plainOps) ResizeBilinearGrad(dx, dy cuda.Ptr, n, h, w, c, oh, ow int) cuda.Op {
	return o.op("bilinear dx", func(m *fake) {
		kernel.ResizeBilinearGradPlain(m.at(dx, n*h*w*c), m.at(dy, n*oh*ow*c), n, h, w, c, oh, ow)
	})
}
