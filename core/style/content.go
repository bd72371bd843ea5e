package style

import (
	"context"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
)

// meter tells the share done of a known amount of work; it never falls.
type meter struct {
	tell        func(float64)
	done, total int
}

func newMeter(tell func(float64), total int) *meter { return &meter{tell: tell, total: total} }

func (m *meter) add(work int) {
	m.done = min(m.done+work, m.total)
	if m.tell != nil && m.done < m.total {
		m.tell(float64(m.done) / float64(m.total))
	}
}

func (m *meter) finish() {
	if m.tell != nil {
		m.tell(1)
	}
}

// smallPixels bounds the pictures between passes that are held as floats, which
// is fastest.
const smallPixels = 2 << 20

// betweenPasses says where pictures between two passes are kept.
var betweenPasses = picture.RasterOptions{Memory: levelMemory, Reuse: true}

// raster makes a picture between two passes: opaque, closed by free at the
// latest.
func (p *painting) raster(e extent, depth int) (*picture.Raster, error) {
	if e.pixels() <= smallPixels {
		return picture.RasterOf(picture.New(e.w, e.h)), nil
	}
	r, err := picture.NewRaster(e.w, e.h, depth, false, betweenPasses)
	if err == nil {
		p.open = append(p.open, r)
	}
	return r, err
}

// close frees a picture between passes; others are left alone.
func (p *painting) close(r *picture.Raster) {
	for i, o := range p.open {
		if o == r {
			r.Close()
			p.open = append(p.open[:i], p.open[i+1:]...)
			return
		}
	}
}

func (p *painting) free() {
	for len(p.open) > 0 {
		p.close(p.open[0])
	}
}

// backdrop is the colour that what is transparent has for the network and the
// steps.
func (p *painting) backdrop() [3]float32 {
	if p.o.Background != nil {
		return p.o.Background.Colour
	}
	return [3]float32{1, 1, 1}
}

// layOver lays p over a colour, in place.
func layOver(p *picture.Picture, colour [3]float32) {
	if p.Alpha == nil {
		return
	}
	eachChunk(p.H, func(lo, hi int) {
		for i := lo * p.W; i < hi*p.W; i++ {
			a := p.Alpha[i]
			for c := range 3 {
				p.Pix[3*i+c] = p.Pix[3*i+c]*a + colour[c]*(1-a)
			}
		}
	})
	p.Alpha = nil
}

// reduced is a picture, or a painting of it, at another size, opaque and free to
// be changed.
func (p *painting) reduced(ctx context.Context, r *picture.Raster, e extent) (*picture.Picture, error) {
	out, err := r.Reduce(ctx, e.w, e.h)
	if err != nil {
		return nil, err
	}
	layOver(out, p.backdrop())
	return out, nil
}

// content is what the network sees of the picture at a size: opaque, with the
// steps before the network. It may be the picture itself.
func (p *painting) content(ctx context.Context, e extent, pre *steps) (*picture.Raster, error) {
	r := p.src
	if e != p.full {
		var err error
		if r, err = p.src.Resize(ctx, e.w, e.h, betweenPasses); err != nil {
			return nil, err
		}
		p.open = append(p.open, r)
	}
	if len(p.pre) == 0 && !r.Alpha() {
		return r, nil
	}
	out, err := p.raster(e, min(r.Depth(), 16))
	if err != nil {
		return nil, err
	}
	if err := eachWindow(ctx, r, pre, func(win *picture.Picture) { layOver(win, p.backdrop()) }, out.Write); err != nil {
		return nil, err
	}
	p.close(r)
	return out, nil
}

// stepWindow is the side of the windows that steps are applied to, pixels,
// without the margin.
const stepWindow = 1024

// eachWindow applies steps to a raster, window by window: before does what comes
// before the steps to the window with its margin, and then takes what is kept.
// The picture that then gets, and may change, is used again.
func eachWindow(ctx context.Context, r *picture.Raster, st *steps, before func(*picture.Picture), then func(x, y int, p *picture.Picture) error) error {
	w, h := r.Size()
	margin := 0
	if st != nil {
		margin = st.Margin(float64(min(w, h)))
	}
	mem, _ := windows.Get().(*windowMemory)
	if mem == nil {
		mem = &windowMemory{}
	}
	defer windows.Put(mem)
	win, kept := &mem.win, &mem.kept
	return eachTile(ctx, extent{w, h}, min(max(stepWindow, 4*margin), 3*stepWindow/2), func(x, y, tw, th int) error {
		x0, y0 := max(x-margin, 0), max(y-margin, 0)
		x1, y1 := min(x+tw+margin, w), min(y+th+margin, h)
		if err := r.ReadInto(win, x0, y0, x1-x0, y1-y0); err != nil {
			return err
		}
		if before != nil {
			before(win)
		}
		if st != nil {
			if err := st.Apply(ctx, &Window{Pic: win, X: x0, Y: y0, W: w, H: h}); err != nil {
				return err
			}
		}
		if win.W == tw && win.H == th {
			return then(x, y, &picture.Picture{W: tw, H: th, Pix: win.Pix})
		}
		crop(kept, win, x-x0, y-y0, tw, th)
		return then(x, y, kept)
	})
}

// windowMemory is what eachWindow works in, kept for the next picture.
type windowMemory struct{ win, kept picture.Picture }

var windows sync.Pool

// crop copies the w x h pixels at (x,y) of src, without its alpha, to dst, whose
// memory is used again.
func crop(dst, src *picture.Picture, x, y, w, h int) {
	dst.W, dst.H, dst.Alpha = w, h, nil
	dst.Pix = sized(dst.Pix, 3*w*h)
	eachRow(h, func(j int) { copy(dst.Pix[3*j*w:][:3*w], src.Pix[3*((y+j)*src.W+x):]) })
}
