// Package facestest makes small data sets of faces for tests, one of each
// format.
package facestest

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Write makes a manifest, labels.csv and images, of n pictures whose brightness
// depends on the emotion. They have no landmarks.
func Write(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("file,age,gender,p_neutral,p_happy\n")
	for i := range n {
		name := fmt.Sprintf("%03d.jpg", i)
		m := image.NewRGBA(image.Rect(0, 0, 100, 100))
		for k := range m.Pix {
			m.Pix[k] = uint8(60 + 120*(i%2) + k%50)
		}
		for k := range 36 { // no two are the same
			m.Set(k%6, k/6, color.RGBA{uint8(7 * i), uint8(5 * i), uint8(3 * i), 255})
		}
		save(t, filepath.Join(dir, "images", name), m)
		fmt.Fprintf(&csv, "%s,%d,%s,%d,%d\n", name, 20+i%70, []string{"male", "female"}[i%2], 1-i%2, i%2)
	}
	text(t, filepath.Join(dir, "labels.csv"), csv.String())
	return dir
}

// WriteAligned makes a manifest of n faces with landmarks and splits, each
// turned, enlarged and shifted in another way.
func WriteAligned(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	var csv strings.Builder
	csv.WriteString("file,age,gender,split,p_sad,p_happy")
	for i := range 68 {
		fmt.Fprintf(&csv, ",x%d,y%d", i, i)
	}
	csv.WriteString("\n")
	for i := range n {
		f := face(i, 200, 180)
		save(t, filepath.Join(dir, "images", fmt.Sprintf("%03d.png", i)), f.picture())
		fmt.Fprintf(&csv, "%03d.png,%d,%s,%s,%d,%d", i, 20+i, []string{"male", "female"}[i%2], []string{"train", "valid", "test"}[i%3], 1-i%2, i%2)
		for _, p := range f.landmarks() {
			fmt.Fprintf(&csv, ",%.2f,%.2f", p[0], p[1])
		}
		csv.WriteString("\n")
	}
	text(t, filepath.Join(dir, "labels.csv"), csv.String())
	return dir
}

// WriteCelebA makes a data set of n faces as CelebA is distributed, with CR LF
// and its odd spaces. Every attribute of the header is there.
func WriteCelebA(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	names := strings.Fields(CelebAAttributes)
	var attributes, landmarks, partition strings.Builder
	fmt.Fprintf(&attributes, "%d\r\n%s \r\n", n, CelebAAttributes)
	fmt.Fprintf(&landmarks, "%d\r\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y \r\n", n)
	for i := range n {
		name := fmt.Sprintf("%06d.jpg", i+1)
		f := face(i, 178, 218)
		save(t, filepath.Join(dir, "img_align_celeba", name), f.picture())
		attributes.WriteString(name)
		for k, a := range names {
			there := (i+k)%3 == 0 && a != "Blurry"
			switch {
			case there && k > 0:
				attributes.WriteString("  1")
			case there:
				attributes.WriteString(" 1")
			default:
				attributes.WriteString(" -1")
			}
		}
		attributes.WriteString("\r\n")
		fmt.Fprintf(&landmarks, "%s", name)
		for _, p := range f.five() {
			fmt.Fprintf(&landmarks, "  %.0f %.0f", p[0], p[1])
		}
		landmarks.WriteString("\r\n")
		fmt.Fprintf(&partition, "%s %d\r\n", name, i%3)
	}
	text(t, filepath.Join(dir, "list_attr_celeba.txt"), attributes.String())
	text(t, filepath.Join(dir, "list_landmarks_align_celeba.txt"), landmarks.String())
	text(t, filepath.Join(dir, "list_eval_partition.txt"), partition.String())
	return dir
}

// WriteUTKFace makes n pictures with names as UTKFace has them.
func WriteUTKFace(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		end := []string{".jpg", ".jpg.chip.jpg"}[i%2]
		save(t, filepath.Join(dir, fmt.Sprintf("%d_%d_%d_20170109%09d%s", 20+i, i%2, i%5, i, end)), face(i, 200, 200).picture())
	}
	return dir
}

// WriteFFHQ makes n faces with a features file each, as FFHQ and
// ffhq-features-dataset have them. The landmarks are those of pictures eight
// times as large.
func WriteFFHQ(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		number := i
		if i%2 == 1 {
			number = 60000 + i // of the validation part
		}
		f := face(i, 128, 128)
		save(t, filepath.Join(dir, "thumbnails128x128", fmt.Sprintf("%05d", number/1000*1000), fmt.Sprintf("%05d.png", number)), f.picture())
		var points []string
		for k, name := range []string{"pupilLeft", "pupilRight", "noseTip", "mouthLeft", "mouthRight"} {
			p := f.five()[k]
			points = append(points, fmt.Sprintf(`"%s": {"x": %.1f, "y": %.1f}`, name, 8*p[0], 8*p[1]))
		}
		text(t, filepath.Join(dir, "json", fmt.Sprintf("%05d.json", number)), fmt.Sprintf(`[{"faceId": "x", "faceRectangle": {"top": 300, "left": 250, "width": 500, "height": 500},
 "faceLandmarks": {%s, "eyeLeftTop": {"x": 1.5, "y": 2}},
 "faceAttributes": {"smile": 0.5, "gender": "%s", "age": %d.0, "headPose": {"pitch": 0.0},
  "emotion": {"anger": 0.0, "contempt": 0.0, "disgust": 0.0, "fear": 0.0, "happiness": %d.0, "neutral": %d.0, "sadness": 0.0, "surprise": 0.0}}}]`,
			strings.Join(points, ", "), []string{"male", "female"}[i%2], 25+i, i%2, 1-i%2))
	}
	return dir
}

// CelebAAttributes are the names of CelebA's forty attributes.
const CelebAAttributes = "5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose Black_Hair Blond_Hair Blurry Brown_Hair Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns Smiling Straight_Hair Wavy_Hair Wearing_Earrings Wearing_Hat Wearing_Lipstick Wearing_Necklace Wearing_Necktie Young"

// The colours of the eyes (left and right in the picture) and of the mouth.
var (
	LeftEye  = color.RGBA{250, 30, 30, 255}
	RightEye = color.RGBA{30, 250, 30, 255}
	Mouth    = color.RGBA{30, 30, 250, 255}
)

// drawing is a face of three coloured spots in a photograph.
type drawing struct {
	w, h        int
	x, y        float64 // middle between the eyes
	eyes, angle float64 // distance of the eyes; radians
	skin        uint8
}

// face is the face number i, each somewhat different.
func face(i, w, h int) drawing {
	a := float64(i)
	return drawing{w: w, h: h, x: float64(w)/2 + 5*math.Sin(a), y: float64(h)*0.45 + 4*math.Cos(2*a),
		eyes: float64(min(w, h)) * (0.26 + 0.02*math.Sin(3*a)), angle: 0.2 * math.Sin(5*a), skin: uint8(120 + 3*i%90)}
}

// at is a place of the face: right and down, in distances of the eyes.
func (d drawing) at(right, down float64) [2]float64 {
	sin, cos := math.Sincos(d.angle)
	return [2]float64{d.x + d.eyes*(right*cos-down*sin), d.y + d.eyes*(right*sin+down*cos)}
}

// five are the landmarks that CelebA has.
func (d drawing) five() [5][2]float64 {
	return [5][2]float64{d.at(-0.5, 0), d.at(0.5, 0), d.at(0, 0.7), d.at(-0.35, mouthDown), d.at(0.35, mouthDown)}
}

// mouthDown is where the mouth is, in distances of the eyes: as in the mean
// face that others are aligned with.
const mouthDown = (0.71 - 0.31) / 0.33

// landmarks are 68 in iBUG's order.
func (d drawing) landmarks() (all [68][2]float64) {
	ring := func(from, n int, right, down, radius float64) {
		for k := range n {
			sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
			all[from+k] = d.at(right-radius*cos, down+radius*sin/2)
		}
	}
	for k := range 17 {
		sin, cos := math.Sincos(math.Pi * float64(k) / 16)
		all[k] = d.at(-cos, 0.3+1.4*sin)
	}
	ring(17, 5, -0.5, -0.35, 0.3)
	ring(22, 5, 0.5, -0.35, 0.3)
	ring(27, 9, 0, 0.5, 0.2)
	ring(36, 6, -0.5, 0, 0.15)
	ring(42, 6, 0.5, 0, 0.15)
	ring(48, 20, 0, mouthDown, 0.35)
	return all
}

func (d drawing) picture() image.Image {
	m := image.NewRGBA(image.Rect(0, 0, d.w, d.h))
	spots := []struct {
		at [2]float64
		c  color.RGBA
	}{{d.at(-0.5, 0), LeftEye}, {d.at(0.5, 0), RightEye}, {d.at(0, mouthDown), Mouth}}
	for y := range d.h {
		for x := range d.w {
			c := color.RGBA{d.skin, d.skin, d.skin, 255}
			for _, s := range spots {
				if math.Hypot(float64(x)+0.5-s.at[0], float64(y)+0.5-s.at[1]) < 0.15*d.eyes {
					c = s.c
				}
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

func save(t testing.TB, path string, m image.Image) {
	t.Helper()
	f := create(t, path)
	defer f.Close()
	var err error
	if filepath.Ext(path) == ".png" {
		err = png.Encode(f, m)
	} else {
		err = jpeg.Encode(f, m, &jpeg.Options{Quality: 95})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func text(t testing.TB, path, s string) {
	t.Helper()
	f := create(t, path)
	defer f.Close()
	if _, err := f.WriteString(s); err != nil {
		t.Fatal(err)
	}
}

func create(t testing.TB, path string) *os.File {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
