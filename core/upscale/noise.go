package upscale

// Noise fills dst (h,w,planes) with noise of mean 0 and variance 1 for the pixels
// from (x,y) on. A value depends on its place alone, so that tiles fit together
// and a picture is enlarged alike every time.
//
// The 32-bit mixer is that of Wellons ("lowbias32", public domain) on each
// coordinate in turn; the distribution is uniform.
func Noise(dst []float32, x, y, w, h, planes int) {
	const scale = 3.4641016151377546 / (1 << 24) // 2·√3 / 2^24: from -√3 to √3
	i := 0
	for r := range h {
		row := mix(uint32(y+r) + 0x9e3779b9)
		for c := range w {
			at := mix(row ^ uint32(x+c))
			for range planes {
				at = mix(at + 0x85ebca6b)
				dst[i] = (float32(at>>8) - (1<<23 - 0.5)) * scale
				i++
			}
		}
	}
}

func mix(x uint32) uint32 {
	x ^= x >> 16
	x *= 0x7feb352d
	x ^= x >> 15
	x *= 0x846ca68b
	return x ^ x>>16
}
