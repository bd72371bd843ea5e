package picture

import "fmt"

// Write puts p into the raster with its upper left corner at (x,y). Values
// outside [0,1] are brought there. Without alpha of its own p is opaque; where
// the raster has none, p's is left out.
func (r *Raster) Write(x, y int, p *Picture) error {
	if err := p.Check(); err != nil {
		return err
	}
	return r.WritePart(x, y, p, 0, 0, p.W, p.H)
}

// WritePart is Write for the part of w by h pixels of p whose upper left corner
// is at (left,top) of it.
func (r *Raster) WritePart(x, y int, p *Picture, left, top, w, h int) error {
	if err := p.Check(); err != nil {
		return err
	}
	if left < 0 || top < 0 || w > p.W-left || h > p.H-top {
		return fmt.Errorf("write: %dx%d at (%d,%d) is not inside a window of %dx%d: choose a smaller part", w, h, left, top, p.W, p.H)
	}
	if err := r.inside("write", x, y, w, h); err != nil {
		return err
	}
	return rowsErr(h, 6*w, func(lo, hi int) error {
		var buf []byte
		for j := lo; j < hi; j++ {
			at := (top+j)*p.W + left
			pix := p.Pix[3*at : 3*(at+w)]
			var a []float32
			if p.Alpha != nil {
				a = p.Alpha[at : at+w]
			}
			if r.view != nil {
				s := (y+j)*r.w + x
				to := r.view.Pix[3*s:][:len(pix)]
				for i, v := range pix {
					to[i] = clamp01(v)
				}
				for i := range w {
					if r.view.Alpha == nil {
						break
					}
					r.view.Alpha[s+i] = 1
					if a != nil {
						r.view.Alpha[s+i] = clamp01(a[i])
					}
				}
				continue
			}
			off, n := r.offset(x, y+j), int(r.offset(w, 0))
			if own := r.store.direct(off, n); own != nil {
				pack(own, pix, a, r.channels, r.depth)
				continue
			}
			if buf == nil {
				buf = make([]byte, n)
			}
			pack(buf, pix, a, r.channels, r.depth)
			if _, err := r.store.WriteAt(buf, off); err != nil {
				return err
			}
		}
		return nil
	})
}
