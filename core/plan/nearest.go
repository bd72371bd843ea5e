package plan

import (
	"slices"
	"strings"
)

// Nearest gives the names that a mistyped one may have meant, best first, at
// most three: those within a third of its length in edits (Damerau and
// Levenshtein: insert, delete, replace, swap neighbours), and those that one
// is the beginning of.
func Nearest(name string, names []string) []string {
	type near struct {
		name string
		cost int
	}
	var found []near
	low := strings.ToLower(name)
	for _, candidate := range names {
		cost := distance(low, strings.ToLower(candidate))
		limit := max(1, (max(len(low), len(candidate))+2)/3)
		if len(low) >= 3 && strings.HasPrefix(strings.ToLower(candidate), low) {
			cost = min(cost, 1)
		}
		if cost <= limit {
			found = append(found, near{candidate, cost})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return a.cost - b.cost })
	var out []string
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.name)
	}
	return out
}

// Hint ends an error about an unknown name: `: did you mean "a" or "b"?`, or
// the list of what there is when nothing is near and the list is short.
func Hint(name string, names []string) string {
	if near := Nearest(name, names); len(near) > 0 {
		return `: did you mean "` + strings.Join(near, `" or "`) + `"?`
	}
	if len(names) == 0 {
		return ": there is none"
	}
	if len(names) <= 16 {
		sorted := slices.Sorted(slices.Values(names))
		return ": there is " + strings.Join(sorted, ", ")
	}
	return ""
}

// distance counts the edits between two short names (optimal string
// alignment), in bytes. Names longer than 64 bytes are cut: no name is.
func distance(a, b string) int {
	a, b = a[:min(len(a), 64)], b[:min(len(b), 64)]
	var before, last, row [65]int
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
