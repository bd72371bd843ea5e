package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
)

// Pupil is what learning one style begins with.
type Pupil struct {
	Reference *picture.Picture
	Network   *optimise.Network
	Features  *style.FeatureNet
	Vector    []float32 // predicted from the reference; nil if there is no predictor
	// Portraits are drawn by the portrait model, to be painted while learning;
	// without the model there are none.
	Portraits []*picture.Picture
}

// Pupil opens a painting to learn from and the networks.
func (e *Engine) Pupil(ctx context.Context, reference string) (*Pupil, error) {
	r, err := picture.OpenRaster(ctx, reference, e.Config.pictureLimits(), rasters())
	if err != nil {
		return nil, err
	}
	defer r.Close()
	var p Pupil
	if p.Reference, err = reduced(ctx, r, referencePixels); err != nil {
		return nil, err
	}
	p.Reference = p.Reference.Flatten(1, 1, 1)
	if err := checkReference(p.Reference); err != nil {
		return nil, err
	}
	network, err := e.model(style.Network, "")
	if err != nil {
		return nil, err
	}
	features, err := e.model(featureModel, "")
	if err != nil {
		return nil, err
	}
	if p.Network, err = optimise.OpenNetwork(network); err != nil {
		return nil, mark(err, ErrBroken)
	}
	if p.Features, err = style.OpenFeatures(features); err != nil {
		return nil, mark(err, ErrBroken)
	}
	if p.Portraits, err = e.portraits(ctx); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(network, style.PredictorFile)); errors.Is(err, os.ErrNotExist) {
		return &p, nil
	}
	predictor, err := e.loaders.predictor(network, features)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	p.Vector, err = predictor.Predict(ctx, p.Reference, 1)
	return &p, err
}

// portraits draws faces of several ages, or none if there is no portrait model.
func (e *Engine) portraits(ctx context.Context) ([]*picture.Picture, error) {
	dir, err := e.PortraitModel()
	if err != nil {
		return nil, nil
	}
	d, err := e.loaders.drawer(dir)
	if err != nil {
		return nil, mark(err, ErrBroken)
	}
	var requests []portrait.Request
	for i, age := range []float64{30, 45, 25, 60, 35, 20} {
		c := portrait.Condition{Age: age, Gender: float64(1 - 2*(i%2))}
		c.Emotions[sentiment.Neutral] = 1
		requests = append(requests, portrait.NewRequest(c, uint64(i+1)))
	}
	return d.Draw(ctx, requests)
}

// The sizes that a kept reference may have, and the bytes that a style's folder
// may have with it.
var referenceSides = []int{640, 512, 384, 256}

const maxStyleBytes = optimise.MaxPackage

// KeepReference puts a small copy of the painting into the folder of the style
// that was learnt from it, for the method optimize, as large as fits into the
// size of a style.
func KeepReference(dir string, p *picture.Picture) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var used int64
	for _, f := range entries {
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() && f.Name() != referenceFile {
			used += info.Size()
		}
	}
	for _, side := range referenceSides {
		small, err := p.Fit(side, side)
		if err != nil {
			return err
		}
		bare := *small
		bare.Meta = nil
		path := filepath.Join(dir, referenceFile)
		if err := picture.SaveContext(context.Background(), path, &bare, picture.SaveOptions{Quality: 85}); err != nil {
			return err
		}
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if used+info.Size() < maxStyleBytes {
			return nil
		}
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("keep reference: %w", err)
		}
	}
	return nil // the painting is too rich: the style is whole without it
}
