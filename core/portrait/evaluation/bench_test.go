package evaluation

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
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/atelier-engine/atelier/core/autodiff"
	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/portrait/faces"
)

// tiny is a judge that is trained in a moment.
var tiny = Recipe{Side: 32, Steps: 60, Pairs: 8, LearnRate: 3e-3, Average: 0.9, Sure: 0.8, Identity: 0.3, Seed: 1}

// people is a data set of n faces of clouds: light ones are happy, those with a
// spot in the middle men; where the clouds are is the person.
func people(t *testing.T, n int) *faces.Faces {
	t.Helper()
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "images"), 0o755)
	csv := "file,age,gender,p_neutral,p_happy\n"
	for i := range n {
		r := rand.New(rand.NewPCG(uint64(i), 9))
		happy, man := r.IntN(2), r.IntN(2)
		const side = 48
		m := image.NewRGBA(image.Rect(0, 0, side, side))
		var wave [4][3]float64
		for k := range wave {
			wave[k] = [3]float64{r.Float64() * 0.5, r.Float64() * 0.5, r.Float64() * 6}
		}
		for y := range side {
			for x := range side {
				v := 70 + 90*float64(happy)
				for _, w := range wave {
					v += 14 * math.Sin(w[0]*float64(x)+w[1]*float64(y)+w[2])
				}
				if man == 1 && math.Hypot(float64(x)-24, float64(y)-24) < 10 {
					v -= 60
				}
				m.Set(x, y, color.RGBA{uint8(v), uint8(v), uint8(v), 255})
			}
		}
		name := fmt.Sprintf("%04d.jpg", i)
		f, err := os.Create(filepath.Join(dir, "images", name))
		if err != nil {
			t.Fatal(err)
		}
		jpeg.Encode(f, m, nil)
		f.Close()
		csv += fmt.Sprintf("%s,%d,%s,%d,%d\n", name, 20+r.IntN(60), []string{"female", "male"}[man], 1-happy, happy)
	}
	os.WriteFile(filepath.Join(dir, "labels.csv"), []byte(csv), 0o644)
	set, _, err := faces.Prepare(context.Background(), faces.Options{Dir: dir, Cache: filepath.Join(dir, "pack"), Side: 48}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { set.Close() })
	return set
}

// lossNet is a network of random filters.
func lossNet() portrait.Features {
	g := device.NewGraph("filters")
	x := g.Input("x", device.Shape{C: 3})
	x = g.Conv("a", x, kernel.Conv{OutC: 6, KH: 3, KW: 3, Stride: 2, Pad: 1}, kernel.ActReLU)
	g.Output(x, g.Conv("b", x, kernel.Conv{OutC: 6, KH: 3, KW: 3, Stride: 2, Pad: 1}, kernel.ActReLU))
	return portrait.Features{Graph: g, Weights: autodiff.NewParams(g, 3).Weights()}
}

// other is the processor under another name, which counts what runs on it.
type other struct {
	device.Device
	compiled []string
}

func (o *other) Name() string { return "loom" }
func (o *other) Compile(g *device.Graph, w device.Weights) (device.Program, error) {
	o.compiled = append(o.compiled, g.Name)
	return o.Device.Compile(g, w)
}

// TestBench scores generators of which is known what they do, on a device that is
// asked for.
func TestBench(t *testing.T) {
	set := people(t, 360)
	ctx := context.Background()
	on, dir := &other{Device: device.NewCPU()}, filepath.Join(t.TempDir(), "judge")
	judge, err := OpenJudge(ctx, on, dir, tiny, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Seed: 5, Count: 2 * gridCells, Judge: judge, Loss: lossNet(), On: on}
	stages := map[string]int{}
	o.Progress = func(stage string, done, total int, left time.Duration) {
		if done > total || done <= stages[stage] || left < 0 {
			t.Errorf("%s: %d of %d after %d, %s left", stage, done, total, stages[stage], left)
		}
		stages[stage] = done
	}
	b, err := NewBench(ctx, set, o)
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(on.compiled); got != "[judge filters]" || b.Device != "loom in f32" {
		t.Errorf("on the device that was asked for ran %s, reported is %q", got, b.Device)
	}
	if _, meta, err := nn.ReadSafetensors(filepath.Join(dir, galleryFile)); err != nil || meta["device"] != "loom in f32" {
		t.Errorf("the kept identities do not say on which device they were made: %v, %v", meta, err)
	}
	p := b.Photographs
	if p.Pictures != 18 || p.Agreement.Emotion < 0.9 || p.Agreement.Gender < 0.8 || p.Identity.AUC < 0.55 || p.Memory.Pixels.Copies > 2 {
		t.Errorf("photographs: %+v", p)
	}
	if p.Found.Pixels < 0.1 {
		t.Errorf("of changed training photographs %+v are found", *p.Found)
	}
	noisy := func(seed uint64) *picture.Picture {
		r := rand.New(rand.NewPCG(seed, 2))
		q := picture.New(32, 32)
		for k := range q.Pix {
			q.Pix[k] = r.Float32()
		}
		return q
	}
	makers := map[string]func(c portrait.Condition, seed uint64) *picture.Picture{
		"copyist": func(c portrait.Condition, seed uint64) *picture.Picture {
			return photograph(set, b.train[int(seed)%len(b.train)])
		},
		"one face": func(portrait.Condition, uint64) *picture.Picture { return noisy(1) },
		"noise":    func(_ portrait.Condition, seed uint64) *picture.Picture { return noisy(seed) },
		"obedient": func(c portrait.Condition, seed uint64) *picture.Picture {
			light := 70 + 90*float32(c.Emotions[1])
			q := picture.Filled(48, 48, light/255, light/255, light/255)
			for k := range q.Pix {
				if x, y := k/3%48, k/3/48; c.Gender > 0 && math.Hypot(float64(x)-24, float64(y)-24) < 10 {
					q.Pix[k] -= 60. / 255
				}
			}
			return q
		},
	}
	got := map[string]Column{}
	for _, name := range []string{"copyist", "one face", "noise", "obedient"} {
		err := b.Score(ctx, name, func(_ context.Context, conds []portrait.Condition, seeds []uint64) ([]*picture.Picture, error) {
			var out []*picture.Picture
			for i, c := range conds {
				out = append(out, makers[name](c, seeds[i]))
			}
			return out, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		got[name] = b.Models[len(b.Models)-1]
	}
	copyist, one, noise, obedient := got["copyist"], got["one face"], got["noise"], got["obedient"]
	if copyist.Memory.Pixels.Copies < copyist.Pictures*9/10 || copyist.Memory.Pixels.Lowest > 0.2 {
		t.Errorf("copyist: %+v of %d", copyist.Memory, copyist.Pictures)
	}
	if noise.Memory.Pixels.Copies > 0 {
		t.Errorf("noise: %+v", noise.Memory)
	}
	if copyist.Frechet > noise.Frechet/3 || copyist.Coverage < 0.5 || noise.Coverage > 0.2 {
		t.Errorf("Fréchet distance of photographs %g, of noise %g; coverage %g, %g", copyist.Frechet, noise.Frechet, copyist.Coverage, noise.Coverage)
	}
	if one.Variety.Within != 0 || one.Variety.Closest != 0 || one.Identity.AUC != 0.5 {
		t.Errorf("one face: %+v, %+v", one.Variety, one.Identity)
	}
	if copyist.Identity.Same > 1e-6 || copyist.Identity.AUC < 0.99 {
		t.Errorf("a person that no condition changes: %+v", copyist.Identity)
	}
	if m := obedient.Agreement; m.Emotions.Recall(1) < 0.9 || m.Emotions.Recall(0) < 0.9 || m.Gender < 0.8 {
		t.Errorf("obedient: happy %g, neutral %g, gender %g", m.Emotions.Recall(1), m.Emotions.Recall(0), m.Gender)
	}
	if len(copyist.shown) != gridCells || len(copyist.pairs) != 2*shownPairs {
		t.Errorf("%d portraits shown, %d pairs", len(copyist.shown), len(copyist.pairs))
	}
	if d := cmp.Diff(map[string]int{"photographs": 72, "training photographs": 342, "portraits of copyist": 186, "portraits of one face": 186, "portraits of noise": 186, "portraits of obedient": 186}, stages); d != "" {
		t.Errorf("stages: %s", d)
	}
	if p, err := b.Draw(); err != nil || p.W < 1000 || p.H < 1000 {
		t.Errorf("report: %v", err)
	}
	if p, err := b.Pairs(0); err != nil || p.W < 128*shownPairs {
		t.Errorf("pairs: %v", err)
	} else if out := os.Getenv("ATELIER_LOOK"); out != "" {
		picture.Save(filepath.Join(out, "pairs.png"), p)
		p, _ = b.Draw()
		picture.Save(filepath.Join(out, "report.png"), p)
	}
	head, rows := b.Table()
	if len(head) != 6 {
		t.Errorf("table: %v", head)
	}
	for _, row := range rows {
		if len(row) != len(head) || strings.Contains(strings.Join(row, " "), "NaN") {
			t.Errorf("table: %v", row)
		}
	}
	if err := copySaves(t, b, &copyist); err != nil {
		t.Error(err)
	}
	for name, v := range b.Figures(&copyist) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			t.Errorf("figure %s is %g", name, v)
		}
	}
}

// copySaves writes the figures of a column into a card and reads them again.
func copySaves(t *testing.T, b *Bench, c *Column) error {
	dir := t.TempDir()
	path := filepath.Join(dir, nn.CardFile)
	if err := nn.WriteCard(path, nn.Card{Name: "a", Kind: portrait.Kind, Licence: "none", Figures: map[string]float64{"old": 1}, Text: "prose"}); err != nil {
		return err
	}
	if err := b.Save(dir, c); err != nil {
		return err
	}
	card, err := nn.ReadCard(path)
	if d := cmp.Diff(b.Figures(c), card.Figures); d != "" || card.Text != "prose" {
		t.Errorf("card: %s, text %q", d, card.Text)
	}
	return err
}

func TestNewBenchRefuses(t *testing.T) {
	set := people(t, 60)
	_, err := NewBench(context.Background(), set, Options{Count: 500, Judge: &Judge{}, Loss: lossNet()})
	if err == nil || !strings.Contains(err.Error(), "3 of 60 faces are held out") {
		t.Errorf("error %v", err)
	}
}

// TestOpenJudge: a judge is trained once, is the same each time, goes on where it
// was stopped, and is not taken for that of other photographs.
func TestOpenJudge(t *testing.T) {
	set, ctx := people(t, 60), context.Background()
	short := tiny
	short.Steps = 6
	dir := filepath.Join(t.TempDir(), "judge")
	first, err := OpenJudge(ctx, nil, dir, short, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := OpenJudge(ctx, nil, dir, short, set, func(int, int, time.Duration) { t.Error("trained again") })
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.net.Weights, again.net.Weights); d != "" {
		t.Error("the judge read is another than the judge trained")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left beside the judge: %v", entries)
	}

	stop, cancel := context.WithCancel(ctx)
	cancel()
	other := filepath.Join(t.TempDir(), "judge")
	if _, err := OpenJudge(stop, nil, other, short, set, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	resumed, err := OpenJudge(ctx, nil, other, short, set, nil)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(first.net.Weights, resumed.net.Weights); d != "" {
		t.Error("the judge that was stopped is another")
	}

	longer := short
	longer.Steps++
	for name, f := range map[string]func() error{
		"another recipe": func() error { _, err := OpenJudge(ctx, nil, dir, longer, set, nil); return err },
		"other faces":    func() error { _, err := OpenJudge(ctx, nil, dir, short, people(t, 61), nil); return err },
	} {
		if err := f(); !errors.Is(err, ErrOtherData) {
			t.Errorf("%s: %v", name, err)
		}
	}
	os.WriteFile(filepath.Join(dir, nn.WeightsFile), []byte("no weights"), 0o644)
	if _, err := OpenJudge(ctx, nil, dir, short, set, nil); err == nil || !strings.Contains(err.Error(), "trained anew") {
		t.Errorf("broken weights: %v", err)
	}
	stranger := t.TempDir()
	nn.Save(stranger, nn.Card{Name: "x", Kind: "style", Licence: "none"}, first.net.Weights, false)
	if _, err := OpenJudge(ctx, nil, stranger, short, set, nil); err == nil || !strings.Contains(err.Error(), `kind "style"`) {
		t.Errorf("another kind: %v", err)
	}
}

func TestExpectedAge(t *testing.T) {
	logits := make([]float32, portrait.AgeDims)
	for i := range logits {
		logits[i] = -1000
	}
	logits[2], logits[3] = 5, 5
	if got, want := expectedAge(logits), (portrait.AgeKnots[2]+portrait.AgeKnots[3])/2; math.Abs(got-want) > 1e-9 {
		t.Errorf("age %g, want %g", got, want)
	}
}
