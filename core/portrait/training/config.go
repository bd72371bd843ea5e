package training

import (
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// TrainConfig says what a training learns and how. train.toml in this folder
// is the one that ships.
type TrainConfig struct {
	Data  string `toml:"data"`  // folder with labels.csv and images/
	Run   string `toml:"run"`   // folder of checkpoints, samples and the log
	Model string `toml:"model"` // folder that the trained model goes to

	Source     string         `toml:"source"`  // of the photographs, for the card
	Licence    string         `toml:"licence"` // of the weights, for the card
	Recipe     string         `toml:"recipe"`  // "paper"
	Seed       uint64         `toml:"seed"`
	Steps      int            `toml:"steps"`
	Batch      int            `toml:"batch"`
	LearnRate  float64        `toml:"learn_rate"`
	Beta1      float64        `toml:"beta1"`
	RealTarget float64        `toml:"real_target"` // what the discriminator answers to photographs
	Perceptual float64        `toml:"perceptual"`  // weight; 0: without
	Average    float64        `toml:"average"`     // decay of the generator's running average
	Checkpoint int            `toml:"checkpoint_every"`
	Sample     int            `toml:"sample_every"`
	Heads      Heads          `toml:"heads"`
	Augment    faces.Augment  `toml:"augment"`
	Shape      portrait.Shape `toml:"shape"`

	// Features is the frozen loss network of the perceptual term: one input,
	// RGB in [0,1], any number of outputs.
	Features *portrait.Features `toml:"-"`
}

// Heads are the weights of the losses that judge the condition.
type Heads struct {
	Emotion float64 `toml:"emotion"`
	Age     float64 `toml:"age"`
	Gender  float64 `toml:"gender"`
}

//go:embed train.toml
var shippedConfig string

// ShippedConfig is the configuration that made the shipped weights.
func ShippedConfig() (TrainConfig, error) { return parseConfig(shippedConfig, "train.toml") }

// LoadTrainConfig reads a configuration; what it leaves out is as shipped,
// unknown keys are errors.
func LoadTrainConfig(path string) (TrainConfig, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return TrainConfig{}, fmt.Errorf("portrait training: %w: name a TOML file", err)
	}
	return parseConfig(string(b), path)
}

func parseConfig(text, name string) (TrainConfig, error) {
	var c TrainConfig
	if _, err := toml.Decode(shippedConfig, &c); err != nil {
		return c, fmt.Errorf("portrait training: %w", err)
	}
	meta, err := toml.Decode(text, &c)
	if err != nil {
		return c, fmt.Errorf("portrait training: %s: %w: mend the file", name, err)
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		var names []string
		for _, k := range keys {
			names = append(names, k.String())
		}
		return c, fmt.Errorf("portrait training: %s: unknown keys %s: compare with the shipped train.toml", name, strings.Join(names, ", "))
	}
	return c, c.Check()
}

// Check reports the first value out of range.
func (c TrainConfig) Check() error {
	switch {
	case strings.TrimSpace(c.Licence) == "" || strings.TrimSpace(c.Source) == "":
		return fmt.Errorf("portrait training: source or licence is empty: say where the photographs come from and what may be done with weights trained on them")
	case c.Recipe != "paper":
		return fmt.Errorf("portrait training: recipe %q is unknown: use \"paper\"", c.Recipe)
	case c.Steps < 1 || c.Batch < 2 || c.Batch > 4096:
		return fmt.Errorf("portrait training: %d steps of batch %d: give at least one step, and a batch of 2 to 4096", c.Steps, c.Batch)
	case c.Checkpoint < 1 || c.Sample < 1:
		return fmt.Errorf("portrait training: checkpoint_every %d, sample_every %d: give at least 1", c.Checkpoint, c.Sample)
	case !(c.LearnRate > 0 && c.LearnRate < 1) || !(c.Beta1 >= 0 && c.Beta1 < 1):
		return fmt.Errorf("portrait training: learning rate %g, beta1 %g: give a rate between 0 and 1, beta1 from 0 to below 1", c.LearnRate, c.Beta1)
	case !(c.RealTarget > 0.5 && c.RealTarget <= 1) || !(c.Average >= 0 && c.Average < 1):
		return fmt.Errorf("portrait training: real_target %g, average %g: give 0.5 to 1, and 0 to below 1", c.RealTarget, c.Average)
	case !(c.Perceptual >= 0) || !(c.Heads.Emotion >= 0) || !(c.Heads.Age >= 0) || !(c.Heads.Gender >= 0):
		return fmt.Errorf("portrait training: a negative loss weight: give 0 or more")
	}
	return c.Shape.Check()
}
