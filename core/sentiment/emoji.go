package sentiment

import (
	"sort"
	"strings"
)

// Emoticons and emoji become words of the form ":happy:", so that they share
// what the classifier learnt about their feeling; an emoji that is in no list
// is a word of its own.

var emoticons = map[string]string{}

// Emoticons by first byte, longest first, so that ":'-(" wins over ":'".
var emoticonIndex = map[byte][]string{}

func init() {
	for _, g := range []struct{ word, list string }{
		{":happy:", `:) :-) :] :-] =) =] :D :-D =D xD XD :') :'-) ;) ;-) ;D (: (-: ^^ ^_^ ^-^ :3 :P :-P :p ;P <3 \o/ ☺ :>`},
		{":sad:", `:( :-( :[ :-[ =( :'( :'-( :,( ;( ;-( ): )-: T_T T.T ;_; :c :-c </3 :C`},
		{":angry:", `>:( >:-( >:[ :@ :-@ >_< >.< D:<`},
		{":fearful:", `D: D-: D= :-S`},
		{":disgusted:", `:-& :& :-### :###`},
		{":surprised:", `:O :-O :o :-o =O =o O_O o_o O_o o_O O.O o.o 8-O 8-o`},
		{":neutral:", `:| :-| =| -_-`},
	} {
		for _, e := range strings.Fields(g.list) {
			emoticons[e] = g.word
			emoticonIndex[e[0]] = append(emoticonIndex[e[0]], e)
		}
	}
	for _, l := range emoticonIndex {
		sort.Slice(l, func(i, j int) bool { return len(l[i]) > len(l[j]) })
	}
	for _, g := range []struct{ word, list string }{
		{":happy:", "😀 😃 😄 😁 😆 😅 😂 🤣 😊 😇 🙂 😉 😌 😍 🥰 😘 😗 😙 😚 😋 😛 😜 🤪 😝 🤗 🤩 🥳 😎 😸 😹 😺 😻 ❤ 💕 💖 💗 💞 💛 💚 💙 💜 🧡 🎉 🎊 👍 🙌 👏 ☺ 😏 ✨ 🥂 🏆 💃 🕺 🥹 🤭 🫶 ♥ 💘 💝 💟 😈 😺 🤠 🤤 🎁 🎂 🥇 ☀ 🌈"},
		{":sad:", "😢 😭 😞 😔 😟 🙁 ☹ 😥 😓 😿 💔 😩 😫 😣 😖 🥺 🥀 😪 🥲 😕 😦 😿 🖤 ⚰ 🪦"},
		{":angry:", "😠 😡 🤬 😤 👿 😾 💢 🖕 👎 😒 🙄 👊"},
		{":fearful:", "😨 😰 😱 🙀 👻 🫣 😬 🫨 😧 🕷 🕸"},
		{":disgusted:", "🤢 🤮 💩 🤧 🪳 🐀 🪰 🪱 🥴"},
		{":surprised:", "😮 😯 😲 😳 🤯 😵 🫢 ‼ ⁉ ❗ 🙊 🛸 ❕"},
		{":neutral:", "😐 😑 😶 🤔 🧐 🫤 😴 🙃 🫠 🫥 🤨 💤 🗿"},
		{":man:", "👨 👴 🤵 🧔 🤴"}, {":woman:", "👩 👵 👰 👸 🤰"}, {":boy:", "👦"}, {":girl:", "👧"}, {":baby:", "👶 🍼"},
	} {
		for _, e := range strings.Fields(g.list) {
			emoji[e] = g.word
		}
	}
}

var emoji = map[string]string{}

// emoticonAt finds the longest emoticon that begins at s[i] and stands by
// itself: not inside a word, a number or a time of day.
func emoticonAt(s string, i int) (int, string) {
	list := emoticonIndex[s[i]]
	if list == nil {
		return 0, ""
	}
	if i > 0 && letter(s[i-1]) && (letter(s[i]) || s[i] == '(' || s[i] == ')' || s[i] == '=') {
		return 0, ""
	}
	for _, e := range list {
		if !strings.HasPrefix(s[i:], e) {
			continue
		}
		j := i + len(e)
		if j < len(s) && letter(s[j]) {
			continue
		}
		if e == ":c" || e == ":C" || e == "):" || e == "(:" || e == ":p" || e == ":o" || e == ":O" || e == ":3" || e == ":&" || e == "-_-" {
			if i > 0 && s[i-1] != ' ' || j < len(s) && s[j] != ' ' {
				continue // too easily something else
			}
		}
		return j - i, emoticons[e]
	}
	return 0, ""
}

func letter(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// emojiWord gives the word of an emoji, without regard to skin colour, sex
// signs and presentation selectors.
func emojiWord(v string) string {
	base := strings.Map(func(r rune) rune {
		if r == 0xfe0f || r >= 0x1f3fb && r <= 0x1f3ff {
			return -1
		}
		return r
	}, v)
	if w, ok := emoji[base]; ok {
		return w
	}
	first, _, _ := strings.Cut(base, "\u200d")
	if w, ok := emoji[first]; ok {
		return w
	}
	return base
}
