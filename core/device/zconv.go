package device

import "github.com/atelier-engine/atelier/core/kernel"

type packed struct{ w []float32 }

func packConv(c kernel.Conv, w []float32) *packed { return &packed{w} }
func forward(c kernel.Conv, y, x []float32, n, h, w int, p *packed, bias []float32, act kernel.Act) {
	kernel.ConvForwardPlain(c, y, x, n, h, w, p.w, bias, act)
}
