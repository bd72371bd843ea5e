package training

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/picture"
)

// Photographs are shown as crops of pictures whose shorter side is sideLeast to
// sideMost: about the sizes at which the network is run. They are reduced to
// sideMost in memory, and enlarged by zoomMost at most.
const (
	sideLeast = 256
	sideMost  = 720
	zoomMost  = 1.6
)

// photo is a training photograph, 8 bits a channel.
type photo struct {
	name string
	w, h int
	pix  []uint8 // (H,W,3)
}

// largeSide is the shorter side of a photograph that counts as large.
const largeSide = 400

// Photos is a folder of photographs in memory, from which training crops.
type Photos struct {
	all      []photo
	portrait []int // indices of portraits
	large    []int // indices of those at least largeSide high and wide
}

// LoadPhotos decodes every picture of a folder, reduced to a shorter side of
// 720. Files whose name begins with portraits (if it is not empty) are crops of
// people. Unreadable files are skipped and returned by name.
func LoadPhotos(ctx context.Context, dir, portraits string) (*Photos, []string, error) {
	names, err := picture.Photographs(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("training photographs: %w", err)
	}
	all := make([]photo, len(names))
	bad := make([]bool, len(names))
	work := make(chan int)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range work {
				p, err := loadPhoto(filepath.Join(dir, names[i]), sideMost)
				if err != nil {
					bad[i] = true
					continue
				}
				p.name = names[i]
				all[i] = p
			}
		}()
	}
	for i := range names {
		if ctx.Err() != nil {
			break
		}
		work <- i
	}
	close(work)
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	ps, skipped := &Photos{}, []string(nil)
	for i, p := range all {
		if bad[i] {
			skipped = append(skipped, names[i])
			continue
		}
		if portraits != "" && strings.HasPrefix(p.name, portraits) {
			ps.portrait = append(ps.portrait, len(ps.all))
		}
		if min(p.w, p.h) >= largeSide {
			ps.large = append(ps.large, len(ps.all))
		}
		ps.all = append(ps.all, p)
	}
	if len(ps.all) == 0 {
		return nil, nil, fmt.Errorf("training photographs: %s holds no readable picture: name a folder of JPEG or PNG files", dir)
	}
	return ps, skipped, nil
}

// Len is the number of photographs.
func (ps *Photos) Len() int { return len(ps.all) }

// loadPhoto reads a picture, reduced to a shorter side of at most most.
func loadPhoto(path string, most int) (photo, error) {
	p, err := picture.Open(path)
	if err != nil {
		return photo{}, err
	}
	p = p.Flatten(1, 1, 1)
	if s := min(p.W, p.H); s > most {
		if p, err = fitShort(p, most); err != nil {
			return photo{}, err
		}
	}
	if min(p.W, p.H) < 32 {
		return photo{}, fmt.Errorf("%s: %dx%d is too small to learn from", path, p.W, p.H)
	}
	return bytesOf(p), nil
}

func bytesOf(p *picture.Picture) photo {
	q := photo{w: p.W, h: p.H, pix: make([]uint8, len(p.Pix))}
	for i, v := range p.Pix {
		q.pix[i] = uint8(min(max(v, 0), 1)*255 + .5)
	}
	return q
}

// fitShort resizes p so that its shorter side is side.
func fitShort(p *picture.Picture, side int) (*picture.Picture, error) {
	s := min(p.W, p.H)
	return p.Resize(max(1, (p.W*side+s/2)/s), max(1, (p.H*side+s/2)/s))
}

// Crop fills dst (size,size,3) with a random square of a random photograph,
// mirrored half of the time. A third of the crops are large photographs and a
// fifth portraits, where there are any. One in six is blurred: the pictures that
// the engine makes itself are smooth, and so are enlarged ones.
func (ps *Photos) Crop(dst []float32, size int, rng *rand.Rand) error {
	i := rng.IntN(len(ps.all))
	switch u := rng.Float64(); {
	case u < .2 && len(ps.portrait) > 0:
		i = ps.portrait[rng.IntN(len(ps.portrait))]
	case u > .65 && len(ps.large) > 0:
		i = ps.large[rng.IntN(len(ps.large))]
	}
	p := &ps.all[i]
	short := float64(min(p.w, p.h))
	most := max(min(zoomMost*short, sideMost), sideLeast)
	shown := sideLeast * math.Pow(most/sideLeast, rng.Float64()) // the shorter side, were it all shown
	side := min(float64(size)*short/shown, short)
	x0, y0 := rng.Float64()*(float64(p.w)-side), rng.Float64()*(float64(p.h)-side)
	mirror, blur := rng.IntN(2) == 0, rng.IntN(6) == 0
	if !blur {
		p.sample(dst, size, x0, y0, side, mirror)
		return nil
	}
	small := max(size/(2+rng.IntN(3)), 8)
	tmp := make([]float32, small*small*3)
	p.sample(tmp, small, x0, y0, side, mirror)
	t := &picture.Picture{W: small, H: small, Pix: tmp}
	t, err := t.Resize(size, size)
	if err != nil {
		return err
	}
	copy(dst, t.Pix)
	return nil
}

// Square fills dst (size,size,3) with the centre of photograph i.
func (ps *Photos) Square(dst []float32, size, i int) {
	p := &ps.all[i]
	side := float64(min(p.w, p.h))
	p.sample(dst, size, (float64(p.w)-side)/2, (float64(p.h)-side)/2, side, false)
}

// sample scales the square of the given side at (x0,y0) to size x size,
// averaging a grid of bilinear samples where it gets smaller.
func (p *photo) sample(dst []float32, size int, x0, y0, side float64, mirror bool) {
	step := side / float64(size)
	n := max(1, int(step+.5))
	scale := float32(1) / float32(255*n*n)
	kernel.Parallel(size, 16, func(_, lo, hi int) {
		for i := lo * size; i < hi*size; i++ {
			x, y := i%size, i/size
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
			d := dst[3*(y*size+to):][:3]
			for c := range d {
				d[c] = acc[c] * scale
			}
		}
	})
}

// bilinear adds the colour at (x,y), in pixel centres, borders repeated.
func (p *photo) bilinear(acc *[3]float32, x, y float64) {
	x, y = min(max(x, 0), float64(p.w-1)), min(max(y, 0), float64(p.h-1))
	xi, yi := min(int(x), max(p.w-2, 0)), min(int(y), max(p.h-2, 0))
	fx, fy := float32(x-float64(xi)), float32(y-float64(yi))
	a := p.pix[3*(yi*p.w+xi):]
	b := p.pix[3*(min(yi+1, p.h-1)*p.w+xi):]
	right := 3 * (min(xi+1, p.w-1) - xi)
	for c := range acc {
		top := float32(a[c]) + fx*(float32(a[right+c])-float32(a[c]))
		low := float32(b[c]) + fx*(float32(b[right+c])-float32(b[c]))
		acc[c] += top + fy*(low-top)
	}
}

// find returns the indices of photographs by name; without any, a portrait and
// some large ones.
func (ps *Photos) find(names []string) []int {
	var found []int
	for i, p := range ps.all {
		for _, n := range names {
			if p.name == n {
				found = append(found, i)
			}
		}
	}
	if len(found) > 0 {
		return found
	}
	pick := func(from []int) {
		for i := 0; i < len(from) && len(found) < 4; i += max(1, len(from)/3) {
			found = append(found, from[i])
		}
	}
	if len(ps.portrait) > 0 {
		found = append(found, ps.portrait[0])
	}
	pick(ps.large)
	if len(found) == 0 {
		found = append(found, 0)
	}
	return found
}
