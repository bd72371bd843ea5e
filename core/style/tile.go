package style

import (
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// tile is one window on its way through the network. Its memory is used again for
// the tiles after it.
type tile struct {
	x, y, w, h int // what is kept of the window, in the picture
	x0, y0     int // the window's corner in the picture

	// The window as the network sees it, and as it was painted: the memory of the
	// network's input and output, but where these are padded.
	seen, painted picture.Picture
	in, out       device.Tensor
	pad, cut      []float32
	done          chan outcome // of the network's run

	low          picture.Picture // the level below
	under, large []float32
	up, down     [2]taps // across, down
	rows         []filterRow
}

// keep writes the tile out of the painted window.
func (l *tile) keep(dst *picture.Raster) error {
	return dst.WritePart(l.x, l.y, &l.painted, l.x-l.x0, l.y-l.y0, l.w, l.h)
}

// feed makes the network's input of the window: with the picture's grain, and
// padded by reflection to multiples of 4 of at least 16. The window's corner is at
// multiples of 4 of the picture, so that all tiles fall on one grid.
func (l *tile) feed() {
	w, h := l.seen.W, l.seen.H
	tw, th := padded(w), padded(h)
	data := l.seen.Pix
	if tw != w || th != h {
		l.pad = sized(l.pad, 3*tw*th)
		data = l.pad
		eachRow(th, func(j int) {
			row, src := data[3*j*tw:][:3*tw], l.seen.Pix[3*w*mirror(j, h):][:3*w]
			copy(row, src)
			for i := w; i < tw; i++ {
				copy(row[3*i:][:3], src[3*mirror(i, w):])
			}
		})
	}
	AddGrain(data, data, th, tw, l.x0, l.y0)
	l.in = device.Tensor{Data: data, N: 1, H: th, W: tw, C: 3}
}

// fetch takes the window out of the network's output.
func (l *tile) fetch() {
	w, h := l.seen.W, l.seen.H
	data := l.out.Data
	if l.out.W != w || l.out.H != h {
		l.cut = sized(l.cut, 3*w*h)
		data = l.cut
		eachRow(h, func(j int) { copy(data[3*j*w:][:3*w], l.out.Data[3*j*l.out.W:]) })
	}
	l.painted = picture.Picture{W: w, H: h, Pix: data[:3*w*h]}
}

// sized is v with n values, in its own memory where that suffices.
func sized(v []float32, n int) []float32 {
	if cap(v) < n {
		return make([]float32, n)
	}
	return v[:n]
}

func padded(n int) int { return max((n+3)/4*4, 16) }

// mirror maps i to 0..n-1 by reflection without repeating the border.
func mirror(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	if i %= period; i < 0 {
		i += period
	}
	return min(i, period-i)
}
