package style

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// instant is a device that costs next to nothing: its networks answer with their
// first input. What is left is the host's work around a fast device.
type instant struct{ device.Device }

type instantProgram struct{ device.Program }

func (instant) Room() int64 { return 1 << 40 }

func (d instant) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	p, err := d.Device.Compile(g, w)
	return instantProgram{p}, err
}

func (p instantProgram) Run(out, in []device.Tensor) error {
	t := in[0]
	t.Data = sized(out[0].Data, len(in[0].Data))
	kernel.Parallel(len(t.Data), 1<<18, func(_, lo, hi int) { copy(t.Data[lo:hi], in[0].Data[lo:hi]) })
	out[0] = t
	return nil
}

func (instantProgram) Stats() device.Stats       { return nil }
func (instantProgram) Freeze(device.Stats) error { return nil }

// BenchmarkHost measures what the processor does of a painting of 3840x2160 that
// another device computes: the network alone, and the styles that ship, with
// their steps.
func BenchmarkHost(b *testing.B) {
	const w, h = 3840, 2160
	styles := filepath.Join("..", "..", "styles")
	s, err := LoadOn(instant{device.NewCPU()}, filepath.Join("..", "..", "models", Network), styles)
	if err != nil {
		b.Fatal(err)
	}
	list, err := ReadPackages(styles)
	if err != nil {
		b.Fatal(err)
	}
	raster := func() *picture.Raster {
		r, err := picture.NewRaster(w, h, 8, false, picture.RasterOptions{})
		if err != nil {
			b.Fatal(err)
		}
		return r
	}
	src, dst := raster(), raster()
	photo, err := scene(480, 270).Resize(w, h)
	if err == nil {
		err = src.Write(0, 0, photo)
	}
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, plan Plan) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := s.PaintRaster(context.Background(), src, dst, plan, Options{Intensity: 1}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("network", Plan{Style: Identity, Network: Network, VectorName: Identity})
	for _, p := range list {
		run(p.Name, p.Plan())
	}
}
