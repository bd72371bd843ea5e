package sentiment

import "math"

// Features are hashed into 1<<bits buckets (Weinberger et al., "Feature
// hashing for large scale multitask learning", 2009): stems and pairs of
// stems with their negation, and pieces of 3 to 5 letters of each word, which
// see through typing errors and endings.
const bits = 18

// feature is one bucket with its value, and the tokens that it came from.
type feature struct {
	bucket uint32
	value  float32
	a, b   int32 // tokens; b == a for features of one token
}

const (
	kindStem  = 's'
	kindPair  = 'p'
	kindPiece = 'c'
	kindShape = 'x'
)

// What a group of features adds to the squared length of the vector.
const (
	pairShare  = 0.55
	pieceShare = 0.35
)

// function words carry little by themselves but fill every sentence.
var functionWords = set(`a an the and or of in on at to from with by for as it its this that these those is are was were be been being
	am has have had do does did will would can could may might shall should he she him her his hers himself herself they them
	their there here who whom whose which what when where i me my mine we us our you your 's than then some any one about into
	over under up down out off through while very just also only own portrait photo picture image closeup face expression look looks
	looking standing sitting wearing man woman person guy lady girl boy old young`)

// featurize turns tokens into a vector of length at most 1.
func featurize(toks []Token, fs []feature) []feature {
	fs = fs[:0]
	sum := 0.0
	add := func(h uint64, v float32, a, b int) {
		fs = append(fs, feature{uint32(h>>20) & (1<<bits - 1), v, int32(a), int32(b)})
		sum += float64(v) * float64(v)
	}
	prev, prevAt := hash(kindPair, "^", false), -1
	prevWeight := float32(1)
	for i := range toks {
		t := &toks[i]
		s := t.Stem
		switch t.Kind {
		case Punct:
			if t.Word != "!" && t.Word != "?" && t.Word != "..." {
				if t.Word == "," || t.Word == "." || t.Word == ";" {
					prev, prevAt, prevWeight = hash(kindPair, "^", false), -1, 1
				}
				continue
			}
			s = t.Word
		case Number:
			s = "0"
		}
		v := t.Weight
		weak := functionWords[t.Word]
		if t.Kind == Number || t.Kind == Punct || weak {
			v *= 0.3
		} else if _, ok := roles[t.Word]; ok {
			v *= 0.5
		}
		h := hash(kindStem, s, t.Negated)
		add(h, v, i, i)
		hp := hash(kindPair, s, t.Negated)
		pv := min(t.Weight, prevWeight) * pairShare
		if weak && (prevAt < 0 || functionWords[toks[prevAt].Word]) {
			pv *= 0.5
		}
		if pv > 0 {
			at := prevAt
			if at < 0 {
				at = i
			}
			add(mix(prev, hp), pv, at, i)
		}
		prev, prevAt, prevWeight = hp, i, t.Weight
		if t.Kind == Word && !weak && v > 0 {
			pieces(t, func(h uint64, n int) { add(h, v*pieceShare*float32(1/math.Sqrt(float64(n)/4)), i, i) })
		}
	}
	if at := loneDenial(toks); at >= 0 {
		add(hash(kindShape, "denial", false), 1, at, at)
	}
	if sum > 0 {
		// Not below the length of a single word that counts in full: else a
		// lone word that was weighed down would be blown up again.
		k := float32(1 / math.Sqrt(math.Max(sum, 1.3)))
		for i := range fs {
			fs[i].value *= k
		}
	}
	return fs
}

// pieces gives each run of 3 to 5 letters of "<word>" to f, with their number.
func pieces(t *Token, f func(h uint64, n int)) {
	w := t.Word
	if len(w) < 3 || len(w) > 40 {
		return
	}
	var buf [42]byte
	buf[0] = '<'
	copy(buf[1:], w)
	buf[len(w)+1] = '>'
	b := buf[:len(w)+2]
	n := 0
	for size := 3; size <= 5; size++ {
		n += max(0, len(b)-size+1)
	}
	for size := 3; size <= 5; size++ {
		for i := 0; i+size <= len(b); i++ {
			f(hashBytes(kindPiece, b[i:i+size], t.Negated), n)
		}
	}
}

const (
	fnvBase  = 14695981039346656037
	fnvPrime = 1099511628211
)

// hash is FNV-1a over the kind, the negation and the text, mixed at the end
// so that its high bits are good.
func hash(kind byte, s string, neg bool) uint64 {
	h := uint64(fnvBase)
	h = (h ^ uint64(kind)) * fnvPrime
	if neg {
		h = (h ^ '!') * fnvPrime
	}
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return mix(h, 0)
}

func hashBytes(kind byte, s []byte, neg bool) uint64 {
	h := uint64(fnvBase)
	h = (h ^ uint64(kind)) * fnvPrime
	if neg {
		h = (h ^ '!') * fnvPrime
	}
	for _, c := range s {
		h = (h ^ uint64(c)) * fnvPrime
	}
	return mix(h, 0)
}

// mix joins two hashes (the finaliser of MurmurHash3).
func mix(a, b uint64) uint64 {
	h := a ^ (b * 0x9e3779b97f4a7c15)
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
