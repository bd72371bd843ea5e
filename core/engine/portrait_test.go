package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/recipe"
)

// A picture says what it shows, who drew it and with what rights, painted too.
func TestPortraitTellsWhatItIs(t *testing.T) {
	e, _, _ := newFake(t)
	dir := t.TempDir()
	num := func(v float64) *float64 { return &v }
	other := uint64(9)
	face := recipe.Portrait(plan.Origin{}, recipe.Face{
		Age: num(41.5), Gender: num(-1), Emotion: map[string]float64{"sad": 0.5}, Seed: 7, Toward: &other, At: 0.25, Truncation: num(0.5), Size: 20,
	})
	painted := recipe.Style(plan.Origin{}, face, recipe.Painting{Style: "cubism", Intensity: 1})
	want := portrait.Request{
		Condition: portrait.Condition{Age: 41.5, Gender: -1, Emotions: [7]float64{0.5, 0, 0.5}}, Seed: 7, Toward: 9, At: 0.25, Truncation: 0.5,
	}
	for name, s := range map[string]*plan.Step{"face.png": face, "face.jpg": face, "painted.png": painted} {
		path := filepath.Join(dir, name)
		if err := e.save(context.Background(), s, path, nil); err != nil {
			t.Fatal(err)
		}
		p, err := picture.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		var got portrait.Request
		if err := json.Unmarshal([]byte(p.Meta[portraitKey]), &got); err != nil {
			t.Fatal(name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" || p.W != 20 {
			t.Errorf("%s, %d pixels: %s", name, p.W, diff)
		}
		for key, want := range map[string]string{
			conditionKey: "age 42, gender -1.00, neutral 0.50, sad 0.50", modelKey: "faces", licenceKey: "none",
			"Disclaimer": "This person does not exist.",
		} {
			if p.Meta[key] != want {
				t.Errorf("%s: %s is %q, want %q", name, key, p.Meta[key], want)
			}
		}
	}
	// Another card is another picture: what was kept under the old terms is not given out again.
	card := nn.Card{Name: "faces", Kind: portrait.Kind, Licence: "other"}
	if err := nn.WriteCard(filepath.Join(e.Places.Models[0], "faces", nn.CardFile), card); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "again.png")
	if err := e.save(context.Background(), face, path, nil); err != nil {
		t.Fatal(err)
	}
	if p, err := picture.Open(path); err != nil || p.Meta[licenceKey] != "other" {
		t.Error(err, p.Meta)
	}
	if err := os.WriteFile(filepath.Join(e.Places.Models[0], "faces", nn.CardFile), []byte("torn"), 0o644); err != nil {
		t.Fatal(err)
	}
	e.Config.Portrait.Model = "faces"
	if err := e.save(context.Background(), face, path, nil); ClassOf(err) != Missing {
		t.Error(err)
	}
}

// The portraits of a recipe are drawn in batches, those with sentences as well,
// and each has its own sentence.
func TestPortraitsAreDrawnTogether(t *testing.T) {
	e, f, _ := newFake(t)
	dir := t.TempDir()
	script := filepath.Join(dir, "many.lua")
	source := `for i = 1, 20 do portrait{text = "a glad man, number " .. i, seed = i}:save(args.out .. "/" .. i .. ".png") end
		for i = 1, 4 do portrait{age = 20 + i}:save(args.out .. "/age" .. i .. ".png") end`
	if err := os.WriteFile(script, []byte(source), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Recipe(context.Background(), Job{Name: script, Args: map[string]string{"out": dir}}); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, batch := range f.drawn {
		sizes = append(sizes, len(batch))
	}
	if diff := cmp.Diff([]int{16, 8}, sizes); diff != "" || f.reads != 1 {
		t.Errorf("%s, %d calls of the analyzer", diff, f.reads)
	}
	for i := 1; i <= 20; i++ {
		p, err := picture.Open(filepath.Join(dir, fmt.Sprint(i, ".png")))
		if err != nil {
			t.Fatal(err)
		}
		var doc plan.Provenance
		if err := json.Unmarshal([]byte(p.Meta[planKey]), &doc); err != nil {
			t.Fatal(err)
		}
		if text := fmt.Sprint(doc.Steps[0].Params["text"]); len(doc.Steps) != 2 || !strings.HasSuffix(text, fmt.Sprint(" ", i)) || p.Pix[0] != float32(i)/255 {
			t.Errorf("picture %d: %v", i, doc.Steps)
		}
	}
}
