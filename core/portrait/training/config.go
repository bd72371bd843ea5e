package training

import (
	_ "embed"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// TrainConfig says what a training learns and how. paper.toml and ladder.toml
// in this folder are those that ship.
type TrainConfig struct {
	Data  string `toml:"data"`  // folder of a data set, or a packed one
	Run   string `toml:"run"`   // folder of checkpoints, samples and the log
	Model string `toml:"model"` // folder that the trained model goes to

	Source      string         `toml:"source"`       // of the photographs, for the card
	Licence     string         `toml:"licence"`      // of the weights, for the card
	Labels      string         `toml:"labels"`       // SHA-256 of the labels.csv that source and licence speak of; empty: any
	Recipe      string         `toml:"recipe"`       // Paper or Ladder
	From        string         `toml:"from"`         // folder of a model to start from: generator and, if kept, discriminators
	KeepCritics bool           `toml:"keep_critics"` // write the discriminators beside the model, to go on from
	Seed        uint64         `toml:"seed"`
	Steps       int            `toml:"steps"`
	Grow        []int          `toml:"grow"` // ladder: steps at each smaller size first, from FirstRung up
	Batch       int            `toml:"batch"`
	LearnRate   float64        `toml:"learn_rate"`
	Beta1       float64        `toml:"beta1"`
	Beta2       float64        `toml:"beta2"`
	RealTarget  float64        `toml:"real_target"` // paper: what the discriminator answers to photographs
	Perceptual  float64        `toml:"perceptual"`  // paper: weight; 0: without
	Warmup      int            `toml:"warmup"`      // ladder: first steps in which only the discriminators learn
	Average     float64        `toml:"average"`     // decay of the generator's running average
	Checkpoint  int            `toml:"checkpoint_every"`
	Keep        int            `toml:"keep"`            // newest checkpoints that stay
	Milestone   int            `toml:"milestone_every"` // and those of every so many steps; 0: none
	Sample      int            `toml:"sample_every"`
	Heads       Heads          `toml:"heads"`
	Augment     faces.Augment  `toml:"augment"`
	Express     faces.Express  `toml:"express"`
	Blind       Blind          `toml:"blind"`   // ladder
	Critics     Critics        `toml:"critics"` // ladder
	Shape       portrait.Shape `toml:"shape"`

	// Features is the frozen loss network: one input, RGB in [0,1], any number of
	// outputs. The paper's perceptual term needs it; the ladder has a critic of
	// each output.
	Features *portrait.Features `toml:"-"`
}

// Heads are the weights of the losses that judge the condition.
type Heads struct {
	Emotion float64 `toml:"emotion"`
	Age     float64 `toml:"age"`
	Gender  float64 `toml:"gender"`
}

// Critics are the settings of the ladder's discriminators.
type Critics struct {
	Rate float64 `toml:"rate"` // learning rate; 0: the generator's
	// Gamma weighs the gradient penalty (Mescheder et al., "R1", 2018); 0: none.
	Gamma float64 `toml:"gamma"`
	// Scale brings each layer of the loss network to a mean square of about 1.
	Scale []float64 `toml:"scale"`
}

// Blind says how much of what both real and made pictures look like is hidden
// from the ladder's discriminators by changing them at random: differentiable
// augmentation (Zhao et al., 2020), against learning few photographs by heart.
type Blind struct {
	Shift      float64 `toml:"shift"`      // part of the side, at most, either way
	Gain       float64 `toml:"gain"`       // of contrast, at most, either way
	Offset     float64 `toml:"offset"`     // of brightness, at most, either way
	Saturation float64 `toml:"saturation"` // at most, either way
}

// The recipes and their configurations.
const (
	Paper  = "paper"  // the conditional GAN as published
	Ladder = "ladder" // what ships: grows, and judges features too
)

//go:embed paper.toml
var paperConfig string

//go:embed ladder.toml
var ladderConfig string

// ShippedConfig is the configuration of a recipe as it ships.
func ShippedConfig(recipe string) (TrainConfig, error) {
	return parseConfig("", "recipe "+recipe, recipe)
}

// Recipes are the names of the recipes, what ships first.
func Recipes() []string { return []string{Ladder, Paper} }

// LoadTrainConfig reads a configuration; what it leaves out is as its recipe
// ships. If it names no recipe, that is the one given, or the ladder if that is
// empty; naming another is an error. Unknown keys are a *KeyError.
func LoadTrainConfig(path, recipe string) (TrainConfig, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return TrainConfig{}, fmt.Errorf("portrait training: %w: name a TOML file", err)
	}
	return parseConfig(string(b), path, recipe)
}

func parseConfig(text, name, recipe string) (TrainConfig, error) {
	c := TrainConfig{Recipe: recipe}
	if recipe == "" {
		c.Recipe = Ladder
	}
	meta, err := toml.Decode(text, &c)
	if err != nil {
		return c, fmt.Errorf("portrait training: %s: %w: mend the file", name, err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		return c, unknownKey(name, keys[0])
	}
	shipped := map[string]string{Paper: paperConfig, Ladder: ladderConfig}[c.Recipe]
	if shipped == "" {
		return c, fmt.Errorf("portrait training: %s: recipe %q is unknown: use %q or %q", name, c.Recipe, Ladder, Paper)
	}
	if recipe != "" && c.Recipe != recipe {
		return c, fmt.Errorf("portrait training: %s is for the recipe %q, and %q is asked for: leave one out", name, c.Recipe, recipe)
	}
	c = TrainConfig{Recipe: c.Recipe}
	for _, layer := range []string{shipped, text} {
		if _, err := toml.Decode(layer, &c); err != nil {
			return c, fmt.Errorf("portrait training: %s: %w: mend the file", name, err)
		}
	}
	if meta.IsDefined("source") && meta.IsDefined("licence") && !meta.IsDefined("labels") {
		c.Labels = "" // they are those of other photographs
	}
	return c, c.Check()
}

// Check reports the first value out of range.
func (c TrainConfig) Check() error {
	switch {
	case strings.TrimSpace(c.Licence) == "" || strings.TrimSpace(c.Source) == "":
		return fmt.Errorf("portrait training: source or licence is empty: say where the photographs come from and what may be done with weights trained on them")
	case c.Recipe != Paper && c.Recipe != Ladder:
		return fmt.Errorf("portrait training: recipe %q is unknown: use %q or %q", c.Recipe, Ladder, Paper)
	case c.Steps < 1 || c.Batch < 2 || c.Batch > 4096:
		return fmt.Errorf("portrait training: %d steps of batch %d: give at least one step, and a batch of 2 to 4096", c.Steps, c.Batch)
	case c.Keep < 1 || c.Milestone < 0:
		return fmt.Errorf("portrait training: keep %d, milestone_every %d: give at least 1, and 0 or more", c.Keep, c.Milestone)
	case c.Checkpoint < 1 || c.Sample < 1:
		return fmt.Errorf("portrait training: checkpoint_every %d, sample_every %d: give at least 1", c.Checkpoint, c.Sample)
	case !(c.LearnRate > 0 && c.LearnRate < 1) || !(c.Beta1 >= 0 && c.Beta1 < 1) || !(c.Beta2 >= 0 && c.Beta2 < 1):
		return fmt.Errorf("portrait training: learning rate %g, beta1 %g, beta2 %g: give a rate between 0 and 1, betas from 0 to below 1", c.LearnRate, c.Beta1, c.Beta2)
	case c.Recipe == Paper && !(c.RealTarget > 0.5 && c.RealTarget <= 1):
		return fmt.Errorf("portrait training: real_target %g: give 0.5 to 1", c.RealTarget)
	case !(c.Average >= 0 && c.Average < 1) || c.Warmup < 0:
		return fmt.Errorf("portrait training: average %g, warmup %d: give 0 to below 1, and 0 or more", c.Average, c.Warmup)
	case c.Recipe == Paper != (c.Shape.Style == 0):
		return fmt.Errorf("portrait training: style %d with the recipe %q: the paper's has 0, the ladder more", c.Shape.Style, c.Recipe)
	case !(c.Critics.Gamma >= 0 && c.Critics.Gamma <= 100) || !(c.Critics.Rate >= 0 && c.Critics.Rate < 1):
		return fmt.Errorf("portrait training: critics: gamma %g, rate %g: give 0 to 100, and 0 to below 1", c.Critics.Gamma, c.Critics.Rate)
	case c.Recipe == Ladder && c.Features != nil && len(c.Critics.Scale) != len(c.Features.Graph.Outs):
		return fmt.Errorf("portrait training: %d scales for %d layers of the loss network: give one for each", len(c.Critics.Scale), len(c.Features.Graph.Outs))
	case slices.ContainsFunc(c.Express.Full[:], func(v float64) bool { return !(v >= 0 && v <= 2) }):
		return fmt.Errorf("portrait training: express: full %v: give 0 to 2 for each emotion", c.Express.Full)
	case !(c.Express.Share >= 0 && c.Express.Share <= 1) || !(c.Express.Least >= 0 && c.Express.Least <= 1) || !(c.Express.Sure >= 0 && c.Express.Sure < 1):
		return fmt.Errorf("portrait training: express: share %g, least %g, sure %g: give 0 to 1", c.Express.Share, c.Express.Least, c.Express.Sure)
	case !c.Blind.ok():
		return fmt.Errorf("portrait training: blind: shift %g, gain %g, offset %g, saturation %g: give 0 to 0.5, and 0 to below 1", c.Blind.Shift, c.Blind.Gain, c.Blind.Offset, c.Blind.Saturation)
	case !(c.Perceptual >= 0) || !(c.Heads.Emotion >= 0) || !(c.Heads.Age >= 0) || !(c.Heads.Gender >= 0):
		return fmt.Errorf("portrait training: a negative loss weight: give 0 or more")
	}
	if err := c.checkGrow(); err != nil {
		return err
	}
	return c.Shape.Check()
}

func (b Blind) ok() bool {
	in := func(v, most float64) bool { return v >= 0 && v <= most }
	return in(b.Shift, 0.5) && in(b.Gain, 0.99) && in(b.Offset, 0.99) && in(b.Saturation, 0.99)
}
