package sentiment

import (
	"context"
	"math/rand/v2"
	"runtime"
)

// How the Ekman head is trained: GoEmotions' comments become terms and dense
// features; logistic regressions for each class are fitted to all of them, by
// two recipes whose weights are then mixed. Before that, the comments are cut
// into parts and each is scored by regressions that were fitted to the others:
// from these scores come the mixture, the probabilities (Platt, 1999) and the
// thresholds with the best F1.

// ekmanConfig holds what was chosen by that cross-validation on the training
// split.
type ekmanConfig struct {
	parts   int
	epochs  int
	fewest  int // comments that hold a term, below which it is left out
	share   [groups]float32
	dense   float32 // of the dense features
	calm    float64 // comments without a tie that every term is thought to have had
	recipes []ekmanRecipe
	slots   int // of the table
	seed    uint64
}

// ekmanRecipe is one way to fit: what a comment costs that is not told apart,
// and what a term's tie to a class adds to its gain.
type ekmanRecipe struct{ cost, lift float64 }

var ekmanDefault = ekmanConfig{parts: 4, epochs: 8, fewest: 2, share: [groups]float32{1, 1, 1, 1}, dense: 1, calm: 5,
	recipes: []ekmanRecipe{{1, 0}, {0.5, 0.5}}, slots: 1 << 18}

// fits is how many regressions a training fits.
func (c *ekmanConfig) fits() int { return (c.parts + 1) * len(c.recipes) }

// trainEkman trains the head; it returns the F1 of each class by
// cross-validation as well. progress is told when another fit is done, of how
// many.
func trainEkman(ctx context.Context, root string, cfg ekmanConfig, progress func(done, of int)) (*ekman, [Count]float64, error) {
	var f1 [Count]float64
	c, err := readComments(root, cfg)
	if err != nil {
		return nil, f1, err
	}
	n := len(c.labels)
	cfg.parts = min(cfg.parts, max(2, n/10))
	part := make([]int, n)
	for i := range part {
		part[i] = i % cfg.parts
	}
	rand.New(rand.NewPCG(cfg.seed, 0xf01d)).Shuffle(n, func(a, b int) { part[a], part[b] = part[b], part[a] })
	held, whole := make([][]column, len(cfg.recipes)), make([][]column, len(cfg.recipes))
	for r := range held {
		held[r] = make([]column, n)
	}
	// The fits are independent of each other: one a part, and one to all.
	jobs, ends := make(chan int, cfg.fits()), make(chan error, cfg.fits())
	for j := range cfg.fits() {
		jobs <- j
	}
	close(jobs)
	for range min(cfg.fits(), runtime.GOMAXPROCS(0)) {
		go func() {
			for j := range jobs {
				p, r := j/len(cfg.recipes), j%len(cfg.recipes)
				w, err := c.fit(ctx, part, p, cfg, cfg.recipes[r])
				if err == nil && p == cfg.parts {
					whole[r] = w
				} else if err == nil {
					for i := range part {
						if part[i] == p {
							held[r][i] = c.x.dot(i, w)
						}
					}
				}
				ends <- err
			}
		}()
	}
	for done := range cfg.fits() {
		if e := <-ends; e != nil {
			err = e
		} else if err == nil {
			progress(done+1, cfg.fits())
		}
	}
	if err != nil {
		return nil, f1, err
	}
	mixed := mixRecipes(held, whole, c.labels)
	k, err := c.pack(whole[0], cfg)
	if err != nil {
		return nil, f1, err
	}
	return k, k.calibrate(mixed, c.labels), nil
}

// fit fits one recipe to the comments that are not in a part.
func (c *comments) fit(ctx context.Context, part []int, p int, cfg ekmanConfig, r ekmanRecipe) ([]column, error) {
	var rows []int
	for i := range part {
		if part[i] != p {
			rows = append(rows, i)
		}
	}
	return logistic(ctx, &c.x, rows, c.labels, c.gains(rows, cfg, r.lift), r.cost, cfg.epochs, cfg.seed)
}

// mixRecipes adds the second recipe's weights to the first's in the share that
// gives each class the best F1, so that whole[0] holds the mixture; it returns
// the scores of the mixture.
func mixRecipes(held, whole [][]column, labels []Labels) []column {
	mixed := held[0]
	for r := 1; r < len(held); r++ {
		var share column
		for e := range Emotion(Count) {
			best := -1.0
			for _, a := range []float32{0.5, 0.25, 0.75, 0, 1} { // half and half, if in doubt
				z := make([]column, len(mixed))
				for i := range z {
					z[i][e] = (1-a)*mixed[i][e] + a*held[r][i][e]
				}
				if f := splitF1(z, labels, e); f > best+0.001 {
					best, share[e] = f, a
				}
			}
		}
		mix := func(to, from []column) {
			for i := range to {
				for e, a := range share {
					to[i][e] = (1-a)*to[i][e] + a*from[i][e]
				}
			}
		}
		mix(mixed, held[r])
		mix(whole[0], whole[r])
	}
	return mixed
}
