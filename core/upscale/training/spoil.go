package training

import (
	"bytes"
	"fmt"
	"image/jpeg"
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/upscale"
)

// Spoil says how a small picture is made of a large one. Enlarging has to undo
// what cameras, other programs and the portrait generator do to small pictures:
// they are blurred, softened, sharpened, noisy and compressed (a first-order
// version of the degradations of Real-ESRGAN, Wang et al., 2021).
type Spoil struct {
	Clean   float64 `toml:"clean"`
	Blur    float64 `toml:"blur"`
	Soft    float64 `toml:"soft"`
	Sharp   float64 `toml:"sharp"`
	Noise   float64 `toml:"noise"`
	JPEG    float64 `toml:"jpeg"`
	Quality [2]int  `toml:"quality"`
}

func (s Spoil) check() error {
	for _, f := range []struct {
		name    string
		v, most float64
	}{{"clean", s.Clean, 1}, {"blur", s.Blur, 16}, {"soft", s.Soft, 8}, {"sharp", s.Sharp, 4}, {"noise", s.Noise, 1}, {"jpeg", s.JPEG, 1}} {
		if !(f.v >= 0 && f.v <= f.most) {
			return fmt.Errorf("spoil: %s = %g: give 0 to %g", f.name, f.v, f.most)
		}
	}
	if s.Quality[0] < 1 || s.Quality[0] > s.Quality[1] || s.Quality[1] > 100 {
		return fmt.Errorf("spoil: quality %d to %d: give two numbers from 1 to 100", s.Quality[0], s.Quality[1])
	}
	return nil
}

// reduce makes the small picture of a large one, a Factor-th of its size.
func (s Spoil) reduce(large *picture.Picture, r *rand.Rand) (*picture.Picture, error) {
	clean := r.Float64() < s.Clean
	p := large
	if sigma := r.Float64() * s.Blur; !clean && r.IntN(2) == 0 {
		p = blurred(p, sigma)
	}
	small, err := p.Resize(large.W/upscale.Factor, large.H/upscale.Factor)
	if err != nil || clean {
		return small, err
	}
	switch r.IntN(4) {
	case 0, 1:
		small = blurred(small, r.Float64()*s.Soft)
	case 2:
		sharpen(small, r.Float64()*s.Sharp)
	}
	if r.IntN(2) == 0 {
		grain(small, r.Float64()*s.Noise, r)
	}
	if r.Float64() < s.JPEG {
		return compressed(small, s.Quality[0]+r.IntN(s.Quality[1]-s.Quality[0]+1))
	}
	return small, nil
}

// blurred is p under a Gaussian of the given standard deviation in pixels, with
// mirrored borders.
func blurred(p *picture.Picture, sigma float64) *picture.Picture {
	if sigma < .15 {
		return p
	}
	n := int(math.Ceil(3 * sigma))
	k := make([]float32, 2*n+1)
	sum := 0.0
	for i := range k {
		sum += math.Exp(-float64((i-n)*(i-n)) / (2 * sigma * sigma))
	}
	for i := range k {
		k[i] = float32(math.Exp(-float64((i-n)*(i-n))/(2*sigma*sigma)) / sum)
	}
	across, down := picture.New(p.W, p.H), picture.New(p.W, p.H)
	along := func(dst, src []float32, length, step int) {
		for i := range length {
			var acc [3]float32
			for j, f := range k {
				at := mirrored(i+j-n, length) * step
				for c := range acc {
					acc[c] += f * src[at+c]
				}
			}
			copy(dst[i*step:], acc[:])
		}
	}
	for y := range p.H {
		along(across.Pix[3*y*p.W:], p.Pix[3*y*p.W:], p.W, 3)
	}
	for x := range p.W {
		along(down.Pix[3*x:], across.Pix[3*x:], p.H, 3*p.W)
	}
	return down
}

// mirrored is index i of an axis of n, mirrored at its ends.
func mirrored(i, n int) int {
	for i < 0 || i >= n {
		if i < 0 {
			i = -1 - i
		} else {
			i = 2*n - 1 - i
		}
	}
	return i
}

// sharpen adds a part of what a small blur takes away.
func sharpen(p *picture.Picture, amount float64) {
	b := blurred(p, .8)
	for i, v := range p.Pix {
		p.Pix[i] = v + float32(amount)*(v-b.Pix[i])
	}
	p.Clamp()
}

// grain adds noise, half of it the same in all colours.
func grain(p *picture.Picture, sigma float64, r *rand.Rand) {
	for i := 0; i < len(p.Pix); i += 3 {
		grey := r.NormFloat64()
		for c := range 3 {
			p.Pix[i+c] += float32(sigma * math.Sqrt2 / 2 * (grey + r.NormFloat64()))
		}
	}
	p.Clamp()
}

// compressed is p as a JPEG of a quality gives it back.
func compressed(p *picture.Picture, quality int) (*picture.Picture, error) {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p.ToImage(), &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	img, err := jpeg.Decode(&b)
	if err != nil {
		return nil, err
	}
	return picture.FromImage(img), nil
}
