package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/style"
)

// benchPaint measures whole paintings with the network in dir: of pictures in
// memory, with the ground pass and what lies around the network, and of a
// photograph from its file to the painting's. The operations are those of the
// network's passes alone.
func (e *Engine) benchPaint(ctx context.Context, dir string, rounds int, peak func() float64, tell func(BenchResult)) error {
	m, err := nn.Open(dir)
	if err != nil {
		return mark(fmt.Errorf("bench: %s: %w", dir, err), ErrBroken)
	}
	g, err := style.Graph(m)
	if err != nil {
		return mark(fmt.Errorf("bench: %s: %w", dir, err), ErrBroken)
	}
	flops := func(w, h int) (sum float64) { // of all passes of the network
		for _, size := range style.Passes(w, h) {
			up := func(n int) int { return (n + 3) / 4 * 4 }
			n, err := graphFLOPs(g, 1, []device.Shape{{H: up(size[1]), W: up(size[0]), C: 3}, {H: 1, W: 1, C: len(m.Weights[style.Identity].Data)}})
			if err != nil {
				return 0
			}
			sum += n
		}
		return sum
	}
	version, err := e.version(dir)
	if err != nil {
		return err
	}
	p, err := e.painter(version)
	if err != nil {
		return err
	}
	todo := style.Plan{Style: style.Identity, Network: filepath.Base(dir), VectorName: style.Identity}
	on, err := e.Computer()
	if err != nil {
		return err
	}
	for _, c := range []struct {
		name string
		w, h int
	}{{"ground", 512, 512}, {"ground and detail", 1024, 1024}, {"whole, without files", 3840, 2160}} {
		if err := ctx.Err(); err != nil {
			return err
		}
		often := rounds
		if c.w > 2000 && device.Room(on) == 0 { // it takes a processor ten seconds
			often = 1
		}
		src, err := picture.NewRaster(c.w, c.h, 8, false, rasters())
		if err == nil {
			err = src.Write(0, 0, scene(c.w, c.h))
		}
		if err != nil {
			return err
		}
		dst, err := picture.NewRaster(c.w, c.h, 8, false, rasters())
		if err != nil {
			return err
		}
		var failed error
		tell(measure(fmt.Sprintf("painting, %dx%d, %s", c.w, c.h, c.name), flops(c.w, c.h), often, peak, func() {
			if err := p.PaintRaster(ctx, src, dst, todo, style.Options{Intensity: 1}); err != nil {
				failed = err
			}
		}))
		if failed != nil {
			return failed
		}
	}
	return e.benchFile(ctx, flops(512, 512), rounds, peak, tell)
}

// benchFile measures a photograph of 512x512 from its JPEG to the painting's PNG
// in the first style that has a network, without the start of the program.
func (e *Engine) benchFile(ctx context.Context, flops float64, rounds int, peak func() float64, tell func(BenchResult)) error {
	name := ""
	for _, s := range e.Styles(ctx) {
		if s.Err == nil && s.Network != "" {
			name = s.Name
			break
		}
	}
	if name == "" || ctx.Err() != nil {
		return ctx.Err()
	}
	dir, err := os.MkdirTemp("", "atelier-bench-")
	if err != nil {
		return mark(err, errOutput)
	}
	defer os.RemoveAll(dir)
	in, out := filepath.Join(dir, "photo.jpg"), filepath.Join(dir, "painting.png")
	if err := picture.Save(in, scene(512, 512)); err != nil {
		return err
	}
	here := plan.Origin{}
	var failed error
	tell(measure("photograph to painting, 512x512, "+name, flops, rounds, peak, func() {
		step := recipe.Save(here, recipe.Style(here, recipe.Image(here, in), recipe.Painting{Style: name, Intensity: 1}), out)
		p, err := e.registry.Plan(ctx, step)
		if err == nil {
			_, err = e.execute(ctx, p, nil, nil, false)
		}
		if err != nil {
			failed = err
		}
	}))
	return failed
}

// scene is a picture with slopes and edges.
func scene(w, h int) *picture.Picture {
	p := picture.New(w, h)
	for y := range h {
		for x := range w {
			i := 3 * (y*w + x)
			p.Pix[i], p.Pix[i+1], p.Pix[i+2] = float32(x)/float32(w), float32(y)/float32(h), float32((x/16+y/16)%2)
		}
	}
	return p
}
