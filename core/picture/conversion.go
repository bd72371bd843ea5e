package picture

import (
	"errors"
	"math"
	"sync"
)

// conversion brings the colours of one profile to sRGB, media-relative and
// colorimetric: white stays white, and a colour that sRGB does not have is cut
// at the edge, each channel on its own, in linear light.
type conversion struct {
	grey   bool
	curves [3][]float32 // curveSteps+1 values of linear light
	matrix [9]float32   // linear sRGB from linear values
}

const (
	curveSteps  = 4096  // of curves to linear light, read linearly between
	encodeSteps = 16384 // of the sRGB curve, which is steep near black
)

// srgbD50 is XYZ under D50 from linear sRGB: the primaries and white of IEC
// 61966-2-1 adapted from D65 (0.3127,0.3290) to the white of profiles (0.9642,
// 1, 0.8249) by the linearised Bradford method.
var srgbD50 = [9]float64{
	0.4360413, 0.3851129, 0.1430458,
	0.2224845, 0.7169051, 0.0606104,
	0.0139202, 0.0970672, 0.7139126,
}

var encodeTable = sync.OnceValue(func() []float32 {
	t := make([]float32, encodeSteps+1)
	for i := range t {
		t[i] = FromLinear(float32(i) / encodeSteps)
	}
	return t
})

// newConversion returns nil for a profile that is sRGB within a step of 8 bits.
func newConversion(p *profile) (*conversion, error) {
	c := &conversion{grey: p.grey}
	for i, f := range p.curves {
		if f == nil {
			break
		}
		c.curves[i] = make([]float32, curveSteps+1)
		for j := range c.curves[i] {
			v := f(float64(j) / curveSteps)
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, errors.New("a curve of it leaves the numbers")
			}
			c.curves[i][j] = clamp01(float32(v))
		}
	}
	if !p.grey {
		inverse, ok := invert3(srgbD50)
		_, sound := invert3(p.matrix)
		if !ok || !sound {
			return nil, errors.New("its primaries span no space")
		}
		for i, v := range product3(inverse, p.matrix) {
			c.matrix[i] = float32(v)
		}
	}
	if c.identity() {
		return nil, nil
	}
	return c, nil
}

// identity tries a grid of colours.
func (c *conversion) identity() bool {
	const n = 17
	p := New(n*n, n)
	if c.grey {
		p = New(256, 1)
	}
	for i := range p.W * p.H {
		v := [3]float32{float32(i%n) / (n - 1), float32(i/n%n) / (n - 1), float32(i/n/n) / (n - 1)}
		if c.grey {
			v = [3]float32{float8[i], float8[i], float8[i]}
		}
		copy(p.Pix[3*i:], v[:])
	}
	q := p.Clone()
	c.convert(q)
	for i, v := range q.Pix {
		if math.Abs(float64(v-p.Pix[i])) > 1./255 {
			return false
		}
	}
	return true
}

// convert changes p in place; values must be in [0,1]. A nil conversion does
// nothing.
func (c *conversion) convert(p *Picture) {
	if c == nil {
		return
	}
	encode := encodeTable()
	rows(p.H, 16*p.W, func(lo, hi int) {
		m := c.matrix
		for i := 3 * lo * p.W; i < 3*hi*p.W; i += 3 {
			d := p.Pix[i : i+3 : i+3]
			if c.grey {
				for k, v := range d {
					d[k] = interpolate(encode, interpolate(c.curves[0], v))
				}
				continue
			}
			r, g, b := interpolate(c.curves[0], d[0]), interpolate(c.curves[1], d[1]), interpolate(c.curves[2], d[2])
			d[0] = interpolate(encode, m[0]*r+m[1]*g+m[2]*b)
			d[1] = interpolate(encode, m[3]*r+m[4]*g+m[5]*b)
			d[2] = interpolate(encode, m[6]*r+m[7]*g+m[8]*b)
		}
	})
}

// interpolate reads a table over [0,1] at v.
func interpolate(t []float32, v float32) float32 {
	at := clamp01(v) * float32(len(t)-1)
	i := min(int(at), len(t)-2)
	return t[i] + (at-float32(i))*(t[i+1]-t[i])
}

// invert3 inverts a 3x3 matrix by its adjugate; ok is false if it is singular
// or not finite.
func invert3(m [9]float64) (inv [9]float64, ok bool) {
	for i := range 3 {
		for j := range 3 {
			a, b, c, d := (j+1)%3, (j+2)%3, (i+1)%3, (i+2)%3
			inv[3*i+j] = m[3*a+c]*m[3*b+d] - m[3*a+d]*m[3*b+c]
		}
	}
	det := m[0]*inv[0] + m[1]*inv[3] + m[2]*inv[6]
	if !(math.Abs(det) > 1e-6) || math.IsInf(det, 0) {
		return inv, false
	}
	for i := range inv {
		inv[i] /= det
	}
	return inv, true
}
