package controlplane

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	_ "ipamsim/internal/properties"
)

// Kubernetes rounds percentages of a DaemonSet's pods up and of a Deployment's
// down; a number is a number of pods.
func TestPercentagesAreRoundedAsKubernetesDoes(t *testing.T) {
	for _, test := range []struct {
		text          string
		all, up, down int
	}{
		{"1", 20, 1, 1}, {"7", 5, 7, 7}, {"10%", 20, 2, 2}, {"10%", 21, 3, 2}, {"10%", 1, 1, 0}, {"100%", 7, 7, 7}, {"25%", 5, 2, 1}, {"1%", 0, 0, 0},
	} {
		v, err := ParseIntOrPercent(test.text, 1, AllPercent)
		if err != nil || v.Up(test.all) != test.up || v.Down(test.all) != test.down || v.String() != test.text {
			t.Errorf("%s of %d: %v, up %d, down %d, want %d and %d (%v)", test.text, test.all, v, v.Up(test.all), v.Down(test.all), test.up, test.down, err)
		}
	}
}

func TestSharesAndNonsenseAreNoNumbersOfPods(t *testing.T) {
	for text, want := range map[string]string{
		"0": "at least 1 pod", "0%": "at least 1 pod", "0.1": "did you mean 10%?", "101%": "the most is 100%", "1000001": "the most is 1000000",
		"99999999999999999999": "the most is 1000000", "99999999999999999999%": "the most is 100%", "-1": "write 2 or 10%", "10 %": "write 2 or 10%", "": "write 2 or 10%", "ten": "write 2 or 10%",
	} {
		if v, err := ParseIntOrPercent(text, 1, AllPercent); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, error %v, want %q", text, v, err, want)
		}
	}
}

// A PodDisruptionBudget may allow nothing, and a Deployment may make no pod in
// advance.
func TestNoneIsANumberOfPodsWhereItMayBe(t *testing.T) {
	for _, text := range []string{"0", "0%"} {
		if v, err := ParseIntOrPercent(text, 0, AllPercent); err != nil || v.Up(7) != 0 || v.String() != text {
			t.Errorf("%q is %v (%v)", text, v, err)
		}
	}
	if _, err := ParseIntOrPercent("0.1", 0, AllPercent); err == nil {
		t.Error("0.1 is a number of pods")
	}
}

func TestAPercentageIsBetweenItsRoundings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := IntOrPercent{rapid.IntRange(1, 100).Draw(t, "percent"), true}
		all := rapid.IntRange(0, 2_000_000).Draw(t, "all")
		up, down := v.Up(all), v.Down(all)
		if up-down > 1 || down*100 > v.Number*all || up*100 < v.Number*all || up > all {
			t.Errorf("%v of %d is %d or %d", v, all, up, down)
		}
	})
}
