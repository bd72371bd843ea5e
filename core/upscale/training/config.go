package training

import (
	_ "embed"
	"fmt"
	"os"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/upscale"
)

// TrainConfig says what a training learns and how. train.toml in this folder is
// the one that ships.
type TrainConfig struct {
	Data  string `toml:"data"`  // folder of the sources
	Run   string `toml:"run"`   // folder of checkpoints, samples and the log
	Model string `toml:"model"` // folder that the trained model goes to

	Licence     string        `toml:"licence"` // of the weights, for the card
	Seed        uint64        `toml:"seed"`
	Steps       int           `toml:"steps"`
	PixelSteps  int           `toml:"pixel_steps"` // of them without features and judge
	Batch       int           `toml:"batch"`
	JudgedBatch int           `toml:"judged_batch"` // of the steps after PixelSteps
	Size        int           `toml:"size"`         // side of the small crops in pixels
	LearnRate   float64       `toml:"learn_rate"`
	JudgedRate  float64       `toml:"judged_rate"` // of the steps after PixelSteps
	JudgeRate   float64       `toml:"judge_rate"`  // of the judge in these steps
	Average     float64       `toml:"average"`     // decay of the running average
	Colour      float64       `toml:"colour"`      // share of the invented colour that the model keeps, see calm
	Checkpoint  int           `toml:"checkpoint_every"`
	Sample      int           `toml:"sample_every"`
	Network     upscale.Shape `toml:"network"`
	Judge       Judge         `toml:"judge"`
	Loss        Loss          `toml:"loss"`
	Spoil       Spoil         `toml:"spoil"`
	Source      []Source      `toml:"source"`

	// Features is the frozen network of the feature loss: RGB in [0,1] in, one
	// output for each weight of Loss.Features.
	Features *Features `toml:"-"`
}

// Taps are the layers of the feature network that the loss compares, from fine to
// coarse.
var Taps = []string{"relu1_1", "relu2_1", "relu3_1"}

// Features is a frozen network and its weights.
type Features struct {
	Graph   *device.Graph
	Weights device.Weights
}

// Judge is the size of the discriminator: channels at full size, half, quarter...
type Judge struct {
	Channels []int `toml:"channels"`
}

// Loss holds the weights of the parts of the loss.
type Loss struct {
	Pixels      float64   `toml:"pixels"`
	Low         float64   `toml:"low"`
	Features    []float64 `toml:"features"`
	Weave       float64   `toml:"weave"` // of the grid that the enlargement prints, see autodiff.Tape.Weave
	Adversarial float64   `toml:"adversarial"`
}

// Source is a folder of pictures under Data.
type Source struct {
	Folder  string     `toml:"folder"`
	Share   float64    `toml:"share"`   // of the crops, in proportion to the other sources
	Zoom    [2]float64 `toml:"zoom"`    // scales at which they are seen, if a crop then fits
	Least   int        `toml:"least"`   // shorter side in pixels below which a picture is left out
	Most    int        `toml:"most"`    // pictures that are loaded, spread over the folder; 0: all
	Held    int        `toml:"held"`    // one in so many is kept for judging; 0: none
	Credits string     `toml:"credits"` // a table in the folder: file, source, licence
	Note    string     `toml:"note"`    // for the card, where there is no table
}

//go:embed train.toml
var shippedConfig string

// ShippedConfig is the configuration that made the shipped weights.
func ShippedConfig() (TrainConfig, error) { return parseConfig(shippedConfig, "train.toml") }

// LoadTrainConfig reads a configuration; what it leaves out is as shipped, and
// unknown keys are errors.
func LoadTrainConfig(path string) (TrainConfig, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return TrainConfig{}, fmt.Errorf("upscale training: %w: name a TOML file", err)
	}
	return parseConfig(string(b), path)
}

func parseConfig(text, name string) (TrainConfig, error) {
	var c TrainConfig
	if _, err := toml.Decode(shippedConfig, &c); err != nil {
		return c, fmt.Errorf("upscale training: %w", err)
	}
	sources := c.Source
	c.Source = nil // lists are replaced, not joined
	meta, err := toml.Decode(text, &c)
	if err != nil {
		return c, fmt.Errorf("upscale training: %s: %w: mend the file", name, err)
	}
	if c.Source == nil {
		c.Source = sources
	}
	if keys := meta.Undecoded(); len(keys) > 0 {
		var names []string
		for _, k := range keys {
			names = append(names, k.String())
		}
		return c, fmt.Errorf("upscale training: %s: unknown keys %s: compare with the shipped train.toml", name, strings.Join(names, ", "))
	}
	return c, c.Check()
}

// Check reports the first value out of range.
func (c *TrainConfig) Check() error {
	fail := func(format string, a ...any) error {
		return fmt.Errorf("upscale training: "+format, a...)
	}
	switch {
	case strings.TrimSpace(c.Licence) == "":
		return fail("licence is empty: say what may be done with weights trained on this data")
	case c.Steps < 1 || c.PixelSteps < 0 || c.Batch < 1 || c.Batch > 1024 || c.JudgedBatch < 1 || c.JudgedBatch > 1024:
		return fail("%d steps, %d of them on pixels alone, batches of %d and %d: give at least one step, and batches of 1 to 1024", c.Steps, c.PixelSteps, c.Batch, c.JudgedBatch)
	case c.Size < 8 || c.Size > 512:
		return fail("crops of %d pixels: give 8 to 512", c.Size)
	case c.Checkpoint < 1 || c.Sample < 1:
		return fail("checkpoint_every %d, sample_every %d: give at least 1", c.Checkpoint, c.Sample)
	case !(c.Colour >= 0 && c.Colour <= 1):
		return fail("colour = %g: give a share from 0 to 1", c.Colour)
	case !(c.LearnRate > 0 && c.LearnRate < 1) || !(c.JudgedRate > 0 && c.JudgedRate < 1) || !(c.JudgeRate > 0 && c.JudgeRate < 1) || !(c.Average >= 0 && c.Average < 1):
		return fail("learning rates %g, %g and %g, average %g: give rates between 0 and 1, an average from 0 to below 1", c.LearnRate, c.JudgedRate, c.JudgeRate, c.Average)
	case !(c.Loss.Pixels >= 0) || !(c.Loss.Low >= 0) || !(c.Loss.Weave >= 0) || !(c.Loss.Adversarial >= 0):
		return fail("a negative loss weight: give 0 or more")
	case len(c.Judge.Channels) < 2 || len(c.Judge.Channels) > 6:
		return fail("a judge of %d sizes: give 2 to 6", len(c.Judge.Channels))
	case len(c.Source) == 0:
		return fail("no source: name at least one folder of pictures")
	}
	for _, n := range c.Judge.Channels {
		if n < 1 || n > 1024 {
			return fail("a judge with %d channels: give 1 to 1024", n)
		}
	}
	if len(c.Loss.Features) > len(Taps) {
		return fail("%d feature weights: give at most %d, from fine to coarse", len(c.Loss.Features), len(Taps))
	}
	for _, w := range c.Loss.Features {
		if !(w >= 0) {
			return fail("feature weight %g: give 0 or more", w)
		}
	}
	for _, s := range c.Source {
		if strings.TrimSpace(s.Folder) == "" || !(s.Share > 0) || s.Least < 0 || s.Most < 0 || s.Held < 0 || s.Held == 1 ||
			!(s.Zoom[0] > 0 && s.Zoom[0] <= s.Zoom[1] && s.Zoom[1] <= 1) {
			return fail("source %q: give a folder, a share above 0, zoom as two scales above 0 and up to 1, held 0 or at least 2, and nothing negative", s.Folder)
		}
	}
	if err := c.Spoil.check(); err != nil {
		return fail("%w", err)
	}
	return c.Network.Check()
}
