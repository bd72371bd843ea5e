package cuda

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
)

// tableOf puts a table of memories, rows of equal length, on the device.
func tableOf(t *testing.T, rows ...[]*memory) Table {
	var words []float32
	word := func(v uint64) {
		words = append(words, math.Float32frombits(uint32(v)), math.Float32frombits(uint32(v>>32)))
	}
	l := Table{Rows: len(rows)}
	for _, row := range rows {
		for _, m := range row {
			word(uint64(m.ptr))
		}
		word(uint64(len(row[0].before)))
		l.Most = max(l.Most, len(row[0].before))
	}
	l.At = put(emulate(t), words)
	return l
}

// TestLists runs what works on many tensors at once: of one value, of more than a block's, of more than a grid's.
func TestLists(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	var ws, ms, vs, gs, averages, all []*memory
	for _, n := range []int{1, 300, 5000, 70000} {
		square := normal(r, n)
		for i, v := range square {
			square[i] = v * v
		}
		ws, ms = append(ws, changed("w", normal(r, n))), append(ms, changed("m", normal(r, n)))
		vs, gs = append(vs, changed("v", square)), append(gs, given("g", normal(r, n)))
		averages = append(averages, changed("average", normal(r, n)))
	}
	rows := func(lists ...[]*memory) (rows [][]*memory) {
		for i := range lists[0] {
			var row []*memory
			for _, l := range lists {
				row = append(row, l[i])
			}
			rows = append(rows, row)
		}
		return rows
	}
	all = slices.Concat(ws, ms, vs, gs)
	norm := given("norm", []float32{16})
	twin{"adam", func() Op { return gpu.Adam(tableOf(t, rows(ws, ms, vs, gs)...), 1e-2, 0.5, 0.99, 1e-8, 3, norm.ptr, 2) },
		append(all, norm), func() (want [][]float32) {
			w, m, v := contents(ws), contents(ms), contents(vs)
			for i, g := range contents(gs) {
				kernel.ScalePlain(g, g, 0.5)
				kernel.AdamPlain(w[i], m[i], v[i], g, 1e-2, 0.5, 0.99, 1e-8, 3)
			}
			return slices.Concat(w, m, v)
		}, 1e-5}.check(t)
	twin{"ema", func() Op { return gpu.EMA(tableOf(t, rows(averages, gs)...), 0.75) }, slices.Concat(averages, gs), func() [][]float32 {
		want := contents(averages)
		for i, g := range gs {
			kernel.EMAPlain(want[i], g.before, 0.75)
		}
		return want
	}, 1e-6}.check(t)
	sum := wanted("sum", 1)
	twin{"sum of squares", func() Op { return gpu.SumSquares(sum.ptr, tableOf(t, rows(gs)...)) }, append(slices.Clone(gs), sum), func() [][]float32 {
		s := 0.0
		for _, g := range gs {
			s += kernel.SumSquares(g.before)
		}
		return [][]float32{{float32(s)}}
	}, 1e-6}.check(t)
}

// contents are copies of what memories hold before a test.
func contents(ms []*memory) (all [][]float32) {
	for _, m := range ms {
		all = append(all, slices.Clone(m.before))
	}
	return all
}

func TestDotRows(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	for _, s := range [][2]int{{1, 1}, {3, 17}, {1100, 5}} {
		a, b := given("a", normal(r, s[0]*s[1])), given("b", normal(r, s[0]*s[1]))
		y := wanted("y", s[0])
		twin{"dot of rows", func() Op { return gpu.DotRows(y.ptr, a.ptr, b.ptr, s[0], s[1]) }, []*memory{a, b, y}, func() [][]float32 {
			want := make([]float32, s[0])
			for i := range want {
				want[i] = float32(kernel.Dot(a.before[i*s[1]:][:s[1]], b.before[i*s[1]:][:s[1]]))
			}
			return [][]float32{want}
		}, sumLimit}.check(t)
	}
}

// TestWeave compares with the definition: pictures of windows and a rest, one of a single window.
func TestWeave(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, s := range []struct{ n, h, w, c, period, side int }{{2, 13, 20, 3, 3, 6}, {1, 8, 8, 5, 4, 8}, {1, 32, 33, 40, 4, 16}} {
		windows, phases := s.n*(s.h/s.side)*(s.w/s.side), s.period*s.period
		x, dy := given("x", normal(r, s.n*s.h*s.w*s.c)), given("dy", []float32{.5})
		f, dx := wanted("f", windows*phases*s.c), wanted("dx", len(x.before))
		// at calls g with every value in a window and its place in f.
		at := func(g func(i, k int)) {
			for i := range x.before {
				column, row, sample := i/s.c%s.w/s.side, i/s.c/s.w%s.h/s.side, i/s.c/s.w/s.h
				if column < s.w/s.side && row < s.h/s.side {
					window := (sample*(s.h/s.side)+row)*(s.w/s.side) + column
					g(i, ((window*s.period+i/s.c/s.w%s.h%s.period)*s.period+i/s.c%s.w%s.period)*s.c+i%s.c)
				}
			}
		}
		plain := make([]float32, len(f.before))
		twin{"weave", func() Op { return gpu.WeaveFold(f.ptr, x.ptr, s.n, s.h, s.w, s.c, s.period, s.side) }, []*memory{x, f}, func() [][]float32 {
			at(func(i, k int) { plain[k] += x.before[i] * float32(phases) / float32(s.side*s.side) })
			for k := range windows * s.c {
				v := plain[k/s.c*phases*s.c+k%s.c:]
				mid := float64(s.period-1) / 2
				var mean, across, down, square float64
				for i := range phases {
					u, w := float64(i%s.period)-mid, float64(i/s.period)-mid
					mean, across, down, square = mean+float64(v[i*s.c]), across+u*float64(v[i*s.c]), down+w*float64(v[i*s.c]), square+u*u
				}
				for i := range phases {
					v[i*s.c] -= float32(mean/float64(phases) + across/square*(float64(i%s.period)-mid) + down/square*(float64(i/s.period)-mid))
				}
			}
			return [][]float32{plain}
		}, sumLimit}.check(t)
		folded := given("f", plain)
		twin{"weave gradient", func() Op { return gpu.WeaveSpread(dx.ptr, folded.ptr, dy.ptr, s.n, s.h, s.w, s.c, s.period, s.side, 3) },
			[]*memory{folded, dy, dx}, func() [][]float32 {
				want := make([]float32, len(x.before))
				at(func(i, k int) { want[i] = 1.5 * plain[k] })
				return [][]float32{want}
			}, 1e-6}.check(t)
	}
}
