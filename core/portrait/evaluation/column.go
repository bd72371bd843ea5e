package evaluation

import (
	"fmt"
	"path/filepath"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
)

// Column holds the figures of one set of pictures: the portraits of a model, or
// the photographs beside them. What a measure gives to photographs is what the
// best of models could reach.
type Column struct {
	Name     string `json:"name"`
	Side     int    `json:"side"`     // pixels
	Pictures int    `json:"pictures"` // portraits made; held-out photographs

	// Distances to held-out photographs; of the photographs, those of as many
	// training photographs.
	Frechet     float64 `json:"frechet"`      // of loss-network features
	FaceFrechet float64 `json:"face_frechet"` // of the judge's features
	Density     float64 `json:"density"`
	Coverage    float64 `json:"coverage"`

	Agreement Agreement `json:"agreement"` // with what was asked; with the labels
	Variety   Variety   `json:"variety"`
	Identity  Identity  `json:"identity"` // one seed, two emotions; one photograph, changed
	Memory    Memory    `json:"memory"`

	// Of the photographs: the share of training photographs, moved and recoloured,
	// that the two searches of Memory recognise as copies.
	Found *Found `json:"found,omitempty"`

	shown []*picture.Picture // of the grid's first seed, a portrait a condition
	pairs []pair             // nearest to training photographs
}

// Found is what the searches for copies are worth.
type Found struct {
	Person float64 `json:"person"`
	Pixels float64 `json:"pixels"`
}

// pair is a portrait and its nearest training photograph.
type pair struct {
	made *picture.Picture
	face int // in the data set
	near near
	by   string // the kind of distance
}

// Report is everything that was found.
type Report struct {
	Faces       int      `json:"faces"`    // in the data set
	HeldOut     int      `json:"held_out"` // of them compared
	Seed        uint64   `json:"seed"`
	Seeds       int      `json:"seeds"` // persons of the grid
	Side        int      `json:"side"`  // of the pictures that the loss network sees
	Judge       string   `json:"judge"`
	Device      string   `json:"device"` // that the networks run on, and its precision
	Photographs Column   `json:"photographs"`
	Warped      *Column  `json:"warped,omitempty"` // held-out neutral photographs with made expressions; agreement only
	Models      []Column `json:"models"`
}

// Save writes the figures of a column into the card of the model in dir, in place
// of those there.
func (r *Report) Save(dir string, c *Column) error {
	path := filepath.Join(dir, nn.CardFile)
	card, err := nn.ReadCard(path)
	if err != nil {
		return fmt.Errorf("save figures: %w", err)
	}
	card.Figures = r.Figures(c)
	if err := nn.WriteCard(path, card); err != nil {
		return fmt.Errorf("save figures: %w", err)
	}
	return nil
}

// Figures are the figures of a column for a model's card, with those of the
// photographs beside them under photo_…
func (r *Report) Figures(c *Column) map[string]float64 {
	m := map[string]float64{"portraits": float64(c.Pictures), "held_out_photographs": float64(r.HeldOut)}
	for prefix, v := range map[string]*Column{"": c, "photo_": &r.Photographs} {
		for name, f := range map[string]float64{
			"frechet": v.Frechet, "face_frechet": v.FaceFrechet, "density": v.Density, "coverage": v.Coverage,
			"emotion": v.Agreement.Emotion, "gender": v.Agreement.Gender, "age_correlation": v.Agreement.Age, "age_error": v.Agreement.AgeError,
			"variety": v.Variety.Within, "closest_two": v.Variety.Closest,
			"identity_same": v.Identity.Same, "identity_other": v.Identity.Other, "identity_auc": v.Identity.AUC,
			"copies_person": float64(v.Memory.Person.Copies), "copies_pixels": float64(v.Memory.Pixels.Copies),
		} {
			m[prefix+name] = f
		}
		putRecalls(m, prefix, &v.Agreement.Emotions)
	}
	if r.Warped != nil {
		m["warped_emotion"] = r.Warped.Agreement.Emotion
		putRecalls(m, "warped_", &r.Warped.Agreement.Emotions)
	}
	return m
}

// putRecalls adds the share seen of each emotion that was asked for.
func putRecalls(m map[string]float64, prefix string, c *Confusion) {
	for k := range emotions {
		if recall := c.Recall(k); recall >= 0 {
			m[prefix+"emotion_"+emotionName(k)] = recall
		}
	}
}
