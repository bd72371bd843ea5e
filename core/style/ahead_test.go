package style

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
)

// beside is a processor that behaves as a device with memory of its own: runs take
// turns in any order and end at any time.
type beside struct {
	device.Device
	room         int64
	delay        bool
	fail         int64 // the run that fails, from 1; 0: none
	runs, on     atomic.Int64
	most         atomic.Int64 // runs under way at once
	mu           sync.Mutex
	largest, sum int // pixels
}

func (b *beside) Room() int64 { return b.room }

func (b *beside) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	p, err := b.Device.Compile(g, w)
	return besideProgram{p, b}, err
}

type besideProgram struct {
	device.Program
	on *beside
}

var errFake = errors.New("fake failure")

func (p besideProgram) Run(out, in []device.Tensor) error {
	b := p.on
	n := b.on.Add(1)
	defer b.on.Add(-1)
	for m := b.most.Load(); n > m && !b.most.CompareAndSwap(m, n); m = b.most.Load() {
	}
	if b.delay {
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
	}
	switch b.runs.Add(1) {
	case b.fail:
		return errFake
	case -b.fail:
		panic("fake crash")
	}
	b.mu.Lock()
	b.largest, b.sum = max(b.largest, in[0].H*in[0].W), b.sum+in[0].H*in[0].W
	b.mu.Unlock()
	return p.Program.Run(out, in)
}

// Tiles that are on their way at once make the same picture, to the bit, as one
// after the other, whatever is faster.
func TestTilesAhead(t *testing.T) {
	w, vector := tinyWeights(t)
	plan := Plan{Style: "random", Network: Network, Vector: vector, Base: 64}
	photo := view(330, 270)
	paint := func(d *beside) (*Stylizer, func() []float32) {
		s, err := NewOn(d, w)
		if err != nil {
			t.Fatal(err)
		}
		s.window = 200
		return s, func() []float32 {
			last := 0.0
			out, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1, Stroke: 1.5, Progress: func(x float64) {
				if x < last {
					t.Errorf("progress falls from %g to %g", last, x)
				}
				last = x
			}})
			if err != nil {
				t.Fatal(err)
			}
			return out.Pix
		}
	}
	alone := &beside{Device: device.NewCPU()}
	_, one := paint(alone)
	want := one()
	if alone.most.Load() != 1 {
		t.Errorf("a processor runs %d tiles at once", alone.most.Load())
	}
	far := &beside{Device: device.NewCPU(), room: 1, delay: true}
	_, one = paint(far)
	n := kernel.Workers()
	defer kernel.SetWorkers(n)
	for _, workers := range []int{1, 3} {
		kernel.SetWorkers(workers)
		if got := one(); !cmp.Equal(got, want) {
			t.Errorf("%d workers: tiles on their way at once make another picture", workers)
		}
	}
	if m := far.most.Load(); m < 2 || m > aheadTiles {
		t.Errorf("%d tiles are on their way at once, want 2 to %d", m, aheadTiles)
	}
}

// A run that fails ends the painting when all others have ended; the painter can go
// on with the next picture.
func TestTilesAheadFail(t *testing.T) {
	w, vector := tinyWeights(t)
	plan := Plan{Style: "random", Network: Network, Vector: vector, Base: 64}
	for _, fail := range []int64{1, 4, 6, -5} {
		d := &beside{Device: device.NewCPU(), room: 1, delay: true, fail: fail}
		s, err := NewOn(d, w)
		if err != nil {
			t.Fatal(err)
		}
		s.window = 200
		paint := func(ctx context.Context) (err error, crash any) {
			defer func() { crash = recover() }()
			_, err = s.Paint(ctx, view(330, 270), plan, Options{Intensity: 1})
			return err, nil
		}
		err, crash := paint(context.Background())
		if fail > 0 && !errors.Is(err, errFake) || fail < 0 && crash == nil {
			t.Errorf("run %d: error %v, panic %v", fail, err, crash)
		}
		if d.on.Load() != 0 {
			t.Errorf("run %d: %d runs go on", fail, d.on.Load())
		}
		d.fail = 0
		ctx, cancel := context.WithCancel(context.Background())
		if err, crash := paint(ctx); err != nil || crash != nil {
			t.Errorf("the next picture: %v, %v", err, crash)
		}
		cancel()
		if err, _ := paint(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("after the end: %v", err)
		}
	}
}

// A device with room sees larger tiles, so that less is painted twice.
func TestRoomyTiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it paints 2 megapixels")
	}
	w, vector := tinyWeights(t)
	plan := Plan{Style: "random", Network: Network, Vector: vector, Base: 256}
	photo := view(1500, 1200)
	var sum [2]int
	var pix [2][]float32
	for i, room := range []int64{0, roomyPixel * roomyWindow * roomyWindow} {
		d := &beside{Device: device.NewCPU(), room: room}
		s, err := NewOn(d, w)
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Paint(context.Background(), photo, plan, Options{Intensity: 1})
		if err != nil {
			t.Fatal(err)
		}
		sum[i], pix[i] = d.sum, out.Pix
		if room > 0 && d.largest != photo.W*photo.H {
			t.Errorf("a picture of %d pixels is painted in tiles of %d", photo.W*photo.H, d.largest)
		}
	}
	if sum[1] >= sum[0] {
		t.Errorf("%d pixels are painted with room, %d without", sum[1], sum[0])
	}
	for i, v := range pix[1] {
		if d := v - pix[0][i]; d > tileTolerance || d < -tileTolerance {
			t.Fatalf("value %d is %g with room, %g without", i, v, pix[0][i])
		}
	}
}
