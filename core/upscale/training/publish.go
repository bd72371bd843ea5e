package training

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/upscale"
)

// export writes the averaged network and what is known of its making.
func (a *apprentice) export() error {
	c := a.cfg
	card := nn.Card{
		Name: "upscale", Kind: upscale.Kind, Created: time.Now().UTC().Truncate(time.Second),
		Licence:  c.Licence,
		Recipe:   fmt.Sprintf("atelier train upscale: step %d of %d, %d of them on pixels alone, batches of %d and %d, crops of %d", a.state.Step, c.Steps, min(c.PixelSteps, a.state.Step), c.Batch, c.JudgedBatch, c.Size),
		Settings: c.Network.Settings(),
		Text:     cardText,
	}
	card.Time, _ = strconv.ParseFloat(a.state.Values["seconds"], 64)
	if data := a.state.Values["data"]; data != "" {
		card.Data = strings.Split(data, "\n")
	}
	if old, err := nn.ReadCard(filepath.Join(c.Model, nn.CardFile)); err == nil {
		card.Text = old.Text // prose written by hand stays; figures belong to the old weights
	}
	w := a.average.Clone("model").Weights() // the training may go on
	calm(w["rgb.weight"].Data, c.Colour)
	calm(w["rgb.bias"].Data, c.Colour)
	return nn.Save(c.Model, card, w, true)
}

// calm keeps a share of what the last layer adds to the colour, and all that it
// adds to the brightness, luma after ITU-R BT.601: eyes see little detail in
// colour, but the fringes where a guess went wrong. v holds red, green, blue in
// turn; the layer is linear, so this is done to its weights.
func calm(v []float32, share float64) {
	for i := 0; i < len(v); i += 3 {
		p := v[i : i+3]
		luma := .299*p[0] + .587*p[1] + .114*p[2]
		for c := range p {
			p[c] = luma + float32(share)*(p[c]-luma)
		}
	}
}

const cardText = `# Upscaler

Enlarges pictures four times. What it adds to a small picture is invented: likely, but not evidence of what was there.
`
