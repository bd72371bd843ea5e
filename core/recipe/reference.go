package recipe

import (
	"fmt"
	"strings"
)

// Reference is the page about recipes, in Markdown, made from the same table
// that checks the arguments.
func Reference() string {
	var b strings.Builder
	b.WriteString(`# Recipes

A recipe is a Lua 5.1 script that describes pictures. Run it with

    atelier run recipe.lua key=value ...

Nothing is computed while the recipe runs: each call adds a step to a plan, and the plan is checked and executed when the recipe has ended. A step that was made before is not made again.

` + "`args`" + ` holds the key=value pairs of the command line as strings: ` + "`args.style or \"cubism\"`, `tonumber(args.seed or 1)`. `print` writes to the job's log." + `

`)
	for _, f := range API() {
		f.write(&b)
	}
	b.WriteString("## A reading's fields\n\n| field | what |\n|---|---|\n")
	for _, f := range readingFields {
		change := ""
		if f.change {
			change = " (can be changed)"
		}
		fmt.Fprintf(&b, "| `%s` | %s%s |\n", f.name, f.doc, change)
	}
	b.WriteString("\nEmotions: " + strings.Join(Emotions(), ", ") + ".\n\n## The rest of Lua\n\n")
	for _, lib := range []struct {
		title string
		names []string
	}{{"base", baseNames}, {"table", tableNames}, {"string", stringNames}, {"math", mathNames}} {
		fmt.Fprintf(&b, "- %s: %s\n", lib.title, strings.Join(lib.names, ", "))
	}
	fmt.Fprintf(&b, `
There are no files, no clock and no way to load code. `+"`math.random`"+` starts from the job's seed. A string holds at most %d KiB, a recipe at most %d KiB; patterns work as in Lua 5.1. A recipe that uses up its instructions, its time or its memory (`+"`[recipe]` in `engine.toml`"+`) is stopped with an error that says so.
`, maxString>>10, maxSource>>10)
	return b.String()
}

func (f Function) write(b *strings.Builder) {
	names := make([]string, len(f.Args))
	for i, a := range f.Args {
		names[i] = a.Name
		if f.Table {
			names[i] += "="
		}
	}
	open, end := "(", ")"
	if f.Table {
		open, end = "{", "}"
	}
	fmt.Fprintf(b, "## %s%s%s%s\n\n%s Gives %s.\n\n", f.title(), open, strings.Join(names, ", "), end, f.Doc, f.Returns)
	b.WriteString("| argument | may be | default | |\n|---|---|---|---|\n")
	for _, a := range f.Args {
		def := a.Default
		if a.Required {
			def = "required"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", a.Name, a.allowed(), def, a.Doc)
	}
	fmt.Fprintf(b, "\n```lua\n%s\n```\n\n", f.Example)
}

// title is the name with the type it is a method of: "picture:style".
func (f Function) title() string {
	if f.On != "" {
		return f.On + ":" + f.Name
	}
	return f.Name
}

// allowed says in words what an argument may be.
func (a Arg) allowed() string {
	unit := ""
	if a.Unit != "" {
		unit = " " + a.Unit
	}
	switch a.Type {
	case Number:
		return fmt.Sprintf("a number from %g to %g%s", a.Min, a.Max, unit)
	case Whole:
		return fmt.Sprintf("a whole number from %.0f to %.0f%s", a.Min, a.Max, unit)
	case OneReading:
		return "a reading"
	case Feelings:
		return "an emotion's name, or a table of weights from 0 to 1"
	case Gender:
		return `"woman", "man", or a number from -1 to 1`
	case Source:
		return "a picture or a path"
	case Ground:
		return `a colour such as "#ffcc00" or "white", a picture or a path`
	case Size:
		return fmt.Sprintf(`a whole number from 1 to %d pixels, or a string such as "640x480"`, MaxSide)
	case Choice:
		return `"` + strings.Join(a.Names, `" or "`) + `"`
	case Numbers:
		return "a table of names and numbers"
	case Flag:
		return "true or false"
	case Pictures:
		return "a list of pictures or paths"
	case Rows:
		return "a list of lists of pictures or paths"
	case Texts:
		return "a list of strings or numbers"
	case TextRows:
		return "a list of lists of strings or numbers"
	}
	return "a string"
}
