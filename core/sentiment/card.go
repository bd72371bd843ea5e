package sentiment

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Keys of the model's metadata that hold what a training found.
const (
	metaSamples = "samples"
	metaLoss    = "training_loss"
	metaCross   = "ekman_cross_validation_f1"
)

// cardText is what the card says after its figures.
//
//go:embed card.txt
var cardText string

// measure evaluates the model on labelled lists, and on GoEmotions' dev split.
func (r *TrainResult) measure(ctx context.Context, cfg TrainConfig) error {
	r.Figures = map[string]float64{"temperature": r.Model.temperature, "training_loss": r.Loss}
	english := NewEnglish(r.Model)
	for name, path := range cfg.Lists {
		list, err := ReadExamples(path)
		if err != nil {
			return err
		}
		s, err := Evaluate(ctx, english, list)
		if err != nil {
			return err
		}
		r.Figures[name+"_lines"] = float64(s.Lines)
		r.Figures[name+"_accuracy"] = s.Accuracy
		r.Figures[name+"_macro_f1"] = s.MacroF1
		r.Figures[name+"_loss"] = s.Loss
	}
	if r.Model.ekman == nil {
		return nil
	}
	r.classes("ekman_cross_validation", r.CrossF1)
	dev := filepath.Join(cfg.Data, "goemotions", "dev.tsv")
	if _, err := os.Stat(dev); err != nil {
		return nil // a data folder without it trains as well
	}
	list, err := ReadList(dev, TaskEkman)
	if err != nil {
		return err
	}
	s, err := EvaluateEkman(ctx, english, list)
	if err != nil {
		return err
	}
	r.classes("ekman_dev", s.F1)
	r.Figures["ekman_dev_micro_f1"] = s.MicroF1
	r.Figures["ekman_dev_lines"] = float64(s.Lines)
	return nil
}

// classes notes the F1 of each class and their mean.
func (r *TrainResult) classes(name string, f [Count]float64) {
	mean := 0.0
	for e, v := range f {
		r.Figures[name+"_f1_"+names[e]] = v
		mean += v / Count
	}
	r.Figures[name+"_macro_f1"] = mean
}

// save writes the weights and the card to cfg.Out.
func (r *TrainResult) save(cfg TrainConfig) error {
	recipe := fmt.Sprintf("epochs %d, rate %g, decay %g, seed %d, %d sentences of our own an emotion; Ekman: costs and lifts %v, %d epochs",
		cfg.Epochs, cfg.Rate, cfg.Decay, cfg.Seed, cfg.Sentences, ekmanDefault.recipes, ekmanDefault.epochs)
	meta := r.Model.meta
	meta["recipe"] = recipe
	samples, _ := json.Marshal(r.Samples) // maps of numbers always marshal
	cross, _ := json.Marshal(r.CrossF1)
	meta[metaSamples], meta[metaCross], meta[metaLoss] = string(samples), string(cross), strconv.FormatFloat(r.Loss, 'g', 6, 64)
	if err := r.Model.Save(cfg.Out); err != nil {
		return err
	}
	return writeFile(filepath.Join(cfg.Out, "card.md"), []byte(r.card(recipe)))
}

// card writes the model card: TOML between lines of +++, then prose.
func (r *TrainResult) card(recipe string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "+++\nname = %q\nkind = \"sentiment\"\ncreated = %s\n", Name, time.Now().UTC().Format(time.RFC3339))
	fmt.Fprintf(&b, "data = [\n")
	for _, d := range []string{
		fmt.Sprintf("%d sentences of our own, written by core/sentiment/grammar (Apache-2.0)", r.Samples["grammar"]),
		fmt.Sprintf("GoEmotions, official training split, %d comments (Demszky et al. 2020, CC BY 4.0)", r.Samples["goemotions"]),
		fmt.Sprintf("XED, English, %d subtitle lines (Öhman et al. 2020, CC BY 4.0)", r.Samples["xed"]),
		fmt.Sprintf("VADER (MIT), AFINN-165 (Apache-2.0) and Empath (MIT) as %d pseudo-sentences, and as features of the Ekman head", r.Samples["lexicons"]),
		"EmoBank (Buechel and Hahn 2017, CC BY-SA 4.0): mean ratings by stem, features of the Ekman head",
	} {
		fmt.Fprintf(&b, "  %q,\n", d)
	}
	fmt.Fprintf(&b, "]\nlicence = \"Apache-2.0; ratings from EmoBank CC BY-SA 4.0\"\nrecipe = %q\ntime = %.1f\n\n[figures]\n", recipe, r.Elapsed.Seconds())
	for _, k := range slices.Sorted(maps.Keys(r.Figures)) {
		fmt.Fprintf(&b, "%s = %.4f\n", k, r.Figures[k])
	}
	b.WriteString("+++\n\n" + cardText)
	return b.String()
}
