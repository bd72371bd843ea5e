package recipe

import "strings"

// classEnd gives the place after the single character class that begins at p.
func (m *matcher) classEnd(p int) int {
	c := m.pat[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pat) {
			m.fail("the pattern ends with '%%'")
		}
		return p + 1
	case '[':
		if p < len(m.pat) && m.pat[p] == '^' {
			p++
		}
		for first := true; first || m.at0(p) != ']'; first = false {
			if p >= len(m.pat) {
				m.fail("a ']' is missing in the pattern")
			}
			if m.pat[p] == '%' {
				p++ // the next one is escaped, even a ']'
			}
			p++
		}
		return p + 1
	}
	return p
}

// at0 is the byte of the pattern at p; past its end the pattern is refused.
func (m *matcher) at0(p int) byte {
	if p >= len(m.pat) {
		m.fail("a ']' is missing in the pattern")
	}
	return m.pat[p]
}

// single reports whether the character c is of the class pat[p:end].
func (m *matcher) single(c byte, p, end int) bool {
	if !m.spend(1) {
		m.fail("the budget of the recipe is used up")
	}
	switch m.pat[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pat[p+1])
	case '[':
		return m.inSet(c, p, end-1)
	}
	return m.pat[p] == c
}

// inSet reports whether c is in the set that begins with '[' at p and ends
// with ']' at last.
func (m *matcher) inSet(c byte, p, last int) bool {
	if !m.spend((last-p)/8 + 1) {
		m.fail("the budget of the recipe is used up")
	}
	found := true
	p++
	if m.pat[p] == '^' {
		found = false
		p++
	}
	for ; p < last; p++ {
		switch {
		case m.pat[p] == '%' && p+1 < last:
			p++
			if inClass(c, m.pat[p]) {
				return found
			}
		case p+2 < last && m.pat[p+1] == '-':
			if m.pat[p] <= c && c <= m.pat[p+2] {
				return found
			}
			p += 2
		case m.pat[p] == c:
			return found
		}
	}
	return !found
}

// inClass reports whether c is of the class %letter, in the C locale. Letters
// that name no class stand for themselves.
func inClass(c, letter byte) bool {
	lower, upper, digit := c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9'
	var in bool
	switch letter | 0x20 {
	case 'a':
		in = lower || upper
	case 'c':
		in = c < 32 || c == 127
	case 'd':
		in = digit
	case 'l':
		in = lower
	case 'p':
		in = c > 32 && c < 127 && !lower && !upper && !digit
	case 's':
		in = strings.IndexByte(" \t\n\v\f\r", c) >= 0
	case 'u':
		in = upper
	case 'w':
		in = lower || upper || digit
	case 'x':
		in = digit || c|0x20 >= 'a' && c|0x20 <= 'f'
	case 'z':
		in = c == 0
	default:
		return letter == c
	}
	if letter >= 'A' && letter <= 'Z' {
		return !in
	}
	return in
}
