package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/upscale"
)

// withUpscaler installs a model that the fake stands for.
func withUpscaler(t *testing.T, f *fake) {
	t.Helper()
	card := nn.Card{Name: "upscale", Kind: upscale.Kind, Created: time.Unix(0, 0).UTC(), Licence: "none"}
	w := device.Weights{"w": {Shape: []int{1}, Data: []float32{2}}}
	if err := nn.Save(filepath.Join(f.home, "models", "upscale"), card, w, false); err != nil {
		t.Fatal(err)
	}
}

func TestUpscaleBatch(t *testing.T) {
	e, f := batchOf(t, 3)
	withUpscaler(t, f)
	if err := os.WriteFile("in/torn.png", []byte("no picture"), 0o644); err != nil {
		t.Fatal(err)
	}
	start := func() *Batch {
		b, err := e.UpscaleBatch(context.Background(), 2, []string{"in"}, "")
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := start()
	states, err := b.run(context.Background(), func(BatchEvent) {})
	if states != "pppf" || ClassOf(err) != Input {
		t.Errorf("%s: %v", states, err)
	}
	out := filepath.Join("in-x2", "1.png")
	p, err := picture.Open(out)
	if err != nil || p.W != 16 || p.H != 16 || b.Items[1].Out != out {
		t.Fatalf("%s, %v", b.Items[1].Out, err)
	}
	if doc := p.Meta[planKey]; !strings.Contains(doc, `"factor"`) || !strings.Contains(doc, `"weights"`) {
		t.Errorf("the plan in the picture is %s", doc)
	}
	if states, _ := start().run(context.Background(), func(BatchEvent) {}); states != "sssf" {
		t.Errorf("a second run gives %s", states)
	}
}

func TestUpscaleNames(t *testing.T) {
	e, f := batchOf(t, 2)
	withUpscaler(t, f)
	for _, c := range []struct {
		args []string
		out  string
		want string
	}{
		{[]string{"in/0.png"}, "", "0-x4.png"},
		{[]string{"in/0.png"}, "big.jpg", "big.jpg"},
		{[]string{"in/0.png", "in/1.png"}, "", filepath.Join("enlarged-x4", "0.png")},
		{[]string{"in"}, "to/{name}@{style}.png", filepath.Join("to", "0@x4.png")},
	} {
		b, err := e.UpscaleBatch(context.Background(), 4, c.args, c.out)
		if err != nil || filepath.Clean(b.Items[0].Out) != c.want {
			t.Errorf("%v to %q: %+v, %v", c.args, c.out, b, err)
		}
	}
}

func TestUpscaleRefusals(t *testing.T) {
	e, f := batchOf(t, 1)
	ctx := context.Background()
	try := func(factor int, path string) error {
		b, err := e.UpscaleBatch(ctx, factor, []string{path}, "out.png")
		if err == nil {
			err = b.Run(ctx, func(BatchEvent) {})
		}
		return err
	}
	if err := try(4, "in/0.png"); ClassOf(err) != Missing || !strings.Contains(err.Error(), "atelier train upscale") {
		t.Errorf("without a model: %v", err)
	}
	withUpscaler(t, f)
	for _, c := range []struct {
		factor int
		path   string
		class  Class
		want   string
	}{
		{3, "in/0.png", Usage, "--factor is 3: it must be 2, 4 or 8"},
		{0, "in/0.png", Usage, "it must be 2, 4 or 8"},
		{4, "in/none.png", Input, "none.png"},
	} {
		if err := try(c.factor, c.path); ClassOf(err) != c.class || !strings.Contains(err.Error(), c.want) {
			t.Errorf("x%d of %s: %v", c.factor, c.path, err)
		}
	}
	e.Config.Limits.Pixels = 8*8*16 - 1
	if err := try(4, "in/0.png"); ClassOf(err) != Input || !strings.Contains(err.Error(), "smaller factor") {
		t.Errorf("too large: %v", err)
	}
	if _, err := os.Stat("out.png"); err == nil {
		t.Error("something was written")
	}
	e.Config.Limits.Pixels = picture.DefaultPixels
	f.trouble = func(int) error { return errors.New("broken") }
	if err := try(2, "in/0.png"); err == nil {
		t.Error("a failure of the network is lost")
	}
	if _, err := os.Stat("out.png"); err == nil {
		t.Error("a half of something was written")
	}
}

// A portrait is enlarged as often as its size needs; without an upscaler it is
// resized, and what its hash says tells the two apart.
func TestPortraitsAreEnlarged(t *testing.T) {
	e, f, _ := newFake(t)
	ctx := context.Background()
	draw := func(size int) (*picture.Picture, string) {
		t.Helper()
		e.Config.Portrait.Size = size
		f.enlarged = nil
		step := recipe.Portrait(plan.Origin{}, recipe.Face{Seed: 1})
		p, err := e.registry.Plan(ctx, step)
		if err != nil {
			t.Fatal(err)
		}
		out, err := e.Run(ctx, []*plan.Step{step}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		return out[0].(*picture.Picture), p.Nodes[p.Roots[0]].Hash.String()
	}
	_, plain := draw(32)
	if f.enlarged != nil {
		t.Error("enlarged without a model")
	}
	withUpscaler(t, f)
	if _, with := draw(32); with == plain {
		t.Error("the hash does not know of the upscaler")
	}
	// The fake draws 8 pixels.
	for size, want := range map[int][]int{4: nil, 8: nil, 9: nil, 16: {2}, 24: {4}, 31: {4}, 64: {4, 2}, 100: {4, 4}} {
		p, _ := draw(size)
		if p.W != size || p.H != size || !slices.Equal(f.enlarged, want) {
			t.Errorf("size %d: %dx%d, enlarged by %v, want %v", size, p.W, p.H, f.enlarged, want)
		}
	}
}

func TestUpscaleKeepsDepthAndTransparency(t *testing.T) {
	for _, c := range []struct {
		depth, w, factor int
		alpha            bool
		want             int
	}{{8, 5, 4, true, 8}, {16, 5, 2, false, 16}, {32, 5, 4, true, 32}, {32, 300, 8, false, 8}} {
		src := picture.RasterOf(picture.New(c.w, c.w))
		if c.depth < 32 {
			var err error
			if src, err = picture.NewRaster(c.w, c.w, c.depth, c.alpha, rasters()); err != nil {
				t.Fatal(err)
			}
		} else if c.alpha {
			p := picture.New(c.w, c.w)
			p.Alpha = make([]float32, c.w*c.w)
			src = picture.RasterOf(p)
		}
		dst, _, err := enlarged(src, c.factor)
		if err != nil {
			t.Fatal(err)
		}
		w, h := dst.Size()
		if got := fmt.Sprint(w, h, dst.Depth(), dst.Alpha()); got != fmt.Sprint(c.factor*c.w, c.factor*c.w, c.want, c.alpha) {
			t.Errorf("%+v gives %s", c, got)
		}
		dst.Close()
		src.Close()
	}
}
