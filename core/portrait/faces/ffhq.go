package faces

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/atelier-engine/atelier/core/plan"
)

// FFHQ (Karras, Laine and Aila, A Style-Based Generator Architecture for
// Generative Adversarial Networks, 2019) has photographs 00000.png to
// 69999.png; ffhq-features-dataset has a JSON file for each, a list of the
// faces that a detector found, with age, gender, eight emotions and landmarks.
// The first 60,000 are for training, the others for validation.
var ffhqFormat = format{
	name: "ffhq", title: "FFHQ: numbered pictures and a folder json of features", mapped: true,
	terms: "FFHQ is under CC BY-NC-SA 4.0; each photograph has a licence of its own",
	find: func(dir string) inputs {
		for _, sub := range []string{"json", "ffhq-features-dataset/json", "ffhq-features-dataset-master/json", "features", "."} {
			folder := filepath.Join(dir, filepath.FromSlash(sub))
			for _, e := range firstEntries(folder, 100) {
				if ffhqName.MatchString(e.Name()) && strings.HasSuffix(e.Name(), ".json") {
					return inputs{dir: dir, sign: e.Name(), labels: map[string]string{}, folders: []string{dir, folder}}
				}
			}
		}
		return inputs{}
	},
	read: readFFHQ,
}

var ffhqName = regexp.MustCompile(`^[0-9]{5}\.[a-zA-Z]+$`)

const ffhqTraining = 60000

// ffhqFace is a face of a features file. Only what is read is named.
type ffhqFace struct {
	Rectangle struct {
		Width, Height float64
	} `json:"faceRectangle"`
	Landmarks  map[string]struct{ X, Y float64 } `json:"faceLandmarks"`
	Attributes *struct {
		Age     *float64           `json:"age"`
		Gender  string             `json:"gender"`
		Emotion map[string]float64 `json:"emotion"`
	} `json:"faceAttributes"`
}

func readFFHQ(ctx context.Context, in inputs, m *Mapping) (*labelled, error) {
	l := &labelled{}
	pictures, err := ffhqPictures(ctx, in.dir)
	if err != nil {
		return nil, err
	}
	folder := in.folders[1]
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("read FFHQ: %w: check the folder", err)
	}
	labelled := map[string]bool{}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		stem := strings.TrimSuffix(e.Name(), ".json")
		if !ffhqName.MatchString(e.Name()) || stem == e.Name() {
			continue
		}
		labelled[stem] = true
		r := record{file: stem, labels: e.Name(), split: Train}
		if n, _ := strconv.Atoi(stem); n >= ffhqTraining {
			r.split = Valid
		}
		text, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read FFHQ: %w: check the disk", err)
		}
		place, ok := pictures[stem]
		if !ok {
			err = refusef("no such picture", "there is no picture %s", stem)
		} else {
			r.path = place
			if rel, err := filepath.Rel(in.dir, place); err == nil {
				r.file = filepath.ToSlash(rel)
			}
			err = parseFFHQ(text, m, &r)
		}
		l.add(r, err)
	}
	for _, stem := range slices.Sorted(maps.Keys(pictures)) {
		if !labelled[stem] {
			r := record{file: filepath.Base(pictures[stem])}
			l.add(r, refusef(reasonFeatures, "there is no %s.json", stem))
		}
	}
	return l, nil
}

// ffhqPictures finds the pictures of each number: the largest edition, but not
// the photographs before they were aligned.
func ffhqPictures(ctx context.Context, dir string) (map[string]string, error) {
	rank := func(path string) int {
		switch {
		case strings.Contains(path, "1024"):
			return 3
		case strings.Contains(path, "thumbnails"):
			return 1
		}
		return 2
	}
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(place string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("read FFHQ: %w: check the folder", err)
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsDir() && strings.Contains(e.Name(), "in-the-wild"):
			return filepath.SkipDir
		case !e.Type().IsRegular() || !isPicture(e.Name()) || !ffhqName.MatchString(e.Name()):
			return nil
		}
		stem := e.Name()[:5]
		if other, ok := found[stem]; !ok || rank(place) > rank(other) {
			found[stem] = place
		}
		return nil
	})
	return found, err
}

// parseFFHQ reads a features file: the largest of its faces.
func parseFFHQ(text []byte, m *Mapping, r *record) error {
	var all []ffhqFace
	if err := json.Unmarshal(text, &all); err != nil {
		return refusef(reasonFeatures, "the features are broken: %v", err)
	}
	var face *ffhqFace
	for i := range all {
		if f := &all[i]; face == nil || f.Rectangle.Width*f.Rectangle.Height > face.Rectangle.Width*face.Rectangle.Height {
			face = f
		}
	}
	if face == nil || face.Attributes == nil {
		return refusef(reasonFeatures, "no face was found in it")
	}
	if face.Attributes.Age == nil {
		return refusef(reasonAge, "the features say no age")
	}
	var err error
	if r.cond.Age, err = parseAge(strconv.FormatFloat(*face.Attributes.Age, 'g', -1, 64)); err != nil {
		return err
	}
	switch face.Attributes.Gender {
	case "male":
		r.cond.Gender = 1
	case "female":
		r.cond.Gender = -1
	default:
		return refusef(reasonGender, "gender %q is neither male nor female", face.Attributes.Gender)
	}
	sum := 0.0
	for _, word := range slices.Sorted(maps.Keys(face.Attributes.Emotion)) {
		weights, ok := m.Emotions[word]
		if !ok {
			return refusef(reasonEmotion, "the mapping has no emotion %q%s", word, plan.Hint(word, slices.Sorted(maps.Keys(m.Emotions))))
		}
		w := face.Attributes.Emotion[word]
		if !(w >= 0 && w <= 1e6) {
			return refusef(reasonEmotion, "%s has a weight of %g", word, w)
		}
		for i, v := range weights.vector() {
			r.cond.Emotions[i] += w * v
		}
		sum += w
	}
	if sum == 0 {
		return refusef(reasonEmotion, "the features say no emotion")
	}
	if face.Landmarks == nil {
		return refusef(reasonLandmarks, "the features have no landmarks")
	}
	for _, name := range []string{"pupilLeft", "pupilRight", "noseTip", "mouthLeft", "mouthRight"} {
		p, ok := face.Landmarks[name]
		if !ok || !(p.X > -1e6 && p.X < 1e6 && p.Y > -1e6 && p.Y < 1e6) {
			return refusef(reasonLandmarks, "landmark %s is not there, or not a place in a picture", name)
		}
		r.points = append(r.points, [2]float64{p.X, p.Y})
	}
	r.frame = [2]float64{m.FFHQ.Side, m.FFHQ.Side}
	return nil
}
