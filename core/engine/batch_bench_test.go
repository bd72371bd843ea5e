package engine

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// instant is a device that costs next to nothing: its networks answer with their
// first input. What is left is the processor's work around a fast device.
type instant struct{ device.Device }

type instantProgram struct{ device.Program }

func (instant) Room() int64 { return 1 << 40 }

func (d instant) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	p, err := d.Device.Compile(g, w)
	return instantProgram{p}, err
}

func (p instantProgram) Run(out, in []device.Tensor) error {
	t := in[0]
	t.Data = append(out[0].Data[:0], t.Data...)
	out[0] = t
	return nil
}

func (instantProgram) Stats() device.Stats       { return nil }
func (instantProgram) Freeze(device.Stats) error { return nil }

// BenchmarkHostBatch measures what the processor does of a batch of pictures of
// 3840x2160, from JPEG files to files, that another device paints.
func BenchmarkHostBatch(b *testing.B) {
	const pictures = 5
	root := filepath.Join("..", "..")
	b.Setenv(EnvHome, root)
	e, err := Open(Options{Config: filepath.Join(root, ConfigFile), Log: io.Discard})
	if err != nil {
		b.Fatal(err)
	}
	e.computer.once.Do(func() { e.computer.device = instant{device.NewCPU()} })
	photo := scene(3840, 2160)
	for i := range photo.Pix { // as much to decode and encode as a photograph
		photo.Pix[i] += .03 * float32((uint32(i)*2654435761)>>8&255) / 255
	}
	var in []string
	for i := range pictures {
		in = append(in, filepath.Join(b.TempDir(), fmt.Sprint(i, ".jpg")))
		if err := picture.Save(in[i], photo); err != nil {
			b.Fatal(err)
		}
	}
	for _, style := range []string{"post-impressionism", "illustration"} {
		for _, ending := range []string{".png", ".jpg"} {
			b.Run(style+ending, func(b *testing.B) {
				for b.Loop() {
					batch, err := e.Batch(context.Background(), Painting{Style: style}, in, filepath.Join(b.TempDir(), "{n}"+ending))
					if err == nil {
						err = batch.Run(context.Background(), func(BatchEvent) {})
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(pictures*float64(b.N)/b.Elapsed().Seconds(), "pictures/s")
			})
		}
	}
}
