package picture

import (
	"fmt"
	"math"
)

// Resize works on sRGB-encoded values, as the data the networks are trained on
// is made, and separably: each axis has its own filter.
//
//   - Shrinking to half or less: exact area averages. An output pixel is the
//     mean of the input it covers, fractions included, so the mean of the
//     picture is kept and nothing rings.
//   - Otherwise Catmull-Rom (Keys 1981, a=-1/2), widened by the factor when
//     shrinking so that it does not alias; overshoot is clamped to [0,1].
//
// Beyond the edge the picture is mirrored. Where there is alpha, colours are
// weighted by it, so what is transparent does not bleed.

// axis holds for each output index the first input index and the weights.
type axis struct {
	start  []int
	weight [][]float32
}

// axisWeights computes the filter of an axis from n to m samples.
func axisWeights(n, m int) axis {
	a := axis{make([]int, m), make([][]float32, m)}
	scale := float64(n) / float64(m)
	for i := range m {
		var lo, hi int // input samples, may lie outside
		var f func(j int) float64
		if scale >= 2 {
			from, to := float64(i)*scale, float64(i+1)*scale
			lo, hi = int(math.Floor(from+1e-9)), min(int(math.Ceil(to-1e-9)), n)
			f = func(j int) float64 { return min(to, float64(j+1)) - max(from, float64(j)) }
		} else {
			wide := max(scale, 1)
			centre := (float64(i)+0.5)*scale - 0.5
			lo, hi = int(math.Ceil(centre-2*wide)), int(math.Floor(centre+2*wide))+1
			f = func(j int) float64 { return catmullRom((float64(j) - centre) / wide) }
		}
		start, end := max(lo, 0), min(hi, n)
		w := make([]float32, 0, end-start)
		folded := make([]float64, end-start)
		sum := 0.0
		for j := lo; j < hi; j++ {
			v := f(j)
			sum += v
			// On an axis shorter than the filter the fold may leave the window.
			folded[min(max(mirror(j, n)-start, 0), end-start-1)] += v
		}
		for _, v := range folded {
			w = append(w, float32(v/sum))
		}
		a.start[i], a.weight[i] = start, w
	}
	return a
}

func catmullRom(x float64) float64 {
	x = math.Abs(x)
	switch {
	case x < 1:
		return (1.5*x-2.5)*x*x + 1
	case x < 2:
		return ((-0.5*x+2.5)*x-4)*x + 2
	}
	return 0
}

// Resize returns the picture at w by h pixels, stretching it if the
// proportions differ. It errs on an empty picture, on a size below one pixel
// and on more than 150 megapixels.
func (p *Picture) Resize(w, h int) (*Picture, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := resizable(w, h, maxPicturePixels); err != nil {
		return nil, err
	}
	if w == p.W && h == p.H {
		return p.Clone(), nil
	}
	n := 3
	if p.Alpha != nil {
		n = 4
	}
	q := straight(resizePlane(premultiplied(p), p.W, p.H, w, h, n), w, h, n)
	q.Meta = p.Meta
	return q, nil
}

// premultiplied returns the pixels as (H,W,3), or with alpha as (H,W,4) with
// the colours multiplied by it.
func premultiplied(p *Picture) []float32 {
	if p.Alpha == nil {
		return p.Pix
	}
	pre := make([]float32, 4*p.W*p.H)
	for i, a := range p.Alpha {
		for c := range 3 {
			pre[4*i+c] = p.Pix[3*i+c] * a
		}
		pre[4*i+3] = a
	}
	return pre
}

// straight is the inverse of premultiplied for n values a pixel; it may keep v.
func straight(v []float32, w, h, n int) *Picture {
	q := &Picture{W: w, H: h, Pix: v}
	if n == 4 {
		q.Pix, q.Alpha = make([]float32, 3*w*h), make([]float32, w*h)
		for i := range q.Alpha {
			q.Alpha[i] = v[4*i+3]
			if q.Alpha[i] > 1e-6 {
				for c := range 3 {
					q.Pix[3*i+c] = v[4*i+c] / q.Alpha[i]
				}
			}
		}
	}
	return q.Clamp()
}

// resizePlane resizes (sh,sw,n) to (dh,dw,n).
func resizePlane(src []float32, sw, sh, dw, dh, n int) []float32 {
	mid := src
	if dw != sw {
		ax := axisWeights(sw, dw)
		mid = make([]float32, sh*dw*n)
		rows(sh, dw*n*len(ax.weight[dw/2]), func(lo, hi int) {
			for y := lo; y < hi; y++ {
				across(mid[y*dw*n:(y+1)*dw*n], src[y*sw*n:(y+1)*sw*n], ax, n)
			}
		})
	}
	if dh == sh {
		return mid
	}
	ay := axisWeights(sh, dh)
	dst := make([]float32, dh*dw*n)
	rows(dh, dw*n*len(ay.weight[dh/2]), func(lo, hi int) {
		for y := lo; y < hi; y++ {
			out := dst[y*dw*n : (y+1)*dw*n]
			for k, wt := range ay.weight[y] {
				in := mid[(ay.start[y]+k)*dw*n:][:len(out)]
				for i := range out {
					out[i] += wt * in[i]
				}
			}
		}
	})
	return dst
}

// across filters one row.
func across(out, in []float32, ax axis, n int) {
	for x, wts := range ax.weight {
		s := in[ax.start[x]*n:]
		var r, g, b, a float32
		if n == 3 {
			for k, wt := range wts {
				v := s[3*k : 3*k+3 : 3*k+3]
				r += wt * v[0]
				g += wt * v[1]
				b += wt * v[2]
			}
			out[3*x], out[3*x+1], out[3*x+2] = r, g, b
			continue
		}
		for k, wt := range wts {
			v := s[4*k : 4*k+4 : 4*k+4]
			r += wt * v[0]
			g += wt * v[1]
			b += wt * v[2]
			a += wt * v[3]
		}
		out[4*x], out[4*x+1], out[4*x+2], out[4*x+3] = r, g, b, a
	}
}

// Fit returns the picture shrunk to lie inside w by h, in its proportions. A
// picture that already fits is returned as it is.
func (p *Picture) Fit(w, h int) (*Picture, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if w <= 0 || h <= 0 {
		return nil, fmt.Errorf("fit: cannot fit into %dx%d pixels: give a width and a height of at least 1", w, h)
	}
	if p.W <= w && p.H <= h {
		return p, nil
	}
	s := min(float64(w)/float64(p.W), float64(h)/float64(p.H))
	return p.Resize(min(w, max(1, int(float64(p.W)*s+0.5))), min(h, max(1, int(float64(p.H)*s+0.5))))
}

// Thumb returns the middle square at side by side pixels.
func (p *Picture) Thumb(side int) (*Picture, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	return p.CropSquare().Resize(side, side)
}
