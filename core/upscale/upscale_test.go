package upscale

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

var tiny = Shape{Channels: 8, Blocks: 2, Wide: 8, Noise: 2}

// weightsOf draws weights under which all layers matter.
func weightsOf(s Shape) device.Weights {
	w, r := device.Weights{}, rand.New(rand.NewPCG(1, 2))
	for _, p := range Graph(s).Params() {
		a := device.Array{Shape: p.Shape, Data: make([]float32, p.Len())}
		scale := 0.02
		if len(p.Shape) == 4 {
			scale = 0.5 / math.Sqrt(float64(p.Shape[0]*p.Shape[1]*p.Shape[2]))
		}
		for i := range a.Data {
			a.Data[i] = float32(r.NormFloat64() * scale)
		}
		w[p.Name] = a
	}
	return w
}

func newTiny(t testing.TB) *Upscaler {
	t.Helper()
	u, err := New(tiny, weightsOf(tiny))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// scene is a picture with edges, slopes and texture, all of it asymmetric.
func scene(w, h int) *picture.Picture {
	p := picture.New(w, h)
	for i := range w * h {
		x, y := float64(i%w), float64(i/w)
		edge := 0.0
		if x+2*y > 40 {
			edge = .3
		}
		for c := range 3 {
			p.Pix[3*i+c] = float32(.3 + .2*math.Sin(.2*x*float64(c+1)+.13*y) + edge)
		}
	}
	return p
}

// tileTolerance is how far values may lie apart when a picture is cut into tiles
// in another way: a tile of Winograd's algorithm sums what it sees in another
// order where a window begins elsewhere.
const tileTolerance = 2e-5

func differ(t *testing.T, a, b []float32) float64 {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%d values against %d", len(a), len(b))
	}
	most := 0.0
	for i := range a {
		most = max(most, math.Abs(float64(a[i])-float64(b[i])))
	}
	return most
}

func TestTilesAgree(t *testing.T) {
	ctx, u := context.Background(), newTiny(t)
	p := scene(70, 45)
	soft := make([]float32, p.W*p.H)
	for i := range soft {
		soft[i] = float32(min(max(math.Sin(float64(i%p.W)/9)+.5, 0), 1))
	}
	for _, c := range []struct {
		factor, side int
		alpha        []float32
	}{{2, 16, nil}, {4, 32, nil}, {4, 32, soft}, {8, 64, soft}} {
		p.Alpha = c.alpha
		u.side = 1000
		whole, err := u.Picture(ctx, p, c.factor)
		if err != nil {
			t.Fatal(err)
		}
		u.side = c.side
		tiled, err := u.Picture(ctx, p, c.factor)
		if err != nil {
			t.Fatal(err)
		}
		// Between the passes of factor 8 values are rounded to 16 bits.
		if d := differ(t, whole.Pix, tiled.Pix); d > tileTolerance+float64(c.factor/8)*1e-4 {
			t.Errorf("x%d in tiles of %d: colours differ by %g", c.factor, c.side, d)
		}
		if d := differ(t, whole.Alpha, tiled.Alpha); d > tileTolerance {
			t.Errorf("x%d in tiles of %d: transparency differs by %g", c.factor, c.side, d)
		}
	}
}

func TestThreadsGiveTheSameBits(t *testing.T) {
	defer kernel.SetWorkers(kernel.Workers())
	u, p := newTiny(t), scene(40, 30)
	u.side = 32
	var first *picture.Picture
	for _, n := range []int{1, 2, 5} {
		kernel.SetWorkers(n)
		q, err := u.Picture(context.Background(), p, 4)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = q
		}
		if d := differ(t, first.Pix, q.Pix); d != 0 {
			t.Errorf("%d workers: values differ by %g", n, d)
		}
	}
}

func TestAnySize(t *testing.T) {
	u := newTiny(t)
	for _, s := range [][2]int{{1, 1}, {1, 9}, {7, 1}, {2, 3}, {33, 17}, {65, 64}} {
		for _, factor := range Factors() {
			q, err := u.Picture(context.Background(), scene(s[0], s[1]), factor)
			if err != nil {
				t.Errorf("%v x%d: %v", s, factor, err)
				continue
			}
			if err := q.Check(); err != nil || q.W != factor*s[0] || q.H != factor*s[1] {
				t.Errorf("%v x%d is %dx%d, %v", s, factor, q.W, q.H, err)
			}
			for _, v := range q.Pix {
				if !(v >= 0 && v <= 1) {
					t.Errorf("%v x%d holds %g", s, factor, v)
					break
				}
			}
		}
	}
}

// Without weights the network is the bilinear enlargement, which keeps one colour.
func TestZeroWeightsAreBilinear(t *testing.T) {
	w := weightsOf(tiny)
	for _, a := range w {
		clear(a.Data)
	}
	u, err := New(tiny, w)
	if err != nil {
		t.Fatal(err)
	}
	p := scene(20, 12)
	q, err := u.Picture(context.Background(), p, 4)
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float32, len(q.Pix))
	kernel.ResizeBilinearPlain(want, p.Pix, 1, p.H, p.W, 3, q.H, q.W)
	if d := differ(t, want, q.Pix); d > 1e-6 {
		t.Errorf("values differ by %g", d)
	}
}

// What is hidden must not be seen: an opaque red disc on green that is
// transparent has no green edge.
func TestTransparentColoursDoNotBleed(t *testing.T) {
	u := newTiny(t)
	for _, a := range u.net.Weights {
		clear(a.Data)
	}
	u, err := New(tiny, u.net.Weights)
	if err != nil {
		t.Fatal(err)
	}
	p := picture.Filled(24, 24, 0, 1, 0)
	p.Alpha = make([]float32, 24*24)
	for i := range p.Alpha {
		if x, y := i%24-12, i/24-12; x*x+y*y < 49 {
			p.Alpha[i], p.Pix[3*i], p.Pix[3*i+1] = 1, 1, 0
		}
	}
	q, err := u.Picture(context.Background(), p, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range q.Alpha {
		if a > 0.01 && q.Pix[3*i+1] > 0.01 {
			t.Fatalf("pixel (%d,%d), %g opaque, has green %g", i%q.W, i/q.W, a, q.Pix[3*i+1])
		}
	}
	if q.Alpha[0] != 0 || q.Alpha[q.W*48+48] != 1 {
		t.Errorf("transparency became %g and %g", q.Alpha[0], q.Alpha[q.W*48+48])
	}
}

func TestNoise(t *testing.T) {
	const w, h, k = 64, 48, 3
	all := make([]float32, w*h*k)
	Noise(all, 5, 7, w, h, k)
	var mean, square, beside float64
	for i, v := range all {
		mean += float64(v) / float64(len(all))
		square += float64(v) * float64(v) / float64(len(all))
		if i >= k {
			beside += float64(v) * float64(all[i-k]) / float64(len(all))
		}
	}
	// Standard errors are about 0.01.
	if math.Abs(mean) > .04 || math.Abs(square-1) > .04 || math.Abs(beside) > .04 {
		t.Errorf("mean %g, mean square %g, product of neighbours %g", mean, square, beside)
	}
	part := make([]float32, 10*4*k)
	Noise(part, 5+20, 7+30, 10, 4, k)
	for y := range 4 {
		for i := range 10 * k {
			if part[y*10*k+i] != all[((30+y)*w+20)*k+i] {
				t.Fatal("a part has other noise than the whole")
			}
		}
	}
}

func TestBadInput(t *testing.T) {
	ctx, u := context.Background(), newTiny(t)
	nan := scene(8, 8)
	nan.Pix[5] = float32(math.NaN())
	for name, c := range map[string]struct {
		p      *picture.Picture
		factor int
		want   string
	}{
		"factor":  {scene(8, 8), 3, "use 2, 4 or 8"},
		"zero":    {scene(8, 8), 0, "use 2, 4 or 8"},
		"empty":   {picture.New(0, 4), 4, "at least one pixel"},
		"unequal": {&picture.Picture{W: 2, H: 2, Pix: make([]float32, 3)}, 4, ""},
		"nan":     {nan, 4, "only finite numbers"},
	} {
		if _, err := u.Picture(ctx, c.p, c.factor); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", name, err, c.want)
		}
	}
	wrong := picture.RasterOf(picture.New(9, 8))
	if err := u.Enlarge(ctx, picture.RasterOf(scene(4, 4)), wrong, 2, Options{}); err == nil || !strings.Contains(err.Error(), "2 times as large") {
		t.Errorf("a result of another size gives %v", err)
	}
	ended, stop := context.WithCancel(ctx)
	stop()
	if _, err := u.Picture(ended, scene(8, 8), 4); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context gives %v", err)
	}
}

func TestLoadRefusesOtherModels(t *testing.T) {
	card := nn.Card{Name: "upscale", Kind: Kind, Licence: "test", Settings: tiny.Settings()}
	save := func(c nn.Card) string {
		dir := filepath.Join(t.TempDir(), "m")
		if err := nn.Save(dir, c, weightsOf(tiny), true); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	u, err := Load(save(card))
	if err != nil || u.Shape != tiny || u.Hash == "" || u.Card.Licence != "test" {
		t.Fatalf("got %+v, %v", u, err)
	}
	other, wide, none := card, card, card
	other.Kind = "portrait"
	s := tiny
	s.Channels = 16
	wide.Settings = s.Settings()
	none.Settings = nil
	for want, c := range map[string]nn.Card{`of kind "portrait"`: other, "misshaped": wide, "channels = 0": none} {
		if _, err := Load(save(c)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got error %v, want one with %q", err, want)
		}
	}
	if _, err := Load(t.TempDir()); err == nil {
		t.Error("an empty folder was loaded")
	}
}

func TestProgressGrowsToOne(t *testing.T) {
	u := newTiny(t)
	u.side = 16
	src := picture.RasterOf(scene(40, 20))
	for _, factor := range Factors() {
		last := 0.0
		err := u.Enlarge(context.Background(), src, picture.RasterOf(picture.New(40*factor, 20*factor)), factor, Options{Progress: func(v float64) {
			if v <= last || v > 1+1e-9 {
				t.Errorf("x%d: %g after %g", factor, v, last)
			}
			last = v
		}})
		if err != nil || math.Abs(last-1) > 1e-9 {
			t.Errorf("x%d ended at %g, %v", factor, last, err)
		}
	}
}

func ExampleCheckFactor() {
	fmt.Println(CheckFactor(3))
	// Output: upscale: factor 3: use 2, 4 or 8
}
