package picture

import (
	"fmt"
	"math"
)

// Weights of BT.601 luma, on sRGB-encoded values as JPEG uses them.
const lumaR, lumaG, lumaB = 0.299, 0.587, 0.114

func luma(r, g, b float32) float32 { return lumaR*r + lumaG*g + lumaB*b }

// Luma returns the BT.601 luma of each pixel, (H,W) in [0,1].
func (p *Picture) Luma() []float32 {
	y := make([]float32, p.W*p.H)
	for i := range y {
		y[i] = luma(p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2])
	}
	return y
}

// Chroma returns the colour differences Cb = (B-Y)/1.772 and Cr = (R-Y)/1.402
// of each pixel, (H,W) each in [-0.5,0.5].
func (p *Picture) Chroma() (cb, cr []float32) {
	cb, cr = make([]float32, p.W*p.H), make([]float32, p.W*p.H)
	for i := range cb {
		r, g, b := p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2]
		y := luma(r, g, b)
		cb[i], cr[i] = (b-y)/1.772, (r-y)/1.402
	}
	return cb, cr
}

// Grey returns the picture in shades of grey of the same luma.
func (p *Picture) Grey() *Picture {
	q := p.Clone()
	for i, y := range p.Luma() {
		q.Pix[3*i], q.Pix[3*i+1], q.Pix[3*i+2] = y, y, y
	}
	return q
}

// KeepColours returns a picture with the luma of the painting and the colours
// of the photo. A colour too strong for its new luma is brought towards grey
// just far enough to fit, so the luma stays exact and the hue is kept. The
// photo is resized if its size differs; alpha and metadata are the painting's.
func KeepColours(painting, photo *Picture) (*Picture, error) {
	if err := painting.Check(); err != nil {
		return nil, err
	}
	if err := photo.Check(); err != nil {
		return nil, err
	}
	if photo.W != painting.W || photo.H != painting.H {
		var err error
		if photo, err = photo.Resize(painting.W, painting.H); err != nil {
			return nil, err
		}
	}
	q := painting.Clone()
	rows(q.H, 8*q.W, func(lo, hi int) {
		for i := 3 * lo * q.W; i < 3*hi*q.W; i += 3 {
			d, s := q.Pix[i:i+3], photo.Pix[i:i+3]
			y := clamp01(luma(d[0], d[1], d[2]))
			intoGamut(d, y, [3]float32{s[0], s[1], s[2]})
		}
	})
	return q, nil
}

// Blend returns a*(1-t) + b*t: exactly a at t=0 and exactly b at t=1. Sizes
// must agree. Metadata is a's.
func Blend(a, b *Picture, t float64) (*Picture, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	if err := b.Check(); err != nil {
		return nil, err
	}
	if a.W != b.W || a.H != b.H {
		return nil, fmt.Errorf("blend: sizes differ (%dx%d and %dx%d): resize one first", a.W, a.H, b.W, b.H)
	}
	if math.IsNaN(t) || math.IsInf(t, 0) {
		return nil, fmt.Errorf("blend: the share is %v: give a number from 0 to 1", t)
	}
	q := a.Clone()
	u, v := float32(1-t), float32(t)
	rows(q.H, 3*q.W, func(lo, hi int) {
		for i := 3 * lo * q.W; i < 3*hi*q.W; i++ {
			q.Pix[i] = a.Pix[i]*u + b.Pix[i]*v
		}
	})
	if a.Alpha == nil && b.Alpha == nil {
		return q, nil
	}
	q.Alpha = make([]float32, q.W*q.H)
	for i := range q.Alpha {
		x, y := float32(1), float32(1)
		if a.Alpha != nil {
			x = a.Alpha[i]
		}
		if b.Alpha != nil {
			y = b.Alpha[i]
		}
		q.Alpha[i] = x*u + y*v
	}
	return q, nil
}

// Clamp brings every value into [0,1] in place (NaN becomes 0) and returns p.
func (p *Picture) Clamp() *Picture {
	for i, v := range p.Pix {
		p.Pix[i] = clamp01(v)
	}
	for i, v := range p.Alpha {
		p.Alpha[i] = clamp01(v)
	}
	return p
}

// ToLinear decodes one sRGB value to linear light (IEC 61966-2-1).
func ToLinear(v float32) float32 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return float32(math.Pow((float64(v)+0.055)/1.055, 2.4))
}

// FromLinear is the inverse of ToLinear.
func FromLinear(v float32) float32 {
	if v <= 0.0031308 {
		return v * 12.92
	}
	return float32(1.055*math.Pow(float64(v), 1/2.4) - 0.055)
}
