package distil

import (
	"context"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/atelier-engine/atelier/core/picture"
)

// side is the shorter side that pictures are reduced to in memory.
const side = 420

// image is a picture in memory, 8 bits a channel.
type image struct {
	name string
	w, h int
	pix  []uint8 // (H,W,3)
}

// corpus is what crops are taken from.
type corpus struct {
	photos, paintings []image
	heldPhotos        []image // never trained on
	heldPaintings     []image
}

// heldOut says whether a picture is kept for the evaluation: one in many, by name.
func heldOut(name string, many uint64) bool {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64()%many == 0
}

// loadCorpus reads dir/photos and everything below dir/paintings.
func loadCorpus(ctx context.Context, dir string, note func(string)) (*corpus, error) {
	photos, err := loadFolder(ctx, filepath.Join(dir, "photos"), note)
	if err != nil {
		return nil, err
	}
	paintings, err := loadFolder(ctx, filepath.Join(dir, "paintings"), note)
	if err != nil {
		return nil, err
	}
	c := &corpus{}
	part := func(all []image, many uint64) (train, held []image) {
		for _, p := range all {
			if heldOut(p.name, many) {
				held = append(held, p)
			} else {
				train = append(train, p)
			}
		}
		return train, held
	}
	c.photos, c.heldPhotos = part(photos, 25)
	c.paintings, c.heldPaintings = part(paintings, 6)
	if len(c.photos) == 0 || len(c.paintings) == 0 {
		return nil, fmt.Errorf("distil features: %s holds %d photographs and %d paintings to train on: it takes both, in photos/ and paintings/", dir, len(c.photos), len(c.paintings))
	}
	return c, nil
}

func loadFolder(ctx context.Context, dir string, note func(string)) ([]image, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if picture.IsPhotograph(path) {
			paths = append(paths, path)
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("distil features: pictures: %w", err)
	}
	all, errs := make([]image, len(paths)), make([]error, len(paths))
	work := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				all[i], errs[i] = loadImage(dir, paths[i])
			}
		})
	}
	for i := range paths {
		if ctx.Err() != nil {
			break
		}
		work <- i
	}
	close(work)
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	kept := all[:0]
	for i, p := range all {
		if errs[i] != nil {
			note(fmt.Sprintf("left out: %v", errs[i]))
			continue
		}
		kept = append(kept, p)
	}
	return kept, nil
}

func loadImage(dir, path string) (image, error) {
	p, err := picture.Open(path)
	if err != nil {
		return image{}, err
	}
	p = p.Flatten(1, 1, 1)
	if s := min(p.W, p.H); s > side {
		if p, err = p.Resize(max(1, (p.W*side+s/2)/s), max(1, (p.H*side+s/2)/s)); err != nil {
			return image{}, err
		}
	}
	if min(p.W, p.H) < 32 {
		return image{}, fmt.Errorf("%s is too small: %dx%d", path, p.W, p.H)
	}
	name, _ := filepath.Rel(dir, path)
	q := image{name: filepath.ToSlash(name), w: p.W, h: p.H, pix: make([]uint8, len(p.Pix))}
	for i, v := range p.Pix {
		q.pix[i] = uint8(min(max(v, 0), 1)*255 + .5)
	}
	return q, nil
}

// square fills dst (size,size,3) with the centre of a picture.
func (p *image) square(dst []float32, size int) {
	s := float64(min(p.w, p.h))
	p.sample(dst, size, (float64(p.w)-s)/2, (float64(p.h)-s)/2, s, false)
}

// crop fills dst (size,size,3) with a random square, from the whole picture to
// a part at twice its resolution, mirrored half of the time.
func (p *image) crop(dst []float32, size int, rng *rand.Rand) {
	short := float64(min(p.w, p.h))
	least := min(max(float64(size)/2, 16), short)
	s := least * math.Pow(short/least, rng.Float64())
	p.sample(dst, size, rng.Float64()*(float64(p.w)-s), rng.Float64()*(float64(p.h)-s), s, rng.IntN(2) == 0)
}

// sample scales the square of side s at (x0,y0) to size x size, averaging a grid
// of bilinear samples where it gets smaller.
func (p *image) sample(dst []float32, size int, x0, y0, s float64, mirror bool) {
	step := s / float64(size)
	n := max(1, int(step+.5))
	scale := float32(1) / float32(255*n*n)
	for y := range size {
		for x := range size {
			var acc [3]float32
			for j := range n {
				for k := range n {
					p.bilinear(&acc, x0+(float64(x)+(float64(k)+.5)/float64(n))*step-.5, y0+(float64(y)+(float64(j)+.5)/float64(n))*step-.5)
				}
			}
			to := x
			if mirror {
				to = size - 1 - x
			}
			for c := range acc {
				dst[3*(y*size+to)+c] = acc[c] * scale
			}
		}
	}
}

// bilinear adds the colour at (x,y), in pixel centres, borders repeated.
func (p *image) bilinear(acc *[3]float32, x, y float64) {
	x, y = min(max(x, 0), float64(p.w-1)), min(max(y, 0), float64(p.h-1))
	xi, yi := min(int(x), p.w-2), min(int(y), p.h-2)
	fx, fy := float32(x-float64(xi)), float32(y-float64(yi))
	a, b := p.pix[3*(yi*p.w+xi):], p.pix[3*((yi+1)*p.w+xi):]
	for c := range acc {
		top := float32(a[c]) + fx*(float32(a[3+c])-float32(a[c]))
		low := float32(b[c]) + fx*(float32(b[3+c])-float32(b[c]))
		acc[c] += top + fy*(low-top)
	}
}
