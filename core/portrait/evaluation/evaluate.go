// Package evaluation compares portraits with photographs that the generator was
// not trained on: how they are spread, what a judge sees in them, whether they
// differ, and whether any is a copy. docs/evaluation.md explains every figure.
package evaluation

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// Options say what is compared and how.
type Options struct {
	Seed  uint64            // of the first portrait
	Count int               // photographs compared, and portraits of the grid; the grid has two of each condition at least
	Judge *Judge            //
	Loss  portrait.Features // the loss network: RGB in [0,1], any number of outputs
	On    device.Device     // where the loss network runs; nil: the processor

	// Progress is told what is being done, how far it is and how long that will
	// still take; it may be nil.
	Progress func(stage string, done, total int, left time.Duration)
}

const (
	minHeld  = 16  // held-out photographs; figures of fewer say nothing
	lossSide = 128 // of the pictures that the loss network sees, unless the packed faces are smaller
)

// Bench compares generators with photographs. What is to know of the photographs
// is found once and serves every generator.
type Bench struct {
	Report
	opts    Options
	set     *faces.Faces
	eye     *eye
	held    []asked // labels of the held-out photographs
	labels  []asked // of all photographs that were looked at
	scale   scale
	real    [][]float64 // scaled features of held-out photographs, then of all
	all     [][]float64
	traits  [][]float64
	typical float64 // mean distance of two photographs
	train   []int   // training photographs, in the order of the gallery
	gallery *gallery
	near    [2][]near // of held-out photographs: by person, by pixels
}

// NewBench looks at the photographs of a data set. It errs when fewer than
// minHeld are held out.
func NewBench(ctx context.Context, set *faces.Faces, o Options) (*Bench, error) {
	split := faces.NewSampler(set, faces.Augment{}, lossSide)
	n := min(o.Count, len(split.Valid), len(split.Train))
	if n < minHeld {
		return nil, fmt.Errorf("evaluate portraits: %d of %d faces are held out and %d were asked for: at least %d are needed", len(split.Valid), len(set.Conds), o.Count, minHeld)
	}
	net, err := nn.New(o.Loss.Graph, o.Loss.Weights, o.On)
	if err != nil {
		return nil, fmt.Errorf("evaluate portraits: loss network: %w", err)
	}
	b := &Bench{opts: o, set: set, eye: &eye{o.Judge, net, min(lossSide, set.Side)}, train: split.Train}
	b.Report = Report{Faces: len(set.Conds), HeldOut: n, Seed: o.Seed, Seeds: max(2, o.Count/gridCells), Side: b.eye.side, Judge: o.Judge.Name, Device: device.Label(o.On)}
	return b, b.photographs(ctx, split, n)
}

// photographs finds the figures of the photographs, and what those of portraits
// are measured by.
func (b *Bench) photographs(ctx context.Context, split *faces.Sampler, n int) error {
	r := rand.New(rand.NewPCG(b.opts.Seed, 1))
	held, place := sample(split.Valid, n, r), sample(indices(len(split.Train)), n, r)
	trained := make([]int, n)
	for i, k := range place {
		trained[i] = split.Train[k]
	}
	tick, seen := b.stage("photographs", 4*n), [4][]Sight{}
	for i, a := range []album{photographs(b.set, held), changed(b.set, held, b.opts.Seed), photographs(b.set, trained), changed(b.set, trained, b.opts.Seed)} {
		var err error
		if seen[i], err = b.eye.look(ctx, a, i%2 == 0, tick); err != nil {
			return err
		}
	}
	var err error
	if b.gallery, err = hang(ctx, b.opts.Judge, b.set, split.Train, b.stage("training photographs", len(split.Train))); err != nil {
		return err
	}
	b.held = labelsOf(b.set, held)
	b.labels = labelsOf(b.set, append(append([]int{}, held...), trained...))
	raw := features(seen[0])
	b.scale = scaleOf(raw)
	b.real, b.traits = b.scale.apply(raw), traits(seen[0])
	floor := b.scale.apply(features(seen[2]))
	b.all = append(append([][]float64{}, b.real...), floor...)
	b.typical = meanDistance(b.all)
	b.near = [2][]near{b.gallery.persons(seen[0]), b.gallery.pixels(seen[0])}
	c := &b.Photographs
	*c = Column{
		Name: "photographs", Side: b.set.Side, Pictures: n,
		Agreement: agree(b.held, seen[0], sureLabels(b.held, b.opts.Judge.sure)),
		Variety:   Variety{1, closest(b.labels, b.all) / b.typical},
		Identity:  knownPerson(b.held, seen[0], seen[1], ageSpan),
		Memory:    Memory{copying(b.near[0], b.near[0]), copying(b.near[1], b.near[1])},
		Found:     &Found{found(b.gallery.persons(seen[3]), place), found(b.gallery.pixels(seen[3]), place)},
	}
	if b.Warped, err = b.warped(ctx, held); err != nil {
		return err
	}
	return b.spread(c, floor, traits(seen[2]))
}

// spread compares how two sets of pictures lie in the space of features.
func (b *Bench) spread(c *Column, v, t [][]float64) (err error) {
	if c.Frechet, err = frechet(v, b.real); err != nil {
		return err
	}
	if c.FaceFrechet, err = frechet(t, b.traits); err != nil {
		return err
	}
	c.Density, c.Coverage = densityCoverage(v, b.real, neighbours)
	return nil
}

// stage gives what counts the pictures of a stage.
func (b *Bench) stage(name string, total int) func(n int) {
	began, done := time.Now(), 0
	return func(n int) {
		done += n
		if b.opts.Progress != nil {
			left := time.Duration(float64(time.Since(began)) / float64(done) * float64(total-done))
			b.opts.Progress(name, done, total, left.Round(time.Second))
		}
	}
}

// sample draws n of a list, in random order.
func sample(list []int, n int, r *rand.Rand) []int {
	out := append([]int{}, list...)
	r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out[:n]
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

func labelsOf(set *faces.Faces, index []int) []asked {
	conds := make([]portrait.Condition, len(index))
	for i, k := range index {
		conds[i] = set.Conds[k]
	}
	return likeThese(conds, 0)
}
