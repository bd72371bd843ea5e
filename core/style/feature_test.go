package style

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
)

// reference holds values that another implementation computed, channels first.
type reference struct {
	Nets map[string]map[string]struct {
		Shape      []int   `json:"shape"`
		Mean       float64 `json:"mean"`
		MeanSquare float64 `json:"mean_square"`
		At         []struct {
			Index []int   `json:"index"`
			Value float64 `json:"value"`
		} `json:"at"`
	} `json:"nets"`
}

func readReference(t *testing.T, path string) reference {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r reference
	if err := json.Unmarshal(b, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// formula is the picture that the references are computed on.
func formula(side int) []float32 {
	pix := make([]float32, side*side*3)
	for y := range side {
		for x := range side {
			for c := range 3 {
				pix[3*(y*side+x)+c] = float32(.5 + .5*math.Sin(.11*float64(x*(c+1))+.07*float64(y*(3-c))+.5*float64(c)))
			}
		}
	}
	return pix
}

// compare runs f on the formula picture. The tolerance is relative to the root
// mean square of the layer: single precision over some thousand additions.
func compare(t *testing.T, r reference, name string, f *FeatureNet, side int) {
	t.Helper()
	run, err := f.Runner()
	if err != nil {
		t.Fatal(err)
	}
	out, err := run.Run(formula(side), side, side)
	if err != nil {
		t.Fatal(err)
	}
	const tolerance = 2e-4
	for i, tap := range f.Taps {
		want, got := r.Nets[name][tap], out[i]
		if got.C != want.Shape[0] || got.H != want.Shape[1] || got.W != want.Shape[2] {
			t.Errorf("%s %s is %dx%dx%d, want %v", name, tap, got.C, got.H, got.W, want.Shape)
			continue
		}
		scale := math.Sqrt(want.MeanSquare)
		near := func(what string, got, want, scale float64) {
			if math.Abs(got-want) > tolerance*scale {
				t.Errorf("%s %s: %s is %g, want %g", name, tap, what, got, want)
			}
		}
		near("mean square", kernel.SumSquares(got.Data)/float64(len(got.Data)), want.MeanSquare, want.MeanSquare)
		near("mean", kernel.Sum(got.Data)/float64(len(got.Data)), want.Mean, scale)
		for _, at := range want.At {
			c, y, x := at.Index[0], at.Index[1], at.Index[2]
			near("value", float64(got.Data[(y*got.W+x)*got.C+c]), at.Value, scale)
		}
	}
}

// The weights and the values of testdata/tiny were made by plain loops over
// channels-first lists, in double precision.
func TestTinyFeatures(t *testing.T) {
	file, _, err := nn.ReadSafetensors("testdata/tiny.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	taps := []string{"relu1_1", "aux1_1", "relu2_1"}
	g, err := vggGraph("tiny", []layer{{name: "conv0", out: 3, k: 1}, conv3("conv11", 4, "relu1_1", 7),
		conv3("conv12", 5, "", 0), pool(), conv3("conv21", 6, "relu2_1", 0)}, taps)
	if err != nil {
		t.Fatal(err)
	}
	w, err := fromOIHW(g, file)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, readReference(t, "testdata/tiny.json"), "tiny", &FeatureNet{Graph: g, Weights: w, Taps: taps}, 10)
}

func TestFeaturesAgainstReference(t *testing.T) {
	dir := os.Getenv("ATELIER_DATA")
	if dir == "" {
		t.Skip("set ATELIER_DATA to the folder of style/lossnet to check the large feature networks")
	}
	dir = filepath.Join(dir, "style", "lossnet")
	r := readReference(t, filepath.Join(dir, "reference.json"))
	for name, layers := range r.Nets {
		var taps []string
		for tap := range layers {
			taps = append(taps, tap)
		}
		f, err := LoadFeatures(name, filepath.Join(dir, name+".safetensors"), taps...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		compare(t, r, name, f, 64)
	}
}

func TestFeatureErrors(t *testing.T) {
	for _, c := range []struct {
		name, path string
		taps       []string
		want       string
	}{
		{"vgg99", "", []string{"relu1_1"}, "unknown"},
		{VGG19, "", nil, "no layer"},
		{VGG19, "", []string{"relu9_9"}, "relu9_9"},
		{VGG19, "testdata/none.safetensors", []string{"relu1_1"}, "none.safetensors"},
		{VGG19, "testdata/tiny.safetensors", []string{"relu1_1"}, "conv0_preproc.weight"},
		{Distilled, "testdata/tiny.safetensors", []string{"relu1_1"}, "conv11.weight"},
	} {
		_, err := LoadFeatures(c.name, c.path, c.taps...)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s %v: got %v, want an error with %q", c.name, c.path, c.taps, err, c.want)
		}
	}
}
