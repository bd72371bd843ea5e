package faces

import (
	"math"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/expression"
)

// Augment says how far a face is moved before the network sees it.
type Augment struct {
	Flip   bool    `toml:"flip"`
	Rotate float64 `toml:"rotate"` // radians, at most, either way
	Scale  float64 `toml:"scale"`  // part of the size, at most, either way
	Shift  float64 `toml:"shift"`  // part of the side, at most, either way
}

// Express says how expressions that few photographs show are made of neutral
// faces by warping.
type Express struct {
	Share float64 `toml:"share"` // of the pictures of an emotion other than neutral and happy; 0: none is made
	Least float64 `toml:"least"` // strength of an expression, at least
	Sure  float64 `toml:"sure"`  // probability from which a photograph's own label is taken for true

	// Full is the strength of the warp that a weight of 1 stands for, by emotion:
	// what a camera has to see for a stranger to name it differs between them.
	// 0 means 1.
	Full [7]float64 `toml:"full"`
}

// Pick is a face that was drawn: a photograph, and the expression it is given.
type Pick struct {
	Face     int
	Emotion  int     // of the expression that is made
	Strength float64 // 0: none, the face stays as it is
	seed     uint64  // of the expression's variation
}

// Sampler draws balanced batches: emotions, and ages and genders within each.
type Sampler struct {
	Faces   *Faces
	Train   []int // indices of the training split
	Valid   []int
	Augment Augment
	Express Express
	Side    int

	pools   [7]pool // of surely labelled training faces, by emotion
	neutral pool    // those of the neutral ones that can be warped
	share   [7]float64
}

// pool holds faces by who they are, so that the few are drawn more often than
// they occur: a cell is drawn with the square root of its number.
type pool struct {
	cells [][]int
	share []float64 // running sum, 1 at the end
	size  int
}

// NewSampler takes the faces of the training and of the validation split, as
// they were photographed.
func NewSampler(f *Faces, a Augment, side int) *Sampler {
	return NewExpressive(f, a, Express{}, side)
}

// NewExpressive is NewSampler, with expressions made beside the photographed ones.
func NewExpressive(f *Faces, a Augment, e Express, side int) *Sampler {
	s := &Sampler{Faces: f, Augment: a, Express: e, Side: side}
	var sure [7][]int
	var neutral []int
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
		if c.Emotions[k] < e.Sure*sum(c.Emotions) {
			continue
		}
		sure[k] = append(sure[k], i)
		if k == 0 && e.Share > 0 && f.Aligned[i] && expression.Suitable(f.Landmarks[i]) {
			neutral = append(neutral, i)
		}
	}
	for k := range sure {
		s.pools[k] = f.pool(sure[k])
	}
	s.neutral = f.pool(neutral)
	s.share = s.shares()
	return s
}

func sum(w [7]float64) (s float64) {
	for _, v := range w {
		s += v
	}
	return s
}

// shares are those of the emotions in a batch: the square root of how many
// photographs there are, or of how many it would take if expressions are made.
func (s *Sampler) shares() (share [7]float64) {
	total := 0.0
	for k := range share {
		n := s.pools[k].size
		if k > 1 && s.makes() {
			n = max(n, (s.pools[0].size+s.pools[1].size)/6) // together twice as often as either
		}
		share[k] = math.Sqrt(float64(n))
		total += share[k]
	}
	for k := range share {
		share[k] /= max(total, 1e-9)
	}
	return share
}

// makes says whether expressions are made.
func (s *Sampler) makes() bool { return s.Express.Share > 0 && s.neutral.size > 0 }

// pool sorts faces into cells of gender and age.
func (f *Faces) pool(list []int) pool {
	bands := [...]float64{25, 35, 45, 60, 75}
	cells := make([][]int, 2*(len(bands)+1))
	for _, i := range list {
		c := f.Conds[i]
		k := 0
		for k < len(bands) && c.Age >= bands[k] {
			k++
		}
		if c.Gender > 0 {
			k += len(bands) + 1
		}
		cells[k] = append(cells[k], i)
	}
	p := pool{size: len(list)}
	total := 0.0
	for _, c := range cells {
		if len(c) > 0 {
			total += math.Sqrt(float64(len(c)))
			p.cells, p.share = append(p.cells, c), append(p.share, total)
		}
	}
	for i := range p.share {
		p.share[i] /= total
	}
	return p
}

func (p *pool) draw(r *rand.Rand) int {
	x := r.Float64()
	for i, c := range p.cells {
		if x < p.share[i] || i == len(p.cells)-1 {
			return c[r.IntN(len(c))]
		}
	}
	return 0
}

// Draw picks a photograph of the training split.
func (s *Sampler) Draw(r *rand.Rand) int { return s.Pick(r).Face }

// Pick picks a training face and, of some emotions, the expression to be made of it.
func (s *Sampler) Pick(r *rand.Rand) Pick {
	x := r.Float64()
	for k, p := range s.share {
		if x -= p; x < 0 {
			if p, ok := s.of(k, r); ok {
				return p
			}
		}
	}
	return Pick{Face: s.Train[r.IntN(len(s.Train))]}
}

// of picks a face of an emotion, if there is any.
func (s *Sampler) of(emotion int, r *rand.Rand) (Pick, bool) {
	photographed := &s.pools[emotion]
	switch {
	case emotion > 1 && s.makes() && (photographed.size == 0 || r.Float64() < s.Express.Share):
		strength := s.Express.Least + (1-s.Express.Least)*r.Float64()
		return Pick{s.neutral.draw(r), emotion, strength, r.Uint64()}, true
	case photographed.size > 0:
		return Pick{Face: photographed.draw(r)}, true
	}
	return Pick{}, false
}

// Condition is what a pick shows. The label of a made expression is exact: as
// much of the emotion as it is strong, the rest neutral.
func (s *Sampler) Condition(p Pick) portrait.Condition {
	c := s.Faces.Conds[p.Face]
	if p.Strength > 0 {
		c.Emotions = [7]float64{}
		c.Emotions[0] = 1 - p.Strength
		c.Emotions[p.Emotion] = p.Strength
	}
	return c
}

// Face writes photograph i as side x side x 3 in [-1,1], moved by the
// augmentation when r is given.
func (s *Sampler) Face(dst []float32, i int, r *rand.Rand) { s.Show(dst, Pick{Face: i}, r) }

// Show is Face for a pick.
func (s *Sampler) Show(dst []float32, p Pick, r *rand.Rand) {
	n := s.Faces.Side
	src := s.Faces.Face(p.Face)
	k := float64(n) / float64(s.Side)
	m := affine{k, 0, 0, 0, k, 0}
	if r != nil {
		m = m.then(s.Augment.draw(r, float64(n)))
	}
	if p.Strength > 0 {
		if w, ok := expression.New(s.Faces.Landmarks[p.Face], n); ok {
			w.See(src)
			full := s.Express.Full[p.Emotion]
			if full == 0 {
				full = 1
			}
			made := w.Field(p.Emotion, p.Strength*full, rand.New(rand.NewPCG(p.seed, 1)))
			warp(dst, s.Side, src, n, n, m, made, 1/127.5, -1)
			return
		}
	}
	warp(dst, s.Side, src, n, n, m, nil, 1/127.5, -1)
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
