package sentiment

// ekman is the head that finds the Ekman classes of GoEmotions.
type ekman struct{}

func (k *ekman) classify(text string) (Classes, error) { return Classes{}, ErrNoEkman }
