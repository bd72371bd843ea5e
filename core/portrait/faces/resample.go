package faces

import "math"

// resample fills dst (side x side x 3 bytes) from src (h x w x 3, in [0,1]),
// each output pixel a weighted mean of the source around its place under m:
//
//	dst(p) = Σq k((q-m(p))/s) src(q) / Σq k((q-m(p))/s),  s = max(1, scale of m)
//
// with k the cubic convolution kernel of Keys (1981), a = -1/2, along both
// axes of the source. It keeps more of what is sharp than bilinear samples do,
// and does not alias when photographs are made smaller. Outside the photograph
// is its mirror image: a repeated edge makes streaks, which a generator learns.
func resample(dst []byte, side int, src []float32, w, h int, m affine) {
	s := max(1, math.Hypot(m[0], m[3]))
	n := int(4*s) + 2
	wx, wy := make([]float32, n), make([]float32, n)
	for y := range side {
		for x := range side {
			u, v := m.apply(float64(x)+0.5, float64(y)+0.5)
			x0, kx := keys(wx, u-0.5, s)
			y0, ky := keys(wy, v-0.5, s)
			var sum [3]float32
			for j, b := range ky {
				row := src[mirror(y0+j, h)*w*3:][:w*3]
				var line [3]float32
				if x0 >= 0 && x0+len(kx) <= w {
					part := row[x0*3:][:len(kx)*3]
					for i, a := range kx {
						q := part[i*3:][:3]
						line[0], line[1], line[2] = line[0]+a*q[0], line[1]+a*q[1], line[2]+a*q[2]
					}
				} else {
					for i, a := range kx {
						q := row[mirror(x0+i, w)*3:][:3]
						line[0], line[1], line[2] = line[0]+a*q[0], line[1]+a*q[1], line[2]+a*q[2]
					}
				}
				sum[0], sum[1], sum[2] = sum[0]+b*line[0], sum[1]+b*line[1], sum[2]+b*line[2]
			}
			for c, v := range sum {
				dst[(y*side+x)*3+c] = byte(max(0, min(1, v))*255 + 0.5)
			}
		}
	}
}

// keys writes the weights of the pixels around the place u, widened by s, which
// sum to 1. It returns the first pixel and the weights.
func keys(buf []float32, u, s float64) (int, []float32) {
	first, last := int(math.Ceil(u-2*s)), int(math.Floor(u+2*s))
	k := buf[:last-first+1]
	sum := float32(0)
	for i := range k {
		x := math.Abs(float64(first+i)-u) / s
		v := 0.0
		switch {
		case x < 1:
			v = (1.5*x-2.5)*x*x + 1
		case x < 2:
			v = ((-0.5*x+2.5)*x-4)*x + 2
		}
		k[i] = float32(v)
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	return first, k
}

// mirror leads a place outside [0,n) back in, as between two mirrors.
func mirror(i, n int) int {
	if i >= 0 && i < n {
		return i
	}
	if i = i % (2 * n); i < 0 {
		i += 2 * n
	}
	return min(i, 2*n-1-i)
}
