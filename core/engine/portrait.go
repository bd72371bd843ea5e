package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
	"github.com/atelier-engine/atelier/core/sentiment"
)

// portraitBatch is how many faces the network draws at a time.
const portraitBatch = 16

// The metadata of portraits, beside the plan that made them.
const (
	portraitKey  = "atelier:portrait"  // the portrait.Request, as JSON
	conditionKey = "atelier:condition" // the same for people
	modelKey     = "atelier:model"
	licenceKey   = "atelier:licence" // of the model's weights
	noticeKey    = "Disclaimer"      // a key of the PNG specification (11.3.3.2)
	notice       = "This person does not exist."
	noticeMany   = "These people do not exist." // of several portraits
)

// portraitModel is what a portrait is drawn with.
type portraitModel struct {
	model
	card nn.Card
}

// portraitKind draws a face.
func (e *Engine) portraitKind() plan.Kind {
	return plan.Kind{
		Name: recipe.KindPortrait, Version: 2, Output: recipe.TypePicture,
		Takes: []plan.Input{{Type: recipe.TypeReading, Optional: true}},
		Prepare: func(_ context.Context, s *plan.Step, _ []plan.Facts) (plan.Facts, error) {
			if _, _, err := e.Config.Condition.request(s, nil); err != nil {
				return plan.Facts{}, err
			}
			m, err := e.portraitModel()
			if err != nil {
				return plan.Facts{}, err
			}
			size := e.portraitSize(s)
			digests := map[string]string{"weights": m.sum, "model": m.card.Name, "licence": m.card.Licence, "size": fmt.Sprint(size)}
			if d := e.Config.Condition.digest(); d != "" {
				digests["condition"] = d
			}
			if err := e.computed(digests); err != nil {
				return plan.Facts{}, err
			}
			if err := e.portraitUpscaler(digests); err != nil {
				return plan.Facts{}, err
			}
			return plan.Facts{Digests: digests, W: size, H: size, Time: portraitTime, Memory: 64 << 20, Own: m}, nil
		},
		Run: func(ctx context.Context, c *plan.Call) (any, error) {
			out, err := e.draw(ctx, []*plan.Call{c})
			if err != nil {
				return nil, err
			}
			return out[0], nil
		},
		Batch: portraitBatch, RunBatch: e.draw,
	}
}

// portraitModel finds the model that portraits are drawn with, and its card.
func (e *Engine) portraitModel() (portraitModel, error) {
	dir, err := e.PortraitModel()
	if err != nil {
		return portraitModel{}, err
	}
	m, err := e.version(dir)
	if err != nil {
		return portraitModel{}, err
	}
	card, err := e.card(dir)
	return portraitModel{m, card}, err
}

// card reads the card of a model, again only when it changed.
func (e *Engine) card(dir string) (nn.Card, error) {
	path := filepath.Join(dir, nn.CardFile)
	sum, err := e.digest(path)
	if err != nil {
		return nn.Card{}, mark(err, ErrBroken)
	}
	e.mu.Lock()
	card, ok := e.cards[sum]
	e.mu.Unlock()
	if ok {
		return card, nil
	}
	if card, err = nn.ReadCard(path); err != nil {
		return card, mark(err, ErrBroken)
	}
	e.mu.Lock()
	e.cards[sum] = card
	e.mu.Unlock()
	return card, nil
}

// portraitSize is the side of a portrait in pixels.
func (e *Engine) portraitSize(s *plan.Step) int {
	if size, ok := s.Whole("size"); ok {
		return int(size)
	}
	return e.Config.Portrait.Size
}

// draw makes the faces of several steps, and gives each what it is in its
// metadata.
func (e *Engine) draw(ctx context.Context, calls []*plan.Call) ([]any, error) {
	m := calls[0].Facts.Own.(portraitModel)
	requests := make([]portrait.Request, len(calls))
	for i, c := range calls {
		if c.Facts.Own.(portraitModel).model != m.model { // it was replaced while the plan was checked
			return nil, nil
		}
		var reading *sentiment.Reading
		if len(c.Inputs) > 0 {
			r := c.Inputs[0].(sentiment.Reading)
			reading = &r
		}
		r, notes, err := e.Config.Condition.request(c.Step, reading)
		if err != nil {
			return nil, err
		}
		if reading != nil {
			notes = append(notes, reading.Notes...)
		}
		noted(c, "portrait", notes)
		requests[i] = r
	}
	d, err := e.drawer(m.model)
	if err != nil {
		return nil, err
	}
	faces, err := d.Draw(ctx, requests)
	if err != nil {
		return nil, err
	}
	out := make([]any, len(calls))
	for i, c := range calls {
		p, err := e.fitPortrait(ctx, faces[i], c.Facts.W, c.Facts.Digests)
		if err != nil {
			return nil, err
		}
		if err := tell(p, requests[i], m.card); err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}

// tell writes into a portrait's metadata what it shows and with what rights.
func tell(p *picture.Picture, r portrait.Request, card nn.Card) error {
	exact, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("describe the portrait: %w", err)
	}
	p.SetMeta(portraitKey, string(exact))
	p.SetMeta(conditionKey, conditionText(r.Condition))
	p.SetMeta(modelKey, card.Name)
	p.SetMeta(licenceKey, card.Licence)
	p.SetMeta(noticeKey, notice)
	return nil
}

func conditionText(c portrait.Condition) string {
	var b strings.Builder
	fmt.Fprintf(&b, "age %.0f, gender %+.2f", c.Age, c.Gender)
	for i, name := range sentiment.Names() {
		if c.Emotions[i] >= 0.005 {
			fmt.Fprintf(&b, ", %s %.2f", name, c.Emotions[i])
		}
	}
	return b.String()
}
