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
	Source                 // a picture, or the path of one
	Ground                 // a colour, a picture, or the path of one
	Size                   // a number of pixels, or a text such as "640x480"
	Choice                 // one of Names
	Numbers                // a table of names and numbers
	Flag                   // true or false
	Pictures               // a list of pictures or paths
	Rows                   // a list of lists of pictures or paths
	Texts                  // a list of strings or numbers
	TextRows               // a list of lists of strings or numbers
)

// Arg is one argument of a function.
type Arg struct {
	Name     string
	Type     Type
	Required bool
	Min, Max float64
	Unit     string
	Names    []string // of a Choice
	Default  string   // as written in the reference
	Doc      string
}

// Function is one function or method that recipes can call. The table of them
// checks arguments, words the errors and writes the reference.
type Function struct {
	Name    string
	On      string // the type it is a method of, "" for a function
	Table   bool   // the arguments are the fields of one table
	Short   int    // so many of them may also be given in order, without a table
	Args    []Arg
	Returns string
	Doc     string
	Example string
}

// API gives the functions of recipes.
func API() []Function {
	return []Function{apiRead, apiPortrait, apiImage, apiStyle, apiUpscale, apiSheet, apiSave, apiFilm, apiSaveFilm}
}

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
			{Name: "seed", Type: Whole, Max: MaxSeed, Default: "the job's seed", Doc: "another seed, another person; the same seed with another emotion or age is the same person"},
			{Name: "toward", Type: Whole, Max: MaxSeed, Doc: "the seed of a second person"},
			{Name: "at", Type: Number, Max: 1, Default: "0", Doc: "how far from the first person, 0, to the second, 1"},
			{Name: "truncation", Type: Number, Max: 1, Default: "1", Doc: "less gives likelier faces that differ less; 0 is the mean face"},
			{Name: "size", Type: Whole, Min: MinFace, Max: MaxFace, Unit: "pixels", Default: "`size` of engine.toml", Doc: "the side of the picture"},
		},
		Example: `portrait { text = "an angry young woman", seed = 7 }:save("angry.png")
portrait { emotion = { happy = 0.7, surprised = 0.3 }, age = 60, gender = "man" }:save("glad.png")
portrait { seed = 7, toward = 9, at = 0.5, truncation = 0.8 }:save("between.png")`,
	}
	apiImage = Function{
		Name: "image", Returns: "a picture",
		Doc:     "Opens a picture file (PNG, JPEG, GIF, WebP, BMP or TIFF).",
		Args:    []Arg{{Name: "path", Type: Text, Required: true, Doc: "the file, from the folder where the command runs"}},
		Example: `image("photo.jpg"):style("cubism"):save("cubist.png")`,
	}
	apiStyle = Function{
		Name: "style", On: TypePicture, Returns: "a picture", Table: true, Short: 2,
		Doc: "Paints the picture in a style, a mixture of styles or the manner of a reference. The picture itself stays as it is: a new one is given. `style(name, intensity)` is the short form.",
		Args: []Arg{
			{Name: "name", Type: Text, Doc: "a style that `atelier style list` names, or a mixture such as `\"cubism:0.6+popart:0.4\"`; not together with `reference`"},
			{Name: "intensity", Type: Number, Max: MaxIntensity, Default: "1", Doc: "0 gives the picture back exactly, 1 is the style as trained"},
			{Name: "map", Type: Source, Doc: "scales the intensity: white as given, black none; grey, of any size"},
			{Name: "stroke", Type: Number, Min: MinStroke, Max: MaxStroke, Default: "1", Doc: "the size of the strokes, in parts of the size as trained; strokes are parts of the picture, not pixels"},
			{Name: "keep", Type: Choice, Names: Keeps(), Doc: "keep the colours of the picture: its hues under the painting's lights, or the spread of its colours"},
			{Name: "mask", Type: Source, Doc: "where to paint: white paints, black leaves the background; soft, of any size"},
			{Name: "background", Type: Ground, Default: "the picture itself", Doc: "what is seen where the mask is black or the picture transparent"},
			{Name: "size", Type: Size, Default: "as the picture", Doc: "of the result: the longer side in pixels, or `\"640x480\"`, cut to that shape"},
			{Name: "reference", Type: Source, Doc: "a painting whose manner is taken instead of a style's"},
			{Name: "refine", Type: Whole, Max: MaxRefine, Default: "0", Doc: "gradient steps that bring the style nearer to the reference"},
			{Name: "options", Type: Numbers, Doc: "the style's own options: `{ dots = 0.5 }`, or `[\"popart.dots\"] = 0.5` in a mixture; `atelier style show NAME` lists them"},
			{Name: "method", Type: Choice, Names: Methods(), Default: "network", Doc: "`\"optimize\"` paints by optimisation towards a reference: minutes instead of parts of a second"},
			{Name: "steps", Type: Whole, Min: 1, Max: MaxSteps, Default: "120", Doc: "of the optimisation"},
			{Name: "seed", Type: Whole, Max: MaxSeed, Default: "the job's seed", Doc: "of the optimisation"},
		},
		Example: `face:style("impressionism", 0.8)
face:style { name = "cubism:0.6+popart:0.4", stroke = 2, keep = "luminance" }
image("photo.jpg"):style { reference = "painting.jpg", mask = "sky.png", size = 2048 }`,
	}
	apiSheet = Function{
		Name: "sheet", Table: true, Returns: "a picture",
		Doc: "Lays pictures out on a contact sheet, with captions.",
		Args: []Arg{
			{Name: "pictures", Type: Rows, Required: true, Max: MaxCells, Doc: "the rows of the sheet, each a list of pictures; all but the last one of one length"},
			{Name: "columns", Type: Texts, Doc: "over each column"},
			{Name: "rows", Type: Texts, Doc: "left of each row"},
			{Name: "names", Type: TextRows, Doc: "under each picture: lists as those of `pictures`"},
			{Name: "title", Type: Text, Doc: "over all"},
			{Name: "note", Type: Text, Doc: "a small line under all"},
			{Name: "size", Type: Whole, Min: 1, Max: MaxFace, Unit: "pixels", Default: "as they are", Doc: "the longest side of each picture"},
		},
		Example: `local row = {}
for i, age in ipairs { 20, 40, 60, 80 } do row[i] = portrait { age = age, size = 128 } end
sheet { pictures = { row }, columns = { 20, 40, 60, 80 }, title = "One life" }:save("ages.png")`,
	}
	apiFilm = Function{
		Name: "film", Table: true, Returns: "a film",
		Doc: "Joins pictures of one size to a film. A morph is a film of portraits that change a little from one to the next.",
		Args: []Arg{
			{Name: "frames", Type: Pictures, Required: true, Max: MaxFrames, Doc: "the pictures in their order"},
			{Name: "rate", Type: Number, Min: MinRate, Max: MaxRate, Default: "12", Doc: "frames a second"},
			{Name: "loops", Type: Whole, Max: MaxLoops, Default: "0", Doc: "how often it is shown; 0: for ever"},
			{Name: "bounce", Type: Flag, Default: "false", Doc: "and back again to the first frame"},
			{Name: "dither", Type: Choice, Names: Dithers(), Default: "ordered", Doc: "how a GIF shows the colours between its 256"},
		},
		Example: `local frames = {}
for i = 0, 24 do
  frames[i + 1] = portrait { age = 20 + i * 2.5, emotion = { neutral = 1 - i / 24, happy = i / 24 }, size = 256 }
end
film { frames = frames, bounce = true }:save("life.gif")`,
	}
	apiSaveFilm = Function{
		Name: "save", On: TypeFilm, Returns: "the same film",
		Doc:     "Writes the film as a GIF, an animated PNG, or a folder of numbered pictures, with the steps that made it inside.",
		Args:    []Arg{{Name: "path", Type: Text, Required: true, Doc: "ends in .gif, .png or .apng, or in / for a folder"}},
		Example: `film { frames = { portrait { seed = 1 }, portrait { seed = 2 } }, rate = 1 }:save("two.png")`,
	}
	apiUpscale = Function{
		Name: "upscale", On: TypePicture, Returns: "a picture",
		Doc:     "Enlarges the picture with a network that draws the detail which interpolation leaves out. What it adds is likely, not known.",
		Args:    []Arg{{Name: "factor", Type: Whole, Min: 2, Max: 8, Default: "4", Doc: "2, 4 or 8 times as wide and as high"}},
		Example: `image("photo.jpg"):upscale(4):save("large.png")`,
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
