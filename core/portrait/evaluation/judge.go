package evaluation

import (
	"fmt"
	"math"

	"github.com/atelier-engine/atelier/core/device"
	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/portrait"
)

// The shape of the judge. It sees every picture at one size, whatever the size
// of the generator, so that figures of several models can be compared.
const (
	judgeSide   = 64
	traitLen    = 128 // features that all answers are read from
	identityLen = 64
)

// judgeGraph is a small residual network (He et al., 2016) with batch norms: a
// face (N,side,side,3) in [-1,1] becomes traitLen features, and these become
// seven emotion logits, a distribution over portrait.AgeKnots, one gender logit
// (above 0: a man) and an identity, of which only the direction counts. The
// outputs come in that order; the features themselves are the fifth.
func judgeGraph(side int) *device.Graph {
	g := device.NewGraph("judge")
	norm := nn.BatchNorm(g)
	x := g.Input("x", device.Shape{H: side, W: side, C: 3})
	x = nn.Downsample(g, "stem", x, 32, 3, norm, kernel.ActReLU)
	for i, width := range []int{64, 96, 128} {
		name := fmt.Sprintf("stage%d", i+1)
		x = nn.Downsample(g, name+".down", x, width, 3, norm, kernel.ActReLU)
		x = g.Activate(nn.Residual(g, name+".block", x, norm), kernel.ActReLU)
	}
	x = g.BatchNorm("traits.norm", g.Dense("traits", x, traitLen, kernel.ActNone), kernel.ActReLU)
	g.Output(
		g.Dense("emotion", x, portrait.EmotionDims, kernel.ActNone),
		g.Dense("age", x, portrait.AgeDims, kernel.ActNone),
		g.Dense("gender", x, 1, kernel.ActNone),
		g.Dense("identity", x, identityLen, kernel.ActNone),
		x,
	)
	return g
}

// Verdict is what the judge sees in one picture.
type Verdict struct {
	Emotion  int
	Gender   float64   // logit: above 0 a man
	Age      float64   // years
	Identity []float32 // direction in the space of persons, of length 1
	Traits   []float64 // features behind the answers
}

// Judge says who is to be seen in a picture. It is trained on the labels of
// photographs, apart from any generator. How far to trust it is told by what it
// says of photographs that it has not seen.
type Judge struct {
	net  *nn.Network
	side int
	sure float64 // labels of an emotion count from this probability on
	Name string  // of recipe and data: see JudgeName
	dir  string  // where it is kept; empty: nowhere
	hash string  // of the weights
	on   string  // label of the device, empty for the processor
}

// see judges the pictures of a tray, (N,side,side,3) in [-1,1].
func (j *Judge) see(t *tray) ([]Verdict, error) {
	out, err := j.net.Run(t.Tensor)
	if err != nil {
		return nil, fmt.Errorf("judge portraits: %w", err)
	}
	all := make([]Verdict, t.N)
	for i := range all {
		all[i] = verdict(out, i)
	}
	return all, nil
}

// verdict reads sample i of the outputs of judgeGraph.
func verdict(out []device.Tensor, i int) Verdict {
	row := func(k int) []float32 { return out[k].Data[i*out[k].C:][:out[k].C] }
	v := Verdict{Gender: float64(row(2)[0]), Identity: make([]float32, identityLen), Traits: make([]float64, traitLen)}
	for k, logit := range row(0) {
		if logit > row(0)[v.Emotion] {
			v.Emotion = k
		}
	}
	v.Age = expectedAge(row(1))
	sq := 0.0
	for _, x := range row(3) {
		sq += float64(x) * float64(x)
	}
	for k, x := range row(3) {
		v.Identity[k] = float32(float64(x) / max(math.Sqrt(sq), 1e-12))
	}
	for k, x := range row(4) {
		v.Traits[k] = float64(x)
	}
	return v
}

// expectedAge is the mean of the distribution softmax(logits) over AgeKnots.
func expectedAge(logits []float32) float64 {
	top := logits[0]
	for _, l := range logits {
		top = max(top, l)
	}
	age, sum := 0.0, 0.0
	for i, l := range logits {
		w := math.Exp(float64(l - top))
		age += w * portrait.AgeKnots[i]
		sum += w
	}
	return age / sum
}
