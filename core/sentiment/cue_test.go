package sentiment

import "testing"

func TestLexiconCompiles(t *testing.T) {
	b, err := loadCues(lexiconFiles, "lexicon")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d patterns, %d symbols", b.count, len(b.symbols))
}
