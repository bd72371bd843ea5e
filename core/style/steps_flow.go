package style

import "math"

// A flow is the direction of the contours around every point of a plane.
// Directions have no sign, so they are held as doubled angles: (cos 2θ, sin 2θ)
// times a strength, which can be blurred and interpolated.
type flow struct {
	w, h     int
	cos, sin []float32
}

// contours is the flow along the contours of a plane: the structure tensor of its
// gradients (gx, gy), blurred by sigma pixels, whose doubled angle across the
// contour is (gx²-gy², 2gxgy) and along it the negative of that. Strength is the
// square of a gradient.
func contours(l []float32, w, h int, sigma float64) *flow {
	c, s := make([]float32, w*h), make([]float32, w*h)
	eachRow(h, func(y int) {
		up, at, down := l[max(y-1, 0)*w:][:w], l[y*w:][:w], l[min(y+1, h-1)*w:][:w]
		for x := range w {
			a, b := max(x-1, 0), min(x+1, w-1)
			gx := (up[b] - up[a] + 2*(at[b]-at[a]) + down[b] - down[a]) / 8
			gy := (down[a] - up[a] + 2*(down[x]-up[x]) + down[b] - up[b]) / 8
			c[y*w+x], s[y*w+x] = gy*gy-gx*gx, -2*gx*gy
		}
	})
	return &flow{w, h, gauss(c, w, h, sigma), gauss(s, w, h, sigma)}
}

// fill gives areas without contours a direction of their own: waves of the given
// size in parts of the shorter side, of a strength that any real contour beats.
func (f *flow) fill(size, strength float64) {
	side := float64(min(f.w, f.h))
	eachRow(f.h, func(y int) {
		for x := range f.w {
			u, v := float64(x)/side/size, float64(y)/side/size
			sin, cos := math.Sincos(2 * math.Pi * wave(u, v, 30))
			i := y*f.w + x
			f.cos[i] += float32(strength * cos)
			f.sin[i] += float32(strength * sin)
		}
	})
}

// angle is the direction at pixel (x,y), and how strong it is there.
func (f *flow) angle(x, y float64) (angle, strength float64) {
	i := min(max(int(y), 0), f.h-1)*f.w + min(max(int(x), 0), f.w-1)
	c, s := float64(f.cos[i]), float64(f.sin[i])
	return math.Atan2(s, c) / 2, math.Hypot(c, s)
}

// along is the mean of a plane along the flow through each point, reach pixels
// both ways in at most 6 steps, weighted by a normal kernel: a line integral (Cabral
// and Leedom 1993) that joins what lies on one contour and wipes out what does not.
func (f *flow) along(plane []float32, reach float64) []float32 {
	w, h := f.w, f.h
	n := min(int(math.Ceil(reach)), 6)
	step := reach / float64(n)
	weight := make([]float32, n+1)
	for i := range weight {
		weight[i] = float32(math.Exp(-2 * float64(i*i) / float64(n*n)))
	}
	// Unit vectors once: the line takes many of them.
	tx, ty := make([]float32, w*h), make([]float32, w*h)
	eachRow(h, func(y int) {
		for i := y * w; i < (y+1)*w; i++ {
			// cos²θ = (1 + cos 2θ)/2
			c2, s2 := float64(f.cos[i]), float64(f.sin[i])
			r := math.Sqrt(c2*c2+s2*s2) + 1e-30
			tx[i] = float32(step * math.Sqrt(max(.5+.5*c2/r, 0)))
			ty[i] = float32(step * math.Copysign(math.Sqrt(max(.5-.5*c2/r, 0)), s2))
		}
	})
	out := make([]float32, w*h)
	eachRow(h, func(y int) {
		for x := range w {
			here := y*w + x
			sum, total := plane[here], float32(1)
			for _, sign := range [2]float32{1, -1} {
				px, py := float32(x)+.5, float32(y)+.5
				dx, dy := sign*tx[here], sign*ty[here]
				for k := 1; k <= n; k++ {
					px, py = px+dx, py+dy
					if px < 0 || py < 0 || px >= float32(w) || py >= float32(h) {
						break
					}
					i := int(py)*w + int(px)
					sum += weight[k] * plane[i]
					total += weight[k]
					nx, ny := tx[i], ty[i]
					if nx*dx+ny*dy < 0 {
						nx, ny = -nx, -ny
					}
					dx, dy = nx, ny
				}
			}
			out[here] = sum / total
		}
	})
	return out
}

// wave is smooth noise in [-1,1]: lattice values joined by t²(3-2t), which makes
// hills of size 1.
func wave(x, y float64, layer int) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx), int(fy)
	u, v := x-fx, y-fy
	u, v = u*u*(3-2*u), v*v*(3-2*v)
	a, b := float64(lattice(i, j, layer)), float64(lattice(i+1, j, layer))
	c, d := float64(lattice(i, j+1, layer)), float64(lattice(i+1, j+1, layer))
	top, low := a+u*(b-a), c+u*(d-c)
	return top + v*(low-top)
}
