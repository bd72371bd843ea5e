package nn

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/google/go-cmp/cmp"
)

func sampleCard() Card {
	return Card{
		Name: "faces", Kind: "portrait", Licence: "CC BY 4.0", Recipe: "paper", Time: 3600.5,
		Created:  time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
		Data:     []string{"photographs \"A\"", "drawings"},
		Settings: map[string]float64{"width": 64}, Figures: map[string]float64{"fid": 31.5, "age error": 4},
		Text: "# Faces\n\nWhat it is good at.\n\n+++ is fine here.",
	}
}

func TestCardRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), CardFile)
	for _, c := range []Card{sampleCard(), {Name: "a", Kind: "b", Licence: "c"}} {
		if err := WriteCard(path, c); err != nil {
			t.Fatal(err)
		}
		got, err := ReadCard(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c, got); d != "" {
			t.Error(d)
		}
	}
}

const goldenCard = `+++
name = "faces"
kind = "portrait"
created = 2026-05-04T03:02:01Z
data = ["photographs \"A\"", "drawings"]
licence = "CC BY 4.0"
recipe = "paper"
time = 3600.5

[settings]
width = 64.0

[figures]
"age error" = 4.0
fid = 31.5
+++

# Faces

What it is good at.

+++ is fine here.
`

func TestCardFormat(t *testing.T) {
	b, err := sampleCard().Format()
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(goldenCard, string(b)); d != "" {
		t.Error(d)
	}
	got, err := ParseCard([]byte(strings.ReplaceAll(goldenCard, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(sampleCard(), got); d != "" {
		t.Error(d)
	}
}

func TestCardMistakes(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "", "first line is not +++"},
		{"prose", "# Model", "first line is not +++"},
		{"open", "+++\nname = \"a\"\n", "second line of +++"},
		{"no fields", "+++\n+++\n", "name is missing"},
		{"no licence", "+++\nname = \"a\"\nkind = \"b\"\n+++", "licence is missing"},
		{"syntax", "+++\nname = \"a\"\nkind = \n+++\n", "line 3"},
		{"unknown", "+++\nname = \"a\"\nkind = \"b\"\nlicence = \"c\"\nlicense = \"c\"\n+++\n", "license is no field"},
		{"wrong type", "+++\nname = 5\n+++\n", "name"},
		{"not finite", "+++\nname = \"a\"\nkind = \"b\"\nlicence = \"c\"\n[figures]\nfid = nan\n+++\n", "fid = NaN"},
		{"negative time", "+++\nname = \"a\"\nkind = \"b\"\nlicence = \"c\"\ntime = -1.0\n+++\n", "time = -1"},
		{"long", strings.Repeat("+", maxCard+1), "keep it below"},
	} {
		_, err := ParseCard([]byte(c.text))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %v, want one with %q", c.name, err, c.want)
		}
	}
}

func FuzzCard(f *testing.F) {
	f.Add([]byte(goldenCard))
	f.Add([]byte("+++\n+++"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseCard(b)
		if err != nil {
			return
		}
		out, err := c.Format()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseCard(out); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	})
}

// styleNet is a small network of every block.
func styleNet() (*device.Graph, int) {
	g := device.NewGraph("style")
	x := g.Input("picture", device.Shape{C: 3})
	style := g.Input("style", device.Shape{H: 1, W: 1, C: 160})
	offset := 0
	norm := CondNorm(g, style, &offset)
	x = ConvNormAct(g, "in", x, Same(8, 9), norm, kernel.ActReLU)
	x = Downsample(g, "down", x, 16, 3, InstanceNorm(g), kernel.ActReLU)
	x = Residual(g, "res1", x, norm)
	x = Residual(g, "res2", x, BatchNorm(g))
	x = Residual(g, "res3", x, NoNorm(g))
	x = Upsample(g, "up", x, 8, 3, norm, kernel.ActReLU)
	g.Output(g.Conv("out", x, Same(3, 9), kernel.ActSigmoid))
	return g, offset
}

func weightsOf(g *device.Graph) device.Weights {
	w := device.Weights{}
	for _, p := range g.Params() {
		a := device.Array{Shape: p.Shape, Data: make([]float32, p.Len())}
		for i := range a.Data {
			a.Data[i] = float32(math.Sin(float64(i)*1.7+float64(len(w)))) * 0.1
			if p.Init == device.InitOne {
				a.Data[i] += 1
			}
		}
		w[p.Name] = a
	}
	return w
}

func TestModelFolder(t *testing.T) {
	g, styleLen := styleNet()
	if g.Err() != nil || styleLen != 96 {
		t.Fatalf("error %v, style of %d values", g.Err(), styleLen)
	}
	dir := filepath.Join(t.TempDir(), "models", "faces")
	w := weightsOf(g)
	if err := Save(dir, sampleCard(), w, false); err != nil {
		t.Fatal(err)
	}
	m, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(w, m.Weights); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(sampleCard(), m.Card); d != "" {
		t.Error(d)
	}
	if len(m.Hash) != 64 || m.Meta["name"] != "faces" {
		t.Errorf("hash %q, metadata %v", m.Hash, m.Meta)
	}
	net, err := m.Network(g, nil)
	if err != nil {
		t.Fatal(err)
	}
	picture, style := device.NewTensor(2, 13, 10, 3), device.NewTensor(2, 1, 1, 160)
	for i := range picture.Data {
		picture.Data[i] = float32(i%17) / 17
	}
	for i := range style.Data {
		style.Data[i] = float32(i%3) * 0.5
	}
	out, err := net.Run(picture, style)
	if err != nil {
		t.Fatal(err)
	}
	if s := out[0].Shape(); s != (device.Shape{H: 14, W: 10, C: 3}) || out[0].N != 2 {
		t.Errorf("result is %d of %v", out[0].N, s)
	}
	loaded, err := Load(g, filepath.Join(dir, WeightsFile))
	if err != nil {
		t.Fatal(err)
	}
	again := []device.Tensor{{}}
	if err := loaded.RunInto(again, []device.Tensor{picture, style}); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(out, again); d != "" {
		t.Error(d)
	}
}

func TestModelMistakes(t *testing.T) {
	g, _ := styleNet()
	w := weightsOf(g)
	dir := t.TempDir()
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), CardFile) {
		t.Errorf("got error %v", err)
	}
	if err := Save(dir, Card{}, w, false); err == nil || !strings.Contains(err.Error(), "name is missing") {
		t.Errorf("got error %v", err)
	}
	if err := WriteCard(filepath.Join(dir, CardFile), sampleCard()); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), WeightsFile) {
		t.Errorf("got error %v", err)
	}
	w["in.bias"].Data[0] = float32(math.NaN())
	if err := Save(dir, sampleCard(), w, false); err == nil || !strings.Contains(err.Error(), `"in.bias" holds a value that is not finite`) {
		t.Errorf("got error %v", err)
	}
	if err := WriteSafetensors(filepath.Join(dir, WeightsFile), w, nil, false); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), `"in.bias" holds a value that is not finite`) {
		t.Errorf("got error %v", err)
	}
	delete(w, "in.bias")
	w["extra"] = device.Array{}
	if _, err := New(g, w, nil); err == nil || !strings.Contains(err.Error(), "missing in.bias; surplus extra") {
		t.Errorf("got error %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, WeightsFile), []byte("rubbish!"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || !strings.Contains(err.Error(), "no safetensors file") {
		t.Errorf("got error %v", err)
	}
}

func TestPickAndJoin(t *testing.T) {
	a := device.Weights{"w": {Shape: []int{1}, Data: []float32{1}}}
	b := device.Weights{"w": {Shape: []int{1}, Data: []float32{2}}, "v": {Shape: []int{0}}}
	all := device.Weights{}
	Join(all, "a/", a)
	Join(all, "b/", b)
	if d := cmp.Diff([]device.Weights{a, b}, []device.Weights{Pick(all, "a/"), Pick(all, "b/")}); d != "" {
		t.Error(d)
	}
}
