package reports

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"

	"ipamsim/sim/result"
)

// pictures are the files that Plots leaves in a folder.
func pictures(t *testing.T, r *result.Result) map[string][]byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made")
	if err := Plots(dir, r); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(dir, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// ofBurst are the pictures of burst. Drawing takes its time.
var ofBurst struct {
	once  sync.Once
	files map[string][]byte
}

func burstPictures(t *testing.T) map[string][]byte {
	t.Helper()
	ofBurst.once.Do(func() { ofBurst.files = pictures(t, burst()) })
	return ofBurst.files
}

func TestPlotsMakesEachPictureTwice(t *testing.T) {
	files := burstPictures(t)
	for _, name := range []string{"pod-start", "addresses-default", "addresses-warm-targets", "api-default", "api-warm-targets", "map-default", "maps-default", "maps-warm-targets"} {
		if _, err := png.Decode(bytes.NewReader(files[name+".png"])); err != nil {
			t.Errorf("%s.png: %v", name, err)
		}
		if err := wellFormed(files[name+".svg"]); err != nil {
			t.Errorf("%s.svg: %v", name, err)
		}
	}
	if len(files) != 16 { // the other variant's result is of a time that kept no map of the end
		t.Errorf("%d files", len(files))
	}
}

func wellFormed(text []byte) error {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func TestPicturesAreTheSameEachTime(t *testing.T) {
	first, second := burstPictures(t), pictures(t, burst())
	for name, text := range first {
		if !bytes.Equal(text, second[name]) {
			t.Errorf("%s differs", name)
		}
	}
}

func TestPicturesNameWhatTheyShow(t *testing.T) {
	files := burstPictures(t)
	for name, words := range map[string][]string{
		"pod-start.svg":         {"default (1.6 % never)", "warm-targets", "bound to a node until running (s), logarithmic", "share of pods started (%)"},
		"addresses-default.svg": {"assigned to pods", "cooling", "warm", "primaries", "unmanaged", "others", "free", "virtual time"},
		"api-default.svg":       {"requests per second", "of these throttled", "virtual time"},
	} {
		for _, w := range words {
			if !strings.Contains(string(files[name]), w) {
				t.Errorf("%s does not say %q", name, w)
			}
		}
	}
}

func TestPicturesOfNothingSaySo(t *testing.T) {
	files := pictures(t, oneQuiet())
	for name, words := range map[string]string{
		"pod-start.svg":         "no pod started",
		"addresses-default.svg": "there are no samples",
		"api-default.svg":       "there are no samples",
	} {
		if !strings.Contains(string(files[name]), words) {
			t.Errorf("%s does not say %q", name, words)
		}
	}
}

func TestPicturesStandOddSeries(t *testing.T) {
	one := []result.SubnetSeries{{Name: "a"}}
	for name, series := range map[string]result.Series{
		"one sample":     {AtSeconds: []float64{0}, Subnets: one},
		"no addresses":   {AtSeconds: []float64{0, 1}},
		"no time passes": {AtSeconds: []float64{5, 5}, Subnets: one},
		"all at zero":    {AtSeconds: []float64{0, 1, 2}, Subnets: one, API: []result.ActionSeries{{Action: "CreateTags"}}},
		"from warm-up":   {AtSeconds: []float64{-300, 0, 300}, Subnets: one},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := oneQuiet()
			r.Variants[0].Series = series
			r.Variants[0].Distributions = distributions([]float64{0})
			pictures(t, r)
		})
	}
}

func TestFileNamesAreSafeAndDistinct(t *testing.T) {
	got := fileNames([]result.Variant{{Name: "a/b"}, {Name: "a b"}, {Name: "../x"}, {Name: "plain"}})
	if want := []string{"a-b", "a-b-2", "..-x", "plain"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestCurveEndsAtTheShareThatStarted(t *testing.T) {
	start := starts(1500, func(q float64) float64 { return 1 + q })
	v := &result.Variant{Distributions: distributions(start)}
	v.Pods.Start = describe(start)
	v.Replications = []result.Replication{{}, {}}
	v.Pods.Start.Never = 500
	curve := startCurve(v, 0.5, 5)
	if last := curve[len(curve)-1]; last.X != 5 || math.Abs(last.Y-75) > 1e-9 {
		t.Errorf("the curve ends at %+v, want 75 %% at 5 s", last)
	}
	if curve[0].Y != 0 || len(curve) > 1000 {
		t.Errorf("%d points from %+v", len(curve), curve[0])
	}
}

func TestThinningKeepsTheWorstSample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.SliceOfN(rapid.IntRange(0, 1000), 2, 3000).Draw(t, "free")
		at, samples := make([]float64, len(free)), make([]result.Addresses, len(free))
		for i, f := range free {
			at[i], samples[i].Free = float64(i), f
		}
		thinAt, thin := thinAddresses(at, samples)
		if len(thin) != len(thinAt) || len(thin) > samplesShown {
			t.Fatalf("%d samples at %d times", len(thin), len(thinAt))
		}
		if !slices.IsSorted(thinAt) || thinAt[0] != 0 || thinAt[len(thinAt)-1] != float64(len(free)-1) {
			t.Fatalf("from %v to %v", thinAt[0], thinAt[len(thinAt)-1])
		}
		least := samples[0].Free
		for _, s := range thin {
			least = min(least, s.Free)
		}
		if want := slices.Min(free); least != want {
			t.Fatalf("the fewest free addresses are %d, want %d", least, want)
		}
	})
}

func TestRatesAddUpToTheRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.IntRange(0, 500), 2, 3000).Draw(t, "counts")
		at, samples := make([]float64, len(counts)), make([]apiSample, len(counts))
		total := 0
		for i, n := range counts {
			at[i], samples[i].Attempts = 0.5*float64(i), n
			if i > 0 {
				total += n
			}
		}
		rates := requestRates(at, samples)
		sum := 0.0
		for _, r := range rates {
			sum += r.attempts * (r.to - r.from)
		}
		if len(rates) > samplesShown || math.Abs(sum-float64(total)) > 1e-6 {
			t.Fatalf("%d rates add up to %v requests, want %d", len(rates), sum, total)
		}
	})
}

func TestAxisStepsAreRound(t *testing.T) {
	for _, test := range []struct{ v, below, above float64 }{
		{1, 1, 1}, {1.1, 1, 2}, {4.9, 2, 5}, {7, 5, 10}, {10, 10, 10}, {0.03, 0.02, 0.05}, {999, 500, 1000},
	} {
		if got := niceBelow(test.v); math.Abs(got-test.below) > 1e-12 {
			t.Errorf("below %v is %v, want %v", test.v, got, test.below)
		}
		if got := niceAbove(test.v); math.Abs(got-test.above) > 1e-12 {
			t.Errorf("above %v is %v, want %v", test.v, got, test.above)
		}
	}
}
