package distil

import (
	_ "embed"
	"fmt"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/style"
)

//go:embed features.toml
var shipped string

// Config says how to train the feature network. ShippedConfig has the values
// that made models/features; a file may change any of them.
type Config struct {
	Data  string `toml:"-"` // folder with photos/, paintings/ and lossnet/
	Run   string `toml:"-"` // folder of checkpoints and the log
	Model string `toml:"-"` // folder the model goes to

	Seed       uint64            `toml:"seed"`
	Widths     style.OwnFeatures `toml:"widths"`      // channels at full, half, quarter, eighth resolution
	Weights    [4]float64        `toml:"weights"`     // of the layers' errors
	Size       int               `toml:"size"`        // side of the crops in pixels, a multiple of 8
	Batch      int               `toml:"batch"`       // crops a step
	Round      int               `toml:"round"`       // batches kept in memory together
	Reuse      int               `toml:"reuse"`       // steps that see each batch
	Axes       int               `toml:"axes"`        // crops that the principal axes are measured on
	Steps      int               `toml:"steps"`       // in all
	LearnRate  float64           `toml:"learn_rate"`  // falls to learn_floor along half a cosine
	LearnFloor float64           `toml:"learn_floor"` //
	Average    float64           `toml:"average"`     // decay of the average of the weights, which ships
	Solve      int               `toml:"solve"`       // batches that the last linear maps are fitted to
	Evaluate   int               `toml:"evaluate"`    // side of the pictures that the network is judged by, in pixels
	Checkpoint int               `toml:"checkpoint"`  // steps between checkpoints
}

// ShippedConfig is the configuration that made models/features.
func ShippedConfig() (Config, error) { return ParseConfig(shipped) }

// ParseConfig reads a TOML text over the shipped values.
func ParseConfig(text string) (Config, error) {
	var c Config
	for _, t := range []string{shipped, text} {
		md, err := toml.Decode(t, &c)
		if err != nil {
			return c, fmt.Errorf("feature training configuration: %w", err)
		}
		if extra := md.Undecoded(); len(extra) > 0 {
			return c, fmt.Errorf("feature training configuration: %q is no setting: remove it", extra[0].String())
		}
	}
	return c, c.Check()
}

// Check reports the first setting that cannot be used.
func (c *Config) Check() error {
	bad := func(what, should string) error {
		return fmt.Errorf("feature training configuration: %s: %s", what, should)
	}
	if err := c.Widths.Check(); err != nil {
		return err
	}
	switch {
	case c.Size < 32 || c.Size > 512 || c.Size%8 != 0:
		return bad(fmt.Sprintf("size = %d", c.Size), "use a multiple of 8 from 32 to 512")
	case c.Batch < 1 || c.Batch > 256:
		return bad(fmt.Sprintf("batch = %d", c.Batch), "use 1 to 256")
	case c.Round < 1 || c.Reuse < 1 || c.Round > 1024:
		return bad(fmt.Sprintf("round = %d, reuse = %d", c.Round, c.Reuse), "use at least 1 of both, and rounds of at most 1024")
	case c.Axes < 1 || c.Steps < 1 || c.Checkpoint < 1 || c.Solve < 1:
		return bad("axes, steps, checkpoint or solve below 1", "use at least 1 of each")
	case c.Evaluate < 32 || c.Evaluate > 1024:
		return bad(fmt.Sprintf("evaluate = %d", c.Evaluate), "use 32 to 1024")
	case !(c.LearnRate > 0) || !(c.LearnFloor >= 0) || c.LearnRate > 1:
		return bad(fmt.Sprintf("learn_rate = %g, learn_floor = %g", c.LearnRate, c.LearnFloor), "use a rate above 0, at most 1")
	case !(c.Average >= 0 && c.Average < 1):
		return bad(fmt.Sprintf("average = %g", c.Average), "use 0 up to, not including, 1")
	}
	for i, w := range c.Weights {
		if !(w >= 0) || w > 1e6 {
			return bad(fmt.Sprintf("weights[%d] = %g", i, w), "use 0 to 1000000")
		}
	}
	return nil
}
