package faces

import (
	"math/rand/v2"
	"testing"

	"github.com/atelier-engine/atelier/core/portrait/faces/facestest"
)

// BenchmarkReadFace decodes and aligns photographs on one processor; what
// data prepare does, all processors do.
func BenchmarkReadFace(b *testing.B) {
	l, _ := read(b, Options{Dir: facestest.WriteCelebA(b, 8), Side: DefaultSide})
	pix := make([]byte, DefaultSide*DefaultSide*3)
	for i := 0; b.Loop(); i++ {
		if _, err := readFace(&l.records[i%len(l.records)], pix, DefaultSide); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "faces/s")
}

// BenchmarkBatch draws batches of 64 from a pack on one processor.
func BenchmarkBatch(b *testing.B) {
	const batch, side = 64, 128
	f, _ := prepare(b, Options{Dir: facestest.WriteAligned(b, 40)})
	s := NewSampler(f, Augment{Flip: true, Rotate: 0.07, Scale: 0.03, Shift: 0.02}, side)
	r := rand.New(rand.NewPCG(1, 1))
	buf := make([]float32, side*side*3)
	for b.Loop() {
		for range batch {
			s.Face(buf, s.Train[r.IntN(len(s.Train))], r)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "batches/s")
}
