package training

import (
	"context"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

func TestMeasures(t *testing.T) {
	a := scene(60, 50, 1)
	grey := a.Grey()
	shifted := grey.Clone()
	for i := range shifted.Pix {
		shifted.Pix[i] = grey.Pix[i]*.8 + .1
	}
	level := grey.Clone()
	for i := range level.Pix {
		level.Pix[i] = grey.Pix[i]*.8 + .11
	}
	x, y, w, h := lumas(level, shifted)
	if w != 52 || h != 42 || len(x) != w*h || len(y) != w*h {
		t.Fatalf("%d and %d values, %dx%d", len(x), len(y), w, h)
	}
	// All values lie 0.01 apart: 10 log10(1/0.0001) = 40 dB.
	if v := psnr(x, y); math.Abs(v-40) > .01 {
		t.Errorf("psnr is %g, want 40", v)
	}
	if v := ssim(x, x, w, h); math.Abs(v-1) > 1e-6 {
		t.Errorf("ssim of a picture with itself is %g", v)
	}
	soft := blurred(grey, 2)
	sx, sy, _, _ := lumas(soft, grey)
	if v := ssim(sx, sy, w, h); v > .9 || v < 0 {
		t.Errorf("ssim of a blurred picture is %g", v)
	}
	if r := roughness(sx, w, h) / roughness(sy, w, h); r > .5 {
		t.Errorf("a blurred picture has %g of the grain", r)
	}
}

// SSIM of two constant lights has a closed form: (2ab + C1) / (a² + b² + C1).
func TestSSIMOfConstants(t *testing.T) {
	const n, a, b = 20, .25, .75
	x, y := make([]float32, n*n), make([]float32, n*n)
	for i := range x {
		x[i], y[i] = a, b
	}
	want := (2*a*b + 1e-4) / (a*a + b*b + 1e-4)
	if v := ssim(x, y, n, n); math.Abs(v-want) > 5e-4 {
		t.Errorf("got %g, want %g", v, want)
	}
}

func TestLanczosAndBlurKeepColours(t *testing.T) {
	p := picture.Filled(7, 5, .2, .5, .8)
	q := lanczos(p)
	if q.W != 28 || q.H != 20 {
		t.Fatalf("%dx%d", q.W, q.H)
	}
	for i, v := range q.Pix {
		if math.Abs(float64(v-p.Pix[i%3])) > 1e-5 {
			t.Fatalf("value %d is %g", i, v)
		}
	}
	for i, v := range blurred(p, 3).Pix {
		if math.Abs(float64(v-p.Pix[i%3])) > 1e-5 {
			t.Fatalf("blurred value %d is %g", i, v)
		}
	}
	// A smooth picture survives being reduced and enlarged.
	wave := picture.New(96, 96)
	for i := range wave.Pix {
		wave.Pix[i] = float32(.5 + .4*math.Sin(float64(i/3%96)/12))
	}
	small, err := wave.Resize(24, 24)
	if err != nil {
		t.Fatal(err)
	}
	x, y, _, _ := lumas(lanczos(small), wave)
	if v := psnr(x, y); v < 35 {
		t.Errorf("a slow wave comes back with %g dB", v)
	}
}

func TestEvaluate(t *testing.T) {
	c := school(t)
	ctx := context.Background()
	if err := Train(ctx, c, Report{}); err != nil {
		t.Fatal(err)
	}
	u, err := upscale.Load(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	scores, err := Evaluate(ctx, c, u, c.Features, []string{filepath.Join(c.Data, "photos")}, 2, func(v float64) { last = v })
	if err != nil {
		t.Fatal(err)
	}
	if len(scores) != 2*2*len(methods) || last != 1 {
		t.Fatalf("%d scores, told %g", len(scores), last)
	}
	for _, s := range scores {
		if !(s.PSNR > 5 && s.PSNR < 60) || !(s.SSIM > 0 && s.SSIM <= 1) || !(s.Features > 0 && s.Features < 5) || !(s.Grain > 0) {
			t.Errorf("%+v", s)
		}
	}
	if scores[0].Pictures != 1 || scores[6].Pictures != 2 || scores[3].Soft != true || scores[0].PSNR <= scores[3].PSNR {
		t.Errorf("%+v", scores)
	}
	if err := WriteFigures(c.Model, scores); err != nil {
		t.Fatal(err)
	}
	card, err := nn.ReadCard(filepath.Join(c.Model, nn.CardFile))
	if err != nil || card.Figures["photos network soft psnr"] == 0 || card.Settings["channels"] != 4 {
		t.Errorf("%+v, %v", card, err)
	}
	if _, err := Evaluate(ctx, c, u, c.Features, nil, 0, nil); err == nil || !strings.Contains(err.Error(), "give 1 or more") {
		t.Errorf("no pictures give %v", err)
	}
}
