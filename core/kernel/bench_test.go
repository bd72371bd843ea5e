package kernel

import (
	"fmt"
	"testing"
	"time"
)

// shareOfPeak runs f, which does flops operations, and the peak loop in turn,
// and reports the best of both: the machine may be shared.
func shareOfPeak(b *testing.B, flops float64, f func()) {
	if microOf(isa).peak == nil {
		b.Skip("no vector instructions")
	}
	f()
	rounds := 0
	var best, peak float64
	for b.Loop() {
		if rounds++; rounds%4 == 1 {
			peak = max(peak, peakRate(microOf(isa), 200_000))
		}
		start := time.Now()
		f()
		best = max(best, flops/time.Since(start).Seconds())
	}
	b.ReportMetric(best/1e9, "GFLOP/s")
	b.ReportMetric(peak/1e9, "peak-GFLOP/s")
	b.ReportMetric(100*best/peak, "%peak")
}

// BenchmarkConv measures the shapes of the networks that ship. Winograd counts
// as many operations as the direct way, so it may pass the peak.
func BenchmarkConv(b *testing.B) {
	cases := []struct {
		name    string
		c       Conv
		n, h, w int
	}{
		{"direct_3x3_128_128_at_64", Conv{InC: 128, OutC: 128, KH: 3, KW: 3, Stride: 1, Pad: 1, Direct: true}, 1, 64, 64},
		{"winograd_3x3_128_128_at_64", Conv{InC: 128, OutC: 128, KH: 3, KW: 3, Stride: 1, Pad: 1}, 1, 64, 64},
		{"first_9x9_3_32_at_256", Conv{InC: 3, OutC: 32, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: PadReflect}, 1, 256, 256},
		{"last_9x9_32_3_at_256", Conv{InC: 32, OutC: 3, KH: 9, KW: 9, Stride: 1, Pad: 4, PadMode: PadReflect}, 1, 256, 256},
		{"stride2_3x3_32_64_at_256", Conv{InC: 32, OutC: 64, KH: 3, KW: 3, Stride: 2, Pad: 1, PadMode: PadReflect}, 1, 256, 256},
		{"up2_3x3_128_64_at_64", Conv{InC: 128, OutC: 64, KH: 3, KW: 3, Stride: 1, Pad: 1, Up: 2, PadMode: PadReflect}, 1, 64, 64},
		{"gan_4x4s2_64_128_at_32_batch_64", Conv{InC: 64, OutC: 128, KH: 4, KW: 4, Stride: 2, Pad: 1}, 64, 32, 32},
		{"gan_4x4s2_256_512_at_8_batch_64", Conv{InC: 256, OutC: 512, KH: 4, KW: 4, Stride: 2, Pad: 1}, 64, 8, 8},
		{"gan_transposed_512_256_at_4_batch_64", Conv{InC: 512, OutC: 256, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 64, 4, 4},
		{"gan_transposed_64_3_at_32_batch_64", Conv{InC: 64, OutC: 3, KH: 4, KW: 4, Stride: 2, Pad: 1, Transposed: true}, 64, 32, 32},
		{"dense_128_8192_batch_64", Conv{InC: 128, OutC: 8192, KH: 1, KW: 1, Stride: 1}, 64, 1, 1},
	}
	was := isa
	defer func() { isa = was }()
	for i := ISAAVX2; i <= bestISA(); i++ {
		for _, c := range cases {
			isa = i
			oh, ow := c.c.OutSize(c.h, c.w)
			x, y := Aligned(c.n*c.h*c.w*c.c.InC), Aligned(c.n*oh*ow*c.c.OutC)
			w, dw := Aligned(c.c.WeightLen()), Aligned(c.c.WeightLen())
			p, pg := c.c.Pack(nil, w), c.c.PackGrad(nil, w)
			run := func(what string, f func()) {
				b.Run(fmt.Sprintf("%v/%s/%s", i, c.name, what), func(b *testing.B) {
					shareOfPeak(b, c.c.FLOPs(c.n, c.h, c.w), f)
				})
			}
			run("forward", func() { c.c.Forward(y, x, c.n, c.h, c.w, p, nil, ActNone) })
			run("data_gradient", func() { c.c.GradData(x, y, c.n, c.h, c.w, pg) })
			run("weight_gradient", func() { c.c.GradWeights(dw, x, y, c.n, c.h, c.w) })
		}
	}
}
