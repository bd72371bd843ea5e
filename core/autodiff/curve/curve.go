// Package curve draws the log of a training as small multiples: a panel for
// each loss, the raw values pale and a smoothed line over them.
package curve

import (
	"math"
	"slices"
	"strings"

	"github.com/atelier-engine/atelier/core/autodiff"
)

// panel is one small plot.
type panel struct {
	title  string
	lines  []line
	guides []float64 // values worth a thin line across
	span   *span     // of the vertical axis; nil: as the values are
}

// line is one loss in a panel.
type line struct {
	network string // "generator", "discriminator" or ""
	points  []autodiff.Point
}

// known says how what most trainings log is shown: by the name without the
// prefix of the network, "g_" or "d_".
var known = []struct {
	name, title string
	guides      []float64
	span        *span
}{
	{"right", "discriminator is right (0.5 guesses, 1 wins)", []float64{0.5, 1}, &span{lo: 0.4, hi: 1.02}},
	{"variety", "samples differ, photographs = 1", []float64{1}, nil},
	{"nearest", "nearest two samples differ, photographs = 1", []float64{1}, nil},
	{"real", "reality", nil, nil},
	{"made", "reality of made pictures", nil, nil},
	{"emotion", "emotion", nil, nil},
	{"age", "age", nil, nil},
	{"gender", "gender", nil, nil},
	{"perceptual", "perceptual", nil, nil},
}

// last are shown behind all others.
var last = []string{"g_gradient", "d_gradient", "gradient"}

// panels sorts the losses of a log into panels. Those of generator and
// discriminator that are called alike share one.
func panels(t *autodiff.Trace) []panel {
	var keys []string
	lines := map[string][]line{}
	for _, name := range t.Names {
		key, network := name, ""
		if rest, ok := strings.CutPrefix(name, "g_"); ok {
			key, network = rest, "generator"
		} else if rest, ok := strings.CutPrefix(name, "d_"); ok {
			key, network = rest, "discriminator"
		}
		if lines[key] == nil {
			keys = append(keys, key)
		}
		lines[key] = append(lines[key], line{network, t.Points[name]})
	}
	slices.SortStableFunc(keys, func(a, b string) int { return rank(a) - rank(b) })
	var all []panel
	for _, key := range keys {
		p := panel{title: strings.ReplaceAll(key, "_", " "), lines: lines[key]}
		for _, k := range known {
			if k.name == key {
				p.title, p.guides, p.span = k.title, k.guides, k.span
			}
		}
		all = append(all, p)
	}
	if len(t.Pace) > 1 {
		all = append(all, panel{title: "seconds a step", lines: []line{{points: t.Pace}}})
	}
	return all
}

// rank orders panels: what tells most about a run comes first.
func rank(key string) int {
	for i, k := range known {
		if k.name == key {
			return i
		}
	}
	if slices.Contains(last, key) {
		return len(known) + 1
	}
	return len(known)
}

// finite leaves out what is no number.
func finite(points []autodiff.Point) []autodiff.Point {
	return slices.DeleteFunc(slices.Clone(points), func(p autodiff.Point) bool { return math.IsNaN(p.Value) || math.IsInf(p.Value, 0) })
}

// smooth is the mean over a window of a fiftieth of the points, at least five,
// around each, so that the line does not lag; at the ends the window has one
// half only.
func smooth(points []autodiff.Point) []autodiff.Point {
	sums := make([]float64, len(points)+1)
	for i, p := range points {
		sums[i+1] = sums[i] + p.Value
	}
	half := max(2, len(points)/100)
	out := make([]autodiff.Point, len(points))
	for i, p := range points {
		lo, hi := max(0, i-half), min(len(points), i+half+1)
		out[i] = autodiff.Point{Step: p.Step, Value: (sums[hi] - sums[lo]) / float64(hi-lo)}
	}
	return out
}

// thin keeps the smallest and the largest of each of at most n stretches: what
// a line of so many pixels can show.
func thin(points []autodiff.Point, n int) []autodiff.Point {
	if len(points) <= 2*n {
		return points
	}
	var out []autodiff.Point
	for i := range n {
		part := points[i*len(points)/n : (i+1)*len(points)/n]
		lo, hi := 0, 0
		for k, p := range part {
			if p.Value < part[lo].Value {
				lo = k
			}
			if p.Value > part[hi].Value {
				hi = k
			}
		}
		out = append(out, part[min(lo, hi)])
		if lo != hi {
			out = append(out, part[max(lo, hi)])
		}
	}
	return out
}

// span is a range of values; on a logarithmic axis, if log.
type span struct {
	lo, hi float64
	log    bool
}

// spanOf holds all but the last hundredth at either end, so that one wild step
// does not flatten the rest, with a little air. The axis is logarithmic where
// all is above zero and the largest value is more than thirty times the smallest.
func spanOf(lines []line, guides []float64) span {
	var values []float64
	for _, l := range lines {
		for _, p := range l.points {
			values = append(values, p.Value)
		}
	}
	slices.Sort(values)
	s := span{lo: values[len(values)/100], hi: values[len(values)-1-len(values)/100]}
	for _, g := range guides {
		s.lo, s.hi = min(s.lo, g), max(s.hi, g)
	}
	if values[0] > 0 && s.lo > 0 && s.hi > 30*s.lo {
		return span{s.lo / 1.2, s.hi * 1.2, true}
	}
	air := 0.06 * (s.hi - s.lo)
	if air == 0 {
		air = max(1e-6, 0.1*math.Abs(s.hi))
	}
	return span{lo: s.lo - air, hi: s.hi + air}
}
