package training

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The bounds: where a symptom begins, and where it has passed. Measured in
// batches of 32 and 64, a good generator of 64x64 faces has a variety of 0.93 to
// 0.99 and a nearest of 0.89 to 0.96; one that draws four people only 0.75 to
// 0.83 and 0.19 to 0.28; one that draws a single person under all conditions
// 0.25 to 0.29 and 0.07 to 0.10.
const (
	winsAt, winsUntil         = 0.97, 0.94 // share of pictures that the discriminator places rightly
	guessesAt, guessesUntil   = 0.53, 0.57
	alikeAt, alikeUntil       = 0.6, 0.7 // variety, photographs 1
	twinsAt, twinsUntil       = 0.4, 0.5 // nearest, photographs 1
	fallsAt, fallsUntil       = 0.7, 0.8 // of the best variety so far
	explodesAt, explodesUntil = 5, 2     // times the usual size of a loss
	loud                      = 10       // a loss below is never called exploded
	silentAt, silentUntil     = 0.02, 0.1
)

// check is a symptom: whether it is there, whether it has passed, and what to
// say of it.
type check struct {
	name                   string
	bad, well              bool
	symptom, cause, advice string
}

// checks judges the smoothed values of the losses that the report has.
func (w *watch) checks(losses map[string]float64) []check {
	var all []check
	if _, ok := losses["d_right"]; ok {
		right := w.at("d_right")
		all = append(all, check{"wins", right >= winsAt, right < winsUntil,
			fmt.Sprintf("the discriminator is right about %.1f%% of the pictures", 100*right),
			"it wins, so the generator learns little from it", w.advise(
				"lower real_target, give [augment] more, or make the discriminator of [shape] narrower in a new run",
				"widen [blind], so that photographs are not learnt by heart, or make the discriminator of [shape] narrower in a new run")})
		all = append(all, check{"guesses", right <= guessesAt, right > guessesUntil,
			fmt.Sprintf("the discriminator is right about %.1f%% of the pictures, and a coin about half", 100*right),
			"it has learnt nothing, or has lost the thread, so the generator has no guide", w.advise(
				"raise real_target, lower learn_rate, or make the discriminator of [shape] wider in a new run",
				"narrow [blind], lower learn_rate, or make the discriminator of [shape] wider in a new run")})
	}
	const apart = "go back to a checkpoint before it (delete the later ones), and lower learn_rate"
	if _, ok := losses["variety"]; ok {
		variety := w.at("variety")
		w.best = max(w.best, variety)
		all = append(all, check{"alike", variety <= alikeAt || variety <= fallsAt*w.best, variety > alikeUntil && variety > fallsUntil*w.best,
			fmt.Sprintf("the samples of a batch differ %.2f times as much as photographs do, at best it was %.2f", variety, w.best),
			"the generator collapses onto few faces", w.advise(
				apart+", raise perceptual, or lower the weights of [heads], which may drown the rest",
				apart+", or lower the weights of [heads], which may drown the rest")})
	}
	if _, ok := losses["nearest"]; ok {
		nearest := w.at("nearest")
		all = append(all, check{"twins", nearest <= twinsAt, nearest > twinsUntil,
			fmt.Sprintf("the most similar samples of a batch differ %.2f times as much as those of photographs do", nearest),
			"the generator draws some faces again and again, whatever z says", apart + ", or make latent longer in a new run"})
	}
	for _, name := range slices.Sorted(maps.Keys(losses)) {
		if name == "d_right" || !strings.HasPrefix(name, "g_") && !strings.HasPrefix(name, "d_") {
			continue
		}
		now, usual := w.size(name)
		all = append(all, check{"explodes " + name, now > loud && now > explodesAt*usual, now < explodesUntil*usual,
			fmt.Sprintf("%s is %.3g, %.0f times its usual size", name, now, now/usual),
			"the steps are too long for where the networks are", w.advise("lower learn_rate or perceptual", "lower learn_rate")})
	}
	if _, ok := losses["g_gradient"]; ok {
		now, usual := w.size("g_gradient")
		all = append(all, check{"silent", now < silentAt*usual, now > silentUntil*usual,
			fmt.Sprintf("the gradient of the generator is %.2g, %.2g of its usual size", now, now/usual),
			"the discriminator is so sure that it tells no way to better pictures", w.advise(
				"lower real_target and learn_rate", "widen [blind] and lower learn_rate")})
	}
	return all
}

func (w *watch) advise(paper, ladder string) string {
	if w.recipe == "paper" {
		return paper
	}
	return ladder
}
