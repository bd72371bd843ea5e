package recipe

// Type is what an argument may be.
type Type uint8

// The types of arguments.
const (
	Text       Type = iota // a string that is not empty
	Number                 // within Min and Max
	Whole                  // a whole number within Min and Max
	OneReading             // what read() gave
	Feelings               // the name of an emotion, or a table of names and weights
	Gender                 // a name of Genders, or a number from -1 to 1
)

// Arg is one argument of a function.
type Arg struct {
	Name     string
	Type     Type
	Required bool
	Min, Max float64
	Unit     string
	Default  string // as written in the reference
	Doc      string
}

// Function is one function or method that recipes can call. The table of them
// checks arguments, words the errors and writes the reference.
type Function struct {
	Name    string
	On      string // the type it is a method of, "" for a function
	Table   bool   // the arguments are the fields of one table
	Args    []Arg
	Returns string
	Doc     string
	Example string
}

// API gives the functions of recipes.
func API() []Function { return []Function{apiRead, apiPortrait, apiImage, apiStyle, apiSave} }

var (
	apiRead = Function{
		Name: "read", Returns: "a reading",
		Doc:  "Reads a sentence: the feelings, the age and the gender it carries, and the words that decided. Nothing is read before a field is looked at or a portrait is made. The fields `age`, `gender` and `emotion` can be changed; a portrait made afterwards follows the changes.",
		Args: []Arg{{Name: "text", Type: Text, Required: true, Doc: "the sentence"}},
		Example: `local r = read("a joyful old man")
print(r)                 -- emotions as bars, age, gender, deciding words
r.age = math.min(r.age + 10, 90)
r.emotion.surprised = 0.4`,
	}
	apiPortrait = Function{
		Name: "portrait", Table: true, Returns: "a picture",
		Doc: "Draws a face. With `text` or `reading` the face follows the sentence; `emotion`, `age` and `gender` win over what was read. The same seed and arguments give the same face.",
		Args: []Arg{
			{Name: "text", Type: Text, Doc: "a sentence to read; not together with `reading`"},
			{Name: "reading", Type: OneReading, Doc: "what `read` gave"},
			{Name: "emotion", Type: Feelings, Max: 1, Default: "as read, else neutral", Doc: "an emotion's name, or a table of names and weights"},
			{Name: "age", Type: Number, Min: MinAge, Max: MaxAge, Unit: "years", Default: "as read, else 35", Doc: "an age that was read is brought into this range"},
			{Name: "gender", Type: Gender, Min: -1, Max: 1, Default: "as read, else drawn from the seed", Doc: `"woman" (-1), "man" (1) or a number between`},
			{Name: "seed", Type: Whole, Max: MaxSeed, Default: "the job's seed", Doc: "another seed, another person"},
		},
		Example: `portrait { text = "an angry young woman", seed = 7 }:save("angry.png")
portrait { emotion = { happy = 0.7, surprised = 0.3 }, age = 60, gender = "man" }:save("glad.png")`,
	}
	apiImage = Function{
		Name: "image", Returns: "a picture",
		Doc:     "Opens a picture file (PNG, JPEG, GIF, WebP, BMP or TIFF).",
		Args:    []Arg{{Name: "path", Type: Text, Required: true, Doc: "the file, from the folder where the command runs"}},
		Example: `image("photo.jpg"):style("cubism"):save("cubist.png")`,
	}
	apiStyle = Function{
		Name: "style", On: TypePicture, Returns: "a picture",
		Doc: "Paints the picture in a style. The picture itself stays as it is: a new one is given.",
		Args: []Arg{
			{Name: "name", Type: Text, Required: true, Doc: "a style that `atelier style list` names"},
			{Name: "intensity", Type: Number, Max: MaxIntensity, Default: "1", Doc: "0 gives the picture back exactly, 1 is the style as trained"},
		},
		Example: `face:style("impressionism", 0.8)`,
	}
	apiSave = Function{
		Name: "save", On: TypePicture, Returns: "the same picture",
		Doc:     "Writes the picture to a PNG or JPEG file, with the steps that made it inside. The folder is made if it is missing.",
		Args:    []Arg{{Name: "path", Type: Text, Required: true, Doc: "ends in .png, .jpg or .jpeg"}},
		Example: `face:save("out/face.png")`,
	}
)

// names of the allowed parts of the standard library; what the sandbox opens
// and what the reference lists. Anything else is removed.
var (
	baseNames   = []string{"assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal", "rawget", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "unpack", "xpcall"}
	tableNames  = []string{"concat", "getn", "insert", "maxn", "remove", "sort"}
	stringNames = []string{"byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse", "sub", "upper"}
	mathNames   = []string{"abs", "acos", "asin", "atan", "atan2", "ceil", "cos", "cosh", "deg", "exp", "floor", "fmod", "frexp", "huge", "ldexp", "log", "log10", "max", "min", "mod", "modf", "pi", "pow", "rad", "random", "randomseed", "sin", "sinh", "sqrt", "tan", "tanh"}
)
