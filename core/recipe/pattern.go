package recipe

import "fmt"

// Lua 5.1 patterns, matched as lstrlib.c of Lua does it (backtracking), with
// two differences: every comparison costs one unit of the recipe's budget, so
// no pattern can run on for hours, and positions are checked slices, not
// pointers. The grammar: classes %a %d %l %s %u %w %x %p %c %z and their
// upper-case opposites, sets [...], repetitions * + - ?, captures (), ends ^ $,
// %bxy balanced pairs, %f[...] frontiers, %1 to %9 back references.

const (
	maxCaptures = 32
	maxPattern  = 4 << 10 // bytes; bounds the depth of recursion too

	open     = -1 // length of a capture that is not closed
	position = -2 // length of a capture of a position
)

type capture struct{ start, size int }

// matcher is one attempt of a pattern on a text.
type matcher struct {
	src, pat string
	caps     [maxCaptures]capture
	level    int
	spend    func(int) bool
}

// patternError is raised inside the matcher and caught by find.
type patternError string

func (m *matcher) fail(format string, args ...any) {
	panic(patternError(fmt.Sprintf(format, args...)))
}

// find looks for the first match at or after from. ok is false when there is
// none; the error says what is wrong with the pattern or that the budget is
// used up.
func (m *matcher) find(from int) (start, end int, ok bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			text, known := v.(patternError)
			if !known {
				panic(v)
			}
			err = fmt.Errorf("%s", string(text))
		}
	}()
	p, anchored := 0, false
	if len(m.pat) > 0 && m.pat[0] == '^' {
		p, anchored = 1, true
	}
	for s := from; s <= len(m.src); s++ {
		m.level = 0
		if e := m.match(s, p); e >= 0 {
			return s, e, true, nil
		}
		if anchored {
			break
		}
	}
	return 0, 0, false, nil
}

// match gives the end of the match of pattern p on at source s, or -1.
func (m *matcher) match(s, p int) int {
	for p < len(m.pat) {
		if !m.spend(1) {
			m.fail("the budget of the recipe is used up")
		}
		switch c := m.pat[p]; {
		case c == '(':
			if p+1 < len(m.pat) && m.pat[p+1] == ')' {
				return m.openCapture(s, p+2, position)
			}
			return m.openCapture(s, p+1, open)
		case c == ')':
			return m.closeCapture(s, p+1)
		case c == '$' && p+1 == len(m.pat):
			if s == len(m.src) {
				return s
			}
			return -1
		case c == '%' && p+1 < len(m.pat) && m.pat[p+1] == 'b':
			if s = m.balanced(s, p+2); s < 0 {
				return -1
			}
			p += 4
			continue
		case c == '%' && p+1 < len(m.pat) && m.pat[p+1] == 'f':
			p += 2
			if p >= len(m.pat) || m.pat[p] != '[' {
				m.fail("missing '[' after '%%f' in the pattern")
			}
			end := m.classEnd(p)
			if m.inSet(m.at(s-1), p, end-1) || !m.inSet(m.at(s), p, end-1) {
				return -1
			}
			p = end
			continue
		case c == '%' && p+1 < len(m.pat) && m.pat[p+1] >= '0' && m.pat[p+1] <= '9':
			if s = m.backReference(s, m.pat[p+1]); s < 0 {
				return -1
			}
			p += 2
			continue
		}
		end := m.classEnd(p)
		repeat := byte(0)
		if end < len(m.pat) {
			repeat = m.pat[end]
		}
		switch repeat {
		case '?':
			if s < len(m.src) && m.single(m.src[s], p, end) {
				if e := m.match(s+1, end+1); e >= 0 {
					return e
				}
			}
			p = end + 1
		case '*':
			return m.longest(s, p, end, 0)
		case '+':
			return m.longest(s, p, end, 1)
		case '-':
			return m.shortest(s, p, end)
		default:
			if s >= len(m.src) || !m.single(m.src[s], p, end) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return s
}

// at is the byte at i, 0 outside of the source.
func (m *matcher) at(i int) byte {
	if i < 0 || i >= len(m.src) {
		return 0
	}
	return m.src[i]
}

// longest matches as many as possible of the single at p, at least least, then
// the rest of the pattern.
func (m *matcher) longest(s, p, end, least int) int {
	n := 0
	for s+n < len(m.src) && m.single(m.src[s+n], p, end) {
		n++
	}
	for ; n >= least; n-- {
		if e := m.match(s+n, end+1); e >= 0 {
			return e
		}
	}
	return -1
}

// shortest matches as few as possible of the single at p.
func (m *matcher) shortest(s, p, end int) int {
	for {
		if e := m.match(s, end+1); e >= 0 {
			return e
		}
		if s >= len(m.src) || !m.single(m.src[s], p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) openCapture(s, p, size int) int {
	if m.level >= maxCaptures {
		m.fail("more than %d captures in the pattern", maxCaptures)
	}
	m.caps[m.level] = capture{s, size}
	m.level++
	e := m.match(s, p)
	if e < 0 {
		m.level--
	}
	return e
}

func (m *matcher) closeCapture(s, p int) int {
	i := m.level - 1
	for i >= 0 && m.caps[i].size != open {
		i--
	}
	if i < 0 {
		m.fail("a ')' without its '(' in the pattern")
	}
	m.caps[i].size = s - m.caps[i].start
	e := m.match(s, p)
	if e < 0 {
		m.caps[i].size = open
	}
	return e
}

// balanced matches %bxy: from an x to its y.
func (m *matcher) balanced(s, p int) int {
	if p+1 >= len(m.pat) {
		m.fail("two characters are missing after '%%b' in the pattern")
	}
	x, y := m.pat[p], m.pat[p+1]
	if s >= len(m.src) || m.src[s] != x {
		return -1
	}
	depth := 1
	for i := s + 1; i < len(m.src); i++ {
		if !m.spend(1) {
			m.fail("the budget of the recipe is used up")
		}
		switch m.src[i] {
		case y:
			if depth--; depth == 0 {
				return i + 1
			}
		case x:
			depth++
		}
	}
	return -1
}

func (m *matcher) backReference(s int, digit byte) int {
	i := int(digit - '1')
	if i < 0 || i >= m.level || m.caps[i].size == open {
		m.fail("%%%c in the pattern names no closed capture", digit)
	}
	c := m.caps[i]
	size := max(c.size, 0)
	if !m.spend(size/16 + 1) {
		m.fail("the budget of the recipe is used up")
	}
	if len(m.src)-s < size || m.src[s:s+size] != m.src[c.start:c.start+size] {
		return -1
	}
	return s + size
}
