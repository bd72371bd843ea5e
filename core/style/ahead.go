package style

import (
	"context"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
)

// Tiles go through three stages: the processor prepares what the network is to
// see, the network paints it on its device, and the processor finishes it. A device
// with memory of its own computes one tile while the processor finishes the tile
// before it and prepares the next; the processor's own network uses all its cores,
// and so takes one tile after the other. Tiles are finished in their order, in
// places of the picture of their own, so it is the same picture whatever was faster.

const (
	// tileWindow is the most that the network sees at once of a level, pixels a
	// side with the halo. Levels of as many pixels are painted as one tile.
	tileWindow = 1152
	// roomyWindow is the same on devices with memory of their own: the halos of
	// 3840x2160 pixels are then a sixth of the work, not a third, and there are
	// still tiles enough to work on several at once.
	roomyWindow = 2048
	// roomyPixel is what a run takes on a device at most, bytes a pixel: its values
	// and two inputs and outputs.
	roomyPixel = 512
	// aheadTiles and aheadPixels bound the tiles that are on their way at once, of
	// aheadMemory bytes a pixel on the host: two of the largest.
	aheadTiles, aheadPixels = 3, 2 * roomyWindow * roomyWindow
	aheadMemory             = 48
)

// windowOf is the largest window for a device.
func windowOf(d device.Device) int {
	if device.Room(d) >= roomyPixel*roomyWindow*roomyWindow {
		return roomyWindow
	}
	return tileWindow
}

// tiler paints windows with the network.
type tiler struct {
	prog   device.Program
	style  device.Tensor
	reach  int     // halo of a detail pass
	window int     // what the network sees at most, pixels a side
	photo  float32 // share of the photograph in what a detail pass sees, see photoShare
	ahead  bool    // several tiles may be on their way

	tiles [aheadTiles]tile
}

// outcome is how the run of a network ended.
type outcome struct {
	err   error
	crash any // the value of a panic
}

// each paints the tiles of at most side pixels a side that cover e. prepare makes
// the input of a tile, finish uses its output; both are called one at a time, in
// the order of the tiles. No tile is on its way any more when it returns.
func (t *tiler) each(ctx context.Context, e extent, side int, prepare func(l *tile, x, y, w, h int) error, finish func(l *tile) error) error {
	var begun []*tile // oldest first
	most, next := 1, 0
	settle := func() error {
		l := begun[0]
		begun = begun[1:]
		if err := l.wait(); err != nil {
			return err
		}
		return finish(l)
	}
	defer func() { // after an error or a panic
		for _, l := range begun {
			<-l.done
		}
	}()
	err := eachTile(ctx, e, side, func(x, y, w, h int) error {
		if next == 0 && t.ahead {
			most = max(1, min(aheadPixels/((w+2*t.reach)*(h+2*t.reach)), aheadTiles))
		}
		if len(begun) == most {
			if err := settle(); err != nil {
				return err
			}
		}
		l := &t.tiles[next%most]
		next++
		if err := prepare(l, x, y, w, h); err != nil {
			return err
		}
		t.begin(l)
		begun = append(begun, l)
		return nil
	})
	for err == nil && len(begun) > 0 {
		err = settle()
	}
	return err
}

// begin lets the network paint a tile.
func (t *tiler) begin(l *tile) {
	if l.done == nil {
		l.done = make(chan outcome, 1)
	}
	go func() {
		var o outcome
		defer func() {
			if o.crash = recover(); o.crash != nil {
				o.err = nil
			}
			l.done <- o
		}()
		out := []device.Tensor{l.out}
		o.err = t.prog.Run(out, []device.Tensor{l.in, t.style})
		l.out = out[0]
	}()
}

// wait returns when a tile is painted. A panic of the network goes on here.
func (l *tile) wait() error {
	o := <-l.done
	if o.crash != nil {
		panic(o.crash)
	}
	return o.err
}

// whole replaces the pixels of p, no more than a window's, by what the network
// makes of them.
func (t *tiler) whole(p *picture.Picture) error {
	l := &t.tiles[0]
	l.x0, l.y0 = 0, 0
	l.seen.W, l.seen.H, l.seen.Alpha = p.W, p.H, nil
	l.seen.Pix = sized(l.seen.Pix, len(p.Pix))
	copy(l.seen.Pix, p.Pix)
	l.feed()
	t.begin(l)
	if err := l.wait(); err != nil {
		return err
	}
	l.fetch()
	copy(p.Pix, l.painted.Pix)
	return nil
}
