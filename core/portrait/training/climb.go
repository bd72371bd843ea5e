package training

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// climb trains the rungs of the ladder one after the other: each begins with
// the generator and the critics of the one below, which a smaller picture has
// taught at a fraction of the cost (Karras et al., "Progressive growing of
// GANs", 2018). A rung that is done is not trained again. store is of the last one.
func climb(ctx context.Context, c TrainConfig, store *autodiff.Store, set *faces.Faces, report Report) error {
	spent := 0.0
	for _, rung := range c.rungs() {
		last, at := rung.Shape.Side == c.Shape.Side, store
		if !last {
			at = rung.store()
			if card, err := nn.ReadCard(filepath.Join(rung.Model, nn.CardFile)); err == nil {
				spent = card.Time
				continue
			}
			if err := os.MkdirAll(rung.Run, 0o755); err != nil {
				return fmt.Errorf("portrait training: %w: name a folder that can be written with run", err)
			}
		}
		if len(c.Grow) > 0 {
			report.note("pictures of %d pixels, %d steps", rung.Shape.Side, rung.Steps)
		}
		if err := train(ctx, rung, at, set, spent, report); err != nil {
			return err
		}
		if !last {
			card, err := nn.ReadCard(filepath.Join(rung.Model, nn.CardFile))
			if err != nil {
				return err
			}
			spent = card.Time
		}
	}
	return nil
}

// rungs are the configurations of the sizes that a training goes through: those
// of Grow, in folders named by their side below c.Run, then c's own. Sizes that
// the model in c.From has left behind are not trained again.
func (c TrainConfig) rungs() []TrainConfig {
	var all []TrainConfig
	reached := 0
	if card, err := nn.ReadCard(filepath.Join(c.From, nn.CardFile)); c.From != "" && err == nil {
		reached = int(card.Settings["side"])
	}
	for i, steps := range c.Grow {
		below := len(c.Grow) - i
		r := c
		if r.Shape.Side >>= below; r.Shape.Side < reached {
			continue
		}
		r.Shape.Generator = c.Shape.Generator[:len(c.Shape.Generator)-below]
		r.Shape.Discriminator = c.Shape.Discriminator[below:]
		r.Steps, r.KeepCritics = steps, true
		r.Run = filepath.Join(c.Run, fmt.Sprint(r.Shape.Side))
		r.Model = filepath.Join(r.Run, "model")
		if n := len(all); n > 0 {
			r.From = all[n-1].Model
		}
		all = append(all, r)
	}
	if n := len(all); n > 0 {
		c.From = all[n-1].Model
	}
	return append(all, c)
}

// checkGrow reports a way up that the ladder cannot take.
func (c TrainConfig) checkGrow() error {
	if len(c.Grow) > 0 && (c.Recipe != Ladder || len(c.Grow) > 8 || c.Shape.Side>>len(c.Grow) < portrait.FirstRung) {
		return fmt.Errorf("portrait training: grow names %d sizes below %d pixels: only the ladder grows, from %d pixels on", len(c.Grow), c.Shape.Side, portrait.FirstRung)
	}
	for _, steps := range c.Grow {
		if steps < 1 {
			return fmt.Errorf("portrait training: grow: %d steps: give at least 1", steps)
		}
	}
	return nil
}
