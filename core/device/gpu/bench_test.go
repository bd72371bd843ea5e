//go:build gpu

package gpu

import (
	"fmt"
	"testing"
	"time"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/device/cuda"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/style"
)

// peak is the best rate of a large product of matrices with our kernels, in floating-point operations a second:
// what the shares below are of. testdata/torchbench.py prints that of cuBLAS beside it.
var peak float64

func measurePeak(b *testing.B, d *Device) float64 {
	if peak == 0 {
		const n = 4096
		const rounds = 20
		seconds := timeOps(b, d, rounds, []int{n * n, n * n, n * n}, product(n))
		peak = 2 * n * n * n * rounds / seconds
	}
	return peak
}

func product(n int) func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
	return func(o cuda.Operations, p []cuda.Ptr) cuda.Op { return o.MatMul(p[0], p[1], p[2], 1, n, n, n, false) }
}

// benchOps reports how long an operation takes.
func benchOps(b *testing.B, d *Device, sizes []int, flops, of float64, build func(o cuda.Operations, p []cuda.Ptr) cuda.Op) {
	reportTime(b, timeOps(b, d, b.N, sizes, build)/float64(b.N), flops, of)
}

// timeOps returns the seconds that an operation takes so many times: all launches are enqueued, then waited for.
// Operands hold sizes values each. Random ones: a GPU multiplies zeros, and numbers that are all alike, faster.
func timeOps(b *testing.B, d *Device, rounds int, sizes []int, build func(o cuda.Operations, p []cuda.Ptr) cuda.Op) float64 {
	var held blocks
	defer held.release(d.owner)
	at := make([]cuda.Ptr, len(sizes))
	var mark event
	var op cuda.Op
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(d.owner.do(func(o *owner) (err error) {
		if mark, err = o.driver.event(); err != nil {
			return err
		}
		for i, n := range sizes {
			if at[i], err = held.take(o, 4*n); err != nil {
				return err
			}
		}
		return o.driver.record(mark, computing)
	}))
	noise := randomTensor(1, 1, 1, 1, 1<<20).Data
	for i, n := range sizes {
		for lo := 0; lo < n; lo += len(noise) {
			must(d.in.in(at[i].Add(lo), noise[:min(len(noise), n-lo)], mark))
		}
	}
	launch := func(times int) {
		must(d.owner.do(func(o *owner) error {
			for range times {
				if err := o.launch(&op); err != nil {
					return err
				}
			}
			return o.driver.record(mark, computing)
		}))
		must(d.owner.await(mark))
	}
	must(d.owner.do(func(o *owner) error {
		if err := o.driver.record(mark, copyingIn); err != nil {
			return err
		}
		op = build(d.ops, at)
		return o.driver.wait(computing, mark)
	}))
	launch(2) // compiles the kernel
	start := time.Now()
	launch(rounds)
	return time.Since(start).Seconds()
}

// report adds the rate, and the share of the peak.
func report(b *testing.B, flops, of float64) {
	reportTime(b, b.Elapsed().Seconds()/float64(b.N), flops, of)
}

func reportTime(b *testing.B, seconds, flops, of float64) {
	b.ReportMetric(1e3*seconds, "ms")
	b.ReportMetric(0, "ns/op")
	if flops > 0 {
		b.ReportMetric(flops/seconds/1e12, "TFLOP/s")
	}
	if flops > 0 && of > 0 {
		b.ReportMetric(100*flops/seconds/of, "%peak")
	}
}

func BenchmarkGPUProduct(b *testing.B) {
	d := gpu(b)
	const n = 4096
	benchOps(b, d, []int{n * n, n * n, n * n}, 2*n*n*n, measurePeak(b, d), product(n))
}

func BenchmarkGPUConvolution(b *testing.B) {
	d := gpu(b)
	of := measurePeak(b, d)
	for _, c := range []struct {
		name    string
		conv    kernel.Conv
		n, h, w int
	}{
		{"3x3of96at256", kernel.Conv{InC: 96, OutC: 96, KH: 3, KW: 3, Stride: 1, Pad: 1, PadMode: kernel.PadReflect}, 1, 256, 256},
		{"9x9from3at1024", kernel.Conv{InC: 3, OutC: 32, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect}, 1, 1024, 1024},
		{"9x9to3at1024", kernel.Conv{InC: 32, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: kernel.PadReflect}, 1, 1024, 1024},
		{"4x4stride2batch64", kernel.Conv{InC: 64, OutC: 128, KH: 4, KW: 4, Stride: 2, Pad: 1}, 64, 32, 32},
	} {
		oh, ow := c.conv.OutSize(c.h, c.w)
		x, y, k := c.n*c.h*c.w*c.conv.InC, c.n*oh*ow*c.conv.OutC, c.conv.WeightLen()
		flops := c.conv.FLOPs(c.n, c.h, c.w)
		b.Run(c.name+"/forward", func(b *testing.B) {
			benchOps(b, d, []int{y, x, k, max(1, d.ops.PackedBytes(c.conv)/4)}, flops, of, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				w := cuda.Weights{Raw: p[2]}
				if o.PackedBytes(c.conv) > 0 {
					w.Packed = p[3]
				}
				return o.ConvForward(c.conv, p[0], p[1], w, 0, 0, c.n, c.h, c.w, kernel.ActReLU)
			})
		})
		b.Run(c.name+"/dx", func(b *testing.B) {
			benchOps(b, d, []int{x, y, k}, flops, of, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				return o.ConvGradData(c.conv, p[0], p[1], cuda.Weights{Raw: p[2]}, c.n, c.h, c.w)
			})
		})
		b.Run(c.name+"/dw", func(b *testing.B) {
			benchOps(b, d, []int{k, x, y}, flops, of, func(o cuda.Operations, p []cuda.Ptr) cuda.Op {
				return o.ConvGradWeights(c.conv, p[0], p[1], p[2], c.n, c.h, c.w)
			})
		})
	}
}

// BenchmarkGPUNetwork times whole runs: copies to the GPU and back are part of them.
func BenchmarkGPUNetwork(b *testing.B) {
	of := measurePeak(b, gpu(b))
	styles := style.DefaultArchitecture.VectorLen()
	each := func(name string, g *device.Graph, in ...device.Tensor) {
		for p, suffix := range []string{device.TF32: "", device.F32: "/f32", device.F16: "/f16", device.BF16: "/bf16"} {
			b.Run(name+suffix, func(b *testing.B) { benchNetwork(b, gpuIn(b, device.Precision(p)), g, of, in...) })
		}
	}
	for _, side := range []int{512, 1024, 4096} {
		each(fmt.Sprintf("style%d", side), stylise(b), device.NewTensor(1, side, side, 3), device.NewTensor(1, 1, 1, styles))
	}
	for _, n := range []int{1, 64} {
		g := portrait.GeneratorGraph(portraitShape)
		var in []device.Tensor
		for _, r := range g.Inputs() {
			s := g.Nodes[r].Shape
			in = append(in, device.NewTensor(n, s.H, s.W, s.C))
		}
		each(fmt.Sprintf("generatorBatch%d", n), g, in...)
	}
}

func benchNetwork(b *testing.B, d *Device, g *device.Graph, of float64, in ...device.Tensor) {
	p := compile(b, d, g)
	out := make([]device.Tensor, len(g.Outs))
	if err := p.Run(out, in); err != nil {
		b.Fatal(err)
	}
	var shapes []device.Shape
	for _, t := range in {
		shapes = append(shapes, t.Shape())
	}
	b.ResetTimer()
	for range b.N {
		if err := p.Run(out, in); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	report(b, flopsOf(b, g, in[0].N, shapes), of)
}

// flopsOf counts the multiplications and additions of convolutions and dense layers.
func flopsOf(b *testing.B, g *device.Graph, n int, in []device.Shape) float64 {
	shapes, err := g.Shapes(in)
	if err != nil {
		b.Fatal(err)
	}
	sum := 0.0
	for _, node := range g.Nodes {
		switch node.Op {
		case device.OpConv:
			x := shapes[node.In[0]]
			sum += node.Conv.FLOPs(n, x.H, x.W)
		case device.OpDense:
			sum += node.Conv.FLOPs(n, 1, 1)
		}
	}
	return sum
}

// BenchmarkGPUTraining times steps of the conditional GAN at batch 64: the discriminator on real and made pictures,
// then the generator, of the style network at batch 4, and of the portrait recipe that ships.
func BenchmarkGPUTraining(b *testing.B) {
	d := gpu(b)
	autodiff.Accelerate(d)
	defer autodiff.Accelerate(nil)
	wide := portraitShape
	wide.Side, wide.Generator, wide.Discriminator = 128, []int{512, 256, 128, 64, 32}, []int{32, 64, 128, 256, 512}
	for _, s := range []portrait.Shape{portraitShape, wide} {
		b.Run(fmt.Sprintf("portrait%d", s.Side), func(b *testing.B) { benchGAN(b, s) })
	}
	b.Run("style256", benchStyle)
	b.Run("ladder128", benchLadder)
}

func benchGAN(b *testing.B, s portrait.Shape) {
	const n = 64
	gen, dis := portrait.GeneratorGraph(s), portrait.DiscriminatorGraph(s)
	gp, dp := autodiff.NewParams(gen, 1), autodiff.NewParams(dis, 2)
	inputs := func(t *autodiff.Tape, g *device.Graph, prefix string, first *gorgonia.Node) []*gorgonia.Node {
		var in []*gorgonia.Node
		for i, r := range g.Inputs() {
			if i == 0 && first != nil {
				in = append(in, first)
				continue
			}
			sh := g.Nodes[r].Shape
			in = append(in, t.Input(fmt.Sprint(prefix, i), n, sh.H, sh.W, sh.C))
		}
		return in
	}
	apply := func(t *autodiff.Tape, g *device.Graph, p *autodiff.Params, m autodiff.Mode, in []*gorgonia.Node) *gorgonia.Node {
		out, err := t.Apply(g, p, m, in...)
		if err != nil {
			b.Fatal(err)
		}
		return out[0]
	}
	dt, gt := autodiff.NewTape(), autodiff.NewTape()
	made := apply(dt, gen, gp, autodiff.Frozen, inputs(dt, gen, "z", nil))
	dLoss := dt.WeightedSum([]float32{1, 1},
		dt.BCEConst(apply(dt, dis, dp, autodiff.Train, inputs(dt, dis, "real", nil)), .9),
		dt.BCEConst(apply(dt, dis, dp, autodiff.Train, inputs(dt, dis, "made", made)), 0))
	made = apply(gt, gen, gp, autodiff.Train, inputs(gt, gen, "z", nil))
	gLoss := gt.BCEConst(apply(gt, dis, dp, autodiff.Frozen, inputs(gt, dis, "made", made)), 1)
	if err := dt.Minimise(dLoss, dp); err != nil {
		b.Fatal(err)
	}
	if err := gt.Minimise(gLoss, gp); err != nil {
		b.Fatal(err)
	}
	da, ga := &autodiff.Adam{}, &autodiff.Adam{}
	benchSteps(b, func() error {
		for _, s := range []struct {
			t    *autodiff.Tape
			a    *autodiff.Adam
			loss *gorgonia.Node
		}{{dt, da, dLoss}, {gt, ga, gLoss}} {
			if err := s.t.Run(); err != nil {
				return err
			}
			if err := s.t.Update(s.a); err != nil {
				return err
			}
			s.t.Scalar(s.loss)
		}
		return nil
	})
}

func benchStyle(b *testing.B) {
	g := stylise(b)
	p, a := autodiff.NewParams(g, 1), &autodiff.Adam{Beta1: .9}
	t := autodiff.NewTape()
	x := t.Input("picture", 4, 256, 256, 3)
	out, err := t.Apply(g, p, autodiff.Train, x, t.Input("style", 4, 1, 1, style.DefaultArchitecture.VectorLen()))
	if err != nil {
		b.Fatal(err)
	}
	loss := t.WeightedSum([]float32{1, .1}, t.MSE(out[0], x), t.TV(out[0]))
	if err := t.Minimise(loss, p); err != nil {
		b.Fatal(err)
	}
	benchSteps(b, func() error {
		if err := t.Run(); err != nil {
			return err
		}
		t.Scalar(loss)
		return t.Update(a)
	})
}

func benchSteps(b *testing.B, step func() error) {
	for range 2 { // memory, kernels
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		if err := step(); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	report(b, 0, 0)
}
