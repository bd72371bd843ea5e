package sentiment

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoEkman is the error of a model that holds no Ekman head.
var ErrNoEkman = errors.New("sentiment: the model has no Ekman head: train it again with `atelier train sentiment`")

// Classify finds the Ekman classes of texts with the model's second head. An
// empty text gives ErrEmpty, with its index where there are several texts; ctx
// is looked at between them.
func (a *English) Classify(ctx context.Context, texts []string) ([]Classes, error) {
	if a.model.ekman == nil {
		return nil, ErrNoEkman
	}
	out := make([]Classes, 0, len(texts))
	for i, t := range texts {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		c, err := a.model.ekman.classify(t)
		if err != nil {
			if len(texts) > 1 {
				return nil, fmt.Errorf("text %d: %w", i+1, err)
			}
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
