package picture

import (
	"errors"
	"math"
)

// ColourMap gives the pixels of one picture the colours of another: a linear
// map of RGB after which mean and covariance are the other's,
//
//	y = A (x - mean of x) + mean of y,   A = Sy^(1/2) Sx^(-1/2),
//
// with S the covariances and the symmetric roots of their eigenvectors, that
// is, matched in the space where the colours are not correlated (Gatys et al.
// 2016, "Preserving color in neural artistic style transfer", section 4.1, the
// variant of Hertzmann et al., "Image analogies"). It is measured once, on
// reduced pictures, and then applied to any part of the whole.
type ColourMap struct {
	a    [9]float64
	from [3]float64
	to   [3]float64
}

// colourNoise is the variance added to both sides, that of rounding to 8 bits.
// With the bound on the gain it keeps the noise of a picture of one colour from
// being blown up into colours.
const colourNoise = 1. / (12 * 255 * 255)

// maxColourGain bounds how much the map stretches any direction of colours.
const maxColourGain = 8

// NewColourMap measures the map from the colours of one picture to those of
// another; pixels count as much as they are opaque. Sizes may differ.
func NewColourMap(from, to *Picture) (*ColourMap, error) {
	m1, s1, err := colourStatistics(from)
	if err != nil {
		return nil, err
	}
	m2, s2, err := colourStatistics(to)
	if err != nil {
		return nil, err
	}
	whiten := symmetricPower(s1, func(v float64) float64 { return 1 / math.Sqrt(max(v, 0)+colourNoise) })
	colour := symmetricPower(s2, func(v float64) float64 { return math.Sqrt(max(v, 0) + colourNoise) })
	a := product3(colour, whiten)
	// The singular values of A are the roots of the eigenvalues of its square:
	// those that stretch too far are cut, the other directions stay.
	var turned [9]float64
	for i := range turned {
		turned[i] = a[i%3*3+i/3]
	}
	a = product3(a, symmetricPower(product3(turned, a), func(v float64) float64 {
		return min(1, maxColourGain/math.Sqrt(max(v, 1e-12)))
	}))
	return &ColourMap{a, m1, m2}, nil
}

func product3(a, b [9]float64) (out [9]float64) {
	for i := range out {
		for k := range 3 {
			out[i] += a[i/3*3+k] * b[3*k+i%3]
		}
	}
	return out
}

// colourStatistics is the mean and the covariance of RGB.
func colourStatistics(p *Picture) (mean [3]float64, cov [9]float64, err error) {
	if err := p.Check(); err != nil {
		return mean, cov, err
	}
	weight := 0.0
	each := func(f func(w float64, v []float32)) {
		for i := range p.W * p.H {
			w := 1.0
			if p.Alpha != nil {
				w = float64(p.Alpha[i])
			}
			if w > 0 {
				f(w, p.Pix[3*i:3*i+3])
			}
		}
	}
	each(func(w float64, v []float32) {
		weight += w
		for c, x := range v {
			mean[c] += w * float64(clamp01(x))
		}
	})
	if weight == 0 {
		return mean, cov, errors.New("colour map: every pixel is transparent: give a picture that shows something")
	}
	for c := range mean {
		mean[c] /= weight
	}
	each(func(w float64, v []float32) {
		var d [3]float64
		for c, x := range v {
			d[c] = float64(clamp01(x)) - mean[c]
		}
		for i := range cov {
			cov[i] += w * d[i/3] * d[i%3]
		}
	})
	for i := range cov {
		cov[i] /= weight
	}
	return mean, cov, nil
}

// Apply changes the colours of p, a part of the picture the map was measured
// from. Each pixel is changed on its own, so parts fit together. A colour that
// leaves [0,1] is brought towards the grey of its luma just far enough to fit:
// its hue is kept.
func (m *ColourMap) Apply(p *Picture) {
	rows(p.H, 10*p.W, func(lo, hi int) {
		for i := 3 * lo * p.W; i < 3*hi*p.W; i += 3 {
			d := p.Pix[i : i+3 : i+3]
			r, g, b := float64(clamp01(d[0]))-m.from[0], float64(clamp01(d[1]))-m.from[1], float64(clamp01(d[2]))-m.from[2]
			x := [3]float32{
				float32(m.a[0]*r + m.a[1]*g + m.a[2]*b + m.to[0]),
				float32(m.a[3]*r + m.a[4]*g + m.a[5]*b + m.to[1]),
				float32(m.a[6]*r + m.a[7]*g + m.a[8]*b + m.to[2]),
			}
			intoGamut(d, clamp01(luma(x[0], x[1], x[2])), x)
		}
	})
}

// intoGamut writes to d the colour v at luma y, its distance from grey cut
// just enough to lie in [0,1].
func intoGamut(d []float32, y float32, v [3]float32) {
	ys := luma(v[0], v[1], v[2])
	t := float32(1)
	for _, x := range v {
		switch e := x - ys; {
		case y+e > 1:
			t = min(t, (1-y)/e)
		case y+e < 0:
			t = min(t, -y/e)
		}
	}
	for c, x := range v {
		d[c] = clamp01(y + t*(x-ys))
	}
}

// symmetricPower applies f to the eigenvalues of a symmetric 3x3 matrix.
func symmetricPower(m [9]float64, f func(float64) float64) (out [9]float64) {
	vectors, values := eigen3(m)
	for i := range out {
		for k := range 3 {
			out[i] += vectors[i/3*3+k] * f(values[k]) * vectors[i%3*3+k]
		}
	}
	return out
}

// eigen3 returns the eigenvectors (columns) and eigenvalues of a symmetric 3x3
// matrix by Jacobi's rotations.
func eigen3(m [9]float64) (vectors [9]float64, values [3]float64) {
	vectors = [9]float64{0: 1, 4: 1, 8: 1}
	for range 24 {
		p, q := 0, 1
		for _, k := range [][2]int{{0, 2}, {1, 2}} {
			if math.Abs(m[3*k[0]+k[1]]) > math.Abs(m[3*p+q]) {
				p, q = k[0], k[1]
			}
		}
		off := m[3*p+q]
		if off == 0 {
			break
		}
		sin, cos := math.Sincos(0.5 * math.Atan2(2*off, m[4*q]-m[4*p]))
		for k := range 3 { // columns, then rows
			a, b := m[3*k+p], m[3*k+q]
			m[3*k+p], m[3*k+q] = cos*a-sin*b, sin*a+cos*b
			a, b = vectors[3*k+p], vectors[3*k+q]
			vectors[3*k+p], vectors[3*k+q] = cos*a-sin*b, sin*a+cos*b
		}
		for k := range 3 {
			a, b := m[3*p+k], m[3*q+k]
			m[3*p+k], m[3*q+k] = cos*a-sin*b, sin*a+cos*b
		}
	}
	return vectors, [3]float64{m[0], m[4], m[8]}
}
