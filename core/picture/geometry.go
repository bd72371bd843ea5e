package picture

import (
	"fmt"
	"math"
)

// remap returns a w by h picture whose pixel (x,y) is p's pixel number from(x,y).
func (p *Picture) remap(w, h int, from func(x, y int) int) *Picture {
	q := &Picture{Meta: p.Meta}
	p.remapInto(q, w, h, from)
	return q
}

// remapInto is remap into the memory of q.
func (p *Picture) remapInto(q *Picture, w, h int, from func(x, y int) int) {
	q.resize(w, h, p.Alpha != nil)
	rows(h, w, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range w {
				s, d := from(x, y), y*w+x
				copy(q.Pix[3*d:3*d+3], p.Pix[3*s:3*s+3])
				if p.Alpha != nil {
					q.Alpha[d] = p.Alpha[s]
				}
			}
		}
	})
}

// FlipH mirrors left and right.
func (p *Picture) FlipH() *Picture {
	return p.remap(p.W, p.H, func(x, y int) int { return y*p.W + p.W - 1 - x })
}

// FlipV mirrors top and bottom.
func (p *Picture) FlipV() *Picture {
	return p.remap(p.W, p.H, func(x, y int) int { return (p.H-1-y)*p.W + x })
}

// Crop returns the w by h part whose upper left corner is at (x,y). The part
// must lie inside the picture.
func (p *Picture) Crop(x, y, w, h int) (*Picture, error) {
	if x < 0 || y < 0 || w <= 0 || h <= 0 || w > p.W-x || h > p.H-y {
		return nil, fmt.Errorf("crop: %dx%d at (%d,%d) is not inside a picture of %dx%d: choose a smaller part", w, h, x, y, p.W, p.H)
	}
	return p.remap(w, h, func(dx, dy int) int { return (y+dy)*p.W + x + dx }), nil
}

// CropSquare returns the largest square from the middle.
func (p *Picture) CropSquare() *Picture {
	s := min(p.W, p.H)
	x, y := (p.W-s)/2, (p.H-s)/2
	return p.remap(s, s, func(dx, dy int) int { return (y+dy)*p.W + x + dx })
}

// Rotate turns the picture about its middle by an angle in radians, clockwise
// as seen, keeping its size. Values are interpolated bilinearly; corners that
// come from outside are filled with the mirrored picture. It is meant for the
// small angles of augmentation.
func (p *Picture) Rotate(angle float64) *Picture {
	q := New(p.W, p.H)
	q.Meta = p.Meta
	if p.Alpha != nil {
		q.Alpha = make([]float32, p.W*p.H)
	}
	sin, cos := math.Sincos(angle)
	cx, cy := float64(p.W-1)/2, float64(p.H-1)/2
	rows(p.H, 8*p.W, func(lo, hi int) {
		for y := lo; y < hi; y++ {
			for x := range p.W {
				dx, dy := float64(x)-cx, float64(y)-cy
				sx, sy := cos*dx+sin*dy+cx, -sin*dx+cos*dy+cy
				fx, fy := math.Floor(sx), math.Floor(sy)
				tx, ty := float32(sx-fx), float32(sy-fy)
				x0, x1 := mirror(int(fx), p.W), mirror(int(fx)+1, p.W)
				y0, y1 := mirror(int(fy), p.H)*p.W, mirror(int(fy)+1, p.H)*p.W
				mix := func(v []float32, n, c int) float32 {
					top := v[n*(y0+x0)+c]*(1-tx) + v[n*(y0+x1)+c]*tx
					low := v[n*(y1+x0)+c]*(1-tx) + v[n*(y1+x1)+c]*tx
					return top*(1-ty) + low*ty
				}
				d := y*p.W + x
				for c := range 3 {
					q.Pix[3*d+c] = mix(p.Pix, 3, c)
				}
				if q.Alpha != nil {
					q.Alpha[d] = mix(p.Alpha, 1, 0)
				}
			}
		}
	})
	return q
}

// mirror folds an index into [0,n): ... 1 0 | 0 1 2 ... n-1 | n-1 n-2 ...
func mirror(i, n int) int {
	i %= 2 * n
	if i < 0 {
		i += 2 * n
	}
	if i >= n {
		i = 2*n - 1 - i
	}
	return i
}
