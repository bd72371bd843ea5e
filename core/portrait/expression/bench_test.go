package expression

import (
	"math/rand/v2"
	"testing"
)

func BenchmarkField(b *testing.B) {
	w, ok := New(meanFace(192), 192)
	if !ok {
		b.Fatal("mean face refused")
	}
	pix := make([]byte, 192*192*3)
	for b.Loop() {
		w.See(pix)
		w.Field(6, 1, rand.New(rand.NewPCG(1, 2)))
	}
}
