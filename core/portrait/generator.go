package portrait

import (
	"context"
	"fmt"
	"strconv"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// Kind is the kind of model in the card of a portrait generator.
const Kind = "portrait"

// Generator makes portraits. It may be used by several goroutines; they queue.
type Generator struct {
	Shape Shape
	Card  nn.Card
	Hash  string // of the weights
	net   *nn.Network
}

// Load reads a portrait model from its folder: weights.safetensors and
// card.md, whose settings give the shape of the network.
func Load(dir string) (*Generator, error) { return LoadOn(nil, dir) }

// LoadOn is Load for a device, nil being the processor.
func LoadOn(d device.Device, dir string) (*Generator, error) {
	m, err := nn.Open(dir)
	if err != nil {
		return nil, err
	}
	if m.Card.Kind != Kind {
		return nil, fmt.Errorf("load portrait model: %s is a model of kind %q: give one of kind %q", dir, m.Card.Kind, Kind)
	}
	s, err := ShapeOf(m.Card.Settings)
	if err != nil {
		return nil, fmt.Errorf("load portrait model %s: %w", dir, err)
	}
	net, err := m.Network(GeneratorGraph(s), d)
	if err != nil {
		return nil, fmt.Errorf("load portrait model: %w", err)
	}
	return &Generator{Shape: s, Card: m.Card, Hash: m.Hash, net: net}, nil
}

// New makes a generator from weights in memory.
func New(s Shape, w device.Weights) (*Generator, error) {
	net, err := nn.New(GeneratorGraph(s), w, device.NewCPU())
	if err != nil {
		return nil, err
	}
	return &Generator{Shape: s, net: net}, nil
}

// settings writes what of the shape the generator needs into a card.
func (s Shape) Settings() map[string]float64 {
	m := map[string]float64{"side": float64(s.Side), "latent": float64(s.Latent)}
	if s.Style > 0 {
		m["style"] = float64(s.Style)
	}
	for i, c := range s.Generator {
		m["generator"+strconv.Itoa(i)] = float64(c)
	}
	return m
}

func ShapeOf(m map[string]float64) (Shape, error) {
	s := Shape{Side: int(m["side"]), Latent: int(m["latent"]), Style: int(m["style"])}
	for i := 0; m["generator"+strconv.Itoa(i)] > 0 && i < 9; i++ {
		s.Generator = append(s.Generator, int(m["generator"+strconv.Itoa(i)]))
	}
	s.Discriminator = s.Generator // only its length matters here
	if s.Style > 0 {
		s.Discriminator = s.Generator[:max(0, len(s.Generator)-1)]
	}
	return s, s.Check()
}

// Generate makes one portrait for each condition and seed: the same two always
// give the same picture. The pictures are Shape.Side square. It errs on a
// condition out of range and when ctx ends.
func (g *Generator) Generate(ctx context.Context, conds []Condition, seeds []uint64) ([]*picture.Picture, error) {
	if len(conds) != len(seeds) {
		return nil, fmt.Errorf("portrait: %d conditions and %d seeds: give one seed for each", len(conds), len(seeds))
	}
	requests := make([]Request, len(conds))
	for i, c := range conds {
		requests[i] = NewRequest(c, seeds[i])
	}
	return g.Draw(ctx, requests)
}

// Sheet is a contact sheet: a row for each emotion at the given age and one
// for a smile at seventy, a column for each seed from first on; women and men
// take turns. Down a column only the condition changes.
func (g *Generator) Sheet(ctx context.Context, title string, age float64, first uint64, columns int) (*picture.Picture, error) {
	sheet := picture.Sheet{Title: title, Rows: append(Emotions[:len(Emotions):len(Emotions)], "happy, 70")}
	for row := range sheet.Rows {
		conds, seeds := make([]Condition, columns), make([]uint64, columns)
		for k := range conds {
			conds[k] = Condition{Age: age, Gender: float64(2*(k%2) - 1)}
			if row < len(Emotions) {
				conds[k].Emotions[row] = 1
			} else {
				conds[k].Age, conds[k].Emotions[1] = 70, 1
			}
			seeds[k] = first + uint64(k)
		}
		pics, err := g.Generate(ctx, conds, seeds)
		if err != nil {
			return nil, err
		}
		sheet.Cells = append(sheet.Cells, pics)
	}
	return sheet.Draw()
}
