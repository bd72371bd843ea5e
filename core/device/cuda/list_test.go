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
