package autodiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"
)

// LoopConfig says how to train. Only Steps, Step and State are needed.
type LoopConfig struct {
	Steps int    // in all, those already done included
	State *State // State.Step counts; see Store.Restore for resuming
	// Step does one step, the number of which counts from 0, and returns its losses.
	Step func(ctx context.Context, step int) (map[string]float64, error)

	Store     *Store // nil: no checkpoints
	SaveEvery int    // steps between checkpoints; 0: 1000

	Report   int            // steps between reports and lines of the log; 0: 50
	Progress func(Progress) // nil: none
	Log      string         // file of losses, tab-separated; empty: none
	Warn     func(string)   // told about rollbacks and unusable checkpoints, and what Watch says; nil: none

	// Watch is shown each report and says what is wrong with the run, once, not
	// at every report. It is told to Warn and written to the log. nil: none.
	// After a rollback the steps of the reports go back.
	Watch func(Progress) []string

	Batch int     // pictures in a step, for Progress; 0: not known
	Work  float64 // floating-point operations of a step, for Progress; 0: not known

	// When a loss or a weight becomes infinite or undefined, the run goes back to
	// the last checkpoint with the learning rates halved, at most Rollbacks times.
	Rollbacks int // 0: 3; negative: never
}

// ErrDiverged is in the error of a run whose losses became infinite or undefined
// more often than it may go back.
var ErrDiverged = errors.New("training diverged")

// Loop trains until Steps are done. When ctx ends, it saves a checkpoint and
// returns the context's error. A step that has begun is finished first. Where
// another Loop uses the Store's folder, of any process, it errs with ErrBusy.
func Loop(ctx context.Context, c LoopConfig) (err error) {
	if c.State == nil || c.Step == nil {
		return fmt.Errorf("train: State and Step are missing: give both")
	}
	l := &loop{LoopConfig: c, start: time.Now(), saved: -1, sums: map[string]float64{}, counts: map[string]int{}}
	l.defaults()
	if c.Store != nil {
		if !c.Store.held {
			unlock, err := c.Store.Lock()
			if err != nil {
				return err
			}
			defer unlock()
		}
		if l.saved, err = c.Store.begin(c.State); err != nil {
			return err
		}
		if err := l.save(); err != nil {
			return err
		}
	}
	if c.Log != "" {
		if l.log, err = openLog(c.Log, c.State.Step); err != nil {
			return err
		}
		defer func() {
			if e := l.log.Close(); err == nil && e != nil {
				err = fmt.Errorf("train: log: %w", e)
			}
		}()
	}
	for l.State.Step < l.Steps {
		if ctx.Err() != nil {
			return errors.Join(fmt.Errorf("train: stopped after step %d: %w", l.State.Step, context.Cause(ctx)), l.save())
		}
		if err := l.step(ctx); err != nil {
			return err
		}
	}
	return l.finish()
}

// loop is the state of one call of Loop.
type loop struct {
	LoopConfig
	log   *lossLog
	start time.Time

	rolledBack int // in all
	unsaved    int // rollbacks that no checkpoint knows of
	saved      int // step of the last checkpoint, or -1

	sums   map[string]float64
	counts map[string]int
	pace   pace
}

func (l *loop) defaults() {
	if l.SaveEvery <= 0 {
		l.SaveEvery = 1000
	}
	if l.Report <= 0 {
		l.Report = 50
	}
	if l.Rollbacks == 0 {
		l.Rollbacks = 3
	}
}

func (l *loop) warn(format string, a ...any) {
	if l.Warn != nil {
		l.Warn(fmt.Sprintf(format, a...))
	}
}

// step does one step and what is due after it.
func (l *loop) step(ctx context.Context) error {
	begin := time.Now()
	losses, err := l.Step(ctx, l.State.Step)
	if err != nil {
		return fmt.Errorf("train: step %d: %w", l.State.Step, err)
	}
	l.State.Step++
	l.pace.add(time.Since(begin))
	for _, name := range sortedKeys(losses) {
		if v := losses[name]; math.IsNaN(v) || math.IsInf(v, 0) {
			return l.rollback(fmt.Errorf("loss %q is %v", name, v))
		}
	}
	for name, v := range losses {
		l.sums[name] += v
		l.counts[name]++
	}
	if l.Store != nil && (l.State.Step%l.SaveEvery == 0 || l.State.Step == l.Steps) {
		if err := l.State.finite(); err != nil {
			return l.rollback(err)
		}
		if err := l.save(); err != nil {
			return err
		}
	}
	if l.State.Step%l.Report == 0 || l.State.Step == l.Steps {
		return l.report()
	}
	return nil
}

// finish checks the last weights of a run without checkpoints.
func (l *loop) finish() error {
	if err := l.State.finite(); err != nil {
		return fmt.Errorf("train: %w: %w: lower the learning rate", ErrDiverged, err)
	}
	return nil
}

func (l *loop) save() error {
	if l.Store == nil || l.saved == l.State.Step {
		return nil
	}
	if _, err := l.Store.Save(l.State); err != nil {
		if l.saved >= 0 {
			return fmt.Errorf("train: step %d: %w; the checkpoint of step %d is whole: the same command goes on from there", l.State.Step, err, l.saved)
		}
		return err
	}
	l.saved, l.unsaved = l.State.Step, 0
	return nil
}

// rollback returns to the last checkpoint with smaller learning rates.
func (l *loop) rollback(why error) error {
	at := l.State.Step
	if l.Store == nil || l.rolledBack >= l.Rollbacks {
		return fmt.Errorf("train: %w at step %d after %d rollbacks: %w: lower the learning rate", ErrDiverged, at, l.rolledBack, why)
	}
	_, skipped, err := l.Store.Restore(l.State)
	for _, s := range skipped {
		l.warn("%s", s)
	}
	if err != nil {
		return fmt.Errorf("train: %w at step %d: %w: %w", ErrDiverged, at, why, err)
	}
	l.rolledBack++
	l.unsaved++
	for _, a := range l.State.Adams {
		a.Scale = or(a.Scale, 1) * math.Pow(0.5, float64(l.unsaved))
	}
	l.saved = -1
	clear(l.sums)
	clear(l.counts)
	if l.log != nil {
		if err := l.log.truncate(l.State.Step); err != nil {
			return err
		}
	}
	return l.say(fmt.Sprintf("step %d: %v: back to step %d with half the learning rate (%d of %d)", at, why, l.State.Step, l.rolledBack, l.Rollbacks))
}

// say gives a warning, which the log keeps.
func (l *loop) say(text string) error {
	l.warn("%s", text)
	if l.log != nil {
		return l.log.note(l.State.Step, text)
	}
	return nil
}

// report tells the means since the last report.
func (l *loop) report() error {
	p := Progress{Step: l.State.Step, Steps: l.Steps, Losses: map[string]float64{}, Elapsed: time.Since(l.start),
		Left: l.pace.left(l.Steps - l.State.Step), Pace: l.pace.step(), Saved: l.saved}
	if s := p.Pace.Seconds(); s > 0 {
		p.Pictures, p.Work = float64(l.Batch)/s, l.Work/s
	}
	for name, s := range l.sums {
		p.Losses[name] = s / float64(l.counts[name])
	}
	clear(l.sums)
	clear(l.counts)
	if l.log != nil {
		if err := l.log.write(p); err != nil {
			return err
		}
	}
	if l.Progress != nil {
		l.Progress(p)
	}
	if l.Watch != nil {
		for _, text := range l.Watch(p) {
			if err := l.say(text); err != nil {
				return err
			}
		}
	}
	return nil
}
