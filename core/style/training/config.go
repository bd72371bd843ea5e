package training

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/styles"
)

// TrainConfig says what a training learns and from what. The zero value of a
// field means its default; see styles/train.toml for what ships.
type TrainConfig struct {
	// Data is a folder with photos/, paintings/ and lossnet/.
	Data string `toml:"data"`
	// Run is the folder of checkpoints, samples and the log.
	Run string `toml:"run"`
	// Model is the folder the network goes to, Styles that of the styles.
	Model  string `toml:"model"`
	Styles string `toml:"styles"`

	// Start is a model folder whose network the training begins with; empty: with
	// random numbers. StartStyles holds styles of that network to begin with.
	Start       string `toml:"start"`
	StartStyles string `toml:"start_styles"`

	Licence    string             `toml:"licence"` // of the weights, for the card
	Seed       uint64             `toml:"seed"`
	Network    style.Architecture `toml:"network"`
	Loss       LossConfig         `toml:"loss"`
	Predictor  PredictorConfig    `toml:"predictor"`
	Steps      int                `toml:"steps"`
	Batch      int                `toml:"batch"`      // photographs a step, each with a style
	Size       int                `toml:"size"`       // side of the crops
	LearnRate  float64            `toml:"learn_rate"` // until the fall
	LearnFloor float64            `toml:"learn_rate_end"`
	Fall       float64            `toml:"fall"`    // share of the steps, the last ones, in which the learning rate falls
	Ramp       int                `toml:"ramp"`    // steps over which the weight of the styles grows from a fifth
	Average    float64            `toml:"average"` // decay of the moving average of the weights
	Checkpoint int                `toml:"checkpoint_every"`
	Sample     int                `toml:"sample_every"`
	SampleSide int                `toml:"sample_side"` // of the pictures on the sample sheets, pixels
	Portraits  string             `toml:"portraits"`   // how the names of portrait photographs begin
	Samples    []string           `toml:"samples"`     // photographs of the sample sheets

	Style []StyleConfig `toml:"style"`
}

// LossConfig says how a painting is judged.
type LossConfig struct {
	Network string   `toml:"network"` // the feature network
	Layers  []string `toml:"layers"`  // whose moments are the style
	Palette float64  `toml:"palette"` // share of the means in the style loss; the rest is that of the covariances
	Exact   float64  `toml:"exact"`   // weight of the squared error of pixels in the identity style
	Smooth  float64  `toml:"smooth"`  // weight of the total variation
	Weave   float64  `toml:"weave"`   // weight of the pattern that the network's grid prints
}

// PredictorConfig says how the predictor of styles is trained.
type PredictorConfig struct {
	// Features is the model folder of the feature network that ships; empty: the
	// loss network, for tests.
	Features string  `toml:"features"`
	Hidden   int     `toml:"hidden"`  // width of its hidden layer
	Content  string  `toml:"content"` // the layer that keeps what the picture shows
	Weight   float64 `toml:"weight"`  // of the style against content
	// Layers are the shares of the loss layers; missing ones count 1.
	Layers []float64 `toml:"layers"`
	// Held are paintings that it never sees: whether it can paint like them says
	// whether it has learnt more than its exemplars.
	Held []string `toml:"held_out"`
	// Drawn is how many pages of each kind are drawn beside the paintings.
	Drawn int `toml:"drawn"`
}

// StyleConfig is one style to learn.
type StyleConfig struct {
	Name string `toml:"name"`
	// Exemplars are files below paintings/, or "drawn:popart:SEED" and
	// "drawn:pencil:SEED".
	Exemplars []string `toml:"exemplars"`
	// Scale is the shorter side to which exemplars are resized: larger means
	// larger strokes.
	Scale int `toml:"scale"`
	// Trim is the share of each side of an exemplar that is cut off (frames).
	Trim float64 `toml:"trim"`
	// Share is how often the style's turn comes, relative to the others; 0: 1.
	Share float64 `toml:"share"`
	// Content is the layer that keeps what the picture shows.
	Content string `toml:"content"`
	// Weight of the style against content, both being relative errors.
	Weight float64 `toml:"weight"`
	// Layers are the shares of the loss layers; missing ones count 1.
	Layers []float64 `toml:"layers"`
	// Strength is how far from the identity to what was learnt the published vector
	// lies, chosen by eye with the style's steps: less keeps more of the photograph's
	// own colours. 0: 1, all of it.
	Strength float64 `toml:"strength"`
}

// ShippedConfig is the configuration that made the shipped weights.
func ShippedConfig() (TrainConfig, error) { return parseTrainConfig(styles.Training, "train.toml") }

// LoadTrainConfig reads a configuration; what it leaves out is as shipped,
// unknown keys are errors. Its [[style]] tables replace the shipped ones.
func LoadTrainConfig(path string) (TrainConfig, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return TrainConfig{}, fmt.Errorf("style training: %w: name a TOML file", err)
	}
	return parseTrainConfig(b, path)
}

func parseTrainConfig(b []byte, name string) (TrainConfig, error) {
	var c TrainConfig
	if _, err := toml.Decode(string(styles.Training), &c); err != nil {
		return c, fmt.Errorf("style training: %w", err)
	}
	shipped := c.Style
	c.Style = nil // else a style would inherit from the shipped one at its place
	meta, err := toml.Decode(string(b), &c)
	if err != nil {
		var pe toml.ParseError
		if errors.As(err, &pe) {
			return c, fmt.Errorf("style training: %s:%d: %s", name, pe.Position.Line, pe.Message)
		}
		return c, fmt.Errorf("style training: %s: %w", name, err)
	}
	if u := meta.Undecoded(); len(u) > 0 {
		return c, fmt.Errorf("style training: %s: key %q is unknown: see the shipped train.toml", name, u[0].String())
	}
	if !meta.IsDefined("style") {
		c.Style = shipped
	}
	c.fill()
	return c, c.Check()
}

func (c *TrainConfig) fill() {
	def := func(p *int, v int) {
		if *p == 0 {
			*p = v
		}
	}
	def(&c.Steps, 2000)
	def(&c.Batch, 4)
	def(&c.Size, 256)
	def(&c.Predictor.Hidden, 128)
	def(&c.SampleSide, c.Size)
	def(&c.Checkpoint, 100)
	def(&c.Sample, 200)
	if c.Network == (style.Architecture{}) {
		c.Network = style.DefaultArchitecture
	}
	if c.LearnRate == 0 {
		c.LearnRate = 1e-3
	}
	if c.LearnFloor == 0 {
		c.LearnFloor = c.LearnRate / 10
	}
	if c.Predictor.Content == "" {
		c.Predictor.Content = "relu3_1"
	}
	if c.Predictor.Weight == 0 {
		c.Predictor.Weight = 1
	}
	if c.Average == 0 {
		c.Average = .995
	}
	if c.Loss.Network == "" {
		c.Loss.Network = style.Distilled
	}
	if len(c.Loss.Layers) == 0 {
		c.Loss.Layers = []string{"relu1_1", "relu2_1", "relu3_1", "relu4_1"}
	}
	for i := range c.Style {
		s := &c.Style[i]
		def(&s.Scale, 400)
		if s.Content == "" {
			s.Content = "relu3_1"
		}
		if s.Weight == 0 {
			s.Weight = 1
		}
		if s.Share == 0 {
			s.Share = 1
		}
		if s.Strength == 0 {
			s.Strength = 1
		}
	}
}

// Check returns an error that names the first value no training can use.
func (c *TrainConfig) Check() error {
	fail := func(format string, a ...any) error { return fmt.Errorf("style training: "+format, a...) }
	if err := c.Network.Check(); err != nil {
		return err
	}
	if c.Steps < 1 || c.Checkpoint < 1 || c.Sample < 1 {
		return fail("steps %d, checkpoint_every %d, sample_every %d: all must be at least 1", c.Steps, c.Checkpoint, c.Sample)
	}
	for _, s := range []int{c.Size, c.SampleSide} {
		if s < 32 || s > 1024 || s%32 != 0 {
			return fail("crops of %d: use a multiple of 32 from 32 to 1024", s)
		}
	}
	if !(c.LearnRate > 0 && c.LearnRate < 1) || !(c.LearnFloor > 0 && c.LearnFloor <= c.LearnRate) {
		return fail("learn_rate %g to %g: use small positive numbers, the second not above the first", c.LearnRate, c.LearnFloor)
	}
	if c.Batch < 1 || c.Batch > 64 {
		return fail("batch %d: use 1 to 64", c.Batch)
	}
	if l := c.Loss; !(l.Smooth >= 0) || !(l.Weave >= 0) || !(l.Exact >= 0) || !(l.Palette >= 0 && l.Palette <= 1) {
		return fail("smooth %g, weave %g, exact %g, palette %g: use numbers from 0 on, a palette of at most 1", l.Smooth, l.Weave, l.Exact, l.Palette)
	}
	if !(c.Fall >= 0 && c.Fall <= 1) {
		return fail("fall %g: use 0 to 1", c.Fall)
	}
	if p := c.Predictor; p.Hidden < 1 || p.Hidden > 4096 || p.Drawn < 0 || p.Drawn > 100 || !(p.Weight > 0) || len(p.Layers) > len(c.Loss.Layers) {
		return fail("predictor: hidden %d, drawn %d, weight %g, %d layer weights: use 1 to 4096, 0 to 100, above 0, at most one a layer", p.Hidden, p.Drawn, p.Weight, len(p.Layers))
	}
	if strings.TrimSpace(c.Licence) == "" {
		return fail("licence is empty: say what may be done with the weights")
	}
	if c.Ramp < 0 {
		return fail("ramp %d: use 0 or more", c.Ramp)
	}
	if !(c.Average >= 0 && c.Average < 1) {
		return fail("average %g: use 0 up to, not including, 1", c.Average)
	}
	if len(c.Style) == 0 {
		return fail("no style to learn: add a [[style]] table")
	}
	seen := map[string]bool{}
	for _, s := range c.Style {
		if err := style.CheckName(s.Name); err != nil {
			return fail("style: name: %w", err)
		}
		if seen[s.Name] || s.Name == style.Identity {
			return fail("style %q is there already: give each its own name", s.Name)
		}
		seen[s.Name] = true
		if len(s.Exemplars) == 0 {
			return fail("style %q has no exemplar: name a painting", s.Name)
		}
		if s.Scale < 32 || s.Scale > 2048 || !(s.Trim >= 0 && s.Trim < .4) || !(s.Weight > 0) || !(s.Share > 0) {
			return fail("style %q: scale %d, trim %g, weight %g, share %g: use 32 to 2048, 0 to 0.4, above 0, above 0", s.Name, s.Scale, s.Trim, s.Weight, s.Share)
		}
		if !(s.Strength > 0 && s.Strength <= style.MaxIntensity) {
			return fail("style %q: strength %g: use above 0 to %g", s.Name, s.Strength, style.MaxIntensity)
		}
		if len(s.Layers) > len(c.Loss.Layers) {
			return fail("style %q: %d layer weights for %d layers", s.Name, len(s.Layers), len(c.Loss.Layers))
		}
	}
	return nil
}

// shareOf is the weight of loss layer i; layers that are not listed count 1.
func shareOf(layers []float64, i int) float64 {
	if i < len(layers) {
		return layers[i]
	}
	return 1
}

func (c *TrainConfig) path(parts ...string) string {
	return filepath.Join(append([]string{c.Data}, parts...)...)
}
