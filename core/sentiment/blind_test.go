package sentiment

import "testing"

// A list written by two people who had read none of our code and no other list,
// measured for the first time when rules, lexicon and weights were done, its
// emotions never looked at: what the card calls blind. Keep it so; for tuning
// there are the development lists.
func TestBlindList(t *testing.T) {
	all, kinds := measure(t, "testdata/heldout3.tsv")
	t.Log("\n" + table(all, kinds))
	n := float64(all.lines)
	if float64(all.emotion) < 0.92*n || float64(all.age) < 0.95*n || float64(all.gender) < 0.92*n {
		t.Errorf("of %d lines emotion %d, age %d, gender %d right", all.lines, all.emotion, all.age, all.gender)
	}
}
