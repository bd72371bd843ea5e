package autodiff

import (
	"fmt"
	"testing"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// ganGraphs are the generator and the discriminator of a DCGAN (Radford et al.,
// 2015): from 4x4 with widths[0] channels, doubled len(widths) times.
func ganGraphs(code int, widths []int, heads int) (gen, dis *device.Graph) {
	gen = device.NewGraph("generator")
	gen.WeightInit = device.InitNormal002
	up := kernel.Conv{KH: 4, Stride: 2, Pad: 1, Transposed: true}
	x := gen.Dense("start", gen.Input("code", device.Shape{H: 1, W: 1, C: code}), 16*widths[0], kernel.ActNone)
	x = gen.BatchNorm("start.norm", gen.Reshape(x, device.Shape{H: 4, W: 4, C: widths[0]}), kernel.ActReLU)
	side := 4
	for i, w := range widths[1:] {
		up.InC, up.OutC = 0, w
		x = gen.BatchNorm(fmt.Sprintf("norm%d", i), gen.Conv(fmt.Sprintf("up%d", i), x, up, kernel.ActNone), kernel.ActReLU)
		side *= 2
	}
	up.OutC = 3
	gen.Output(gen.Conv("picture", x, up, kernel.ActTanh))
	side *= 2

	dis = device.NewGraph("discriminator")
	dis.WeightInit = device.InitNormal002
	down := kernel.Conv{KH: 4, Stride: 2, Pad: 1}
	x = dis.Input("picture", device.Shape{H: side, W: side, C: 3})
	for i := len(widths) - 1; i >= 0; i-- {
		down.OutC = widths[i]
		if i == len(widths)-1 {
			x = dis.Conv("first", x, down, kernel.ActLeakyReLU)
			continue
		}
		x = dis.BatchNorm(fmt.Sprintf("norm%d", i), dis.Conv(fmt.Sprintf("down%d", i), x, down, kernel.ActNone), kernel.ActLeakyReLU)
	}
	dis.Output(dis.Dense("reality", x, 1, kernel.ActNone))
	if heads > 0 {
		dis.Output(dis.Dense("emotion", x, heads, kernel.ActNone))
	}
	return gen, dis
}

// gan trains two networks on two tapes that share their parameters.
type gan struct {
	batch    int
	gen, dis *Params
	genTape  *Tape
	disTape  *Tape
	fake     *gorgonia.Node
	genLoss  *gorgonia.Node
	disLoss  *gorgonia.Node
	genOpt   *Adam
	disOpt   *Adam
}

func newGAN(t testing.TB, batch, code int, widths []int, heads int) *gan {
	t.Helper()
	gg, dg := ganGraphs(code, widths, heads)
	if gg.Err() != nil || dg.Err() != nil {
		t.Fatal(gg.Err(), dg.Err())
	}
	g := &gan{batch: batch, gen: NewParams(gg, 1), dis: NewParams(dg, 2), genTape: NewTape(), disTape: NewTape(),
		genOpt: &Adam{}, disOpt: &Adam{}}
	must := func(n []*gorgonia.Node, err error) []*gorgonia.Node {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	gt, dt := g.genTape, g.disTape
	heading := func(tape *Tape, name string, d []*gorgonia.Node) *gorgonia.Node {
		target := tape.Input(name, batch, 1, 1, heads)
		for i := range batch {
			tape.Data(name)[i*heads+i%heads] = 1
		}
		return tape.SoftmaxCrossEntropy(d[1], target, nil)
	}

	g.fake = must(gt.Apply(gg, g.gen, Train, gt.Input("code", batch, 1, 1, code)))[0]
	d := must(gt.Apply(dg, g.dis, Frozen, g.fake))
	g.genLoss = gt.WeightedSum([]float32{1, 1}, gt.BCEConst(d[0], 1), heading(gt, "label", d))
	if err := gt.Minimise(g.genLoss, g.gen); err != nil {
		t.Fatal(err)
	}

	s := g.fake.Shape()
	real := must(dt.Apply(dg, g.dis, Train, dt.Input("real", batch, s[1], s[2], 3)))
	made := must(dt.Apply(dg, g.dis, Train, dt.Input("fake", batch, s[1], s[2], 3)))
	g.disLoss = dt.WeightedSum([]float32{1, 1, 1}, dt.BCEConst(real[0], .9), dt.BCEConst(made[0], 0), heading(dt, "label", real))
	if err := dt.Minimise(g.disLoss, g.dis); err != nil {
		t.Fatal(err)
	}
	return g
}

// step is one iteration. The generator's pictures serve both tapes.
func (g *gan) step(t testing.TB) {
	for _, f := range []func() error{
		g.genTape.Run,
		func() error { return g.disTape.Set("fake", g.genTape.Value(g.fake)) },
		g.disTape.Run,
		func() error { return g.genTape.Update(g.genOpt) },
		func() error { return g.disTape.Update(g.disOpt) },
	} {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkGAN is the iteration of the project's floor: batch 64, 64x64.
func BenchmarkGAN(b *testing.B) {
	g := newGAN(b, 64, 144, []int{512, 256, 128, 64}, 7)
	fillRandom(g.genTape.Data("code"), 1)
	fillRandom(g.disTape.Data("real"), 2)
	g.step(b)
	b.ReportMetric(float64(g.genTape.Memory()+g.disTape.Memory())/(1<<20), "MiB")
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		g.step(b)
	}
	b.ReportMetric(float64(g.genTape.Memory()+g.disTape.Memory())/(1<<20), "MiB")
}
