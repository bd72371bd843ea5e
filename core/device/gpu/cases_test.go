package gpu

import (
	"testing"
	"unsafe"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
)

// kernelCase is an operation with its memory, to be run on two devices. Buffers hold random values; positive ones
// lie in (0.5, 1.5). The results are the buffers out.
type kernelCase struct {
	name     string
	sizes    []int
	positive []int
	out      []int
	product  bool // rounded as products of matrices are
	op       func(o cuda.Operations, p []cuda.Ptr) cuda.Op
	table    func(p []cuda.Ptr) []uint64 // what the last buffer holds, if not random values
}

func kernelCases() []kernelCase {
	var all []kernelCase
	add := func(name string, sizes, positive, out []int, product bool, op func(o cuda.Operations, p []cuda.Ptr) cuda.Op) {
		all = append(all, kernelCase{name: name, sizes: sizes, positive: positive, out: out, product: product, op: op})
	}
	// list adds a case of two rows of a list; its table is the last buffer.
	list := func(name string, columns int, sizes, positive, out []int, op func(o cuda.Operations, p []cuda.Ptr, l cuda.Table) cuda.Op) {
		at := len(sizes)
		add(name, append(sizes, 4*(columns+1)), positive, out, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return op(o, p, cuda.Table{At: p[at], Rows: 2, Most: max(sizes[0], sizes[columns])})
		})
		all[len(all)-1].table = func(p []cuda.Ptr) (words []uint64) {
			for r := range 2 {
				for k := range columns {
					words = append(words, uint64(p[r*columns+k]))
				}
				words = append(words, uint64(sizes[r*columns]))
			}
			return words
		}
	}
	convs := map[string]kernel.Conv{
		"3x3":             {InC: 32, OutC: 64, KH: 3, KW: 3, Stride: 1, Pad: 1, PadMode: kernel.PadReflect},
		"3x3 odd":         {InC: 5, OutC: 7, KH: 3, KW: 3, Stride: 1, Pad: 1},
		"9x9 from 3":      {InC: 3, OutC: 32, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect},
		"9x9 to 3":        {InC: 32, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect},
		"4x4 stride 2":    {InC: 16, OutC: 48, KH: 4, KW: 4, Stride: 2, Pad: 1},
		"transposed":      {InC: 24, OutC: 16, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true},
		"doubled":         {InC: 32, OutC: 16, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2},
		"1x1":             {InC: 100, OutC: 40, KH: 1, KW: 1, Stride: 1},
		"5x5 no padding":  {InC: 12, OutC: 20, KH: 5, KW: 5, Stride: 1},
		"3x3 of 128":      {InC: 128, OutC: 128, KH: 3, KW: 3, Stride: 1, Pad: 1},
		"stride 2 of odd": {InC: 6, OutC: 10, KH: 3, KW: 3, Stride: 2, Pad: 1},
	}
	const n, h, w = 2, 12, 14
	for name, c := range convs {
		oh, ow := c.OutSize(h, w)
		x, y, k := n*h*w*c.InC, n*oh*ow*c.OutC, c.WeightLen()
		add("convolution "+name, []int{y, x, k, c.OutC}, nil, []int{0}, true, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ConvForward(c, p[0], p[1], cuda.Weights{Raw: p[2]}, p[3], 0, n, h, w, kernel.ActLeakyReLU)
		})
		add("convolution dx "+name, []int{x, y, k}, nil, []int{0}, true, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ConvGradData(c, p[0], p[1], cuda.Weights{Raw: p[2]}, n, h, w)
		})
		add("convolution dw "+name, []int{k, x, y}, nil, []int{0}, true, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ConvGradWeights(c, p[0], p[1], p[2], n, h, w)
		})
	}
	add("product", []int{3 * 50 * 30, 3 * 50 * 70, 3 * 70 * 30}, nil, []int{0}, true, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
		return o.MatMul(p[0], p[1], p[2], 3, 50, 70, 30, false)
	})
	add("product of turned", []int{3 * 50 * 50, 3 * 400 * 50, 3 * 400 * 50}, nil, []int{0}, true, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
		return o.MatMulTN(p[0], p[1], p[2], 3, 400, 50, 50, .5)
	})
	for _, c := range []int{3, 64, 100} {
		const hw = h * w
		size := n * hw * c
		add("bias", []int{c, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.BiasGrad(p[0], p[1], n*hw, c) })
		add("moments", []int{n * c, n * c, size}, nil, []int{0, 1}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Moments(p[0], p[1], p[2], n, hw, c, 1e-5, false)
		})
		add("stats", []int{2 * n * c, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Stats(p[0], p[1], n, hw, c, 1e-5)
		})
		add("stats dx", []int{size, size, 2 * n * c, 2 * n * c}, []int{2}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.StatsGrad(p[0], p[1], p[2], p[3], n, hw, c)
		})
		params := func(p []cuda.Ptr) cuda.NormParams {
			return cuda.NormParams{Mean: p[0], InvStd: p[1], Stats: c, Gamma: p[2], Beta: p[3], Params: c}
		}
		add("norm", []int{size, size, n * c, n * c, n * c, n * c, size}, []int{3}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.NormApply(p[0], p[1], p[6], params(p[2:]), n, hw, c, kernel.ActReLU)
		})
		add("norm dx", []int{size, n * c, n * c, size, size, n * c, n * c, n * c, n * c}, []int{6}, []int{0, 1, 2}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.NormGrad(p[0], p[1], p[2], p[3], 0, p[4], params(p[5:]), n, hw, c, kernel.ActNone)
		})
		add("running statistics", []int{c, c, c, c}, []int{1, 3}, []int{0, 1}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.NormRunning(p[0], p[1], p[2], p[3], 500, c, 1e-5, .1)
		})
		add("folded norm", []int{c, c, c, c, c, c}, []int{5}, []int{0, 1}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.NormFold(p[0], p[1], p[2], p[3], p[4], p[5], c, 1e-5)
		})
		add("scale and shift", []int{size, size, size, c, c}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ScaleShift(p[0], p[1], p[2], p[3], p[4], n*hw, c, kernel.ActTanh)
		})
		add("column means", []int{n * c, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ColumnMeans(p[0], p[1], n, hw, c, true)
		})
		add("global dx", []int{size, n * c}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.GlobalAvgPoolGrad(p[0], p[1], n, hw, c)
		})
		small := n * (h / 2) * (w / 2) * c
		add("max pool", []int{small, small, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.MaxPool(p[0], p[1], p[2], n, h, w, c, 2, 2)
		})
		add("mean pool", []int{small, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.AvgPool(p[0], p[1], n, h, w, c, 2, 2)
		})
		add("mean pool dx", []int{size, small}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.AvgPoolGrad(p[0], p[1], n, h, w, c, 2, 2)
		})
		add("nearest", []int{4 * size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ResizeNearest(p[0], p[1], n, h, w, c, 2)
		})
		add("nearest dx", []int{size, 4 * size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ResizeNearestGrad(p[0], p[1], n, h, w, c, 2)
		})
		add("bilinear", []int{4 * size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ResizeBilinear(p[0], p[1], n, h, w, c, 2*h, 2*w)
		})
		add("bilinear dx", []int{size, 4 * size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ResizeBilinearGrad(p[0], p[1], n, h, w, c, 2*h, 2*w)
		})
		add("copied rows", []int{size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.CopyRows(p[0].Add(1), p[1], n*hw, c-1, c, c, 1)
		})
		add("shift", []int{size, size, 2 * n}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Shift(p[0], p[1], p[2], n, h, w, c, 1)
		})
		add("cut", []int{size, size, 4 * n}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Cut(p[0], p[1], p[2], n, h, w, c)
		})
		add("tone", []int{size, size, 3 * n}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Tone(p[0], p[1], p[2], n, h, w, c, true)
		})
		add("total variation", []int{1, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.TV(p[0], p[1], n, h, w, c) })
		add("total variation dx", []int{size, size, 1}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.TVGrad(p[0], p[1], p[2], n, h, w, c)
		})
		const windows = n * (h / 6) * (w / 6)
		add("weave", []int{windows * 9 * c, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.WeaveFold(p[0], p[1], n, h, w, c, 3, 6)
		})
		add("weave dx", []int{size, windows * 9 * c, 1}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.WeaveSpread(p[0], p[1], p[2], n, h, w, c, 3, 6, 2)
		})
		add("softmax", []int{1, n * c, n * c, n}, []int{2, 3}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.SoftmaxLoss(p[0], p[1], p[2], p[3], n, c)
		})
		add("softmax dx", []int{n * c, n * c, n * c, n, 1}, []int{2, 3}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.SoftmaxLossGrad(p[0], p[1], p[2], p[3], p[4], n, c)
		})
	}
	for _, size := range []int{4, 1000, 70000} {
		for _, act := range []kernel.Act{kernel.ActReLU, kernel.ActLeakyReLU, kernel.ActTanh, kernel.ActSigmoid} {
			add(act.String(), []int{size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.Activate(p[0], p[1], size, act) })
			add(act.String()+" dx", []int{size, size, size}, []int{1}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				return o.ActivateGrad(p[0], p[1], p[2], size, act)
			})
		}
		add("linear", []int{size, size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.Linear(p[0], p[1], p[2], size, 2, -3)
		})
		add("samples scaled", []int{size, size, 4}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.ScaleSamples(p[0], p[1], p[2], size, size/4)
		})
		add("fill", []int{size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.Fill(p[0], size, 3) })
		add("nudge", []int{size, size, 1}, []int{2}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.Nudge(p[0], p[1], p[2], size, .5) })
		add("copy", []int{size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.Copy(p[0], p[1], size) })
		list("running means", 2, []int{size, size, 77, 77}, nil, []int{0, 2}, func(o cuda.Operations, _ []cuda.Ptr, l cuda.Table) cuda.Op { return o.EMA(l, .9) })
		list("adam", 4, []int{size, size, size, size, 77, 77, 77, 77, 1}, []int{2, 6, 8}, []int{0, 1, 2, 4, 5, 6}, func(o cuda.Operations, p []cuda.Ptr, l cuda.Table) cuda.Op {
			return o.Adam(l, 1e-3, .5, .999, 1e-8, 3, p[8], .1)
		})
		list("sum of squares", 1, []int{77, size, 1}, nil, []int{2}, func(o cuda.Operations, p []cuda.Ptr, l cuda.Table) cuda.Op {
			return o.SumSquares(p[2], l)
		})
		add("dot of rows", []int{size / 4, size, size}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.DotRows(p[0], p[1], p[2], size/4, 4)
		})
		add("weighted sum", []int{1, 1, 1, 1, 1, 1}, nil, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
			return o.WeightedSum(p[0], p[1:], []float32{1, -2, 3, -4, 5})
		})
		for _, f := range []cuda.Reduction{cuda.Sum, cuda.SumSquares, cuda.Dot, cuda.SquaredError, cuda.AbsError, cuda.BCE, cuda.BCEConst, cuda.Hinge} {
			add("sum", []int{1, size, size, 4}, []int{2, 3}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				return o.Reduce(p[0], p[1], p[2], p[3], size, size/4, size, f, .9, 1/float32(size))
			})
			add("sum dx", []int{size, size, size, 4, 1}, []int{2, 3}, []int{0}, false, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				return o.ReduceGrad(p[0], p[1], p[2], p[3], p[4], size, size/4, size, f, .9, 1/float32(size))
			})
		}
	}
	return all
}

// run runs a case on a device and returns its results.
func (c *kernelCase) run(t *testing.T, d *Device) []device.Tensor {
	t.Helper()
	var b blocks
	defer b.release(d.owner)
	at := make([]cuda.Ptr, len(c.sizes))
	var mark event
	err := d.owner.do(func(o *owner) (err error) {
		if mark, err = o.driver.event(); err != nil {
			return err
		}
		for i, n := range c.sizes {
			if at[i], err = b.take(o, 4*n); err != nil {
				return err
			}
		}
		return o.driver.record(mark, computing)
	})
	for i, n := range c.sizes {
		v := randomTensor(uint64(i+1), 1, 1, 1, n).Data
		for _, p := range c.positive {
			if p == i {
				for j, x := range v {
					v[j] = .5 + float32(uint32(j*7919+int(x*1000))%1000)/1000
				}
			}
		}
		if c.table != nil && i == len(c.sizes)-1 {
			words := c.table(at)
			v = unsafe.Slice((*float32)(unsafe.Pointer(&words[0])), 2*len(words))
		}
		if err == nil {
			err = d.in.in(at[i], v, mark)
		}
	}
	if err == nil {
		err = d.owner.do(func(o *owner) error {
			if err := o.driver.record(mark, copyingIn); err != nil {
				return err
			}
			if err := o.driver.wait(computing, mark); err != nil {
				return err
			}
			op := c.op(d.ops, at)
			if err := o.launch(&op); err != nil {
				return err
			}
			return o.driver.record(mark, computing)
		})
	}
	var out []device.Tensor
	for _, k := range c.out {
		r := device.NewTensor(1, 1, 1, c.sizes[k])
		if err == nil {
			err = d.out.out(r.Data, at[k], mark)
		}
		out = append(out, r)
	}
	if err != nil {
		t.Fatalf("%s: %v", c.name, err)
	}
	return out
}

// TestKernelCases runs the cases that a GPU is tested with on the fake: they must be within what the operations
// allow, and give numbers.
func TestKernelCases(t *testing.T) {
	d := open(t, newFake(), false)
	names := map[string]bool{}
	for _, c := range kernelCases() {
		if testing.Short() && names[c.name] {
			continue
		}
		names[c.name] = true
		for _, out := range c.run(t, d) {
			for i, v := range out.Data {
				if v != v {
					t.Fatalf("%s: value %d is no number", c.name, i)
				}
			}
		}
	}
	if len(names) < 60 {
		t.Errorf("%d cases", len(names))
	}
}

// TestKernelCasesEmulated runs them on the real kernels, compiled for the processor.
func TestKernelCasesEmulated(t *testing.T) {
	_, card := emulate(t, 9)
	real := card.at(device.TF32)
	twin := open(t, newFake(), false)
	for _, c := range kernelCases() {
		tol := tolerance
		if c.product {
			tol = roundingTolerance
		}
		if s := differ(c.run(t, real), c.run(t, twin), tol); s != "" {
			t.Errorf("%s: %s", c.name, s)
		}
	}
}
