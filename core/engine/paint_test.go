package engine

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/style"
)

// brush paints the pictures in a home of a fake.
func brush(t *testing.T, e *Engine, w Painting, out string, args ...string) (*Batch, []string, error) {
	t.Helper()
	b, err := e.Batch(context.Background(), w, args, out)
	if err != nil {
		return nil, nil, err
	}
	var notes []string
	err = b.Run(context.Background(), func(ev BatchEvent) {
		if ev.Step != nil && ev.Step.State == Noted {
			notes = append(notes, ev.Step.Text)
		}
	})
	return b, notes, err
}

func open(t *testing.T, path string) *picture.Picture {
	t.Helper()
	p, err := picture.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPaintingReachesThePainter(t *testing.T) {
	stroke, seed := 2.0, uint64(4)
	for name, c := range map[string]struct {
		w     Painting
		check func(t *testing.T, f *fake, notes []string, out *picture.Picture)
	}{
		"plain": {Painting{Style: "cubism"}, func(t *testing.T, f *fake, notes []string, out *picture.Picture) {
			got := f.painted[0]
			if got.plan.VectorName != "cubism" || got.options.Intensity != 1 || out.W != 20 || out.H != 10 || len(notes) > 0 {
				t.Errorf("%+v %v", got, notes)
			}
		}},
		"all numbers": {Painting{Style: "cubism", Intensity: "0.4", Stroke: &stroke, Keep: "histogram", Background: "#ff0000", Options: []string{"planes=0.5"}},
			func(t *testing.T, f *fake, _ []string, _ *picture.Picture) {
				o := f.painted[0].options
				if o.Intensity != 0.4 || o.Stroke != 2 || o.Keep != "histogram" || o.Background.Colour != [3]float32{1, 0, 0} || f.asked[0].Options["planes"] != 0.5 {
					t.Errorf("%+v %+v", o, f.asked)
				}
			}},
		"mixture": {Painting{Style: "cubism:0.6+ink:0.4", Options: []string{"cubism.planes=1"}}, func(t *testing.T, f *fake, _ []string, _ *picture.Picture) {
			if diff := cmp.Diff([]float64{0.6, 0.4}, f.weights); diff != "" || f.painted[0].plan.Style != "mixture" || f.asked[0].Options["planes"] != 1 {
				t.Errorf("%s %+v", diff, f.painted)
			}
		}},
		"masks": {Painting{Style: "cubism", Mask: "mask.png", Intensity: "mask.png"}, func(t *testing.T, f *fake, notes []string, _ *picture.Picture) {
			o := f.painted[0].options
			if o.Mask.W != 10 || o.Mask.Pix[0] != 0 || o.Mask.Pix[29] != 1 || o.IntensityMap.W != 10 || o.Intensity != 1 {
				t.Errorf("%+v", o)
			}
			want := []string{"the map of the intensity has 10x5 pixels, the picture 20x10: it is resized", "the mask has 10x5 pixels, the picture 20x10: it is resized"}
			if diff := cmp.Diff(want, notes); diff != "" {
				t.Error(diff)
			}
		}},
		"longer side": {Painting{Style: "cubism", Size: "40"}, func(t *testing.T, _ *fake, _ []string, out *picture.Picture) {
			if out.W != 40 || out.H != 20 {
				t.Errorf("%dx%d", out.W, out.H)
			}
		}},
		"cut to a shape": {Painting{Style: "cubism", Size: "8x8", Mask: "mask.png"}, func(t *testing.T, f *fake, _ []string, out *picture.Picture) {
			m := f.painted[0].options.Mask
			if out.W != 8 || out.H != 8 || m.W != 5 || m.H != 5 || m.Pix[0] != 0 || m.Pix[14] != 1 {
				t.Errorf("%dx%d, mask %dx%d %v", out.W, out.H, m.W, m.H, m.Pix)
			}
		}},
		"background": {Painting{Style: "cubism", Background: "scene.png"}, func(t *testing.T, f *fake, _ []string, _ *picture.Picture) {
			if b := f.painted[0].options.Background.Picture; b.W != 20 || b.H != 10 {
				t.Errorf("%dx%d", b.W, b.H)
			}
		}},
		"reference": {Painting{Reference: "scene.png", Refine: 7}, func(t *testing.T, f *fake, _ []string, _ *picture.Picture) {
			if diff := cmp.Diff([]float32{32, 7}, f.painted[0].plan.Vector); diff != "" || f.painted[0].plan.Network != "style" {
				t.Error(diff)
			}
		}},
		"optimised": {Painting{Reference: "scene.png", Method: "optimize", Steps: 9, Seed: &seed, Intensity: "0.5", Every: 3, Mask: "mask.png"},
			func(t *testing.T, f *fake, _ []string, out *picture.Picture) {
				left, right := out.Pix[:3], out.Pix[57:60]
				if math.Abs(float64(left[0])-0.2) > 0.01 || math.Abs(float64(right[0])-0.6) > 0.01 || math.Abs(float64(right[1])-0.2) > 0.01 {
					t.Errorf("%v %v", left, right)
				}
				if _, err := os.Stat(filepath.Join(f.home, "out-00003.png")); err != nil {
					t.Error(err)
				}
			}},
	} {
		t.Run(name, func(t *testing.T) {
			e, f, _ := newFake(t)
			t.Chdir(f.home)
			_, notes, err := brush(t, e, c.w, "out.png", "photo.png")
			if err != nil {
				t.Fatal(err)
			}
			c.check(t, f, notes, open(t, "out.png"))
		})
	}
}

func TestPaintingErrors(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(f.home)
	stroke, nan := 0.2, math.NaN()
	for name, c := range map[string]struct {
		w     Painting
		want  string
		class Class
	}{
		"no style":            {Painting{}, "neither --style nor --reference is given", Usage},
		"both":                {Painting{Style: "cubism", Reference: "scene.png"}, "--style and --reference are both given", Usage},
		"intensity":           {Painting{Style: "cubism", Intensity: "1.6"}, "--intensity is 1.6: it must be from 0 to 1.5", Usage},
		"no number":           {Painting{Style: "cubism", Intensity: "NaN"}, "--intensity is NaN: it must be from 0 to 1.5", Usage},
		"a word":              {Painting{Style: "cubism", Intensity: "strong"}, `--intensity is "strong": it must be a number from 0 to 1.5, or the file of a mask`, Usage},
		"no map":              {Painting{Style: "cubism", Intensity: "none.png"}, "open none.png: no such file", Input},
		"stroke":              {Painting{Style: "cubism", Stroke: &stroke}, "--stroke is 0.2: it must be from 0.5 to 4", Usage},
		"stroke nan":          {Painting{Style: "cubism", Stroke: &nan}, "--stroke is NaN", Usage},
		"size":                {Painting{Style: "cubism", Size: "large"}, `--size is "large": it must be the longer side in pixels`, Usage},
		"size 0":              {Painting{Style: "cubism", Size: "0x10"}, "--size is", Usage},
		"huge":                {Painting{Style: "cubism", Size: "60000x60000"}, "a painting of 60000x60000 pixels: at most 400 megapixels", Input},
		"keep":                {Painting{Style: "cubism", Keep: "luminace"}, `--keep-colors is "luminace": did you mean "luminance"?`, Usage},
		"method":              {Painting{Style: "cubism", Method: "optimise"}, `--method is "optimise": did you mean "optimize"?`, Usage},
		"background":          {Painting{Style: "cubism", Background: "whyte"}, `--background is "whyte": it must be a colour`, Usage},
		"option form":         {Painting{Style: "cubism", Options: []string{"dots"}}, "--option dots: it must be NAME=NUMBER", Usage},
		"option nan":          {Painting{Style: "cubism", Options: []string{"dots=nan"}}, "--option dots=nan: it must be NAME=NUMBER", Usage},
		"option range":        {Painting{Style: "cubism", Options: []string{"planes=3"}}, "option planes is 3: want 0 to 2", Usage},
		"option of a folder":  {Painting{Style: "ink", Options: []string{"dots=1"}}, `style "ink" is a folder without a plugin: it has no option "dots"`, Usage},
		"option of a mixture": {Painting{Style: "cubism:0.5+ink:0.5", Options: []string{"dots=1"}}, `option "dots": say whose it is, such as cubism.dots`, Usage},
		"refine alone":        {Painting{Style: "cubism", Refine: 3}, "--refine needs --reference", Usage},
		"refine many":         {Painting{Reference: "scene.png", Refine: 5000}, "--refine is 5000: it must be from 1 to 1000", Usage},
		"steps alone":         {Painting{Style: "cubism", Steps: 3}, "--steps is for the method optimize: add --method optimize", Usage},
		"every alone":         {Painting{Style: "cubism", Every: 3}, "--every is for the method optimize", Usage},
		"seed alone":          {Painting{Style: "cubism", Seed: &[]uint64{2}[0]}, "--seed is for --method optimize", Usage},
		"mixture":             {Painting{Style: "cubism:0.5+ink:x"}, "ink", Usage},
		"unknown in mixture":  {Painting{Style: "cubism:0.5+inkk:0.5"}, `unknown style "inkk": did you mean "ink"?`, Missing},
		"flat reference":      {Painting{Reference: "flat.png"}, "the reference shows one colour only", Input},
		"small reference":     {Painting{Reference: "photo.png"}, "the reference has 20x10 pixels", Input},
		"optimise flat":       {Painting{Reference: "flat.png", Method: "optimize"}, "the reference shows one colour only", Input},
		"optimise style":      {Painting{Style: "cubism", Method: "optimize"}, `style "cubism" holds no painting to optimise towards`, Usage},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := brush(t, e, c.w, "out.png", "photo.png")
			if err == nil || !strings.Contains(err.Error(), c.want) || ClassOf(err) != c.class {
				t.Errorf("got %v (class %d), want %q (class %d)", err, ClassOf(err), c.want, c.class)
			}
			if _, err := os.Stat("out.png"); err == nil {
				t.Error("a file is left")
			}
		})
	}
	if err := os.Remove(filepath.Join("models", "style", style.PredictorFile)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := brush(t, e, Painting{Reference: "scene.png"}, "out.png", "photo.png"); ClassOf(err) != Missing {
		t.Errorf("without a predictor: %v", err)
	}
}

// What made a painting is in its file, and decides whether it is made again.
func TestPaintingIsRecorded(t *testing.T) {
	e, f, _ := newFake(t)
	t.Chdir(f.home)
	if _, _, err := brush(t, e, Painting{Style: "cubism", Mask: "mask.png", Stroke: &[]float64{2}[0]}, "out.png", "photo.png"); err != nil {
		t.Fatal(err)
	}
	var doc plan.Provenance
	if err := json.Unmarshal([]byte(open(t, "out.png").Meta[planKey]), &doc); err != nil {
		t.Fatal(err)
	}
	last := doc.Steps[len(doc.Steps)-1]
	want := plan.Params{"name": "cubism", "intensity": 1.0, "stroke": 2.0, "inputs": recipe.RoleMask}
	if diff := cmp.Diff(want, last.Params); diff != "" || len(doc.Steps) != 3 || len(last.Inputs) != 2 {
		t.Errorf("%s %+v", diff, doc.Steps)
	}
	for _, name := range []string{"plan", "network", "plugin"} {
		if last.Digests[name] == "" {
			t.Errorf("no checksum of the %s", name)
		}
	}
}

func TestCutAndFollow(t *testing.T) {
	x, err := extentOf("100x200", 400, 200)
	if err != nil || x != (extent{x: 150, cw: 100, ch: 200, w: 100, h: 200}) {
		t.Errorf("%+v: %v", x, err)
	}
	if x, _ = extentOf("50", 400, 200); x != (extent{cw: 400, ch: 200, w: 50, h: 25}) {
		t.Errorf("%+v", x)
	}
	if x, _ = extentOf("1", 400, 2); x.w != 1 || x.h != 1 {
		t.Errorf("%+v", x)
	}
	p := picture.Filled(40, 20, 1, 1, 1)
	p.Alpha = make([]float32, 40*20)
	p.Alpha[20*3+19] = 1
	r, err := picture.NewRaster(40, 20, 16, true, picture.RasterOptions{Memory: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if err := r.Write(0, 0, p); err != nil {
		t.Fatal(err)
	}
	q, err := cut(context.Background(), r, 10, 2, 20, 5)
	if err != nil {
		t.Fatal(err)
	}
	if w, h := q.Size(); w != 20 || h != 5 || q.Depth() != 16 || !q.Alpha() {
		t.Errorf("%dx%d, %d bits", w, h, q.Depth())
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := cut(ctx, r, 0, 0, 40, 20); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
