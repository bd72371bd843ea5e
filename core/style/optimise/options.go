package optimise

import (
	"fmt"
	"math"
	"time"

	"github.com/atelier-engine/atelier/core/picture"
)

// Method is how the loss is made smaller.
type Method string

// The methods. L-BFGS needs fewer steps; Adam needs less memory.
const (
	LBFGS Method = "lbfgs"
	Adam  Method = "adam"
)

// Options say how to paint by optimisation. The zero value is a good start.
type Options struct {
	Steps  int     // at the finest level; coarser ones take half as many again; 0: 120
	Size   int     // shorter side of the finest level in pixels; 0: 512; at most that of the picture
	Levels int     // coarse to fine, each twice as large as the one before; 0: as many as begin near 128 pixels
	Stroke float64 // size of the strokes relative to the reference's own, 0.25 to 4; 0: 1
	Method Method  // empty: LBFGS
	Weights
	Seed   uint64           // of the noise
	Noise  float64          // share of noise in the first picture, 0 to 1
	Start  *picture.Picture // what to start from instead of the photograph: a painting of it
	Memory int64            // bytes that the optimisation may take; 0: 900 MiB

	// Every so many steps, in all, Show gets the picture as it is then, at the size
	// of its level. An error ends the painting.
	Every    int
	Show     func(step int, p *picture.Picture) error
	Progress func(Progress) // after each step; nil: none
}

// Progress is what Paint reports.
type Progress struct {
	Step, Steps   int // in all
	Level, Levels int // counted from 1
	W, H          int // of the level
	Losses        Losses
	Elapsed, Left time.Duration
	Share         float64 // of the work, from 0 to 1
}

// Level is what Report says of a level: its size, how many steps it took, and the
// losses before and after.
type Level struct {
	W, H          int
	Steps         int
	Before, After Losses
}

// Report says what Paint did.
type Report struct {
	Levels  []Level
	Losses  Losses // of the finest level, with its values held to [0,1]
	Notes   []string
	Memory  int64 // bytes of the finest level
	Elapsed time.Duration
}

const (
	defaultSteps  = 120
	defaultSize   = 512
	coarsest      = 128
	minSide       = 32 // three poolings of 2 leave 4
	maxSteps      = 10000
	maxLevels     = 6
	coarseSteps   = 1.5
	defaultMemory = 900 << 20
	minStroke     = .25
	maxStroke     = 4
	adamRate      = .03
	firstStep     = .05 // of L-BFGS, of the range of colours
	pairsHeld     = 8
)

func (o Options) fill() Options {
	if o.Steps == 0 {
		o.Steps = defaultSteps
	}
	if o.Size == 0 {
		o.Size = defaultSize
	}
	if o.Stroke == 0 {
		o.Stroke = 1
	}
	if o.Method == "" {
		o.Method = LBFGS
	}
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	o.Weights = o.Weights.fill()
	return o
}

// Check reports the first option that cannot be used.
func (o Options) Check() error {
	bad := func(format string, a ...any) error { return fmt.Errorf("optimise: "+format, a...) }
	switch {
	case o.Steps < 0 || o.Steps > maxSteps:
		return bad("%d steps: use 1 to %d", o.Steps, maxSteps)
	case o.Size != 0 && o.Size < minSide:
		return bad("size %d: use at least %d pixels", o.Size, minSide)
	case o.Levels < 0 || o.Levels > maxLevels:
		return bad("%d levels: use 1 to %d", o.Levels, maxLevels)
	case o.Stroke != 0 && !(o.Stroke >= minStroke && o.Stroke <= maxStroke):
		return bad("stroke %g: use %g to %d", o.Stroke, minStroke, maxStroke)
	case o.Method != "" && o.Method != LBFGS && o.Method != Adam:
		return bad("method %q: use %s or %s", o.Method, LBFGS, Adam)
	case !(o.Noise >= 0 && o.Noise <= 1):
		return bad("noise %g: use 0 to 1", o.Noise)
	case o.Memory < 0 || o.Every < 0:
		return bad("memory or every is negative: leave it out")
	}
	for name, w := range map[string]float64{"content": o.Content, "style": o.Style, "smooth": o.Smooth} {
		if math.IsNaN(w) || math.IsInf(w, 0) || w > 1e6 {
			return bad("weight %g of %s: use 0 to 1000000", w, name)
		}
	}
	return nil
}
