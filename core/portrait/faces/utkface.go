package faces

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/atelier-engine/atelier/core/portrait"
)

// UTKFace (Zhang, Song and Qi, Age Progression/Regression by Conditional
// Adversarial Autoencoder, 2017) has its labels in its file names:
// AGE_GENDER_RACE_DATE.jpg, with gender 0 for men and 1 for women. The race is
// not read. The photographs are those of the aligned and cropped edition; no
// emotions are known, so the mapping's [unlabelled] gives them.
var utkfaceFormat = format{
	name: "utkface", title: "UTKFace: pictures named AGE_GENDER_RACE_DATE.jpg", mapped: true,
	terms: "UTKFace is for non-commercial research only; the copyright of the photographs remains with their owners",
	find: func(dir string) inputs {
		sign := utkfaceSign(dir)
		if sign == "" {
			return inputs{}
		}
		return inputs{dir: dir, sign: sign, folders: []string{dir}}
	},
	read: readUTKFace,
}

// utkfaceSign gives a picture in dir, or in a folder of it, that is named as
// those of UTKFace are, if most of the first ones are.
func utkfaceSign(dir string) string {
	folders := []string{dir}
	for _, e := range firstEntries(dir, 1000) {
		if e.IsDir() && !(e.Name() == "images" && isFile(filepath.Join(dir, "labels.csv"))) {
			folders = append(folders, filepath.Join(dir, e.Name()))
		}
	}
	sign, balance := "", 0
	for _, folder := range folders {
		for _, e := range firstEntries(folder, 1000) {
			switch {
			case e.IsDir() || !isPicture(e.Name()):
			case utkfaceName.MatchString(e.Name()):
				sign = e.Name()
				balance++
			default:
				balance--
			}
		}
	}
	if balance <= 0 {
		return ""
	}
	return sign
}

// firstEntries gives up to n entries of a folder.
func firstEntries(dir string, n int) []os.DirEntry {
	f, err := os.Open(dir)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(n)
	return entries
}

// The date is missing or odd in some names; what matters is in front of it.
var utkfaceName = regexp.MustCompile(`^([0-9]+)_([0-9]+)_([0-9]+)_[0-9]*(\.[A-Za-z]+)+$`)

func readUTKFace(ctx context.Context, in inputs, m *Mapping) (*labelled, error) {
	l := &labelled{notes: []string{"the names of UTKFace say no emotion: all faces get that of [unlabelled] in the mapping; a manifest with columns p_<emotion> can say more"}}
	first := map[string]string{}
	err := filepath.WalkDir(in.dir, func(place string, e fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("read UTKFace: %w: check the folder", err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !e.Type().IsRegular() || !isPicture(place) {
			return nil
		}
		rel, err := filepath.Rel(in.dir, place)
		if err != nil {
			return fmt.Errorf("read UTKFace: %w: check the folder", err)
		}
		r := record{file: filepath.ToSlash(rel), path: place, split: unsplit}
		r.cond, err = parseUTKFace(path.Base(r.file), m)
		if err == nil {
			if other, twice := first[e.Name()]; twice {
				err = refusef(reasonTwice, "it is there twice: %s is used", other)
			} else {
				first[e.Name()] = r.file
			}
		}
		l.add(r, err)
		return nil
	})
	return l, err
}

// parseUTKFace reads the labels of a file name.
func parseUTKFace(name string, m *Mapping) (c condition, err error) {
	parts := utkfaceName.FindStringSubmatch(name)
	if parts == nil {
		return c, refusef(reasonName, "the name is not AGE_GENDER_RACE_DATE.jpg")
	}
	if c.Age, err = parseAge(parts[1]); err != nil {
		return c, err
	}
	switch gender, err := strconv.Atoi(parts[2]); {
	case err == nil && gender == 0:
		c.Gender = 1
	case err == nil && gender == 1:
		c.Gender = -1
	default:
		return c, refusef(reasonGender, "gender %s is neither 0 (man) nor 1 (woman)", parts[2])
	}
	c.Emotions = m.Unlabelled.Emotions.vector()
	return c, nil
}

// condition shortens the name of what all labels come to.
type condition = portrait.Condition
