package sentiment

// Feel replaces the emotions by weights that sum to 1, and valence and arousal
// by what these weights alone give: a person said how it feels, so the words no
// longer decide.
func (r *Reading) Feel(weights [Count]float64) {
	r.Emotions = weights
	r.Valence, r.Arousal = Affect(weights)
	kept := r.Reasons[:0:0]
	for _, reason := range r.Reasons {
		if reason.For == "age" || reason.For == "gender" {
			kept = append(kept, reason)
		}
	}
	r.Reasons = kept
}

// Affect gives the valence, -1 to 1, and the arousal, 0 to 1, of emotion
// weights: the mean of the places of the emotions in Russell's circumplex.
func Affect(weights [Count]float64) (valence, arousal float64) {
	for e, w := range weights {
		valence += w * circumplex[e][0]
		arousal += w * circumplex[e][1]
	}
	return max(-1, min(1, valence)), max(0, min(1, arousal))
}
