package kernel

import (
	"slices"
	"testing"
)

// poolShapes are n, h, w, c, k, stride: odd, tiny, overlapping, with gaps, and large enough for
// several chunks.
var poolShapes = [][6]int{
	{1, 2, 2, 1, 2, 2}, {1, 5, 7, 3, 2, 2}, {2, 8, 8, 16, 2, 2}, {2, 9, 6, 17, 3, 2}, {1, 7, 7, 5, 3, 1}, {1, 4, 9, 40, 1, 1},
	{2, 11, 10, 4, 2, 3}, {1, 3, 3, 2, 4, 1}, {1, 6, 5, 33, 5, 5}, {3, 64, 64, 33, 2, 2}, {2, 60, 50, 31, 3, 1},
}

func TestPooling(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		r := newRand(1)
		for _, s := range poolShapes {
			n, h, w, c, k, stride := s[0], s[1], s[2], s[3], s[4], s[5]
			name := label("n=%d %dx%dx%d k=%d stride=%d", n, h, w, c, k, stride)
			out := newPooling(n, h, w, c, k, stride).out()
			x, dy := noise(r, n*h*w*c, 0), noise(r, out, 0)
			for i := range x { // some equal values: the first must win
				if i%5 == 0 {
					x[i] = 0.5
				}
			}
			want, wantIdx := make([]float32, out), make([]int32, out)
			MaxPoolPlain(want, wantIdx, x, n, h, w, c, k, stride)
			got, intact := guarded(out)
			MaxPool(got, nil, x, n, h, w, c, k, stride)
			near(t, name+" max", got, want, tolExact)
			clear(got)
			idx := make([]int32, out)
			MaxPool(got, idx, x, n, h, w, c, k, stride)
			near(t, name+" max with index", got, want, tolExact)
			if !slices.Equal(idx, wantIdx) {
				t.Fatalf("%s: indices differ", name)
			}
			dx, dxIntact := guarded(len(x))
			dx2 := make([]float32, len(x))
			MaxPoolGrad(dx, dy, idx, n, h, w, c, k, stride)
			MaxPoolGradPlain(dx2, dy, idx, n, h, w, c, k, stride)
			near(t, name+" max gradient", dx, dx2, tolRound)
			AvgPool(got, x, n, h, w, c, k, stride)
			AvgPoolPlain(want, x, n, h, w, c, k, stride)
			near(t, name+" average", got, want, tolRound)
			AvgPoolGrad(dx, dy, n, h, w, c, k, stride)
			AvgPoolGradPlain(dx2, dy, n, h, w, c, k, stride)
			near(t, name+" average gradient", dx, dx2, tolRound)
			if !intact() || !dxIntact() {
				t.Errorf("%s: wrote outside its vectors", name)
			}
		}
	})
}

func TestMaxPoolGolden(t *testing.T) {
	y, idx := make([]float32, 2), make([]int32, 2)
	MaxPool(y, idx, []float32{1, 2, 5, 5, 4, 3, 5, 0}, 1, 2, 4, 1, 2, 2)
	near(t, "y", y, []float32{4, 5}, tolExact)
	if !slices.Equal(idx, []int32{4, 2}) {
		t.Errorf("indices %v, want [4 2]", idx)
	}
}

func TestPoolingGradNumerically(t *testing.T) {
	r := newRand(2)
	n, h, w, c, k, stride := 2, 6, 5, 2, 3, 2
	x := make([]float32, n*h*w*c)
	for i, v := range r.Perm(len(x)) { // far apart, so that a small step changes no winner
		x[i] = float32(v) / 10
	}
	out := newPooling(n, h, w, c, k, stride).out()
	dy, y, idx, dx := noise(r, out, 0), make([]float32, out), make([]int32, out), make([]float32, len(x))
	MaxPool(y, idx, x, n, h, w, c, k, stride)
	MaxPoolGrad(dx, dy, idx, n, h, w, c, k, stride)
	numericGrad(t, "max", x, dx, func() float64 {
		MaxPoolPlain(y, nil, x, n, h, w, c, k, stride)
		return DotPlain(y, dy)
	})
	AvgPoolGrad(dx, dy, n, h, w, c, k, stride)
	numericGrad(t, "average", x, dx, func() float64 {
		AvgPoolPlain(y, x, n, h, w, c, k, stride)
		return DotPlain(y, dy)
	})
	g := make([]float32, len(x))
	GlobalAvgPoolGrad(g, dy[:n*c], n, h*w, c)
	numericGrad(t, "global average", x, g, func() float64 {
		GlobalAvgPoolPlain(y, x, n, h*w, c)
		return DotPlain(y[:n*c], dy[:n*c])
	})
}

func TestPoolingIsDeterministic(t *testing.T) {
	r := newRand(3)
	n, h, w, c := 2, 65, 64, 33
	x := noise(r, n*h*w*c, 0)
	for _, k := range []int{2, 3} {
		out := newPooling(n, h, w, c, k, 2).out()
		sameForAnyWorkers(t, label("k=%d", k), func() []float32 {
			y, idx, dx, dx2 := make([]float32, out), make([]int32, out), make([]float32, len(x)), make([]float32, len(x))
			MaxPool(y, idx, x, n, h, w, c, k, 2)
			MaxPoolGrad(dx, y, idx, n, h, w, c, k, 2)
			AvgPoolGrad(dx2, y, n, h, w, c, k, 2)
			return slices.Concat(y, dx, dx2)
		})
	}
}

func FuzzPooling(f *testing.F) {
	f.Add(uint64(1), uint8(9), uint8(8), uint8(5), uint8(2), uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, hh, ww, cc, kk, ss uint8) {
		h, w, c, k, stride := 1+int(hh%30), 1+int(ww%30), 1+int(cc%40), 1+int(kk%4), 1+int(ss%4)
		r := newRand(seed)
		x := noise(r, 2*h*w*c, 0)
		out := newPooling(2, h, w, c, k, stride).out()
		got, want, idx, idx2 := make([]float32, out), make([]float32, out), make([]int32, out), make([]int32, out)
		MaxPool(got, idx, x, 2, h, w, c, k, stride)
		MaxPoolPlain(want, idx2, x, 2, h, w, c, k, stride)
		near(t, "max", got, want, tolExact)
		if !slices.Equal(idx, idx2) {
			t.Fatal("indices differ")
		}
		dx, dx2 := make([]float32, len(x)), make([]float32, len(x))
		AvgPoolGrad(dx, want, 2, h, w, c, k, stride)
		AvgPoolGradPlain(dx2, want, 2, h, w, c, k, stride)
		near(t, "average gradient", dx, dx2, tolRound)
	})
}
