package recipe

import (
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// The functions of string that take a pattern.

// newMatcher checks the sizes and pays for the call.
func (j *job) newMatcher(src, pat string) *matcher {
	if len(pat) > maxPattern {
		j.fail("the pattern has %d bytes: at most %d are allowed", len(pat), maxPattern)
	}
	return &matcher{src: src, pat: pat, spend: j.budget.spend}
}

// next finds the next match or raises the matcher's error.
func (j *job) next(m *matcher, from int) (start, end int, ok bool) {
	start, end, ok, err := m.find(from)
	if stop := j.budget.Err(); err != nil && stop != nil {
		err = stop
	}
	if err != nil {
		j.fail("%v", err)
	}
	return start, end, ok
}

// capture gives capture i of a match from start to end; the whole match when
// the pattern has no captures and i is 0.
func (j *job) capture(m *matcher, i, start, end int) lua.LValue {
	if i >= m.level {
		if i != 0 {
			j.fail("the pattern has no capture %d", i+1)
		}
		return lua.LString(m.src[start:end])
	}
	c := m.caps[i]
	switch c.size {
	case open:
		j.fail("a '(' in the pattern is not closed")
	case position:
		return lua.LNumber(c.start + 1)
	}
	return lua.LString(m.src[c.start : c.start+c.size])
}

// pushCaptures pushes all captures, or the whole match if there are none and
// whole is set, and gives their number.
func (j *job) pushCaptures(m *matcher, start, end int, whole bool) int {
	n := m.level
	if n == 0 && whole {
		n = 1
	}
	for i := range n {
		j.l.Push(j.capture(m, i, start, end))
	}
	return n
}

// startAt turns Lua's third argument of find and match into an offset.
func startAt(l *lua.LState, size int) int {
	init := l.OptInt(3, 1)
	if init < 0 {
		init = max(size+init+1, 1)
	}
	return max(init, 1) - 1
}

func (j *job) stringFind(l *lua.LState) int {
	src, pat := l.CheckString(1), l.CheckString(2)
	from := startAt(l, len(src))
	if from > len(src) {
		l.Push(lua.LNil)
		return 1
	}
	if l.ToBool(4) || !strings.ContainsAny(pat, "^$*+?.([%-") {
		j.pay(len(src) - from + len(pat))
		at := strings.Index(src[from:], pat)
		if at < 0 {
			l.Push(lua.LNil)
			return 1
		}
		l.Push(lua.LNumber(from + at + 1))
		l.Push(lua.LNumber(from + at + len(pat)))
		return 2
	}
	m := j.newMatcher(src, pat)
	start, end, ok := j.next(m, from)
	if !ok {
		l.Push(lua.LNil)
		return 1
	}
	l.Push(lua.LNumber(start + 1))
	l.Push(lua.LNumber(end))
	return 2 + j.pushCaptures(m, start, end, false)
}

func (j *job) stringMatch(l *lua.LState) int {
	src, pat := l.CheckString(1), l.CheckString(2)
	from := startAt(l, len(src))
	m := j.newMatcher(src, pat)
	if from <= len(src) {
		if start, end, ok := j.next(m, from); ok {
			return j.pushCaptures(m, start, end, true)
		}
	}
	l.Push(lua.LNil)
	return 1
}

func (j *job) stringGmatch(l *lua.LState) int {
	src, pat := l.CheckString(1), l.CheckString(2)
	if strings.HasPrefix(pat, "^") { // in gmatch a '^' matches itself: it cannot anchor
		pat = "%" + pat
	}
	m := j.newMatcher(src, pat)
	at := 0
	l.Push(l.NewFunction(func(l *lua.LState) int {
		if at > len(src) {
			return 0
		}
		start, end, ok := j.next(m, at)
		if !ok {
			at = len(src) + 1
			return 0
		}
		at = end
		if start == end {
			at++
		}
		return j.pushCaptures(m, start, end, true)
	}))
	return 1
}

func (j *job) stringGsub(l *lua.LState) int {
	src, pat := l.CheckString(1), l.CheckString(2)
	l.CheckTypes(3, lua.LTString, lua.LTNumber, lua.LTTable, lua.LTFunction)
	repl := l.Get(3)
	limit := l.OptInt(4, len(src)+1)
	m := j.newMatcher(src, pat)
	out := builder{job: j}
	at, count := 0, 0
	for count < limit && at <= len(src) {
		start, end, ok := j.next(m, at)
		if !ok {
			break
		}
		out.add(src[at:start])
		j.replace(&out, m, repl, start, end)
		count++
		at = end
		if start == end { // an empty match: take one character over and go on
			if at < len(src) {
				out.add(src[at : at+1])
			}
			at++
		}
		if strings.HasPrefix(pat, "^") {
			break
		}
	}
	if at < len(src) {
		out.add(src[at:])
	}
	l.Push(lua.LString(out.String()))
	l.Push(lua.LNumber(count))
	return 2
}

// replace writes what stands for one match of gsub.
func (j *job) replace(out *builder, m *matcher, repl lua.LValue, start, end int) {
	whole := m.src[start:end]
	var v lua.LValue
	switch repl := repl.(type) {
	case *lua.LTable:
		v = j.l.GetTable(repl, j.capture(m, 0, start, end))
	case *lua.LFunction:
		j.l.Push(repl)
		n := j.pushCaptures(m, start, end, true)
		j.l.Call(n, 1)
		v = j.l.Get(-1)
		j.l.Pop(1)
	default:
		text := lua.LVAsString(repl)
		for i := 0; i < len(text); i++ {
			switch {
			case text[i] != '%':
				out.addByte(text[i])
			case i+1 < len(text) && text[i+1] == '0':
				out.add(whole)
				i++
			case i+1 < len(text) && text[i+1] >= '1' && text[i+1] <= '9':
				out.add(lua.LVAsString(j.capture(m, int(text[i+1]-'1'), start, end)))
				i++
			case i+1 < len(text):
				out.addByte(text[i+1])
				i++
			default:
				j.fail("gsub: the replacement ends with '%%': write '%%%%' for one")
			}
		}
		return
	}
	switch {
	case !lua.LVAsBool(v):
		out.add(whole)
	case lua.LVCanConvToString(v):
		out.add(lua.LVAsString(v))
	default:
		j.fail("gsub: the replacement is a %s: it must be a string or a number", v.Type())
	}
}
