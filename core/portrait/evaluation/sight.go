package evaluation

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// emotions is short for the number of emotions.
const emotions = portrait.EmotionDims

// Sight is all that is kept of a picture: what the judge and the loss network
// see, and a small grey copy.
type Sight struct {
	Verdict
	Mirrored []float32 // the identity of the mirrored picture
	Features []float64 // of the loss network: the mean of each channel over the picture
	Grey     []float32 // greySide x greySide, mean 0, length 1: the product of two is their correlation
}

// greySide is the side of the grey copies that are searched for copied photographs.
const greySide = 16

// album is a set of pictures of which each can be had at any side, as
// (side,side,3) in [-1,1].
type album struct {
	len  int
	face func(dst []float32, i, side int) error
}

// eye looks at pictures with the judge and the loss network.
type eye struct {
	judge *Judge
	loss  *nn.Network
	side  int // of the pictures that the loss network sees
}

// look describes all pictures of an album; those that are only searched for need
// no features. tick is told of every picture.
func (e *eye) look(ctx context.Context, a album, features bool, tick func(n int)) ([]Sight, error) {
	all := make([]Sight, a.len)
	straight, turned := newTray(a.len, e.judge.side), newTray(a.len, e.judge.side)
	big, small := newTray(a.len, e.side), make([]float32, greySide*greySide*3)
	for lo := 0; lo < a.len; lo += trayLen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n := min(trayLen, a.len-lo)
		straight.resize(n)
		turned.resize(n)
		big.resize(n)
		for i := range n {
			if err := a.face(straight.at(i), lo+i, e.judge.side); err != nil {
				return nil, err
			}
			copy(turned.at(i), straight.at(i))
			mirror(turned.at(i), e.judge.side)
			if err := a.face(small, lo+i, greySide); err != nil {
				return nil, err
			}
			all[lo+i].Grey = grey(small)
			if features {
				if err := a.face(big.at(i), lo+i, e.side); err != nil {
					return nil, err
				}
			}
		}
		verdicts, err := e.judge.see(straight)
		if err != nil {
			return nil, err
		}
		mirrored, err := e.judge.see(turned)
		if err != nil {
			return nil, err
		}
		for i := range n {
			all[lo+i].Verdict, all[lo+i].Mirrored = verdicts[i], mirrored[i].Identity
		}
		if features {
			if err := e.describe(big, all[lo:lo+n]); err != nil {
				return nil, err
			}
		}
		tick(n)
	}
	return all, nil
}

// describe averages every channel of every output of the loss network over the
// pictures, which it changes from [-1,1] to the network's [0,1].
func (e *eye) describe(t *tray, to []Sight) error {
	for i, v := range t.Data {
		t.Data[i] = v*0.5 + 0.5
	}
	outs, err := e.loss.Run(t.Tensor)
	if err != nil {
		return fmt.Errorf("evaluate portraits: loss network: %w", err)
	}
	for _, o := range outs {
		size := o.H * o.W * o.C
		for i := range to {
			mean := make([]float64, o.C)
			for k, x := range o.Data[i*size:][:size] {
				mean[k%o.C] += float64(x) / float64(o.H*o.W)
			}
			to[i].Features = append(to[i].Features, mean...)
		}
	}
	return nil
}

// tray is a batch of pictures on their way into a network.
type tray struct {
	device.Tensor
	all []float32
}

// trayLen is the number of pictures that are looked at together.
const trayLen = 16

func newTray(n, side int) *tray {
	t := device.NewTensor(min(n, trayLen), side, side, 3)
	return &tray{t, t.Data}
}

func (t *tray) size() int          { return t.H * t.W * t.C }
func (t *tray) at(i int) []float32 { return t.Data[i*t.size():][:t.size()] }
func (t *tray) resize(n int)       { t.N, t.Data = n, t.all[:n*t.size()] }

// photographs are faces of a data set.
func photographs(set *faces.Faces, index []int) album {
	at := samplers(set, faces.Augment{})
	return album{len(index), func(dst []float32, i, side int) error {
		at(side).Face(dst, index[i], nil)
		return nil
	}}
}

// changed are faces of a data set, moved and recoloured as in a lesson; each in
// its own way, at any side the same.
func changed(set *faces.Faces, index []int, seed uint64) album {
	at := samplers(set, moved)
	return album{len(index), func(dst []float32, i, side int) error {
		r := rand.New(rand.NewPCG(seed, uint64(index[i])))
		at(side).Face(dst, index[i], r)
		recolour(dst, r)
		return nil
	}}
}

// samplers gives a sampler for each side that is asked for.
func samplers(set *faces.Faces, a faces.Augment) func(side int) *faces.Sampler {
	made := map[int]*faces.Sampler{}
	return func(side int) *faces.Sampler {
		if made[side] == nil {
			made[side] = faces.NewSampler(set, a, side)
		}
		return made[side]
	}
}

// portraits are pictures that a generator made.
func portraits(pics []*picture.Picture) album {
	return album{len(pics), func(dst []float32, i, side int) error {
		p, err := pics[i].Resize(side, side)
		if err != nil {
			return err
		}
		for k, v := range p.Pix {
			dst[k] = v*2 - 1
		}
		return nil
	}}
}

// mirror turns a picture (side,side,3) round.
func mirror(x []float32, side int) {
	for row := 0; row < len(x); row += side * 3 {
		for a, b := row, row+(side-1)*3; a < b; a, b = a+3, b-3 {
			for c := range 3 {
				x[a+c], x[b+c] = x[b+c], x[a+c]
			}
		}
	}
}

// grey is the luminance of a picture (n,3) with mean 0 and length 1; a picture
// of one tone is all 0.
func grey(x []float32) []float32 {
	g := make([]float32, len(x)/3)
	mean, sq := 0.0, 0.0
	for i := range g {
		g[i] = 0.299*x[3*i] + 0.587*x[3*i+1] + 0.114*x[3*i+2]
		mean += float64(g[i]) / float64(len(g))
	}
	for i := range g {
		g[i] -= float32(mean)
		sq += float64(g[i]) * float64(g[i])
	}
	by := 0.0
	if sq > 1e-9 {
		by = 1 / math.Sqrt(sq)
	}
	for i := range g {
		g[i] *= float32(by)
	}
	return g
}

// features, traits give one kind of numbers of sights, copied.
func features(seen []Sight) [][]float64 {
	v := make([][]float64, len(seen))
	for i := range seen {
		v[i] = append([]float64(nil), seen[i].Features...)
	}
	return v
}

func traits(seen []Sight) [][]float64 {
	v := make([][]float64, len(seen))
	for i := range seen {
		v[i] = append([]float64(nil), seen[i].Traits...)
	}
	return v
}
