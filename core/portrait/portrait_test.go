package portrait

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gonum.org/v1/gonum/stat"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/nn"
)

var happy = Condition{Age: 30, Gender: 1, Emotions: [7]float64{0, 1}}

func TestConditionCheck(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		change func(*Condition)
		want   string
	}{
		{func(c *Condition) {}, ""},
		{func(c *Condition) { c.Age = 12 }, "age 12"},
		{func(c *Condition) { c.Age = 91 }, "age 91"},
		{func(c *Condition) { c.Age = nan }, "age NaN"},
		{func(c *Condition) { c.Gender = 1.5 }, "gender 1.5"},
		{func(c *Condition) { c.Gender = nan }, "gender NaN"},
		{func(c *Condition) { c.Emotions[3] = -1 }, "weight -1 of angry"},
		{func(c *Condition) { c.Emotions[3] = math.Inf(1) }, "weight +Inf of angry"},
		{func(c *Condition) { c.Emotions[6] = nan }, "weight NaN of surprised"},
		{func(c *Condition) { c.Emotions = [7]float64{} }, "all emotion weights are zero"},
	} {
		cond := happy
		c.change(&cond)
		err := cond.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", cond, err, c.want)
		}
	}
}

func TestConditionVector(t *testing.T) {
	v := make([]float32, conditionLen)
	Condition{Age: 45, Gender: -1, Emotions: [7]float64{1, 3}}.vector(v)
	want := []float32{0.25, 0.75, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0.5, 0.5, 0, 0, 0}
	if d := cmp.Diff(want, v); d != "" {
		t.Error(d)
	}
	for age := 10.0; age < 100; age += 0.5 { // the two knots around always share one
		ageWeights(age, v[8:])
		sum := float32(0)
		for _, w := range v[8:] {
			sum += w
		}
		if math.Abs(float64(sum)-1) > 1e-6 {
			t.Errorf("age %g: weights %v", age, v[8:])
		}
	}
}

const header = "file,age,gender,p_neutral,p_happy\n"

func TestReadManifest(t *testing.T) {
	for _, c := range []struct {
		name, text string
		records    int
		refused    []string
		err        string
	}{
		{name: "plain", text: header + "a.jpg,30,male,0.2,0.8\n", records: 1},
		{name: "crlf and spaces", text: "\ufefffile, age, gender, p_neutral, p_happy\r\na.jpg, 30, Female , 0.2, 0.8\r\n", records: 1},
		{name: "rows refused", text: header + "a.jpg,30,male,0.2,0.8\na.jpg,31,male,1,0\n../b.jpg,30,male,1,0\nc.jpg,12,male,1,0\nd.jpg,x,male,1,0\ne.jpg,30,?,1,0\nf.jpg,30,male,0,0\ng.jpg,30,male,nope,0\nh.jpg\n",
			records: 1, refused: []string{"named twice", "leads out", "age \"12\"", "age \"x\"", "gender \"?\"", "all emotion weights", "not a number", "age \"\""}},
		{name: "very old", text: header + "a.jpg,110,male,1,0\n", records: 1},
		{name: "no column", text: "file,age\na,1\n", err: `no column "gender"`},
		{name: "empty", err: "no header"},
		{name: "broken quotes", text: header + "\"a,30,male\n", err: "line 2"},
	} {
		path := filepath.Join(t.TempDir(), "labels.csv")
		os.WriteFile(path, []byte(c.text), 0o644)
		records, refused, err := readManifest(path)
		if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.err)
		}
		if len(records) != c.records || len(refused) != len(c.refused) {
			t.Errorf("%s: %d records, refused %v", c.name, len(records), refused)
			continue
		}
		for i, want := range c.refused {
			if !strings.Contains(refused[i].Why, want) {
				t.Errorf("%s: refused for %q, want %q", c.name, refused[i].Why, want)
			}
		}
	}
}

func FuzzManifest(f *testing.F) {
	f.Add(header + "a.jpg,30,male,0.2,0.8\n")
	all := "file,age,gender,p_happy"
	row := "a,20,female,1"
	for i := range 68 {
		all += fmt.Sprintf(",x%d,y%d", i, i)
		row += ",3,NaN"
	}
	f.Add(all + "\n" + row + "\n")
	f.Add(all + "\n" + strings.ReplaceAll(row, "NaN", "5.5") + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "labels.csv")
		os.WriteFile(path, []byte(text), 0o644)
		records, _, _ := readManifest(path)
		for _, r := range records {
			if err := r.cond.Check(); err != nil || !filepath.IsLocal(r.file) {
				t.Errorf("accepted %+v: %v", r, err)
			}
			m := faceAffine(&r, 8, 20, 20)
			warp(make([]float32, 8*8*3), 8, make([]float32, 20*20*3), 20, 20, m, 1, 0)
		}
	})
}

func TestSimilarity(t *testing.T) {
	const angle, scale = 0.3, 2.5
	want := affine{scale * math.Cos(angle), -scale * math.Sin(angle), 7, scale * math.Sin(angle), scale * math.Cos(angle), -4}
	var to [3][2]float64
	for i, p := range alignTo {
		to[i][0], to[i][1] = want.apply(p[0], p[1])
	}
	got := similarity(alignTo, to)
	for i := range want {
		if math.Abs(got[i]-want[i]) > 1e-9 {
			t.Fatalf("similarity %v, want %v", got, want)
		}
	}
	// A flip applied twice is no flip.
	flip := affine{-1, 0, 10, 0, 1, 0}
	if d := cmp.Diff(affine{1, 0, 0, 0, 1, 0}, flip.then(flip)); d != "" {
		t.Error(d)
	}
}

// writeFaces makes a data set of n pictures whose brightness depends on the
// emotion.
func writeFaces(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "images"), 0o755)
	var csv strings.Builder
	csv.WriteString(header)
	for i := range n {
		name := fmt.Sprintf("%03d.jpg", i)
		m := image.NewRGBA(image.Rect(0, 0, 100, 100))
		for k := range m.Pix {
			m.Pix[k] = uint8(60 + 120*(i%2) + k%50)
		}
		m.Set(0, 0, color.Black)
		f, err := os.Create(filepath.Join(dir, "images", name))
		if err != nil {
			t.Fatal(err)
		}
		jpeg.Encode(f, m, nil)
		f.Close()
		fmt.Fprintf(&csv, "%s,%d,%s,%d,%d\n", name, 20+i, []string{"male", "female"}[i%2], 1-i%2, i%2)
	}
	os.WriteFile(filepath.Join(dir, "labels.csv"), []byte(csv.String()), 0o644)
	return dir
}

func TestPrepare(t *testing.T) {
	dir := writeFaces(t, 8)
	os.WriteFile(filepath.Join(dir, "images", "003.jpg"), []byte("no picture"), 0o644)
	os.Remove(filepath.Join(dir, "images", "005.jpg"))
	cache := filepath.Join(t.TempDir(), "sub", "faces.pack")
	first, refused, err := Prepare(context.Background(), dir, cache, nil)
	if err != nil || len(refused) != 2 || len(first.Conds) != 6 {
		t.Fatalf("%d faces, refused %v, error %v", len(first.Conds), refused, err)
	}
	again, _, err := Prepare(context.Background(), dir, cache, func(int, int) { t.Error("decoded again") })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first, again); d != "" {
		t.Error("the packed file differs from what was packed")
	}
	b, _ := os.ReadFile(cache)
	os.WriteFile(cache, b[:len(b)-5], 0o644) // cut short: packed anew
	if again, _, err = Prepare(context.Background(), dir, cache, nil); err != nil || len(again.Conds) != 6 {
		t.Errorf("after a cut: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Prepare(ctx, dir, cache+"2", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, _, err := Prepare(context.Background(), t.TempDir(), cache, nil); err == nil || !strings.Contains(err.Error(), "labels.csv") {
		t.Errorf("no manifest: %v", err)
	}
}

// tiny is a training that takes a moment.
func tiny(t *testing.T, data string) TrainConfig {
	t.Helper()
	c, err := ShippedConfig()
	if err != nil {
		t.Fatal(err)
	}
	c.Data, c.Run, c.Batch, c.Steps, c.Checkpoint, c.Sample = data, t.TempDir(), 4, 4, 2, 3
	c.Shape = Shape{Side: 16, Latent: 5, Generator: []int{8, 8}, Discriminator: []int{8, 8}}
	c.Perceptual = 0
	return c
}

// TestTrainResumes: two steps, a stop, and two more give the bits of four.
func TestTrainResumes(t *testing.T) {
	data := writeFaces(t, 24)
	whole := tiny(t, data)
	whole.Model = filepath.Join(t.TempDir(), "whole")
	if err := Train(context.Background(), whole, Report{}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(whole.Run, "sample-000003.png")); err != nil {
		t.Error(err)
	}
	parts := tiny(t, data)
	ctx, cancel := context.WithCancel(context.Background())
	parts.Steps = 2
	if err := Train(ctx, parts, Report{}); err != nil {
		t.Fatal(err)
	}
	cancel()
	parts.Steps = 4
	parts.Model = filepath.Join(t.TempDir(), "parts")
	if err := Train(ctx, parts, Report{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	if err := Train(context.Background(), parts, Report{}); err != nil {
		t.Fatal(err)
	}
	a, b := read(t, whole.Model), read(t, parts.Model)
	if d := cmp.Diff(a, b); d != "" {
		t.Error("the resumed training gives other weights")
	}
	exported := parts
	exported.Model = filepath.Join(t.TempDir(), "exported")
	if err := Export(exported, Report{}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(a, read(t, exported.Model)); d != "" {
		t.Error("the export gives other weights")
	}

	g, err := Load(whole.Model)
	if err != nil {
		t.Fatal(err)
	}
	faces, _, err := Prepare(context.Background(), data, filepath.Join(whole.Run, "faces.pack"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := faces.DataSheet(3, 16); err != nil {
		t.Error(err)
	}
	if _, err := g.Sheet(context.Background(), "sheet", 40, 1, 2); err != nil {
		t.Error(err)
	}
}

func read(t *testing.T, dir string) map[string][]float32 {
	t.Helper()
	m, err := nn.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]float32{}
	for k, v := range m.Weights {
		all[k] = v.Data
	}
	return all
}

// TestGenerate: a seed and a condition give one picture, alone or in a batch.
func TestGenerate(t *testing.T) {
	shape := Shape{Side: 16, Latent: 5, Generator: []int{32, 32}, Discriminator: []int{8, 8}}
	g, err := newGenerator(shape, autodiff.NewParams(generatorGraph(shape), 3).Weights())
	if err != nil {
		t.Fatal(err)
	}
	n := generateBatch + 3
	conds, seeds := make([]Condition, n), make([]uint64, n)
	for i := range conds {
		conds[i], seeds[i] = happy, uint64(i)
		conds[i].Age = 20 + float64(i)
	}
	all, err := g.Generate(context.Background(), conds, seeds)
	if err != nil {
		t.Fatal(err)
	}
	for i := range conds {
		one, err := g.Generate(context.Background(), conds[i:i+1], seeds[i:i+1])
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(one[0].Pix, all[i].Pix); d != "" {
			t.Errorf("portrait %d differs in a batch", i)
		}
	}
	if cmp.Equal(all[0].Pix, all[1].Pix) {
		t.Error("two seeds give one picture")
	}
	if _, err := g.Generate(context.Background(), conds[:1], nil); err == nil {
		t.Error("no seeds: no error")
	}
	conds[0].Age = 7
	if _, err := g.Generate(context.Background(), conds, seeds); err == nil || !strings.Contains(err.Error(), "portrait 1") {
		t.Errorf("age 7: %v", err)
	}
}

func TestLoadRefuses(t *testing.T) {
	shape := Shape{Side: 16, Latent: 5, Generator: []int{8, 8}}
	w := autodiff.NewParams(generatorGraph(shape), 3).Weights()
	card := nn.Card{Name: "p", Kind: Kind, Licence: "none", Settings: shape.settings()}
	for name, c := range map[string]struct {
		change func(*nn.Card)
		want   string
	}{
		"whole":         {func(*nn.Card) {}, ""},
		"another kind":  {func(c *nn.Card) { c.Kind = "style" }, `kind "style"`},
		"another shape": {func(c *nn.Card) { c.Settings = Shape{Side: 16, Latent: 6, Generator: []int{8, 8}}.settings() }, "base.weight"},
		"no shape":      {func(c *nn.Card) { c.Settings = nil }, "latent length 0"},
	} {
		dir, changed := t.TempDir(), card
		c.change(&changed)
		if err := nn.Save(dir, changed, w, true); err != nil {
			t.Fatal(err)
		}
		_, err := Load(dir)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestTrainConfig(t *testing.T) {
	for text, want := range map[string]string{
		"steps = 5":                         "",
		"stepz = 5":                         "stepz",
		"recipe = \"other\"":                "recipe",
		"sample_every = 0":                  "sample_every 0",
		"licence = \"\"":                    "licence is empty",
		"batch = 1":                         "batch 1",
		"learn_rate = 0.0":                  "learning rate",
		"real_target = 0.2":                 "real_target",
		"perceptual = -1.0":                 "negative",
		"[shape]\nside = 48":                "48 pixels",
		"[shape]\ngenerator = [0, 1, 1, 1]": "0 channels",
		"this is no TOML":                   "mend the file",
	} {
		_, err := parseConfig(text, "x.toml")
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q", text, err, want)
		}
	}
}

func TestFrechet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	draw := func(n int, shift, scale float64) [][]float64 {
		v := make([][]float64, n)
		for i := range v {
			v[i] = []float64{r.NormFloat64()*scale + shift, r.NormFloat64()*scale + shift}
		}
		return v
	}
	a := draw(20000, 0, 1)
	same, err := frechet(a, a)
	if err != nil || same > 1e-9 {
		t.Errorf("of a set to itself: %g, %v", same, err)
	}
	// Two unit Gaussians three apart: 9 for each feature; scales 1 and 2: (2-1)².
	for want, b := range map[float64][][]float64{9: draw(20000, 3, 1), 1: draw(20000, 0, 2)} {
		if got, err := frechet(a, b); err != nil || math.Abs(got-want) > 0.05*want {
			t.Errorf("Fréchet distance %g, want %g (%v)", got, want, err)
		}
	}
}

// TestJudge: on faces whose brightness is their emotion and gender, the judge
// learns to tell them.
func TestJudge(t *testing.T) {
	faces, _, err := Prepare(context.Background(), writeFaces(t, 60), filepath.Join(t.TempDir(), "f"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newSampler(faces, Augment{Flip: true}, 16)
	j, err := trainJudge(context.Background(), s, 40)
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []verdict
	var conds []Condition
	buf := make([]float32, 16*16*3)
	for i, c := range faces.Conds {
		s.face(buf, i, nil)
		v, err := j.look(buf)
		if err != nil {
			t.Fatal(err)
		}
		verdicts, conds = append(verdicts, v), append(conds, c)
	}
	if a := agree(verdicts, conds); a.Happy < 0.9 || a.Neutral < 0.9 || a.Gender < 0.9 {
		t.Errorf("agreement %+v, want over 0.9 on faces that differ in brightness", a)
	}
}

func TestAgree(t *testing.T) {
	neutral := happy
	neutral.Emotions, neutral.Gender, neutral.Age = [7]float64{1}, -1, 60
	got := agree([]verdict{{1, 2, 30}, {0, 1, 30}, {0, -1, 50}, {0, 3, 60}}, []Condition{happy, happy, neutral, neutral})
	want := Agreement{Happy: 0.5, Neutral: 1, Gender: 0.75, Age: stat.Correlation([]float64{30, 30, 50, 60}, []float64{30, 30, 60, 60}, nil)}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
