package autodiff

import (
	"errors"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// Weave measures the regular pattern that a network with strides prints into
// pictures (N,H,W,C), the "checkerboard" of Odena, Dumoulin and Olah (2016). In
// each window of the given side, the pixels of one phase (x mod period, y mod
// period) are averaged. Strokes of a picture fall on all phases alike; what the
// network's grid adds does not. The loss is the mean square of what remains of the
// period x period averages without their mean and slopes, which a slow gradient
// of the picture gives them. side is a multiple of period; pixels beyond the last
// whole window do not count.
func (t *Tape) Weave(x *gorgonia.Node, period, side int) *gorgonia.Node {
	s := t.shapeOf("weave", x)
	if t.err == nil && (period < 2 || side%period != 0 || s[1] < side || s[2] < side) {
		t.fail("weave: period %d, windows of %d, pictures of %dx%d: the window must fit and be a multiple of the period", period, side, s[1], s[2])
	}
	if t.err != nil {
		return nil
	}
	n, h, w, c := s[0], s[1], s[2], s[3]
	wh, ww, pp := h/side, w/side, period*period
	windows := n * wh * ww
	cells := float32(side / period * (side / period))
	// fold gives the averages of a window (period,period,c) without mean and slopes.
	fold := func(f, x []float32, win int) {
		clear(f)
		x0, y0, i := win%ww*side, win/ww%wh*side, win/(ww*wh)
		for y := range side {
			row := x[((i*h+y0+y)*w+x0)*c:][:side*c]
			to := f[y%period*period*c:][:period*c]
			for k := 0; k < len(row); k += len(to) {
				axpy(to, row[k:k+len(to)], 1/cells)
			}
		}
		flatten(f, period, c)
	}
	value := make([]float64, windows)
	var folded []float32 // on a device
	all := 1 / float32(windows*pp*c)
	on := lossOn{
		func(s device.Session, y []float32, x [][]float32) error {
			if folded == nil {
				folded = make([]float32, windows*pp*c)
			}
			return errors.Join(s.WeaveFold(folded, x[0], n, h, w, c, period, side),
				s.Reduce(y, folded, nil, nil, len(folded), device.ReduceSumSquares, 0, all))
		},
		func(s device.Session, _ int, dx []float32, _ [][]float32, dy []float32) error {
			return s.WeaveSpread(dx, folded, dy, n, h, w, c, period, side, 2*all/cells)
		},
	}
	return t.acceleratedLoss("weave", 1,
		func(x [][]float32) (sum float64) {
			kernel.Parallel(windows, 4, func(_, lo, hi int) {
				f := make([]float32, pp*c)
				for k := lo; k < hi; k++ {
					fold(f, x[0], k)
					value[k] = 0
					for _, v := range f {
						value[k] += float64(v) * float64(v)
					}
				}
			})
			for _, v := range value {
				sum += v
			}
			return sum / float64(windows*pp*c)
		},
		func(_ int, dx []float32, x [][]float32, dy float32) {
			clear(dx)
			by := 2 * dy / (cells * float32(windows*pp*c))
			kernel.Parallel(windows, 4, func(_, lo, hi int) {
				f := make([]float32, pp*c)
				for k := lo; k < hi; k++ {
					fold(f, x[0], k)
					x0, y0, i := k%ww*side, k/ww%wh*side, k/(ww*wh)
					for y := range side {
						row := dx[((i*h+y0+y)*w+x0)*c:][:side*c]
						from := f[y%period*period*c:][:period*c]
						for j := 0; j < len(row); j += len(from) {
							axpy(row[j:j+len(from)], from, by)
						}
					}
				}
			})
		}, on, x)
}

// flatten takes mean and slopes out of f (p,p,c): a projection, so that the
// gradient of |flatten f|²/2 is flatten f itself.
func flatten(f []float32, p, c int) {
	mid := float32(p-1) / 2
	var square float32
	for i := range p {
		square += (float32(i) - mid) * (float32(i) - mid)
	}
	square *= float32(p)
	for k := range c {
		var mean, sx, sy float32
		for y := range p {
			for x := range p {
				v := f[(y*p+x)*c+k]
				mean += v
				sx += v * (float32(x) - mid)
				sy += v * (float32(y) - mid)
			}
		}
		mean, sx, sy = mean/float32(p*p), sx/square, sy/square
		for y := range p {
			for x := range p {
				f[(y*p+x)*c+k] -= mean + sx*(float32(x)-mid) + sy*(float32(y)-mid)
			}
		}
	}
}
