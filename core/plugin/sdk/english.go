package sdk

import (
	"context"
	"sync"

	"github.com/atelier-engine/atelier/core/sentiment"
)

// EnglishAnalyzer is the analyzer of English that Atelier ships, for plugins
// that serve it or build on it. Its model is the folder dir or, if that is
// empty, models/sentiment-english of the host's data; it is loaded at the
// first call, so that a plugin describes itself without it.
func EnglishAnalyzer(dir string) Analyzer {
	open := sync.OnceValues(func() (*sentiment.English, error) {
		if dir == "" {
			var err error
			if dir, err = Data("models", sentiment.Name); err != nil {
				return nil, err
			}
		}
		return sentiment.LoadEnglish(dir)
	})
	return AnalyzerFunc(func(ctx context.Context, texts []string) ([]Reading, error) {
		english, err := open()
		if err != nil {
			return nil, err
		}
		return english.Analyze(ctx, texts)
	})
}
