package kernel

import "math"

// The inner loops in portable Go, for machines without the assembly. Each has the arithmetic
// of its assembly twin, sums in float32 included.

func maxGo(y, a, b []float32) {
	for i := range y {
		v := a[i]
		if b[i] > v {
			v = b[i]
		}
		y[i] = v
	}
}

func maxIndexGo(y []float32, idx []int32, x []float32, base int) {
	for i := range y {
		if x[i] > y[i] {
			y[i], idx[i] = x[i], int32(base+i)
		}
	}
}

func lerpGo(y, a, b []float32, t float32) {
	for i := range y {
		y[i] = a[i] + t*(b[i]-a[i])
	}
}

func adamGo(w, m, v, g []float32, rate, r1, r2, unbias, eps float32) {
	for i, d := range g {
		m[i] += r1 * (d - m[i])
		v[i] += r2 * (d*d - v[i])
		w[i] -= rate * m[i] / (float32(math.Sqrt(float64(v[i])))*unbias + eps)
	}
}

func slopeGo(y, x []float32, slope float32) {
	for i, v := range x {
		if v < 0 {
			v *= slope
		}
		y[i] = v
	}
}

func slopeGradGo(dx, y, dy []float32, slope float32) {
	for i, d := range dy {
		if !(y[i] > 0) {
			d *= slope
		}
		dx[i] = d
	}
}

func tanhGo(y, x []float32) {
	for i, v := range x {
		y[i] = tanhOne(v)
	}
}

func sigmoidGo(y, x []float32) {
	for i, v := range x {
		y[i] = 1 / (1 + expOne(-v))
	}
}

// tanhOne is the quotient of an odd polynomial of degree 13 and an even one of degree 6, on
// [-8,8] where tanh leaves ±1 in float32; the coefficients are those of Eigen (Guennebaud et
// al., generic_fast_tanh_float), good to a few units in the last place.
func tanhOne(x float32) float32 {
	x = max(-7.99881172180175781, min(x, 7.99881172180175781))
	s := x * x
	p := float32(-2.76076847742355e-16)
	for _, c := range [...]float32{2.00018790482477e-13, -8.60467152213735e-11, 5.12229709037114e-08,
		1.48572235717979e-05, 6.37261928875436e-04, 4.89352455891786e-03} {
		p = p*s + c
	}
	q := ((float32(1.19825839466702e-06)*s+1.18534705686654e-04)*s+2.26843463243900e-03)*s + 4.89352518554385e-03
	return x * p / q
}

// expOne is exp on [-87,88], clipped outside: x = n·ln2 + r with |r| <= ln2/2, exp(r) by a
// polynomial of degree 7, times 2^n by adding n to the exponent. Moshier, Cephes, expf.
func expOne(x float32) float32 {
	x = max(-87, min(x, 88))
	const roundBias = 12582912 // 1.5·2^23: adding it leaves the nearest integer in the low bits
	t := x*1.44269504088896341 + roundBias
	n := t - roundBias
	r := (x - n*0.693359375) + n*2.12194440e-4
	p := float32(1.9875691500e-4)
	for _, c := range [...]float32{1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 0.5} {
		p = p*r + c
	}
	return math.Float32frombits(math.Float32bits(p*r*r+r+1) + math.Float32bits(t)<<23)
}

func rowsColumnSumsGo(acc, x []float32, rows, w int) {
	for i := range rows {
		for j, v := range x[i*w:][:w] {
			acc[j] += v
		}
	}
}

func rowsMomentsGo(sum, squares, x, shift []float32, rows, w int) {
	for i := range rows {
		for j, v := range x[i*w:][:w] {
			d := v - shift[j]
			sum[j] += d
			squares[j] += d * d
		}
	}
}

func rowsGradSumsGo(sum, dot, dy, x, mean []float32, rows, w int) {
	for i := range rows {
		for j, v := range x[i*w:][:w] {
			d := dy[i*w+j]
			sum[j] += d
			dot[j] += d * (v - mean[j])
		}
	}
}

func rowsGradApplyGo(dx, dy, x, a, b, c []float32, rows, w int) {
	for i := range rows {
		for j, v := range x[i*w:][:w] {
			dx[i*w+j] = a[j]*dy[i*w+j] + (b[j]*v + c[j])
		}
	}
}

func rowsAffineGo(y, x, res, scale, shift []float32, slope float32, rows, w int) {
	for i := range rows {
		for j, v := range x[i*w:][:w] {
			if v = v*scale[j] + shift[j]; v < 0 {
				v *= slope
			}
			if res != nil {
				v += res[i*w+j]
			}
			y[i*w+j] = v
		}
	}
}
