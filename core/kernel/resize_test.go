package kernel

import (
	"slices"
	"testing"
)

func TestResize(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(1)
		for _, s := range [][4]int{{1, 1, 1, 1}, {2, 3, 5, 3}, {1, 4, 4, 16}, {2, 7, 2, 33}, {2, 40, 30, 40}} {
			n, h, w, c := s[0], s[1], s[2], s[3]
			x := noise(r, n*h*w*c, 0)
			dx, dxIntact := guarded(len(x))
			dx2 := make([]float32, len(x))
			for _, factor := range []int{1, 2, 3} {
				name := label("%dx%dx%dx%d times %d", n, h, w, c, factor)
				y, intact := guarded(len(x) * factor * factor)
				want := make([]float32, len(y))
				ResizeNearest(y, x, n, h, w, c, factor)
				ResizeNearestPlain(want, x, n, h, w, c, factor)
				near(t, name, y, want, tolExact)
				dy := noise(r, len(y), 0)
				ResizeNearestGrad(dx, dy, n, h, w, c, factor)
				ResizeNearestGradPlain(dx2, dy, n, h, w, c, factor)
				near(t, name+" gradient", dx, dx2, tolRound)
				if !intact() || !dxIntact() {
					t.Errorf("%s wrote outside its vectors", name)
				}
			}
			for _, o := range [][2]int{{1, 1}, {h, w}, {2 * h, 2 * w}, {h + 3, max(1, w-1)}, {1 + h/3, 5 * w}, {17, 23}} {
				oh, ow := o[0], o[1]
				name := label("%dx%dx%dx%d to %dx%d", n, h, w, c, oh, ow)
				y, intact := guarded(n * oh * ow * c)
				want := make([]float32, len(y))
				ResizeBilinear(y, x, n, h, w, c, oh, ow)
				ResizeBilinearPlain(want, x, n, h, w, c, oh, ow)
				near(t, name, y, want, tolRound)
				dy := noise(r, len(y), 0)
				ResizeBilinearGrad(dx, dy, n, h, w, c, oh, ow)
				ResizeBilinearGradPlain(dx2, dy, n, h, w, c, oh, ow)
				near(t, name+" gradient", dx, dx2, tolRound)
				if !intact() || !dxIntact() {
					t.Errorf("%s wrote outside its vectors", name)
				}
			}
		}
	})
}

func TestResizeBilinearGolden(t *testing.T) {
	y := make([]float32, 4)
	ResizeBilinear(y, []float32{0, 4}, 1, 1, 2, 1, 1, 4)
	near(t, "twice as wide", y, []float32{0, 1, 3, 4}, tolExact)
	ResizeBilinear(y[:1], []float32{0, 4}, 1, 1, 2, 1, 1, 1)
	near(t, "half as wide", y[:1], []float32{2}, tolExact)
}

func TestPad(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(2)
		for _, s := range [][5]int{{1, 1, 1, 1, 2}, {2, 3, 5, 3, 1}, {1, 4, 6, 16, 3}, {2, 2, 3, 5, 4}, {2, 40, 30, 40, 8}, {1, 3, 3, 2, 0}} {
			n, h, w, c, pad := s[0], s[1], s[2], s[3], s[4]
			x := noise(r, n*h*w*c, 0)
			for _, mode := range []PadMode{PadZero, PadReflect} {
				name := label("%dx%dx%dx%d pad %d mode %d", n, h, w, c, pad, mode)
				y, intact := guarded(n * (h + 2*pad) * (w + 2*pad) * c)
				want := make([]float32, len(y))
				Pad(y, x, n, h, w, c, pad, mode)
				PadPlain(want, x, n, h, w, c, pad, mode)
				near(t, name, y, want, tolExact)
				dy := noise(r, len(y), 0)
				dx, dxIntact := guarded(len(x))
				dx2 := make([]float32, len(x))
				PadGrad(dx, dy, n, h, w, c, pad, mode)
				PadGradPlain(dx2, dy, n, h, w, c, pad, mode)
				near(t, name+" gradient", dx, dx2, tolRound)
				if !intact() || !dxIntact() {
					t.Errorf("%s wrote outside its vectors", name)
				}
			}
		}
	})
}

func TestPadGolden(t *testing.T) {
	y := make([]float32, 5*7)
	Pad(y, []float32{1, 2, 3}, 1, 1, 3, 1, 2, PadReflect)
	near(t, "reflected row", y[:7], []float32{3, 2, 1, 2, 3, 2, 1}, tolExact)
}

func TestResizeAndPadGradNumerically(t *testing.T) {
	r := newRand(3)
	n, h, w, c := 1, 4, 3, 2
	x, dx := noise(r, n*h*w*c, 0), make([]float32, n*h*w*c)
	for _, k := range []struct {
		name        string
		size        int
		plain, grad func(y, dy []float32)
	}{
		{"nearest", 4 * len(x), func(y, _ []float32) { ResizeNearestPlain(y, x, n, h, w, c, 2) }, func(_, dy []float32) { ResizeNearestGrad(dx, dy, n, h, w, c, 2) }},
		{"bilinear", n * 7 * 5 * c, func(y, _ []float32) { ResizeBilinearPlain(y, x, n, h, w, c, 7, 5) }, func(_, dy []float32) { ResizeBilinearGrad(dx, dy, n, h, w, c, 7, 5) }},
		{"reflect", n * 8 * 7 * c, func(y, _ []float32) { PadPlain(y, x, n, h, w, c, 2, PadReflect) }, func(_, dy []float32) { PadGrad(dx, dy, n, h, w, c, 2, PadReflect) }},
		{"zero", n * 8 * 7 * c, func(y, _ []float32) { PadPlain(y, x, n, h, w, c, 2, PadZero) }, func(_, dy []float32) { PadGrad(dx, dy, n, h, w, c, 2, PadZero) }},
	} {
		y, dy := make([]float32, k.size), noise(r, k.size, 0)
		k.grad(y, dy)
		numericGrad(t, k.name, x, dx, func() float64 {
			k.plain(y, dy)
			return DotPlain(y, dy)
		})
	}
}

func TestResizeAndPadAreDeterministic(t *testing.T) {
	n, h, w, c := 2, 50, 40, 21
	x := noise(newRand(4), n*h*w*c, 0)
	sameForAnyWorkers(t, "resize and pad", func() []float32 {
		up, dx, padded := make([]float32, 4*len(x)), make([]float32, len(x)), make([]float32, n*(h+6)*(w+6)*c)
		ResizeBilinear(up, x, n, h, w, c, 2*h, 2*w)
		ResizeBilinearGrad(dx, up, n, h, w, c, 2*h, 2*w)
		Pad(padded, x, n, h, w, c, 3, PadReflect)
		back := make([]float32, len(x))
		PadGrad(back, padded, n, h, w, c, 3, PadReflect)
		return slices.Concat(up, dx, padded, back)
	})
}

func TestPlanesAllocateLittle(t *testing.T) {
	n, h, w, c := 2, 64, 64, 16
	x, y, z := make([]float32, n*h*w*c), make([]float32, 4*n*h*w*c), make([]float32, n*h*w*c)
	idx := make([]int32, n*h*w*c/4)
	allocates(t, "MaxPool", func() { MaxPool(y, idx, x, n, h, w, c, 2, 2) })
	allocates(t, "MaxPoolGrad", func() { MaxPoolGrad(z, y, idx, n, h, w, c, 2, 2) })
	allocates(t, "AvgPool", func() { AvgPool(y, x, n, h, w, c, 2, 2) })
	allocates(t, "AvgPoolGrad", func() { AvgPoolGrad(z, y, n, h, w, c, 2, 2) })
	allocates(t, "ResizeNearest", func() { ResizeNearest(y, x, n, h, w, c, 2) })
	allocates(t, "ResizeBilinear", func() { ResizeBilinear(y, x, n, h, w, c, 2*h, 2*w) })
	allocates(t, "ResizeBilinearGrad", func() { ResizeBilinearGrad(z, y, n, h, w, c, 2*h, 2*w) })
	allocates(t, "Pad", func() { Pad(y, x, n, h, w, c, 3, PadReflect) })
	allocates(t, "PadGrad", func() { PadGrad(z, y, n, h, w, c, 3, PadReflect) })
}

func FuzzResize(f *testing.F) {
	f.Add(uint64(1), uint8(9), uint8(8), uint8(5), uint8(12), uint8(3))
	f.Fuzz(func(t *testing.T, seed uint64, hh, ww, cc, o1, o2 uint8) {
		h, w, c, oh, ow := 1+int(hh%30), 1+int(ww%30), 1+int(cc%40), 1+int(o1%60), 1+int(o2%60)
		r := newRand(seed)
		x, dy := noise(r, h*w*c, 0), noise(r, oh*ow*c, 0)
		y, want := make([]float32, len(dy)), make([]float32, len(dy))
		ResizeBilinear(y, x, 1, h, w, c, oh, ow)
		ResizeBilinearPlain(want, x, 1, h, w, c, oh, ow)
		near(t, "bilinear", y, want, tolRound)
		dx, dx2 := make([]float32, len(x)), make([]float32, len(x))
		ResizeBilinearGrad(dx, dy, 1, h, w, c, oh, ow)
		ResizeBilinearGradPlain(dx2, dy, 1, h, w, c, oh, ow)
		near(t, "bilinear gradient", dx, dx2, tolSum)
	})
}
