package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// lossGroup are the losses of one network, or what else belongs together.
type lossGroup struct {
	name   string
	share  bool // the values are parts of one, shown in percent
	values []lossValue
}

type lossValue struct {
	label string
	value float64
	of    int // how many losses it is the mean of
}

func (g lossGroup) format(v float64) string {
	if g.share {
		return fmt.Sprintf("%.0f%%", 100*v)
	}
	return fmt.Sprintf("%.3g", v)
}

// otherLosses is the group of what belongs to nothing known.
const otherLosses = "losses"

// groupOrder is the order in which groups are shown.
var groupOrder = []string{"right", "variety", "generator", "discriminator", "gradient", "penalty", otherLosses}

// summarise sorts the losses of a training by their names: g_ is the
// generator's, d_ the discriminator's. What several critics say of an emotion,
// an age or a gender counts as one, by its mean.
func summarise(losses map[string]float64) []lossGroup {
	groups := map[string]*lossGroup{}
	for _, name := range slices.Sorted(maps.Keys(losses)) {
		group, label := lossPlace(name)
		g := groups[group]
		if g == nil {
			g = &lossGroup{name: group, share: group == "right"}
			groups[group] = g
		}
		at := slices.IndexFunc(g.values, func(v lossValue) bool { return v.label == label })
		if at < 0 {
			g.values = append(g.values, lossValue{label: label})
			at = len(g.values) - 1
		}
		v := &g.values[at]
		v.of++
		v.value += (losses[name] - v.value) / float64(v.of)
	}
	var all []lossGroup
	for _, name := range groupOrder {
		if g := groups[name]; g != nil {
			all = append(all, *g)
		}
	}
	return all
}

// lossPlace says where a loss belongs and what it is called there.
func lossPlace(name string) (group, label string) {
	switch name {
	case "d_right":
		return "right", "all"
	case "variety":
		return "variety", "all"
	case "nearest":
		return "variety", "nearest"
	case "g_gradient":
		return "gradient", "generator"
	case "d_gradient":
		return "gradient", "discriminator"
	}
	for _, p := range []struct{ prefix, group string }{
		{"right_", "right"}, {"r1_", "penalty"}, {"g_", "generator"}, {"d_", "discriminator"},
	} {
		if rest, ok := strings.CutPrefix(name, p.prefix); ok {
			if i := strings.LastIndexByte(rest, '_'); i >= 0 && slices.Contains([]string{"emotion", "age", "gender"}, rest[i+1:]) {
				rest = rest[i+1:]
			}
			return p.group, rest
		}
	}
	return otherLosses, name
}

// trend is a loss smoothed over few and over many reports.
type trend struct{ short, long float64 }

func (t *trend) add(v float64, first bool) {
	if first {
		*t = trend{v, v}
		return
	}
	t.short += 0.2 * (v - t.short)
	t.long += 0.02 * (v - t.long)
}

// arrow says whether the loss is rising, falling or staying.
func (t trend) arrow() string {
	const much = 0.05
	size := max(t.long, -t.long)
	switch {
	case t.short-t.long > much*size:
		return "↑"
	case t.long-t.short > much*size:
		return "↓"
	}
	return " "
}
