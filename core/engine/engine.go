package engine

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/atelier-engine/atelier/core/kernel"
	"github.com/atelier-engine/atelier/core/nn"
	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/portrait"
	"github.com/atelier-engine/atelier/core/sentiment"
	"github.com/atelier-engine/atelier/core/style"
	"github.com/atelier-engine/atelier/core/style/optimise"
	"github.com/atelier-engine/atelier/core/upscale"
)

// Options of an engine. The zero value takes everything from the surroundings.
type Options struct {
	Config    string    // path of the configuration; empty: looked for
	Log       io.Writer // what the program tells about itself; nil: standard error
	Level     string    // over the configuration's, if not empty
	Threads   int       // over the configuration's, if not 0
	Device    string    // over the configuration's, if not empty
	Precision string    // over the configuration's, if not empty
}

// Engine makes pictures. Its methods may be called from several goroutines.
type Engine struct {
	Config Config
	Places Places

	log      *slog.Logger
	registry plan.Registry
	cache    plan.Cache
	plugins  host
	loaders  loaders
	computer *computer // nil: the processor

	loading   sync.Mutex
	drawers   map[model]drawer
	upscalers map[model]upscaler
	paints    map[model]painter   // the zero model is the painter without a network
	predict   map[model]predictor // by the network's folder and the checksums of the predictor's files

	mu    sync.Mutex
	sums  map[string]checksum // of files
	found map[string]string   // folders of models by name and kind
	cards map[string]nn.Card  // by the checksums of their files
}

// What the engine needs of the rooms beside it; tests put in their own.
type (
	// host runs plugins.
	host interface {
		List() []plugin.Found
		Describe(ctx context.Context, name string) (plugin.Info, error)
		Analyzer(name string) sentiment.Analyzer
		Plan(ctx context.Context, name string, r plugin.Request) (*style.Plan, error)
		WriteLock() ([]string, error)
		Close() error
	}
	// drawer makes faces.
	drawer interface {
		Draw(ctx context.Context, requests []portrait.Request) ([]*picture.Picture, error)
	}
	// painter paints pictures.
	painter interface {
		PaintRaster(ctx context.Context, src, dst *picture.Raster, p style.Plan, o style.Options) error
		Blend(plans []style.Plan, weights []float64) (style.Plan, error)
		VectorLen() int
	}
	// predictor makes style vectors from paintings.
	predictor interface {
		Predict(ctx context.Context, reference *picture.Picture, scale float64) ([]float32, error)
	}
	// upscaler enlarges pictures.
	upscaler interface {
		Enlarge(ctx context.Context, src, dst *picture.Raster, factor int, o upscale.Options) error
		Picture(ctx context.Context, p *picture.Picture, factor int) (*picture.Picture, error)
	}
	// loaders read models from their folders.
	loaders struct {
		drawer    func(dir string) (drawer, error)
		painter   func(dir string, styles ...string) (painter, error)
		predictor func(network, features string) (predictor, error)
		upscaler  func(dir string) (upscaler, error)
		// optimise paints by optimisation with the feature network of a folder.
		optimise func(ctx context.Context, features string, photo, reference *picture.Picture, o optimise.Options) (*picture.Picture, optimise.Report, error)
		// refine brings a style vector of a network nearer to a reference.
		refine func(ctx context.Context, network, features string, vector []float32, reference, photo *picture.Picture, steps int, progress func(float64)) ([]float32, error)
	}
)

// Open reads the configuration and puts the parts together. Nothing is loaded
// or started before it is needed.
func Open(o Options) (*Engine, error) {
	program, err := os.Executable()
	if err != nil {
		program = ""
	}
	around := homes(os.Getenv, program)
	c := DefaultConfig()
	if path := findConfig(o.Config, around); path != "" {
		if c, err = ReadConfig(path); err != nil {
			return nil, err
		}
	}
	if o.Level != "" {
		c.Log.Level = o.Level
	}
	if o.Threads != 0 {
		c.Device.Threads = o.Threads
	}
	if o.Device != "" {
		c.Device.Name = o.Device
	}
	if o.Precision != "" {
		c.Device.Precision = o.Precision
	}
	if key, err := c.check(); err != nil {
		return nil, Usagef("%s %w", key, err)
	}
	if c.Device.Threads > 0 {
		kernel.SetWorkers(c.Device.Threads)
	}
	places := newPlaces(&c, around)
	log := newLog(o.Log, c.Log.Level)
	seconds := func(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
	supervisor := plugin.New(plugin.Config{
		Folders: places.Plugins, Lock: c.Plugins.Lock, Data: places.data(), Env: c.Plugins.Env,
		Log: log, Start: seconds(c.Plugins.Start), Call: seconds(c.Plugins.Call),
	})
	on := &computer{config: c.Device, log: log}
	e, err := assemble(c, places, log, supervisor, loaders{
		drawer: on.loadDrawer, painter: on.loadPainter, predictor: on.loadPredictor, upscaler: on.loadUpscaler, optimise: optimisePicture, refine: refineVector,
	})
	if err != nil {
		return nil, err
	}
	e.computer = on
	return e, nil
}

// assemble makes an engine from its parts.
func assemble(c Config, places Places, log *slog.Logger, plugins host, l loaders) (*Engine, error) {
	e := &Engine{
		Config: c, Places: places, log: log, plugins: plugins, loaders: l,
		drawers: map[model]drawer{}, paints: map[model]painter{}, upscalers: map[model]upscaler{}, predict: map[model]predictor{}, sums: map[string]checksum{},
		found: map[string]string{}, cards: map[string]nn.Card{},
	}
	var err error
	if e.cache, err = openCache(c.Cache); err != nil {
		return nil, err
	}
	kinds := []plan.Kind{e.readKind(), e.portraitKind(), e.imageKind(), e.styleKind(), e.upscaleKind(), e.sheetKind(), e.saveKind(), e.saveFilmKind()}
	for _, k := range append(kinds, e.filmKinds()...) {
		if err := e.registry.Register(k); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// Close ends the plugins.
func (e *Engine) Close() error { return e.plugins.Close() }

func newLog(w io.Writer, level string) *slog.Logger {
	if w == nil {
		w = os.Stderr
	}
	var l slog.Level
	if l.UnmarshalText([]byte(level)) != nil {
		l = slog.LevelWarn
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l}))
}

func openCache(c Cache) (plan.Cache, error) {
	memory := plan.NewMemory(c.Memory << 20)
	if c.Disk <= 0 {
		return memory, nil
	}
	dir := c.Folder
	if dir == "" {
		user, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("%w: the disk cache has no folder: %w: name one under [cache]", ErrConfig, err)
		}
		dir = filepath.Join(user, "atelier")
	}
	disk, err := plan.NewDisk(dir, c.Disk<<20)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return plan.Tiers{memory, disk}, nil
}

func (c *computer) loadDrawer(dir string) (drawer, error) {
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return portrait.LoadOn(d, dir)
}

func (c *computer) loadPainter(dir string, styles ...string) (painter, error) {
	if dir == "" {
		return &style.Stylizer{}, nil // does the steps of plans that name no network
	}
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return style.LoadOn(d, dir, styles...)
}

func (c *computer) loadPredictor(network, features string) (predictor, error) {
	d, err := c.open()
	if err != nil {
		return nil, err
	}
	return style.LoadPredictorOn(d, network, features)
}
