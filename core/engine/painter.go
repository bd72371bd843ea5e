package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// paintOptions are the choices of a painting.
type paintOptions struct {
	Intensity    float64
	IntensityMap *picture.Picture // grey, any size; nil: none
	Mask         *picture.Picture // soft; nil: everywhere
	Background   *background      // nil: the picture itself
	Stroke       float64          // 0 means 1
	Keep         string           // "", "luminance" or "histogram"
	Progress     func(float64)
}

// background is what is seen where a mask is black or the picture transparent.
type background struct {
	Colour  [3]float32       // sRGB
	Picture *picture.Picture // over the colour; nil: the colour alone
}

// stylizer is the painter of core/style.
type stylizer struct{ *style.Stylizer }

func (s stylizer) PaintRaster(ctx context.Context, src, dst *picture.Raster, p style.Plan, o paintOptions) error {
	all := style.Options{
		Intensity: o.Intensity, IntensityMap: o.IntensityMap, Mask: o.Mask,
		Stroke: o.Stroke, Keep: style.Keep(o.Keep), Progress: o.Progress,
	}
	if b := o.Background; b != nil {
		all.Background = &style.Background{Colour: b.Colour, Picture: b.Picture}
	}
	return s.Stylizer.PaintRaster(ctx, src, dst, p, all)
}

func (s stylizer) Predict(context.Context, *picture.Picture, float64) ([]float32, error) {
	return nil, errors.New("there is no predictor yet")
}

// mixPart is one style of a mixture.
type mixPart struct {
	Name   string
	Weight float64
}

func parseMix(text string) ([]mixPart, error) {
	var all []mixPart
	for _, item := range strings.Split(text, "+") {
		name, weight, given := strings.Cut(item, ":")
		m := mixPart{strings.TrimSpace(name), 1}
		if given {
			v, err := strconv.ParseFloat(strings.TrimSpace(weight), 64)
			if err != nil || !(v > 0 && v <= 1.5) {
				return nil, fmt.Errorf("style %q: the weight is %q: it must be a number above 0, up to 1.5", m.Name, weight)
			}
			m.Weight = v
		}
		all = append(all, m)
	}
	return all, nil
}
