package training

import (
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/autodiff"
)

// watch looks at the reports of a run for the ways in which adversarial
// training dies: a discriminator that wins or learns nothing, samples that
// become alike, losses that explode, a generator that hears nothing any more.
// Every symptom is smoothed and must last; it is told once, and again only
// after the run has recovered from it (hysteresis).
type watch struct {
	begin    int // step before which nothing is judged
	recipe   string
	last     int
	means    map[of]*mean
	episodes map[string]*episode
	best     float64 // variety so far, smoothed
}

func newWatch(c TrainConfig) *watch {
	w := &watch{recipe: c.Recipe, begin: settleSteps + c.Warmup}
	w.clear()
	return w
}

// Steps that a run is given to settle, that a symptom must last, and over which
// what is watched is averaged.
const (
	settleSteps = 500
	lasts       = 300
	quick       = 100
	slow        = 2000
)

func (w *watch) clear() {
	w.means, w.episodes, w.best = map[of]*mean{}, map[string]*episode{}, 0
}

// look takes the losses of a report and returns new warnings.
func (w *watch) look(p autodiff.Progress) []string {
	if p.Step <= w.last { // a rollback: what was seen has not happened
		w.clear()
	}
	passed := p.Step - w.last
	w.last = p.Step
	for name, v := range p.Losses {
		for _, span := range []int{quick, slow} {
			w.add(of{name, span, false}, v, passed)
			w.add(of{name, span, true}, math.Abs(v), passed)
		}
	}
	if p.Step < w.begin {
		return nil
	}
	var told []string
	for _, c := range w.checks(p.Losses) {
		e := w.episodes[c.name]
		if e == nil {
			e = &episode{}
			w.episodes[c.name] = e
		}
		if e.look(p.Step, c.bad, c.well) {
			told = append(told, fmt.Sprintf("step %d: %s: %s: %s", p.Step, c.symptom, c.cause, c.advice))
		}
	}
	return told
}

// replay shows the watch a log up to a step. What was told before is not told
// again.
func (w *watch) replay(t *autodiff.Trace, step int) {
	at := map[int]map[string]float64{}
	for name, points := range t.Points {
		for _, p := range points {
			if at[p.Step] == nil {
				at[p.Step] = map[string]float64{}
			}
			at[p.Step][name] = p.Value
		}
	}
	for _, s := range t.Steps {
		if s <= step && s > w.last {
			w.look(autodiff.Progress{Step: s, Losses: at[s]})
		}
	}
}

// of names a mean: of a loss or of its size, over a span of steps.
type of struct {
	name string
	span int
	size bool
}

func (w *watch) add(k of, v float64, steps int) {
	if w.means[k] == nil {
		w.means[k] = &mean{}
	}
	w.means[k].add(v, float64(steps)/float64(k.span))
}

// at gives the mean of a loss over the last steps, size that of its size over
// the last steps and over many.
func (w *watch) at(name string) float64 { return w.means[of{name, quick, false}].value() }
func (w *watch) size(name string) (now, usual float64) {
	return w.means[of{name, quick, true}].value(), w.means[of{name, slow, true}].value()
}

// mean forgets exponentially: what lies a span back counts 1/e.
type mean struct{ sum, weight float64 }

func (m *mean) add(v, spans float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return // the loop goes back by itself
	}
	keep := math.Exp(-spans)
	m.sum, m.weight = keep*m.sum+(1-keep)*v, keep*m.weight+(1-keep)
}

func (m *mean) value() float64 {
	if m == nil || m.weight == 0 {
		return math.NaN() // which no bound is passed by
	}
	return m.sum / m.weight
}

// episode is the time from when a symptom has lasted until it has passed.
type episode struct {
	on    bool
	since int // first step of the symptom; 0: it is not there
}

// look reports whether an episode begins.
func (e *episode) look(step int, bad, well bool) bool {
	switch {
	case e.on:
		if well {
			e.on, e.since = false, 0
		}
	case !bad:
		e.since = 0
	case e.since == 0:
		e.since = step
	case step-e.since >= lasts:
		e.on = true
		return true
	}
	return false
}
