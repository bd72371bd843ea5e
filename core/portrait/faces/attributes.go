package faces

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"

	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/portrait"
)

// boundMapping is a mapping whose attributes are places in the rows of a
// table.
type boundMapping struct {
	drop                 []int
	names                []string
	age, gender, emotion []boundRule
}

type boundRule struct {
	when, unless []int
	rule         rule
}

// bind finds the attributes of the mapping among the names of a table.
func (m *Mapping) bind(table string, names []string) (*boundMapping, error) {
	column := map[string]int{}
	for i, n := range names {
		if _, twice := column[n]; twice {
			return nil, fmt.Errorf("attribute %q is named twice: copy the file again", oneLine(n))
		}
		column[n] = i
	}
	places := func(wanted []string) (at []int, err error) {
		for _, n := range wanted {
			i, ok := column[n]
			if !ok {
				return nil, fmt.Errorf("the mapping names attribute %q, which %s lacks%s", oneLine(n), table, plan.Hint(n, names))
			}
			at = append(at, i)
		}
		return at, nil
	}
	b := &boundMapping{names: names}
	var err error
	if b.drop, err = places(m.Attributes.Drop); err != nil {
		return nil, err
	}
	for _, k := range []struct {
		from []rule
		to   *[]boundRule
	}{{m.Attributes.Age, &b.age}, {m.Attributes.Gender, &b.gender}, {m.Attributes.Emotion, &b.emotion}} {
		for _, r := range k.from {
			bound := boundRule{rule: r}
			if bound.when, err = places(r.When); err != nil {
				return nil, err
			}
			if bound.unless, err = places(r.Unless); err != nil {
				return nil, err
			}
			*k.to = append(*k.to, bound)
		}
	}
	return b, nil
}

// condition maps the attributes that are there. file decides what is drawn.
func (b *boundMapping) condition(file string, there []bool) (c portrait.Condition, err error) {
	for _, i := range b.drop {
		if there[i] {
			return c, refusef(reasonMapping, "it is %s", b.names[i])
		}
	}
	age := decide(b.age, there)
	c.Age = *age.Years
	if age.Spread != nil {
		c.Age = max(portrait.MinAge, min(portrait.MaxAge, c.Age+*age.Spread*normal(file)))
	}
	c.Gender = *decide(b.gender, there).Value
	c.Emotions = decide(b.emotion, there).Weights.vector()
	return c, nil
}

// decide gives the first rule that applies; the last one always does.
func decide(rules []boundRule, there []bool) rule {
next:
	for _, r := range rules {
		for _, i := range r.when {
			if !there[i] {
				continue next
			}
		}
		for _, i := range r.unless {
			if there[i] {
				continue next
			}
		}
		return r.rule
	}
	return rule{}
}

// normal draws from a normal distribution that is cut at two standard
// deviations. The same name always draws the same.
func normal(name string) float64 {
	sum := sha256.Sum256([]byte(name))
	r := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:])))
	for {
		if v := r.NormFloat64(); v >= -2 && v <= 2 {
			return v
		}
	}
}
