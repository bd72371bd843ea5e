package optimise

import (
	"fmt"
	"math"
	"math/rand/v2"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// pupil is a style vector that is being learnt: a tape that paints crops of
// pictures with it and compares what the feature network sees. The loss is that
// of a scene, with the distances of the crops from the reference measured over
// some crops once.
type pupil struct {
	size, batch int
	weights     Weights
	vector      *autodiff.Params
	tape        *autodiff.Tape
	content     *gorgonia.Node
	style       *gorgonia.Node
	smooth      *gorgonia.Node
	contents    []*picture.Picture
	adam        *autodiff.Adam
}

const (
	vectorName  = "vector"
	paintSide   = 512 // shorter side at which the network paints: strokes are parts of it
	surveyCrops = 8   // over which the distances are measured
	vectorRate  = .02
)

// newPupil makes the tape. Contents are pictures to paint, of any size.
func newPupil(n *Network, f *style.FeatureNet, vector []float32, ref *picture.Picture, contents []*picture.Picture, size, batch int, weights Weights, seed uint64) (*pupil, error) {
	if err := n.check(vector); err != nil {
		return nil, err
	}
	if err := checkPicture(ref); err != nil {
		return nil, fmt.Errorf("reference: %w", err)
	}
	if len(contents) == 0 {
		return nil, fmt.Errorf("there is no picture to paint while learning: give at least one")
	}
	p := &pupil{size: size, batch: batch, weights: weights.fill(), adam: newAdam()}
	for i, c := range contents {
		if err := checkPicture(c); err != nil {
			return nil, fmt.Errorf("picture %d: %w", i, err)
		}
		c, err := scaled(c.Flatten(1, 1, 1), max(paintSide, size), 1)
		if err != nil {
			return nil, err
		}
		if c.W < size || c.H < size { // very long ones, which are not enlarged to the full
			if c, err = c.Resize(max(c.W, size), max(c.H, size)); err != nil {
				return nil, err
			}
		}
		p.contents = append(p.contents, c)
	}
	run, err := f.Runner()
	if err != nil {
		return nil, err
	}
	painting, err := scaled(ref.Flatten(1, 1, 1), paintSide, 1)
	if err != nil {
		return nil, err
	}
	target, err := measure(run, f.Taps, painting)
	if err != nil {
		return nil, err
	}
	manners, spreads, err := p.survey(run, f.Taps, target, seed)
	if err != nil {
		return nil, err
	}
	return p, p.build(n, f, vector, manners, spreads)
}

// survey measures, a tap each, how far crops are from the reference and how much
// their features vary.
func (p *pupil) survey(run *style.FeatureRunner, names []string, target measures, seed uint64) (manners []manner, spreads []float64, err error) {
	rng := rand.New(rand.NewPCG(seed, 7))
	crop := picture.New(p.size, p.size)
	spreads = make([]float64, len(target.taps))
	photos := make([][][]float32, len(target.taps))
	for range surveyCrops {
		p.crop(crop.Pix, rng)
		m, err := measure(run, names, crop)
		if err != nil {
			return nil, nil, err
		}
		for i, t := range m.taps {
			photos[i] = append(photos[i], m.moments[i])
			if t.Data != nil {
				spreads[i] += max(variance(t.Data, t.C), leastVariance) / surveyCrops
			}
		}
	}
	for i, t := range target.taps {
		manners = append(manners, newManner(t.C, target.moments[i], photos[i]...))
	}
	return manners, spreads, nil
}

func (p *pupil) build(n *Network, f *style.FeatureNet, vector []float32, manners []manner, spreads []float64) error {
	k := len(vector)
	p.vector = autodiff.NewParamsOf("style vector", []device.Param{{Name: vectorName, Shape: []int{1, k}}}, 0)
	copy(p.vector.Get(vectorName), vector)
	p.vector.Touch()
	net, judge := autodiff.NewParams(n.Graph, 0), autodiff.NewParams(f.Graph, 0)
	if err := net.Load(n.Weights); err != nil {
		return err
	}
	if err := judge.Load(f.Weights); err != nil {
		return err
	}
	t := autodiff.NewTape()
	p.tape = t
	photo, canvas := t.Input("photo", p.batch, p.size, p.size, 3), t.Input("canvas", p.batch, p.size, p.size, 3)
	v := t.Lookup(p.vector, vectorName, autodiff.Train, t.Input("choice", p.batch, 1, 1, 1))
	painted, err := t.Apply(n.Graph, net, autodiff.Frozen, canvas, v)
	if err != nil {
		return err
	}
	seen, err := t.Apply(f.Graph, judge, autodiff.Frozen, painted[0])
	if err != nil {
		return err
	}
	shown, err := t.Apply(f.Graph, judge, autodiff.Frozen, photo)
	if err != nil {
		return err
	}
	var contents, styles []*gorgonia.Node
	var cw, sw []float32
	for i, tap := range f.Taps {
		if a := contentShare[tap]; a > 0 {
			contents, cw = append(contents, t.MSE(seen[i], shown[i])), append(cw, a/float32(spreads[i]))
		}
		if b := styleShare[tap]; b > 0 {
			l, err := manners[i].compare(t, tap, p.batch, seen[i])
			if err != nil {
				return err
			}
			styles, sw = append(styles, l), append(sw, b)
		}
	}
	p.content, p.style, p.smooth = t.WeightedSum(cw, contents...), t.WeightedSum(sw, styles...), t.TV(painted[0])
	w := p.weights
	total := t.WeightedSum([]float32{float32(w.Content), float32(w.Style), float32(w.Smooth)}, p.content, p.style, p.smooth)
	if err := t.Minimise(total, p.vector); err != nil {
		return err
	}
	for i := range t.Data("choice") {
		t.Data("choice")[i] = 1
	}
	return nil
}

// crop fills dst (size,size,3) with a random part of a random picture, mirrored
// half of the time.
func (p *pupil) crop(dst []float32, rng *rand.Rand) {
	c := p.contents[rng.IntN(len(p.contents))]
	x0, y0, mirror := rng.IntN(c.W-p.size+1), rng.IntN(c.H-p.size+1), rng.IntN(2) == 0
	for y := range p.size {
		for x := range p.size {
			from := x0 + x
			if mirror {
				from = x0 + p.size - 1 - x
			}
			copy(dst[3*(y*p.size+x):][:3], c.Pix[3*((y0+y)*c.W+from):])
		}
	}
}

// step paints new crops and moves the vector. rate is the share of vectorRate.
func (p *pupil) step(rng *rand.Rand, rate float64) (Losses, error) {
	one := p.size * p.size * 3
	for i := range p.batch {
		photo := p.tape.Data("photo")[i*one : (i+1)*one]
		p.crop(photo, rng)
		style.AddGrain(p.tape.Data("canvas")[i*one:(i+1)*one], photo, p.size, p.size, rng.IntN(1<<16), rng.IntN(1<<16))
	}
	if err := p.tape.Run(); err != nil {
		return Losses{}, err
	}
	p.adam.LR = vectorRate * rate
	if err := p.tape.Update(p.adam); err != nil {
		return Losses{}, err
	}
	return Losses{Content: p.tape.Scalar(p.content), Style: p.tape.Scalar(p.style), Smooth: p.tape.Scalar(p.smooth)}, nil
}

func newAdam() *autodiff.Adam { return &autodiff.Adam{LR: vectorRate, Beta1: .9, Beta2: .99} }

// cosine falls from 1 to a twentieth over the steps, after a short rise.
func cosine(k, steps int) float64 {
	return (.05 + .95*.5*(1+math.Cos(math.Pi*float64(k)/float64(steps)))) * min(1, float64(k+1)/5)
}
