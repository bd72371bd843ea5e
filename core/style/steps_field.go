package style

import "math"

// A field is what a survey found at every point of the reduced picture: n numbers
// a point, (h,w,n). Windows read it interpolated with Catmull-Rom splines, which
// give the numbers back unchanged where the sizes are the same; beyond the border
// it goes on as at the border.
type field struct {
	w, h, n int
	v       []float32
}

func newField(w, h, n int) *field { return &field{w, h, n, make([]float32, w*h*n)} }

// fieldOf joins planes of w x h points to a field.
func fieldOf(w, h int, planes ...[]float32) *field {
	f := newField(w, h, len(planes))
	eachRow(h, func(y int) {
		for k, p := range planes {
			for x := y * w; x < (y+1)*w; x++ {
				f.v[x*f.n+k] = p[x]
			}
		}
	})
	return f
}

// spline are the four weights at t in [0,1) between the second and the third
// point (Keys 1981, a = -1/2).
func spline(t float32) [4]float32 {
	return [4]float32{
		((-.5*t+1)*t - .5) * t,
		(1.5*t-2.5)*t*t + 1,
		((-1.5*t+2)*t + .5) * t,
		(.5*t - .5) * t * t,
	}
}

// knot is where a pixel's middle falls among n points for size pixels.
func knot(i, size, n int) (first int, weights [4]float32) {
	s := (float64(i)+.5)*float64(n)/float64(size) - .5
	f := math.Floor(s)
	return int(f) - 1, spline(float32(s - f))
}

// eachRow calls use for every row of the window with the field's numbers for the
// row's pixels, n a pixel; rows in parallel. use must not keep or change them.
func (f *field) eachRow(w *Window, use func(y int, numbers []float32)) {
	width, n := w.Pic.W, f.n
	if f.w == w.W && f.h == w.H {
		eachRow(w.Pic.H, func(y int) {
			use(y, f.v[((w.Y+y)*f.w+w.X)*n:][:width*n])
		})
		return
	}
	first, weights := make([]int, width), make([][4]float32, width)
	for x := range width {
		first[x], weights[x] = knot(w.X+x, w.W, f.w)
	}
	lo, hi := first[0], first[width-1]+4
	for x := range first {
		first[x] = (first[x] - lo) * n
	}
	eachChunk(w.Pic.H, func(y0, y1 int) {
		line, out := make([]float32, (hi-lo)*n), make([]float32, width*n)
		for y := y0; y < y1; y++ {
			top, wy := knot(w.Y+y, w.H, f.h)
			var rows [4][]float32
			for k := range rows {
				rows[k] = f.v[min(max(top+k, 0), f.h-1)*f.w*n:][:f.w*n]
			}
			a, b := max(lo, 0)*n, min(hi, f.w)*n
			r0, r1, r2, r3 := rows[0][a:b], rows[1][a:b], rows[2][a:b], rows[3][a:b]
			mid := line[a-lo*n:][:b-a]
			for i := range mid {
				mid[i] = wy[0]*r0[i] + wy[1]*r1[i] + wy[2]*r2[i] + wy[3]*r3[i]
			}
			for i := lo; i < 0; i++ {
				copy(line[(i-lo)*n:][:n], mid[:n])
			}
			for i := f.w; i < hi; i++ {
				copy(line[(i-lo)*n:][:n], mid[len(mid)-n:])
			}
			f.across(out, line, first, weights)
			use(y, out)
		}
	})
}

// across interpolates along one line.
func (f *field) across(out, line []float32, first []int, weights [][4]float32) {
	n := f.n
	if n == 1 {
		for x, i := range first {
			s, k := line[i:i+4:i+4], &weights[x]
			out[x] = k[0]*s[0] + k[1]*s[1] + k[2]*s[2] + k[3]*s[3]
		}
		return
	}
	for x, i := range first {
		s, k := line[i:i+4*n:i+4*n], &weights[x]
		o := out[x*n:][:n]
		for c := range o {
			o[c] = k[0]*s[c] + k[1]*s[n+c] + k[2]*s[2*n+c] + k[3]*s[3*n+c]
		}
	}
}

// at writes the field's numbers at (u,v), in parts of its width and height, to
// out, interpolated linearly.
func (f *field) at(u, v float64, out []float32) {
	x, y := u*float64(f.w)-.5, v*float64(f.h)-.5
	x, y = min(max(x, 0), float64(f.w-1)), min(max(y, 0), float64(f.h-1))
	i, j := int(x), int(y)
	p, q := float32(x-float64(i)), float32(y-float64(j))
	i1, j1 := min(i+1, f.w-1), min(j+1, f.h-1)
	n := f.n
	a, b := f.v[(j*f.w+i)*n:], f.v[(j*f.w+i1)*n:]
	c, d := f.v[(j1*f.w+i)*n:], f.v[(j1*f.w+i1)*n:]
	for k := range out {
		top, low := a[k]+p*(b[k]-a[k]), c[k]+p*(d[k]-c[k])
		out[k] = top + q*(low-top)
	}
}
