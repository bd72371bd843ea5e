package autodiff

import "time"

// Progress is what a run reports while it goes on.
type Progress struct {
	Step, Steps int                // steps done, steps in all
	Losses      map[string]float64 // means since the last report
	Elapsed     time.Duration      // of this call of Loop
	Left        time.Duration      // estimated from the recent steps
	Pace        time.Duration      // of a step, the recent ones
	Saved       int                // step of the last checkpoint; -1: none
	Pictures    float64            // a second; 0: LoopConfig.Batch is not known
	Work        float64            // floating-point operations a second; 0: LoopConfig.Work is not known
}

// pace is the recent duration of a step: a mean that forgets, so that a slow
// start or a busy hour does not spoil the estimate for ever.
type pace struct{ mean, weight float64 }

func (p *pace) add(d time.Duration) {
	const forget = 0.98
	p.mean = p.mean*forget + (1-forget)*d.Seconds()
	p.weight = p.weight*forget + (1 - forget)
}

// step is the duration of a step; 0 before the first.
func (p *pace) step() time.Duration {
	if p.weight == 0 {
		return 0
	}
	return time.Duration(p.mean / p.weight * float64(time.Second))
}

func (p *pace) left(steps int) time.Duration {
	return (p.step() * time.Duration(steps)).Round(time.Second)
}
