package kernel

import "testing"

// mixes compares both filters with their plain twins, which give the same bits.
func mixes(t *testing.T, seed uint64, taps, n, sources int) {
	t.Helper()
	r := newRand(seed)
	rows := noise(r, n*sources, 0)
	at, weight := make([]int, taps), noise(r, taps, 0)
	for k := range at {
		at[k] = r.IntN(sources) * n
	}
	got, intact := guarded(n)
	want := make([]float32, n)
	MixRows(got, rows, at, weight)
	MixRowsPlain(want, rows, at, weight)
	near(t, label("rows: %d taps, n=%d", taps, n), got, want, tolExact)
	if !intact() {
		t.Errorf("rows: %d taps, n=%d: wrote outside of its row", taps, n)
	}
	if taps == 0 {
		return
	}
	const lines = 3
	x := noise(r, lines*3*sources+1, 0)
	places, weights := make([]int32, taps*n), noise(r, taps*n, 0)
	for k := range places {
		places[k] = int32(r.IntN(sources))
	}
	for _, add := range []bool{false, true} {
		got, intact := guarded(lines * 3 * n)
		copy(got, noise(newRand(seed), lines*3*n, 0))
		want := append([]float32(nil), got...)
		MixPixels(got, x, lines, places, weights, taps, add)
		for i := range lines {
			MixPixelsPlain(want[3*n*i:], x[3*sources*i:], places, weights, taps, add)
		}
		near(t, label("pixels: %d taps, n=%d, add %v", taps, n, add), got, want, tolExact)
		if !intact() {
			t.Errorf("pixels: %d taps, n=%d: wrote outside of its row", taps, n)
		}
	}
}

func TestMix(t *testing.T) {
	withISAs(t, func(t *testing.T) {
		for _, taps := range []int{0, 1, 2, 3, 4, 8} {
			for _, n := range lengths {
				mixes(t, 7, taps, n, 5)
			}
		}
	})
}

func TestMixPixelsOutside(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a tap outside of the row was read")
		}
	}()
	MixPixels(make([]float32, 3), make([]float32, 6), 1, []int32{1}, []float32{1}, 1, false) // one number is lacking
}

func FuzzMix(f *testing.F) {
	f.Add(uint64(1), uint8(8), uint16(100), uint8(9))
	f.Add(uint64(2), uint8(3), uint16(17), uint8(1))
	f.Fuzz(func(t *testing.T, seed uint64, taps uint8, n uint16, sources uint8) {
		mixes(t, seed, int(taps%20), int(n%700), int(sources)+1)
	})
}
