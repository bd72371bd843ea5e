package faces

import (
	"math"
	"math/rand/v2"
)

// Augment says how far a face is moved before the network sees it.
type Augment struct {
	Flip   bool    `toml:"flip"`
	Rotate float64 `toml:"rotate"` // radians, at most, either way
	Scale  float64 `toml:"scale"`  // part of the size, at most, either way
	Shift  float64 `toml:"shift"`  // part of the side, at most, either way
}

// Sampler draws balanced batches. An emotion's share grows with the square
// root of its number of pictures, so that the rare ones are seen.
type Sampler struct {
	Faces   *Faces
	Train   []int // indices of the training split
	Valid   []int
	class   [7][]int // of train, by most probable emotion
	share   [7]float64
	Augment Augment
	Side    int
}

// NewSampler takes the faces of the training and of the validation split.
func NewSampler(f *Faces, a Augment, side int) *Sampler {
	s := &Sampler{Faces: f, Augment: a, Side: side}
	for i, c := range f.Conds {
		switch f.Splits[i] {
		case Valid:
			s.Valid = append(s.Valid, i)
			continue
		case Test:
			continue
		}
		s.Train = append(s.Train, i)
		k := c.Emotion()
		s.class[k] = append(s.class[k], i)
	}
	total := 0.0
	for k := range s.share {
		s.share[k] = math.Sqrt(float64(len(s.class[k])))
		total += s.share[k]
	}
	for k := range s.share {
		s.share[k] /= total
	}
	return s
}

// Draw picks a training face.
func (s *Sampler) Draw(r *rand.Rand) int {
	x := r.Float64()
	for k, p := range s.share {
		if x -= p; x < 0 && len(s.class[k]) > 0 {
			return s.class[k][r.IntN(len(s.class[k]))]
		}
	}
	return s.Train[r.IntN(len(s.Train))]
}

// Face writes face i as side x side x 3 in [-1,1], moved by the augmentation
// when r is given.
func (s *Sampler) Face(dst []float32, i int, r *rand.Rand) {
	n := s.Faces.Side
	src := s.Faces.Face(i)
	k := float64(n) / float64(s.Side)
	m := affine{k, 0, 0, 0, k, 0}
	if r != nil {
		m = m.then(s.Augment.draw(r, float64(n)))
	}
	warp(dst, s.Side, src, n, n, m, 1/127.5, -1)
}

// draw is a random similarity of a square of side n about its centre.
func (a Augment) draw(r *rand.Rand, n float64) affine {
	angle := a.Rotate * (2*r.Float64() - 1)
	scale := 1 + a.Scale*(2*r.Float64()-1)
	dx, dy := n*a.Shift*(2*r.Float64()-1), n*a.Shift*(2*r.Float64()-1)
	cos, sin := scale*math.Cos(angle), scale*math.Sin(angle)
	flip := 1.0
	if r.IntN(2) == 0 && a.Flip {
		flip = -1
	}
	c := n / 2
	return affine{cos * flip, -sin, c - cos*flip*c + sin*c + dx, sin * flip, cos, c - sin*flip*c - cos*c + dy}
}
