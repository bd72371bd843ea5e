package sentiment

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// Model is the trained classifier, two heads in one file. The head for faces is
// a linear layer over hashed features, with a softmax temperature that
// calibrates it and the vocabulary it was trained on; the other is the head for
// the Ekman classes of comments. It is safe for concurrent use.
type Model struct {
	weights     []float32 // (1<<bits, Count)
	bias        [Count]float32
	temperature float64
	vocabulary  bloom
	meta        map[string]string
	ekman       *ekman // nil: the file holds none
}

// File is the name of the weights in a model's folder.
const File = "weights.safetensors"

// maxModel is the size in bytes above which a file is no model of this kind.
const maxModel = 64 << 20

// LoadModel reads the weights from a folder such as models/sentiment-english,
// or from a file. Every shape and length is checked.
func LoadModel(path string) (*Model, error) {
	if st, err := os.Stat(path); err == nil && st.IsDir() {
		path = filepath.Join(path, File)
	}
	st, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("sentiment: cannot open the model: %w: train it or name its folder", err)
	}
	if st.Size() > maxModel || !st.Mode().IsRegular() {
		return nil, fmt.Errorf("sentiment: %s is not a model: want a file of at most %d bytes", path, maxModel)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("sentiment: cannot read the model: %w", err)
	}
	m, err := ParseModel(b)
	if err != nil {
		return nil, fmt.Errorf("sentiment: %s is not a model of this kind: %w", path, err)
	}
	return m, nil
}

// ParseModel reads a model from the bytes of its safetensors file.
func ParseModel(b []byte) (*Model, error) {
	if len(b) > maxModel {
		return nil, fmt.Errorf("larger than %d bytes", maxModel)
	}
	ts, meta, err := parseTensors(b)
	if err != nil {
		return nil, err
	}
	if k := meta["kind"]; k != modelKind {
		return nil, fmt.Errorf("its kind is %q: want %q", k, modelKind)
	}
	m := &Model{meta: meta}
	if m.weights, err = ts.floats("weights", 1<<bits, Count); err != nil {
		return nil, err
	}
	bias, err := ts.floats("bias", Count)
	if err != nil {
		return nil, err
	}
	copy(m.bias[:], bias)
	voc, err := ts.bytes("vocabulary")
	if err != nil {
		return nil, err
	}
	if len(voc) == 0 || len(voc)&(len(voc)-1) != 0 {
		return nil, fmt.Errorf("vocabulary of %d bytes: want a power of two", len(voc))
	}
	m.vocabulary = voc
	if _, ok := ts[ekmanKeys]; ok {
		if m.ekman, err = parseEkman(ts); err != nil {
			return nil, err
		}
	}
	m.temperature, err = strconv.ParseFloat(meta["temperature"], 64)
	if err != nil || !(m.temperature > 0.01 && m.temperature < 100) {
		return nil, fmt.Errorf("temperature %q: want a number between 0.01 and 100", meta["temperature"])
	}
	return m, nil
}

const modelKind = "sentiment-english-1"

// Save writes the model to a folder, beside itself first and then renamed,
// so that no half-written file is left.
func (m *Model) Save(dir string) error {
	m.meta["kind"] = modelKind
	m.meta["temperature"] = strconv.FormatFloat(m.temperature, 'g', 6, 64)
	list := []tensor{{name: "bias", kind: "F32", shape: []int{Count}, data: packF32(m.bias[:])}}
	if m.ekman != nil {
		list = append(list, m.ekman.tensors()...)
	}
	list = append(list,
		tensor{name: "vocabulary", kind: "U8", shape: []int{len(m.vocabulary)}, data: m.vocabulary},
		tensor{name: "weights", kind: "F16", shape: []int{1 << bits, Count}, data: packF16(m.weights)})
	b := writeTensors(m.meta, list)
	return writeFile(filepath.Join(dir, File), b)
}

// logits gives the scores of a vector of features.
func (m *Model) logits(fs []feature) (z [Count]float64) {
	var s [Count]float32
	for _, f := range fs {
		w := m.weights[int(f.bucket)*Count:][:Count]
		for e := range s {
			s[e] += f.value * w[e]
		}
	}
	for e := range z {
		z[e] = float64(s[e] + m.bias[e])
	}
	return z
}

// contributions gives, for each token, what it adds to the score of each emotion.
func (m *Model) contributions(fs []feature, n int) [][Count]float64 {
	c := make([][Count]float64, n)
	for _, f := range fs {
		w := m.weights[int(f.bucket)*Count:][:Count]
		for e := range Count {
			v := float64(f.value * w[e])
			if f.a == f.b {
				c[f.a][e] += v
			} else {
				c[f.a][e] += v / 2
				c[f.b][e] += v / 2
			}
		}
	}
	return c
}

// softmax turns scores into weights that sum to 1, at a temperature.
func softmax(z [Count]float64, temperature float64) (p [Count]float64) {
	top, sum := math.Inf(-1), 0.0
	for _, v := range z {
		top = math.Max(top, v)
	}
	for e, v := range z {
		p[e] = math.Exp((v - top) / temperature)
		sum += p[e]
	}
	for e := range p {
		p[e] /= sum
	}
	return p
}

// bloom is a Bloom filter of words: no false "unknown", about one false
// "known" in a hundred. Its length is a power of two.
type bloom []byte

func (b bloom) bit(h uint64) (int, byte) {
	i := h & uint64(len(b)*8-1)
	return int(i >> 3), 1 << (i & 7)
}

func (b bloom) add(w string) {
	for k := range 4 {
		i, m := b.bit(mix(hash('v', w, false), uint64(k)))
		b[i] |= m
	}
}

func (b bloom) has(w string) bool {
	for k := range 4 {
		i, m := b.bit(mix(hash('v', w, false), uint64(k)))
		if b[i]&m == 0 {
			return false
		}
	}
	return true
}
