package style

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// Tolerances, in parts of the range of a colour.
const (
	// tileTolerance bounds what a tile may differ from the same place of an
	// untiled painting. Convolutions of another size sum in another order; the
	// rest is the same.
	tileTolerance = 1e-3
	// reduceTolerance bounds the root mean square by which a large painting,
	// reduced to its ground, differs from the small one: the finest strokes of
	// the ground are painted anew.
	reduceTolerance = .09
	// toneTolerance bounds the same at a quarter of that size, where there are
	// only tones and shapes.
	toneTolerance = .03
)

func worst(a, b *picture.Picture) float64 {
	w := 0.0
	for i := range a.Pix {
		w = max(w, math.Abs(float64(a.Pix[i]-b.Pix[i])))
	}
	return w
}

// Tiles of the ground and of the levels give what the whole gives.
func TestTiles(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Base = 64
	photo := view(330, 270)
	want, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1})
	if err != nil {
		t.Fatal(err)
	}
	s.window = 200
	got, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1})
	if err != nil {
		t.Fatal(err)
	}
	if d := worst(got, want); d > tileTolerance {
		t.Errorf("tiles of levels differ from the whole by %g", d)
	}
	for _, stroke := range []float64{1.5, 3} {
		s.window = 0
		want, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1, Stroke: stroke})
		if err != nil {
			t.Fatal(err)
		}
		s.window = 200
		got, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1, Stroke: stroke})
		if err != nil {
			t.Fatal(err)
		}
		if d := worst(got, want); d > tileTolerance {
			t.Errorf("stroke %g: tiles of levels differ from the whole by %g", stroke, d)
		}
	}
	// The ground in tiles has the statistics of a reduced copy; with those of the
	// whole it is the whole.
	plan.Base = 256
	tl := s.tiler(plan.Vector)
	whole, tiled := view(256, 256), view(256, 256)
	if err := s.prog.Freeze(nil); err != nil {
		t.Fatal(err)
	}
	if err := tl.whole(whole); err != nil {
		t.Fatal(err)
	}
	if err := s.ground(context.Background(), tl, tiled, func(int) {}); err != nil {
		t.Fatal(err)
	}
	if d := distance(tiled, whole); d > .02 {
		t.Errorf("a ground in tiles differs from the whole by %g", d)
	}
}

// A large painting that is reduced is the small one. A random network makes
// twice as much of the finest detail as a trained one, see TestShippedSizes.
func TestSizesLookAlike(t *testing.T) {
	s, plan := tinyStylizer(t)
	looksAlike(t, s, plan, view(512, 384), 64, 2)
}

// looksAlike paints a photograph at a base and at larger sizes, and compares.
func looksAlike(t *testing.T, s *Stylizer, plan Plan, photo *picture.Picture, base int, factor float64) {
	t.Helper()
	plan.Base = base
	resize := func(p *picture.Picture, side int) *picture.Picture {
		p, err := p.Resize(side*4/3, side)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	paint := func(side int) *picture.Picture {
		p, err := s.Paint(context.Background(), resize(photo, side), plan, Options{Intensity: 1})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := paint(base)
	for _, side := range []int{base * 3 / 2, 2 * base, 4 * base} {
		large := paint(side)
		if d := distance(resize(large, base), want); d > factor*reduceTolerance {
			t.Errorf("%s: side %d, reduced to %d, differs by %g from what is painted there", plan.Style, side, base, d)
		}
		if d := distance(resize(large, base/4), resize(want, base/4)); d > factor*toneTolerance {
			t.Errorf("%s: side %d, reduced to %d, differs by %g", plan.Style, side, base/4, d)
		}
	}
}

func TestLadder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		full := extent{rapid.IntRange(1, 30000).Draw(t, "w"), rapid.IntRange(1, 30000).Draw(t, "h")}
		stroke := rapid.Float64Range(MinStroke, MaxStroke).Draw(t, "stroke")
		g := groundOf(full, BaseSide, stroke)
		if g.w < 1 || g.h < 1 || g.pixels() > groundPixels || g.w > 2*full.w+1 || g.h > 2*full.h+1 {
			t.Fatalf("the ground is %v", g)
		}
		last := g
		for _, l := range ladder(g, full) {
			if l.w < last.w || l.h < last.h || float64(l.pixels()) > levelRatio*levelRatio*1.3*float64(last.pixels())+16 {
				t.Fatalf("%v on %v", l, last)
			}
			last = l
		}
		if len(ladder(g, full)) > 0 && last != full {
			t.Fatalf("the last level is %v", last)
		}
	})
	if got := ladder(extent{512, 512}, extent{1024, 1024}); len(got) != 1 {
		t.Errorf("1024 is painted in %v", got)
	}
	if got := groundOf(extent{64, 64}, 512, 1); got != (extent{128, 128}) {
		t.Errorf("the ground of 64 is %v", got)
	}
}

// Projecting gives a picture the tones of the one below, whatever it was.
func TestProject(t *testing.T) {
	const n, m = 37, 80
	below, x := picture.New(n, n), noisy(m, m, 2)
	for i := range below.Pix {
		below.Pix[i] = .5 + .3*float32(math.Sin(float64(i/3%n)*.2)*math.Cos(float64(i/3/n)*.15))
	}
	var tl tile
	tl.low = *below
	tl.down[0].reduce(m, n, 0, n, 0, m)
	tl.down[1].reduce(m, n, 0, n, 0, m)
	tl.up[0].smooth(n, m, 0, m, 0, n, detailSigma)
	tl.up[1].smooth(n, m, 0, m, 0, n, detailSigma)
	for range 8 {
		tl.project(x.Pix, m)
	}
	got := picture.New(n, n)
	filter(got.Pix, x.Pix, m, &tl.down[0], &tl.down[1], false, &tl.rows)
	coarse := func(p *picture.Picture) *picture.Picture {
		q, err := p.Resize(9, 9)
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	if d := distance(coarse(got), coarse(below)); d > .01 {
		t.Errorf("the tones differ by %g", d)
	}
}

func TestFilterIsThatOfPicture(t *testing.T) {
	p := noisy(20, 15, 3)
	var across, down taps
	var rows []filterRow
	across.enlarge(20, 47, 0, 47, 0, 20)
	down.enlarge(15, 31, 0, 31, 0, 15)
	got := picture.New(47, 31)
	filter(got.Pix, p.Pix, 20, &across, &down, false, &rows)
	want, err := p.Resize(47, 31)
	if err != nil {
		t.Fatal(err)
	}
	got.Clamp()
	if d := worst(got, want); d > 1e-5 {
		t.Errorf("enlarging differs by %g", d)
	}
	across.reduce(20, 7, 0, 7, 0, 20)
	down.reduce(15, 4, 0, 4, 0, 15)
	got = picture.New(7, 4)
	filter(got.Pix, p.Pix, 20, &across, &down, false, &rows)
	if want, err = p.Resize(7, 4); err != nil {
		t.Fatal(err)
	}
	if d := worst(got, want); d > 1e-5 {
		t.Errorf("reducing differs by %g", d)
	}
}

// A raster in 8 bits is painted as a picture is, and intensity 0 copies it bit
// for bit, 8 and 16 bits.
func TestPaintRaster(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Base = 64
	for _, depth := range []int{8, 16} {
		for _, alpha := range []bool{false, true} {
			photo := noisy(70, 90, 7)
			if alpha {
				photo.Alpha = make([]float32, 70*90)
				for i := range photo.Alpha {
					photo.Alpha[i] = float32(i%5) / 4
				}
			}
			make := func() *picture.Raster {
				r, err := picture.NewRaster(70, 90, depth, alpha, picture.RasterOptions{})
				if err != nil {
					t.Fatal(err)
				}
				return r
			}
			src, dst := make(), make()
			if err := src.Write(0, 0, photo); err != nil {
				t.Fatal(err)
			}
			for _, x := range []float64{0, 1} {
				last := 0.0
				o := Options{Intensity: x, Progress: func(p float64) {
					if p < last {
						t.Errorf("progress falls from %g to %g", last, p)
					}
					last = p
				}}
				if err := s.PaintRaster(context.Background(), src, dst, plan, o); err != nil {
					t.Fatal(err)
				}
				if last != 1 {
					t.Errorf("progress ends at %g", last)
				}
				a, err := src.Picture()
				if err != nil {
					t.Fatal(err)
				}
				b, err := dst.Picture()
				if err != nil {
					t.Fatal(err)
				}
				if x == 0 && !cmp.Equal(a, b) {
					t.Errorf("%d bits, alpha %v: intensity 0 changes the picture", depth, alpha)
				}
				if !cmp.Equal(a.Alpha, b.Alpha) {
					t.Errorf("%d bits: alpha is not kept", depth)
				}
				if x == 1 {
					want, err := s.Paint(context.Background(), a, plan, Options{Intensity: 1})
					if err != nil {
						t.Fatal(err)
					}
					if d := worst(b, want); d > .51/float64(int(1)<<depth-1)+1e-6 {
						t.Errorf("%d bits: a raster is painted otherwise than a picture, by %g", depth, d)
					}
				}
			}
		}
	}
}

func TestMaskAndBackground(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Base = 64
	photo := view(80, 60)
	paint := func(o Options) *picture.Picture {
		t.Helper()
		o.Intensity = max(o.Intensity, 1)
		out, err := s.Paint(context.Background(), photo, plan, o)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	full := paint(Options{})
	half := picture.New(40, 30) // white on the right
	for i := range half.Pix {
		if i/3%40 >= 20 {
			half.Pix[i] = 1
		}
	}
	var notes []string
	for name, o := range map[string]Options{"mask": {Mask: half}, "map": {IntensityMap: half}} {
		o.Note = func(n string) { notes = append(notes, n) }
		got := paint(o)
		for i, v := range got.Pix {
			switch x := i / 3 % 80; {
			case x < 36 && v != photo.Pix[i]:
				t.Fatalf("%s: value %d is %g, not the picture's %g", name, i, v, photo.Pix[i])
			case x >= 44 && v != full.Pix[i]:
				t.Fatalf("%s: value %d is %g, not the painting's %g", name, i, v, full.Pix[i])
			}
		}
	}
	if len(notes) != 2 {
		t.Errorf("notes are %q", notes)
	}
	red := &Background{Colour: [3]float32{1, 0, 0}}
	if got := paint(Options{Mask: half, Background: red}); got.Pix[0] != 1 || got.Pix[1] != 0 || got.Pix[3*79] != full.Pix[3*79] {
		t.Errorf("the background is not where the mask is black: %v", got.Pix[:3])
	}
	blue := picture.Filled(7, 200, 0, 0, 1)
	got := paint(Options{Mask: half, Background: &Background{Picture: blue}})
	if got.Pix[0] != 0 || math.Abs(float64(got.Pix[2])-1) > 1e-6 {
		t.Errorf("the background picture is not where the mask is black: %v", got.Pix[:3])
	}
	photo.Alpha = make([]float32, 80*60)
	for i := range photo.Alpha {
		photo.Alpha[i] = float32(i % 2)
	}
	got = paint(Options{Background: red})
	if got.Alpha != nil || got.Pix[0] != 1 || got.Pix[1] != 0 {
		t.Errorf("the background is not where the picture is transparent: %v", got.Pix[:3])
	}
}

func TestMemoryIsBounded(t *testing.T) {
	roomy := &beside{Device: device.NewCPU(), room: roomyPixel * roomyWindow * roomyWindow}
	for _, c := range []struct {
		d         device.Device
		from, end int64 // of the largest picture, MiB
	}{{nil, 600, 720}, {device.NewCPU(), 600, 720}, {roomy, 720, 800}} {
		last := int64(0)
		for _, side := range []int{64, 512, 1024, 4096, 20000} {
			m := Memory(c.d, side, side*3/4)
			if m < last || m >= c.end<<20 {
				t.Errorf("side %d: %d MiB after %d", side, m>>20, last>>20)
			}
			last = m
		}
		if last < c.from<<20 {
			t.Errorf("%d MiB for the largest picture, want at least %d", last>>20, c.from)
		}
	}
}

func TestOptionsErrors(t *testing.T) {
	nan := picture.New(3, 3)
	nan.Pix[2] = float32(math.NaN())
	for name, o := range map[string]Options{
		"intensity": {Intensity: 1.6}, "stroke": {Stroke: .4}, "stroke ": {Stroke: 4.1}, "stroke  ": {Stroke: math.NaN()},
		"keep": {Keep: "hue"}, "mask": {Mask: nan}, "map": {IntensityMap: nan}, "mask ": {Mask: &picture.Picture{}},
		"background": {Background: &Background{Colour: [3]float32{2, 0, 0}}}, "background ": {Background: &Background{Picture: nan}},
	} {
		if err := o.Check(); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := (&Options{Intensity: 1.5, Stroke: 4, Keep: KeepHistogram, Mask: picture.Filled(1, 1, 5, 5, 5)}).Check(); err != nil {
		t.Error(err)
	}
}

func meanColour(p *picture.Picture) (m [3]float64) {
	for i, v := range p.Pix {
		m[i%3] += float64(v) / float64(p.W*p.H)
	}
	return m
}

func TestKeepColours(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Base = 64
	photo := view(90, 70)
	got, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1, Keep: KeepLuminance})
	if err != nil {
		t.Fatal(err)
	}
	painted, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1})
	if err != nil {
		t.Fatal(err)
	}
	want, err := picture.KeepColours(painted, photo)
	if err != nil {
		t.Fatal(err)
	}
	if d := worst(got, want); d > 1e-5 {
		t.Errorf("luminance: differs from KeepColours by %g", d)
	}
	if got, err = s.Paint(context.Background(), photo, plan, Options{Intensity: 1, Keep: KeepHistogram}); err != nil {
		t.Fatal(err)
	}
	was, is := 0.0, 0.0
	m, a, b := meanColour(photo), meanColour(painted), meanColour(got)
	for c := range m {
		was, is = was+math.Abs(a[c]-m[c]), is+math.Abs(b[c]-m[c])
	}
	if is > .25*was+.01 {
		t.Errorf("histogram: the mean colour is %v, the picture's %v, the painting's %v", b, m, a)
	}
}

func TestPaintInWindowsIsFreeOfThreads(t *testing.T) {
	s, plan := tinyStylizer(t)
	plan.Base, s.window = 64, 200
	n := kernel.Workers()
	defer kernel.SetWorkers(n)
	var want string
	for _, workers := range []int{1, 3} {
		kernel.SetWorkers(workers)
		out, err := s.Paint(context.Background(), view(210, 130), plan, Options{Intensity: .9, Stroke: .7, Keep: KeepHistogram})
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(out.Pix[:1000]); want == "" {
			want = got
		} else if got != want {
			t.Errorf("%d workers paint another picture", workers)
		}
	}
}
