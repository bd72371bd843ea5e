package training

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/style"
)

// publish writes the averaged network to cfg.Model, in half precision, and for
// each style a vector and a preview to cfg.Styles. A style.toml that is there
// already is kept, and so is the prose of a card.
//
// Everything is made in hidden folders beside its place first; then, without a
// look at ctx, the files are renamed, all or none.
func (a *apprentice) publish(ctx context.Context) error {
	if err := a.prepareAndInstall(ctx); err != nil {
		return fmt.Errorf("publish style: %w", err)
	}
	return nil
}

func (a *apprentice) prepareAndInstall(ctx context.Context) error {
	s, plans, err := a.stylizer()
	if err != nil {
		return err
	}
	var r release
	// stage makes a hidden folder in dir and returns how files get from there to dir.
	var made []string
	defer func() {
		for _, dir := range made {
			os.RemoveAll(dir)
		}
	}()
	stage := func(dir string) (string, func(name string) move, error) {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return "", nil, err
		}
		tmp, err := os.MkdirTemp(dir, ".new-*")
		made = append(made, tmp)
		return tmp, func(name string) move { return move{filepath.Join(tmp, name), filepath.Join(dir, name)} }, err
	}

	tmp, to, err := stage(a.cfg.Model)
	if err != nil {
		return err
	}
	print, err := a.writeNetwork(tmp, s.IdentityVector())
	if err != nil {
		return err
	}
	r.network = []move{to(nn.WeightsFile), to(nn.CardFile), to(style.PredictorFile)}

	photo := picture.New(256, 256)
	a.photos.Square(photo.Pix, 256, a.photos.find(a.cfg.Samples)[0])
	for i := range a.pupils {
		p := &a.pupils[i]
		dir := filepath.Join(a.cfg.Styles, p.cfg.Name)
		if tmp, to, err = stage(dir); err != nil {
			return err
		}
		plan, isNew, err := p.describe(dir, tmp, a.sources)
		if err != nil {
			return err
		}
		if isNew {
			r.rest = append(r.rest, to(style.PackageFile))
		}
		plan.Vector, plan.VectorName = p.cfg.weaken(plans[i].Vector, s.IdentityVector()), ""
		if err := style.WriteVector(tmp, plan.Vector, print); err != nil {
			return err
		}
		painted, err := s.Paint(ctx, photo, plan, style.Options{Intensity: 1})
		if err != nil {
			return err
		}
		if err := picture.Save(filepath.Join(tmp, style.PreviewFile), painted); err != nil {
			return err
		}
		r.vectors, r.rest = append(r.vectors, to(style.VectorFile)), append(r.rest, to(style.PreviewFile))
	}
	if err := r.install(); err != nil {
		return err
	}
	for i := range a.pupils {
		if err := style.SetHash(filepath.Join(a.cfg.Styles, a.pupils[i].cfg.Name)); err != nil {
			return err
		}
	}
	for _, name := range a.strangers(print) {
		a.note(fmt.Sprintf("style %s was learnt with another network: train it again", name))
	}
	return nil
}

// writeNetwork writes the network and its card to dir and returns the weights'
// fingerprint.
func (a *apprentice) writeNetwork(dir string, identity []float32) (string, error) {
	card := a.card()
	old, err := nn.ReadCard(filepath.Join(a.cfg.Model, nn.CardFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("%w: mend or remove the card, whose prose is kept", err)
	}
	if err == nil {
		card.Text = old.Text
	}
	w := maps.Clone(a.avgNet.Weights())
	w[style.Identity] = device.Array{Shape: []int{len(identity)}, Data: identity}
	if err := nn.Save(dir, card, w, true); err != nil {
		return "", err
	}
	if err := nn.WriteSafetensors(filepath.Join(dir, style.PredictorFile), a.sight.weights(a.avgPredictor.Weights()), nil, true); err != nil {
		return "", err
	}
	m, err := nn.Open(dir)
	if err != nil {
		return "", err
	}
	// Figures belong to weights: they stay if the same ones are exported again.
	if before, err := nn.Open(a.cfg.Model); err == nil && before.Hash == m.Hash {
		card.Created, card.Figures = before.Card.Created, before.Card.Figures
		if err := nn.WriteCard(filepath.Join(dir, nn.CardFile), card); err != nil {
			return "", err
		}
	}
	return style.Fingerprint(m.Hash), nil
}

// describe reads the style.toml in dir, or, if there is none, writes a short one
// to tmp.
func (p *pupil) describe(dir, tmp string, from sources) (plan style.Plan, isNew bool, err error) {
	if _, err = os.Stat(filepath.Join(dir, style.PackageFile)); errors.Is(err, fs.ErrNotExist) {
		short := struct {
			Name    string         `toml:"name"`
			Title   string         `toml:"title"`
			Network string         `toml:"network"`
			Credits []style.Credit `toml:"credits"`
		}{Name: p.cfg.Name, Title: p.cfg.Name, Network: style.Network}
		for _, e := range p.cfg.Exemplars {
			short.Credits = append(short.Credits, from.credit(e))
		}
		var text bytes.Buffer
		enc := toml.NewEncoder(&text)
		enc.Indent = ""
		if err := enc.Encode(short); err != nil {
			return style.Plan{}, false, err
		}
		if err := os.WriteFile(filepath.Join(tmp, style.PackageFile), text.Bytes(), 0o644); err != nil {
			return style.Plan{}, false, err
		}
		dir, isNew = tmp, true
	}
	pk, err := style.ReadPackage(dir)
	if err != nil {
		return style.Plan{}, false, err
	}
	return pk.Plan(), isNew, nil
}

// strangers are the styles in cfg.Styles whose vectors do not fit the network.
func (a *apprentice) strangers(print string) []string {
	var names []string
	ps, _ := style.ReadPackages(a.cfg.Styles) // a broken one says so when it is used
	for _, p := range ps {
		if _, other, err := style.ReadVector(p.Dir); err == nil && other != "" && other != print {
			names = append(names, p.Name)
		}
	}
	return names
}

func (a *apprentice) card() nn.Card {
	var photos []string
	for _, p := range a.photos.all {
		photos = append(photos, p.name)
	}
	var references []string
	for _, p := range a.refs.paintings {
		references = append(references, p.name)
	}
	return nn.Card{Name: style.Network, Kind: "style", Created: time.Now(), Licence: a.cfg.Licence, Recipe: "atelier train style",
		Time: a.seconds(), Data: a.sources.lines(a.cfg, photos, references),
		Settings: map[string]float64{"steps": float64(a.state.Step), "batch": float64(a.cfg.Batch), "crop": float64(a.cfg.Size),
			"learn_rate": a.cfg.LearnRate, "seed": float64(a.cfg.Seed)},
		Text: cardText,
	}
}

const cardText = `# The shared style network

All styles share the convolutions of this network; a style is a vector of a few thousand numbers in its own
folder, which remembers the hash of these weights.
`

// weaken is the vector at the style's strength between the identity and what was
// learnt.
func (c *StyleConfig) weaken(learnt, identity []float32) []float32 {
	if c.Strength == 1 {
		return learnt
	}
	v := make([]float32, len(learnt))
	for i := range v {
		v[i] = identity[i] + float32(c.Strength)*(learnt[i]-identity[i])
	}
	return v
}
