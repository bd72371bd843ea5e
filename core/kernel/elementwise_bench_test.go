package kernel

import "testing"

// rate reports gigabytes a second of the vectors that f reads and writes once.
func rate(b *testing.B, vectors, n int, f func()) {
	b.SetBytes(int64(4 * vectors * n))
	b.ReportAllocs()
	f()
	for b.Loop() {
		f()
	}
}

// BenchmarkElementwise measures activations of a style network (256² x 32, 64² x 128) and of a
// small generator (batch 64 of 16² x 128).
func BenchmarkElementwise(b *testing.B) {
	for _, s := range []struct {
		name     string
		n, hw, c int
	}{{"256x256x32", 1, 65536, 32}, {"64x64x128", 1, 4096, 128}, {"64of16x16x128", 64, 256, 128}, {"256x256x3", 1, 65536, 3}} {
		size := s.n * s.hw * s.c
		x, y, z := Aligned(size), Aligned(size), Aligned(size)
		copy(x, noise(newRand(1), size, 1))
		gamma, beta, mean, invstd := Aligned(s.n*s.c), Aligned(s.n*s.c), Aligned(s.n*s.c), Aligned(s.n*s.c)
		b.Run("norm/"+s.name, func(b *testing.B) {
			rate(b, 3, size, func() {
				InstanceNorm(y, x, z, gamma, beta, s.n, s.hw, s.c, true, mean, invstd, 1e-5, ActReLU)
			})
		})
		b.Run("normgrad/"+s.name, func(b *testing.B) {
			rate(b, 3, size, func() {
				InstanceNormGrad(y, gamma, beta, x, z, gamma, mean, invstd, s.n, s.hw, s.c, true)
			})
		})
		b.Run("batchnorm/"+s.name, func(b *testing.B) {
			rate(b, 2, size, func() {
				BatchNorm(y, x, gamma[:s.c], beta[:s.c], s.n*s.hw, s.c, mean[:s.c], invstd[:s.c], 1e-5, ActReLU)
			})
		})
		b.Run("scaleshift/"+s.name, func(b *testing.B) {
			rate(b, 2, size, func() { ScaleShift(y, x, nil, gamma[:s.c], beta[:s.c], s.n*s.hw, s.c, ActReLU) })
		})
		b.Run("biasgrad/"+s.name, func(b *testing.B) {
			rate(b, 1, size, func() { BiasGrad(beta[:s.c], x, s.n*s.hw, s.c) })
		})
		b.Run("tanh/"+s.name, func(b *testing.B) { rate(b, 2, size, func() { Activate(y, x, ActTanh) }) })
		b.Run("add/"+s.name, func(b *testing.B) { rate(b, 3, size, func() { Add(y, x, z) }) })
		b.Run("adam/"+s.name, func(b *testing.B) {
			w := Aligned(size)
			rate(b, 7, size, func() { Adam(w, y, z, x, 1e-3, 0.9, 0.999, 1e-8, 3) })
		})
	}
	x, y, idx := Aligned(65536*64), Aligned(65536*64), make([]int32, 16384*64)
	b.Run("maxpool/256x256x64", func(b *testing.B) { rate(b, 1, len(x), func() { MaxPool(y, nil, x, 1, 256, 256, 64, 2, 2) }) })
	b.Run("maxpoolindex/256x256x64", func(b *testing.B) { rate(b, 1, len(x), func() { MaxPool(y, idx, x, 1, 256, 256, 64, 2, 2) }) })
	b.Run("maxpoolgrad/256x256x64", func(b *testing.B) { rate(b, 1, len(x), func() { MaxPoolGrad(x, y, idx, 1, 256, 256, 64, 2, 2) }) })
	b.Run("nearest/128x128x64", func(b *testing.B) { rate(b, 1, len(x), func() { ResizeNearest(y, x, 1, 128, 128, 64, 2) }) })
	b.Run("bilinear/128x128x64", func(b *testing.B) { rate(b, 1, len(x), func() { ResizeBilinear(y, x, 1, 128, 128, 64, 256, 256) }) })
}
