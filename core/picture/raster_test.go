package picture

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// noisy is a picture of random 16-bit values.
func noisy(w, h int, alpha bool, seed uint64) *Picture {
	rng := rand.New(rand.NewPCG(seed, 1))
	p := New(w, h)
	for i := range p.Pix {
		p.Pix[i] = float32(rng.IntN(65536)) / 65535
	}
	if alpha {
		p.Alpha = make([]float32, w*h)
		for i := range p.Alpha {
			p.Alpha[i] = float32(rng.IntN(65536)) / 65535
		}
	}
	return p
}

// spilled makes a raster in a temporary file.
func spilled(t testing.TB, p *Picture, depth int) *Raster {
	t.Helper()
	r, err := NewRaster(p.W, p.H, depth, p.Alpha != nil, RasterOptions{Memory: 1, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	if err := r.Write(0, 0, p); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRasterKeepsWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		depth := rapid.SampledFrom([]int{8, 16, 32}).Draw(t, "depth")
		alpha := rapid.Bool().Draw(t, "alpha")
		memory := rapid.SampledFrom([]int64{0, 1}).Draw(t, "memory")
		want := noisy(w, h, alpha, 1)
		var r *Raster
		if depth == 32 {
			r = RasterOf(want.Clone())
		} else {
			var err error
			if r, err = NewRaster(w, h, depth, alpha, RasterOptions{Memory: memory}); err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if err := r.Write(0, 0, want); err != nil {
				t.Fatal(err)
			}
		}
		x, y := rapid.IntRange(0, w-1).Draw(t, "x"), rapid.IntRange(0, h-1).Draw(t, "y")
		ww, wh := rapid.IntRange(1, w-x).Draw(t, "ww"), rapid.IntRange(1, h-y).Draw(t, "wh")
		part := noisy(ww, wh, rapid.Bool().Draw(t, "part alpha"), 2)
		if err := r.Write(x, y, part); err != nil {
			t.Fatal(err)
		}
		for j := range wh {
			for i := range ww {
				d := (y+j)*w + x + i
				copy(want.Pix[3*d:3*d+3], part.Pix[3*(j*ww+i):])
				if want.Alpha != nil {
					want.Alpha[d] = 1
					if part.Alpha != nil {
						want.Alpha[d] = part.Alpha[j*ww+i]
					}
				}
			}
		}
		got, err := r.Picture()
		if err != nil {
			t.Fatal(err)
		}
		tol := map[int]float64{8: 0.5/255 + 1e-6, 16: 1e-7, 32: 0}[depth]
		if a, b := near(got.Pix, want.Pix), near(got.Alpha, want.Alpha); a > tol || b > tol {
			t.Fatalf("off by %v, alpha %v", a, b)
		}
		win, err := r.Read(x, y, ww, wh)
		if err != nil {
			t.Fatal(err)
		}
		crop, err := got.Crop(x, y, ww, wh)
		if err != nil {
			t.Fatal(err)
		}
		if near(win.Pix, crop.Pix) != 0 || near(win.Alpha, crop.Alpha) != 0 {
			t.Fatal("a window is not the part of the whole")
		}
	})
}

func TestRasterConcurrently(t *testing.T) {
	p := noisy(256, 256, false, 3)
	r := spilled(t, New(256, 256), 16)
	var wg sync.WaitGroup
	for i := range 64 {
		wg.Go(func() {
			x, y := i%8*32, i/8*32
			part, err := p.Crop(x, y, 32, 32)
			if err == nil {
				err = r.Write(x, y, part)
			}
			if err == nil {
				part, err = r.Read(x, y, 32, 32)
			}
			if q, _ := p.Crop(x, y, 32, 32); err != nil || near(q.Pix, part.Pix) > 1e-7 {
				t.Errorf("tile %d: %v", i, err)
			}
		})
	}
	wg.Wait()
}

// Resizing a raster gives the very values of resizing the picture, whatever
// the bands.
func TestRasterResizesAsPicture(t *testing.T) {
	smallBands(t)
	ctx := context.Background()
	for _, alpha := range []bool{false, true} {
		p := noisy(150, 71, alpha, 4) // six bands
		r := spilled(t, p, 16)
		for _, s := range [][2]int{{30, 20}, {1, 1}, {150, 71}, {155, 72}, {120, 71}, {150, 20}, {9, 110}} {
			want, err := p.Resize(s[0], s[1])
			if err != nil {
				t.Fatal(err)
			}
			got, err := r.Reduce(ctx, s[0], s[1])
			if err != nil {
				t.Fatal(err)
			}
			view, err := RasterOf(p).Reduce(ctx, s[0], s[1])
			if err != nil {
				t.Fatal(err)
			}
			if near(view.Pix, want.Pix) > 1e-5 || near(got.Pix, want.Pix) > 1e-5 || near(got.Alpha, want.Alpha) > 1e-5 {
				t.Errorf("%v alpha %v: off by %v, view by %v", s, alpha, near(got.Pix, want.Pix), near(view.Pix, want.Pix))
			}
			q, err := r.Resize(ctx, s[0], s[1], RasterOptions{Memory: 1})
			if err != nil {
				t.Fatal(err)
			}
			whole, err := q.Picture()
			if err != nil || near(whole.Pix, want.Pix) > 2e-5 || q.Depth() != 16 || q.Alpha() != alpha {
				t.Errorf("%v: resized raster off by %v: %v", s, near(whole.Pix, want.Pix), err)
			}
			q.Close()
		}
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := spilled(t, New(3, 3), 8).Reduce(stopped, 2, 2); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRasterErrors(t *testing.T) {
	dir := t.TempDir()
	r, err := NewRaster(4, 4, 8, false, RasterOptions{Memory: 1, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil || r.Close() != nil {
		t.Error("close", err)
	}
	if n := names(t, dir); len(n) != 0 {
		t.Errorf("left behind: %v", n)
	}
	_, closed := r.Read(0, 0, 1, 1)
	open, err := NewRaster(4, 4, 8, false, RasterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, outside := open.Read(1, 0, 4, 1)
	_, none := NewRaster(0, 4, 8, false, RasterOptions{})
	_, huge := NewRaster(1<<20, 1<<20, 8, false, RasterOptions{})
	_, bits := NewRaster(1, 1, 12, false, RasterOptions{})
	_, lost := NewRaster(9, 9, 8, false, RasterOptions{Memory: 1, Dir: dir + "/none"})
	_, nothing := open.Reduce(context.Background(), 0, 1)
	for say, err := range map[string]error{
		"was closed: open it again": closed, "is not inside a picture of 4x4": outside, "at least 1": none, "over the limit": huge,
		"12 bits a sample: choose 8 or 16": bits, "temporary file": lost, "write: 4x4 at (1,1)": open.Write(1, 1, New(4, 4)), "resize: cannot make 0x1": nothing,
		"it needs at least one pixel": open.Write(0, 0, New(0, 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), say) {
			t.Errorf("%v, want %q", err, say)
		}
	}
	full := storeError("/tmp", syscall.ENOSPC)
	if !errors.Is(full, ErrWrite) || full.Error() != "keep a large picture in a temporary file in /tmp: the disk is full: free some space there, or choose another folder for temporary files (TMPDIR)" {
		t.Error(full)
	}
	if !errors.Is(lost, os.ErrNotExist) || !errors.Is(closed, ErrUnreadable) {
		t.Error(lost, closed)
	}
}
