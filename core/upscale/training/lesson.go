package training

import (
	"fmt"
	"maps"
	"slices"

	"gorgonia.org/gorgonia"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/upscale"
)

// margin is what a crop has more than is learnt from, in small pixels, so that
// blocks of a compression fall anywhere and blurs do not meet a border.
const margin = 4

// lesson is three tapes over two networks.
//
// The pixel tape lowers the distance |G(x) - y| alone. The drawing tape lowers
//
//	w_p |G(x) - y| + w_l |avg4(G(x)) - avg4(y)| + Σ w_f |F(G(x)) - F(y)| / mean|F(y)| + w_v weave(G(x)) - w_a D(G(x), x)
//
// and the judging tape the hinge loss of D (Lim and Ye, 2017),
//
//	max(0, 1 - D(y, x)) + max(0, 1 + D(G(x), x)),
//
// where x is the small picture, y the large one and F a feature network. The
// first gives the network its edges, the others the grain that a mean of all
// possible pictures cannot have (Ledig et al., SRGAN, 2017; Wang et al., ESRGAN,
// 2018).
type lesson struct {
	cfg      *TrainConfig
	net, dis *autodiff.Params
	average  *autodiff.Params // of net: what is shown and shipped
	adam     *autodiff.Adam
	adamD    *autodiff.Adam

	pixels, drawing, judging *autodiff.Tape
	feed                     *autodiff.Feed
	fed                      *autodiff.Tape // by feed: pixels, then drawing

	pixelLoss *gorgonia.Node
	made      *gorgonia.Node
	drawn     map[string]*gorgonia.Node
	judged    map[string]*gorgonia.Node
	logits    [2]*gorgonia.Node // of photographs, of made pictures
}

func newLesson(c *TrainConfig, scales []float64) (*lesson, error) {
	g, j := upscale.Graph(c.Network), judgeGraph(c.Judge)
	l := &lesson{cfg: c, net: autodiff.NewParams(g, c.Seed), dis: autodiff.NewParams(j, c.Seed+1),
		adam: &autodiff.Adam{Beta1: .9, Clip: 10}, adamD: &autodiff.Adam{Beta1: .5},
		drawn: map[string]*gorgonia.Node{}, judged: map[string]*gorgonia.Node{}}
	l.average = l.net.Clone("average")

	t := autodiff.NewTape()
	_, y, made, err := l.apply(t, c.Batch)
	if err != nil {
		return nil, err
	}
	l.pixels, l.pixelLoss = t, t.L1(made, y)
	if err := t.Minimise(l.pixelLoss, l.net); err != nil {
		return nil, err
	}
	if c.Steps <= c.PixelSteps {
		return l, nil
	}
	if err := l.draw(scales); err != nil {
		return nil, err
	}
	return l, l.judge()
}

// apply puts the inputs of n samples and the network on a tape.
func (l *lesson) apply(t *autodiff.Tape, n int) (small, y, made *gorgonia.Node, err error) {
	c, s := l.cfg, l.cfg.Size
	small = t.Input("small", n, s, s, 3)
	noise := t.Input("noise", n, s, s, c.Network.Noise)
	out, err := t.Apply(upscale.Graph(c.Network), l.net, autodiff.Train, small, noise)
	if err != nil {
		return nil, nil, nil, err
	}
	return small, t.Input("large", n, upscale.Factor*s, upscale.Factor*s, 3), out[0], nil
}

// draw builds the drawing tape; scales are the mean sizes of the features.
func (l *lesson) draw(scales []float64) error {
	c, t := l.cfg, autodiff.NewTape()
	small, y, made, err := l.apply(t, c.JudgedBatch)
	if err != nil {
		return err
	}
	l.drawing, l.made = t, made
	var parts []*gorgonia.Node
	var weights []float32
	add := func(name string, w float64, loss *gorgonia.Node) {
		l.drawn[name], parts, weights = loss, append(parts, loss), append(weights, float32(w))
	}
	add("pixels", c.Loss.Pixels, t.L1(made, y))
	add("low", c.Loss.Low, t.L1(t.Pool(made, upscale.Factor, upscale.Factor), t.Pool(y, upscale.Factor, upscale.Factor)))
	if c.Loss.Weave > 0 {
		add("weave", c.Loss.Weave, t.Weave(made, upscale.Factor, 2*c.Size/upscale.Factor*upscale.Factor))
	}
	if c.Features != nil {
		f := autodiff.NewParams(c.Features.Graph, 0)
		if err := f.Load(c.Features.Weights); err != nil {
			return fmt.Errorf("upscale training: feature network: %w", err)
		}
		mine, err := t.Apply(c.Features.Graph, f, autodiff.Frozen, made)
		if err != nil {
			return err
		}
		theirs, err := t.Apply(c.Features.Graph, f, autodiff.Frozen, y)
		if err != nil {
			return err
		}
		for i, w := range c.Loss.Features {
			if w > 0 {
				add(fmt.Sprintf("features%d", i+1), w/scales[i], t.L1(mine[i], theirs[i]))
			}
		}
	}
	by := t.Input("shift", c.JudgedBatch, 1, 1, 2)
	opinion, err := t.Apply(judgeGraph(c.Judge), l.dis, autodiff.Frozen, t.Shift(made, by), t.Shift(t.Resize(small, upscale.Factor, true), by))
	if err != nil {
		return err
	}
	add("doubt", -c.Loss.Adversarial, t.Mean(opinion[0]))
	return t.Minimise(t.WeightedSum(weights, parts...), l.net)
}

// judge builds the judging tape.
func (l *lesson) judge() error {
	c, t := l.cfg, autodiff.NewTape()
	l.judging = t
	n, s := c.JudgedBatch, c.Size
	by := t.Input("shift", n, 1, 1, 2)
	soft := t.Shift(t.Resize(t.Input("small", n, s, s, 3), upscale.Factor, true), by)
	var losses []*gorgonia.Node
	for i, name := range []string{"large", "made"} {
		out, err := t.Apply(judgeGraph(c.Judge), l.dis, autodiff.Train, t.Shift(t.Input(name, n, upscale.Factor*s, upscale.Factor*s, 3), by), soft)
		if err != nil {
			return err
		}
		l.logits[i] = out[0]
		loss := t.Hinge(out[0], float32(1-2*i))
		l.judged["judge_"+name], losses = loss, append(losses, loss)
	}
	return t.Minimise(t.WeightedSum([]float32{1, 1}, losses...), l.dis)
}

// step does one step and returns its losses.
func (l *lesson) step(from *corpus, k int) (map[string]float64, error) {
	losses, t := map[string]float64{}, l.pixels
	if k >= l.cfg.PixelSteps {
		t = l.drawing
	}
	if l.fed != t {
		l.stop()
		l.fed = t
		l.feed = autodiff.NewFeed(t, func(k int, in map[string][]float32) error { return l.fill(in, from, k) })
	}
	if err := l.feed.Next(k); err != nil {
		return nil, err
	}
	if err := t.Run(); err != nil {
		return nil, err
	}
	if t == l.pixels {
		losses["pixels"] = t.Scalar(l.pixelLoss)
	} else if err := l.judgeStep(k, losses); err != nil {
		return nil, err
	}
	l.adam.LR = l.rate(k)
	if err := t.Update(l.adam); err != nil {
		return nil, err
	}
	losses["gradient"] = l.adam.Norm()
	// The first steps are forgotten sooner, or the random start would show for long.
	decay := min(l.cfg.Average, float64(1+k)/float64(10+k))
	return losses, l.average.Average(l.net, float32(decay))
}

// stop ends the goroutine that fills inputs.
func (l *lesson) stop() {
	if l.feed != nil {
		l.feed.Stop()
	}
}

// judgeStep trains the judge on what the drawing tape just made.
func (l *lesson) judgeStep(k int, losses map[string]float64) error {
	d := l.judging
	for _, name := range []string{"small", "large", "shift"} {
		copy(d.Data(name), l.drawing.Data(name))
	}
	if err := d.Take("made", l.drawing, l.made); err != nil {
		return err
	}
	if err := d.Run(); err != nil {
		return err
	}
	l.adamD.LR = l.rate(k) * l.cfg.JudgeRate / l.cfg.JudgedRate
	if err := d.Update(l.adamD); err != nil {
		return err
	}
	l.drawing.Fetch(slices.Collect(maps.Values(l.drawn))...)
	d.Fetch(append(slices.Collect(maps.Values(l.judged)), l.logits[:]...)...)
	for name, n := range l.drawn {
		losses[name] = l.drawing.Scalar(n)
	}
	for name, n := range l.judged {
		losses[name] = d.Scalar(n)
	}
	right, all := 0, 0
	for i, n := range l.logits {
		for _, v := range d.Value(n) {
			if all++; (v > 0) == (i == 0) {
				right++
			}
		}
	}
	losses["judged_right"] = float64(right) / float64(all)
	return nil
}

// rate is the learning rate of a step: it falls to a tenth over the pixel steps,
// and to a tenth again over the last half of the judged ones.
func (l *lesson) rate(k int) float64 {
	c := l.cfg
	if k < c.PixelSteps {
		warm := max(1, min(100, float64(c.PixelSteps)/10))
		return c.LearnRate * min(1, float64(k+1)/warm) * (1 - .9*float64(k)/float64(c.PixelSteps))
	}
	part := float64(k-c.PixelSteps) / float64(max(c.Steps-c.PixelSteps, 1))
	return c.JudgedRate * (1 - .9*max(0, 2*part-1))
}
