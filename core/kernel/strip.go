package kernel

// source is the input of a correlation: n pictures of h x w x c.
type source struct {
	x       []float32
	h, w, c int
	up      int // virtual nearest enlargement
	border  border
}

// strip copies the block of rows [i0,i0+rows) and columns [j0,j0+cols) of
// picture b, continued beyond the border, into dst; pix is the distance of two
// pixels there, at least c.
func (s *source) strip(dst []float32, b, i0, rows, j0, cols, pix int) {
	for r := range rows {
		s.stripRow(dst[r*cols*pix:][:cols*pix], b, i0+r, j0, cols, pix)
	}
}

func (s *source) stripRow(dst []float32, b, i, j0, cols, pix int) {
	si := s.border.index(i, s.h*s.up)
	if si < 0 {
		clear(dst)
		return
	}
	row := s.x[(b*s.h+si/s.up)*s.w*s.c:][:s.w*s.c]
	w, c := s.w*s.up, s.c
	for j := 0; j < cols; {
		x := j0 + j
		if x >= 0 && x < w && s.up == 1 && pix == c { // the inside in one piece
			n := min(w-x, cols-j)
			copy(dst[j*c:], row[x*c:(x+n)*c])
			j += n
			continue
		}
		d := dst[j*pix:][:c]
		if sx := s.border.index(x, w); sx >= 0 {
			copy(d, row[sx/s.up*c:][:c])
		} else {
			clear(d)
		}
		j++
	}
}

// pixelStride is the distance of two pixels in a strip that the tile kernel
// walks with the given stride. Rows of a tile that lie a multiple of 1 KiB
// apart would share few sets of the first-level cache.
func pixelStride(c, stride int) int {
	if c*stride*4%1024 == 0 {
		return c + lineFloats
	}
	return c
}
