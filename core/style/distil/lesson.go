package distil

import (
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
)

// deal fills dst (size,size,3) with a picture to learn from: half of the time a
// photograph, a third of it a painting, else two mixed or drawn noise. A third
// of them are changed as a picture that is being optimised may look: noise,
// colours and contrasts that no camera gives.
func (c *corpus) deal(dst []float32, size int, rng *rand.Rand) {
	photo := func(dst []float32) { c.photos[rng.IntN(len(c.photos))].crop(dst, size, rng) }
	painting := func(dst []float32) { c.paintings[rng.IntN(len(c.paintings))].crop(dst, size, rng) }
	switch u := rng.Float64(); {
	case u < .48:
		photo(dst)
	case u < .82:
		painting(dst)
	case u < .92:
		other, t := make([]float32, len(dst)), float32(.3+.4*rng.Float64())
		photo(dst)
		painting(other)
		for i, v := range other {
			dst[i] += t * (v - dst[i])
		}
	default:
		drawn(dst, size, rng)
	}
	if rng.IntN(3) == 0 {
		distort(dst, rng)
	}
}

// distort changes colours, contrast and grain.
func distort(dst []float32, rng *rand.Rand) {
	var gain, shift [3]float32
	strong := float32(.35 * rng.Float64())
	for c := range gain {
		gain[c] = 1 + strong*float32(2*rng.Float64()-.7)
		shift[c] = strong * float32(rng.Float64()-.5)
	}
	turn := 0
	if rng.IntN(3) == 0 {
		turn = 1 + rng.IntN(2)
	}
	grain := float32(0)
	if rng.IntN(2) == 0 {
		grain = float32(.15 * rng.Float64())
	}
	for i := 0; i < len(dst); i += 3 {
		px := [3]float32(dst[i : i+3])
		for c := range 3 {
			dst[i+c] = (px[(c+turn)%3]-.5)*gain[c] + .5 + shift[c] + grain*float32(rng.NormFloat64())
		}
	}
	clamp(dst)
}

// drawn is smooth or rough noise in two colours, or stripes.
func drawn(dst []float32, size int, rng *rand.Rand) {
	var a, b [3]float32
	for c := range a {
		a[c], b[c] = rng.Float32(), rng.Float32()
	}
	type wave struct{ x, y, phase, much float64 }
	waves := make([]wave, 1+rng.IntN(6))
	for i := range waves {
		angle, length := 2*math.Pi*rng.Float64(), 3*math.Pow(30, rng.Float64())
		waves[i] = wave{2 * math.Pi * math.Cos(angle) / length, 2 * math.Pi * math.Sin(angle) / length, 2 * math.Pi * rng.Float64(), rng.Float64()}
	}
	hard, grain := 1+8*rng.Float64()*float64(rng.IntN(2)), .2*rng.Float64()*float64(rng.IntN(2))
	for y := range size {
		for x := range size {
			var v, sum float64
			for _, w := range waves {
				v += w.much * math.Sin(w.x*float64(x)+w.y*float64(y)+w.phase)
				sum += w.much
			}
			t := float32(min(max(.5+.5*hard*v/(sum+1e-9), 0), 1))
			for c := range 3 {
				dst[3*(y*size+x)+c] = a[c] + t*(b[c]-a[c]) + float32(grain*rng.NormFloat64())
			}
		}
	}
	clamp(dst)
}

func clamp(x []float32) {
	for i, v := range x {
		x[i] = min(max(v, 0), 1)
	}
}

// batch fills dst (n,size,size,3) with the pictures of a batch, which follow from
// seed and number alone.
func (c *corpus) batch(dst []float32, n, size int, seed, number uint64) {
	one := size * size * 3
	var wg sync.WaitGroup
	work := make(chan int, n)
	for i := range n {
		work <- i
	}
	close(work)
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := range work {
				c.deal(dst[i*one:(i+1)*one], size, rand.New(rand.NewPCG(seed, number*uint64(n)+uint64(i))))
			}
		})
	}
	wg.Wait()
}
