package recipe

import (
	"fmt"
	"math"
	"strings"

	lua "github.com/yuin/gopher-lua"
)

// maxString is the longest string that a recipe can make, in bytes. Every
// function that makes a string longer than its arguments goes through builder
// or checks it before.
const maxString = 1 << 20

// builder makes a string within maxString.
type builder struct {
	strings.Builder
	job *job
}

func (b *builder) add(s string) {
	b.job.room(b.Len() + len(s))
	b.WriteString(s)
}

func (b *builder) addByte(c byte) {
	b.job.room(b.Len() + 1)
	b.WriteByte(c)
}

// room raises an error when a string would be too long.
func (j *job) room(size int) {
	if size > maxString {
		j.fail("a string of more than %d KiB: recipes make no longer ones", maxString>>10)
	}
}

// pay takes budget for work on size bytes that is fast.
func (j *job) pay(size int) {
	if !j.budget.spend(size/64 + 1) {
		j.fail("%v", j.budget.Err())
	}
}

func (j *job) stringRep(l *lua.LState) int {
	s, n := l.CheckString(1), float64(l.CheckNumber(2))
	if !(n >= 1) || s == "" {
		l.Push(lua.LString(""))
		return 1
	}
	if n*float64(len(s)) > maxString {
		j.room(maxString + 1)
	}
	j.pay(len(s) * int(n))
	l.Push(lua.LString(strings.Repeat(s, int(n))))
	return 1
}

func (j *job) tableConcat(l *lua.LState) int {
	t, sep := l.CheckTable(1), l.OptString(2, "")
	from, to := l.OptInt(3, 1), l.OptInt(4, t.Len())
	out := builder{job: j}
	for i := from; i <= to; i++ {
		v := t.RawGetInt(i)
		if !lua.LVCanConvToString(v) {
			j.fail("concat: element %d of the table is a %s: only strings and numbers can be joined", i, v.Type())
		}
		j.pay(len(sep))
		out.add(lua.LVAsString(v))
		if i < to {
			out.add(sep)
		}
	}
	l.Push(lua.LString(out.String()))
	return 1
}

// concat is what the operator .. becomes (see rewrite): its operands from left
// to right.
func (j *job) concat(l *lua.LState) int {
	n := l.GetTop()
	right := l.Get(n)
	for i := n - 1; i >= 1; i-- {
		left := l.Get(i)
		if lua.LVCanConvToString(left) && lua.LVCanConvToString(right) {
			a, b := lua.LVAsString(left), lua.LVAsString(right)
			j.room(len(a) + len(b))
			j.pay(len(a) + len(b))
			right = lua.LString(a + b)
			continue
		}
		meta := l.GetMetaField(left, "__concat")
		if meta == lua.LNil {
			meta = l.GetMetaField(right, "__concat")
		}
		if meta == lua.LNil {
			bad := right
			if !lua.LVCanConvToString(left) {
				bad = left
			}
			j.fail("..: %s cannot be joined: use tostring()", article(bad))
		}
		l.Push(meta)
		l.Push(left)
		l.Push(right)
		l.Call(2, 1)
		right = l.Get(-1)
		l.Pop(1)
	}
	l.Push(right)
	return 1
}

// stringFormat is string.format with widths and precisions of at most two
// digits, as in Lua's own.
func (j *job) stringFormat(l *lua.LState) int {
	text := l.CheckString(1)
	out := builder{job: j}
	arg := 1
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			out.addByte(text[i])
			continue
		}
		i++
		if i < len(text) && text[i] == '%' {
			out.addByte('%')
			continue
		}
		start := i
		for i < len(text) && strings.IndexByte("-+ #0", text[i]) >= 0 {
			i++
		}
		i = digits(text, i)
		if i < len(text) && text[i] == '.' {
			i = digits(text, i+1)
		}
		if i >= len(text) || i-start > 12 {
			j.fail("format: an unfinished or too long %%: write %%%% for a percent sign")
		}
		arg++
		out.add(j.formatOne(l, arg, text[start:i], text[i]))
	}
	l.Push(lua.LString(out.String()))
	return 1
}

// digits skips at most two digits.
func digits(s string, i int) int {
	for n := 0; n < 2 && i < len(s) && s[i] >= '0' && s[i] <= '9'; n++ {
		i++
	}
	return i
}

func (j *job) formatOne(l *lua.LState, arg int, flags string, verb byte) string {
	switch verb {
	case 'd', 'i':
		return fmt.Sprintf("%"+flags+"d", whole(l.CheckNumber(arg)))
	case 'u', 'c', 'x', 'X', 'o':
		if verb == 'c' {
			return string([]byte{byte(whole(l.CheckNumber(arg)))})
		}
		if verb == 'u' {
			verb = 'd'
		}
		return fmt.Sprintf("%"+flags+string(verb), uint64(whole(l.CheckNumber(arg))))
	case 'e', 'E', 'f', 'g', 'G':
		return fmt.Sprintf("%"+flags+string(verb), float64(l.CheckNumber(arg)))
	case 'q':
		r := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", "\\\n", "\r", `\r`, "\x00", `\000`)
		return `"` + r.Replace(l.CheckString(arg)) + `"`
	case 's':
		if l.GetTop() < arg {
			j.fail("format: argument %d is missing", arg)
		}
		return fmt.Sprintf("%"+flags+"s", j.text(l.Get(arg)))
	}
	j.fail("format: unknown %%%c: there is %%d %%i %%u %%c %%x %%X %%o %%e %%E %%f %%g %%G %%q %%s", verb)
	return ""
}

// whole cuts a number to an integer; out of range gives the nearest.
func whole(n lua.LNumber) int64 {
	switch f := float64(n); {
	case f >= math.MaxInt64:
		return math.MaxInt64
	case f <= math.MinInt64:
		return math.MinInt64
	case f != f:
		return 0
	default:
		return int64(f)
	}
}
