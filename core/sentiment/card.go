package sentiment

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// measure evaluates the model on labelled lists.
func (r *TrainResult) measure(ctx context.Context, lists map[string]string) error {
	r.Figures = map[string]float64{"temperature": r.Model.temperature, "training_loss": r.Loss}
	for name, path := range lists {
		list, err := ReadExamples(path)
		if err != nil {
			return err
		}
		s, err := Evaluate(ctx, NewEnglish(r.Model), list)
		if err != nil {
			return err
		}
		r.Figures[name+"_lines"] = float64(s.Lines)
		r.Figures[name+"_accuracy"] = s.Accuracy
		r.Figures[name+"_macro_f1"] = s.MacroF1
		r.Figures[name+"_loss"] = s.Loss
	}
	return nil
}

// save writes the weights and the card to cfg.Out.
func (r *TrainResult) save(cfg TrainConfig) error {
	recipe := fmt.Sprintf("epochs %d, rate %g, decay %g, seed %d, %d sentences of our own an emotion",
		cfg.Epochs, cfg.Rate, cfg.Decay, cfg.Seed, cfg.Sentences)
	r.Model.meta["recipe"] = recipe
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
		fmt.Sprintf("VADER (MIT), AFINN-165 (Apache-2.0) and Empath (MIT) as %d pseudo-sentences", r.Samples["lexicons"]),
	} {
		fmt.Fprintf(&b, "  %q,\n", d)
	}
	fmt.Fprintf(&b, "]\nlicence = \"Apache-2.0\"\nrecipe = %q\ntime = %.1f\n\n[figures]\n", recipe, r.Elapsed.Seconds())
	for _, k := range slices.Sorted(maps.Keys(r.Figures)) {
		fmt.Fprintf(&b, "%s = %.4f\n", k, r.Figures[k])
	}
	b.WriteString(`+++

# sentiment-english

Reads seven emotions (neutral, happy, sad, angry, fearful, disgusted, surprised) from a line of English. A multinomial
logistic regression over 2^18 hashed features: word stems and pairs of them, marked where they are denied, and pieces of 3 to 5
letters of each word. Rules before it mark negation, weigh clauses (past against present, concession, contrast) and lower what
speaks of other people, the weather, clothes and names; a softmax temperature, fitted to lines kept apart from training
(core/sentiment/grammar/tuning.tsv), calibrates it. Age and gender are read by rules and need no weights.

Surprise means a surprised face: GoEmotions' confusion, curiosity and realization count as mostly neutral. The lines count 1
for our own, 0.2 for GoEmotions, 0.1 for XED and 0.3 for the lexicons, each source with a bias of its own, so the model is made
for descriptions of people such as are typed into an image tool, and less for forum comments.

None of the data sets is in this repository; the weights were made from them. GoEmotions and XED ask for their names to be given:
Demszky, Movshovitz-Attias, Ko, Cowen, Nemade and Ravi, "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020; Öhman, Pàmies,
Kajava and Tiedemann, "XED: A Multilingual Dataset for Sentiment Analysis and Emotion Detection", COLING 2020.

Limits: English only; irony is not seen; a feeling that only the situation implies is found where its words are known; the text's
first person is the one who is read.
`)
	return b.String()
}
