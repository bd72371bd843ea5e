package training

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/autodiff/curve"
)

// desk is what stands around the game of a run: its checkpoints, what is
// measured beside its losses, the watch over them and their plot.
type desk struct {
	cfg    TrainConfig
	report Report
	game   *base
	store  *autodiff.Store
	watch  *watch
}

func newDesk(c TrainConfig, store *autodiff.Store, g *base, report Report) *desk {
	return &desk{cfg: c, report: report, game: g, store: store, watch: newWatch(c)}
}

// store is the folder of the run's checkpoints.
func (c TrainConfig) store() *autodiff.Store {
	return &autodiff.Store{Dir: filepath.Join(c.Run, "checkpoints"), Keep: c.Keep, Every: c.Milestone}
}

// restore goes back to the newest checkpoint that is whole, and shows the watch
// what the log tells of the steps up to there. It says what was passed over.
func (d *desk) restore(s *autodiff.State) error {
	path, skipped, err := d.store.Restore(s)
	for _, why := range skipped {
		d.report.note("passed over a checkpoint: %s", why)
	}
	if err != nil {
		return err
	}
	if path == "" {
		return nil
	}
	if len(skipped) > 0 {
		d.report.note("going on from the one before, step %d", s.Step)
	} else {
		d.report.note("going on from step %d", s.Step)
	}
	trace, err := autodiff.ReadTrace(d.log())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	d.watch.replay(trace, s.Step)
	return nil
}

func (d *desk) log() string { return filepath.Join(d.cfg.Run, "losses.tsv") }

// Steps between reports. What is dear to measure is measured once in each.
const reportEvery = 10

// measure adds to the losses of a step what is known beside them: the gradients
// and, once in a report, the variety against the photographs of the batch.
func (d *desk) measure(step int, losses map[string]float64, real []float32) {
	for name, a := range map[string]*autodiff.Adam{"g_gradient": d.game.adamG, "d_gradient": d.game.adamD} {
		if n := a.Norm(); n > 0 { // 0: it has not moved yet
			losses[name] = n
		}
	}
	if (step+1)%reportEvery == 0 {
		variety(losses, d.game.gTape.Value(d.game.fake), real, d.cfg.Batch, d.cfg.Shape.Side)
	}
}

// plot draws the losses anew. A plot that fails must not cost the run.
func (d *desk) plot() error {
	_, err := curve.Save(d.log(), filepath.Join(d.cfg.Run, PlotFile))
	return err
}

// PlotFile is the plot of the losses in the folder of a run.
const PlotFile = "losses.png"

// Plot draws the losses of the run in a folder, of whatever network, into a PNG.
func Plot(run, png string) error {
	shown, err := curve.Save(filepath.Join(run, "losses.tsv"), png)
	if err == nil && !shown {
		err = fmt.Errorf("plot losses: the log in %s has no two reports yet: train a little longer", run)
	}
	return err
}
