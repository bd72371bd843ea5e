package main

// cli is the command line. Each command is a struct of its arguments and flags
// with a Run method beside it.
type cli struct {
	Engine    string `help:"Read this engine.toml instead of the one that is found." type:"path" placeholder:"FILE"`
	Threads   int    `help:"Compute with so many threads (as many as the processor has)." placeholder:"N"`
	Device    string `help:"Run networks on auto, cpu, gpu, or gpu:1 for the second GPU (device of engine.toml)." placeholder:"NAME"`
	Precision string `help:"Multiply on a GPU in tf32, f32, f16 or bf16 (precision of engine.toml)." placeholder:"NAME"`
	LogLevel  string `help:"How much the program tells about itself: debug, info, warn or error." placeholder:"LEVEL"`
	Quiet     bool   `short:"q" help:"Show no progress and no news."`

	Portrait portraitCmd `cmd:"" help:"Draw the person of a sentence."`
	Stylize  stylizeCmd  `cmd:"" help:"Paint pictures in a style, a mixture, or the manner of a painting."`
	Upscale  upscaleCmd  `cmd:"" help:"Enlarge pictures, with the detail that interpolation leaves out."`
	Run      runCmd      `cmd:"" help:"Run a recipe."`
	Read     readCmd     `cmd:"" help:"Show what is read from a sentence."`
	Style    styleCmd    `cmd:"" help:"Show styles, lay them out on a sheet, or learn one from a painting."`
	Model    modelCmd    `cmd:"" help:"Show the models."`
	Plugin   pluginCmd   `cmd:"" help:"Show the plugins, or lock them."`
	Doctor   doctorCmd   `cmd:"" help:"Check this machine and what is installed."`
	Train    trainCmd    `cmd:"" help:"Train the analyzer, the portraits, the styles or the upscaler."`
	Data     dataCmd     `cmd:"" help:"Prepare data sets of faces, and show who is in them."`
	Evaluate evaluateCmd `cmd:"" help:"Measure how good a model is."`
	Bench    benchCmd    `cmd:"" help:"Measure the speed of the kernels and of the networks."`
	Version  versionCmd  `cmd:"" help:"Show the version."`
	Help     helpCmd     `cmd:"" help:"Show help on a command or a topic: recipes, config, plugins, styles, steps, exit-codes."`
}
