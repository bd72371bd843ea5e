package engine

import (
	"strings"

	"github.com/BurntSushi/toml"
)

// lineOf finds the line, from 1, on which a key of a TOML text is set; the
// library tells only what the key is called. It follows [tables], dotted keys
// and quoted ones; a key inside of an inline table gives the line of the table.
// 1 is the answer to a key that is not found.
func lineOf(text string, key toml.Key) int {
	best, depth := 1, 0
	var table []string
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") && !strings.Contains(line, "=") {
			table = split(strings.Trim(strings.SplitN(line, "#", 2)[0], "[] \t"))
			if n := common(table, key); n == len(table) && n > depth {
				best, depth = i+1, n
			}
			continue
		}
		name, _, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		full := append(append([]string{}, table...), split(name)...)
		if n := common(full, key); n == len(full) && n > depth {
			best, depth = i+1, n
		}
	}
	return best
}

// split cuts a dotted key at its dots and takes the quotes off.
func split(name string) []string {
	parts := strings.Split(strings.TrimSpace(name), ".")
	for i, p := range parts {
		parts[i] = strings.Trim(strings.TrimSpace(p), `"'`)
	}
	return parts
}

// common counts the parts in which a and key agree from the beginning.
func common(a []string, key toml.Key) int {
	n := 0
	for n < len(a) && n < len(key) && a[n] == key[n] {
		n++
	}
	return n
}
