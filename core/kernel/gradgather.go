package kernel

// tilePitch is the room for one tile's channels of one pixel.
const tilePitch = lineFloats

// gatherX copies a strip of the input in the part's tiles of channels.
func (g *gradWeights) gatherX(dst []float32, pic, i0, rows, cols, tileLen int, r part) {
	s, ph := &g.x, g.ph
	for row := range rows {
		si := s.border.index(i0+row, s.h*s.up)
		for j := range cols {
			d := dst[(row*cols+j)*tilePitch:]
			sj := s.border.index(ph.x0+j, s.w*s.up)
			if si < 0 || sj < 0 {
				for tile := range r.t1 - r.t0 {
					*(*[tilePitch]float32)(d[tile*tileLen:]) = [tilePitch]float32{}
				}
				continue
			}
			px := s.x[((pic*s.h+si/s.up)*s.w+sj/s.up)*s.c:]
			for tile := range r.t1 - r.t0 {
				from := g.ci * (r.t0 + tile) / g.tiles
				if len(px) >= from+tilePitch {
					*(*[tilePitch]float32)(d[tile*tileLen:]) = *(*[tilePitch]float32)(px[from:])
				} else {
					copy(d[tile*tileLen:][:tilePitch], px[from:])
				}
			}
		}
	}
}

// gatherDY copies one row of the output's gradient in the part's panels.
func (g *gradWeights) gatherDY(dst []float32, pic, i, panelLen int, r part) {
	s, ph, width := &g.dy, g.ph, g.m.width
	si := s.border.index(g.origin+ph.oy+g.step*i, s.h*s.up)
	for j := range g.cols {
		sj := s.border.index(g.origin+ph.ox+g.step*j, s.w*s.up)
		var px []float32
		if si >= 0 && sj >= 0 {
			px = s.x[((pic*s.h+si/s.up)*s.w+sj/s.up)*s.c:][:s.c]
		}
		for panel := r.p0; panel < r.p1; panel++ {
			d := dst[(panel-r.p0)*panelLen+j*width:][:width]
			n := 0
			if px != nil {
				n = copy(d, px[panel*width:])
			}
			if n < width {
				clear(d[n:])
			}
		}
	}
}

var workerSegs [maxWorkers + maxNesting][][2]int64

func scratchSegs(worker, n int) [][2]int64 {
	if cap(workerSegs[worker]) < n {
		workerSegs[worker] = make([][2]int64, n+n/4)
	}
	return workerSegs[worker][:n]
}
