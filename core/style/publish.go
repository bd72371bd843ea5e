package style

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// publish writes the averaged network to cfg.Model, in half precision, and for
// each style a vector and a preview to cfg.Styles. A style.toml or card.md that
// is there already is kept, but for the card's figures.
func (a *apprentice) publish(ctx context.Context, took time.Duration) error {
	fail := func(err error) error { return fmt.Errorf("publish style: %w", err) }
	s, plans, err := a.stylizer(a.avgNet.Weights(), a.avgTable.Weights())
	if err != nil {
		return fail(err)
	}
	// What can fail comes first, so that network and vectors stay a pair.
	for i, p := range a.pupils {
		dir := filepath.Join(a.cfg.Styles, p.cfg.Name)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return fail(err)
		}
		plan, err := p.describe(dir)
		if err != nil {
			return fail(err)
		}
		plan.Vector, plan.VectorName = plans[i].Vector, ""
		plans[i] = plan
	}
	w := maps.Clone(a.avgNet.Weights())
	w[identityName] = device.Array{Shape: []int{len(s.identity)}, Data: s.identity}
	card := a.card(took)
	if old, err := nn.ReadCard(filepath.Join(a.cfg.Model, nn.CardFile)); err == nil {
		card.Text = old.Text
		if took == 0 {
			card.Time = old.Time
		}
	}
	if err := nn.Save(a.cfg.Model, card, w, true); err != nil {
		return fail(err)
	}
	m, err := nn.Open(a.cfg.Model)
	if err != nil {
		return fail(err)
	}
	photo := picture.New(256, 256)
	a.photos.Square(photo.Pix, 256, a.photos.find(a.cfg.Samples)[0])
	for i, p := range a.pupils {
		dir := filepath.Join(a.cfg.Styles, p.cfg.Name)
		if err := writeVector(dir, plans[i].Vector, fingerprint(m.Hash)); err != nil {
			return fail(err)
		}
		painted, err := s.Paint(ctx, photo, plans[i], 1, nil)
		if err != nil {
			return fail(err)
		}
		if err := picture.Save(filepath.Join(dir, "preview.jpg"), painted); err != nil {
			return fail(err)
		}
	}
	return nil
}

// describe reads the style.toml in dir, or writes a short one.
func (p *pupil) describe(dir string) (Plan, error) {
	path := filepath.Join(dir, styleFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		text := fmt.Sprintf("name = %q\ntitle = %q\nnetwork = %q\n", p.cfg.Name, p.cfg.Name, networkName)
		for _, e := range p.cfg.Exemplars {
			text += fmt.Sprintf("\n[[credits]]\ntitle = %q\n", strings.TrimSuffix(filepath.Base(e), filepath.Ext(e)))
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return Plan{}, err
		}
	}
	pk, err := ReadPackage(dir)
	if err != nil {
		return Plan{}, err
	}
	return pk.Plan(), nil
}

func (a *apprentice) card(took time.Duration) nn.Card {
	c := nn.Card{Name: networkName, Kind: "style", Created: time.Now(), Licence: "Apache-2.0", Recipe: "atelier train style", Time: took.Seconds(),
		Data: []string{fmt.Sprintf("%d photographs", a.photos.Len()), "loss network " + a.cfg.Loss.Network},
		Settings: map[string]float64{"steps": float64(a.state.Step), "batch": float64(a.cfg.Batch), "crop": float64(a.cfg.Size),
			"learn_rate": a.cfg.LearnRate, "seed": float64(a.cfg.Seed)},
	}
	for _, p := range a.pupils {
		c.Data = append(c.Data, "style "+p.cfg.Name+": "+strings.Join(p.cfg.Exemplars, ", "))
	}
	return c
}
