// Command sentiment-lexicon is the plugin that reads any language for which
// there is a lexicon: a list of words with what they say. It knows no grammar
// but a few rules, those of VADER (Hutto and Gilbert, "VADER: A Parsimonious
// Rule-based Model for Sentiment Analysis of Social Media Text", 2014), carried
// over from one valence to seven emotions. docs/reading.md describes the lists.
package main

import (
	"context"
	"os"
	"path/filepath"
	"sync"

	"github.com/atelier-engine/atelier/core/plugin/sdk"
)

// name is the plugin's, and its folder's in models/.
const name = "sentiment-lexicon"

// more names a variable with files or folders of lexicons that win over the
// shipped ones, separated as in PATH. The host passes it on if engine.toml says
// so: [plugins] env = ["ATELIER_LEXICON"].
const more = "ATELIER_LEXICON"

func main() {
	sdk.ServeAnalyzer(sdk.Info{
		Name:        name,
		Version:     "1.0.0",
		Title:       "Lexicon",
		Description: "Reads feelings by rules in any language that has a list of words in models/sentiment-lexicon.",
		Licence:     "Apache-2.0",
		Languages:   []string{"de", "en"},
	}, sdk.AnalyzerFunc(analyze))
}

// open reads the lexicons at the first call, so that the plugin describes
// itself without them.
var open = sync.OnceValues(func() (*library, error) {
	var paths []string
	for _, p := range filepath.SplitList(os.Getenv(more)) {
		if p != "" {
			paths = append(paths, p)
		}
	}
	dir, err := sdk.Data("models", name)
	if err == nil {
		paths = append(paths, dir)
	} else if len(paths) == 0 {
		return nil, err
	}
	return readLibrary(paths)
})

func analyze(ctx context.Context, texts []string) ([]sdk.Reading, error) {
	l, err := open()
	if err != nil {
		return nil, err
	}
	readings := make([]sdk.Reading, len(texts))
	for i, text := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if readings[i], err = l.read(text); err != nil {
			return nil, err
		}
	}
	return readings, nil
}
