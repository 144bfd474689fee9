package controlplane

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// IntOrPercent is a number of pods or a percentage of them, written 2 or 10%, as
// in the API of Kubernetes (k8s.io/apimachinery/pkg/util/intstr).
type IntOrPercent struct {
	Number  int
	Percent bool
}

// MostPods bounds a number of pods that is written by itself.
const MostPods = 1_000_000

// IntOrPercentPattern is what ParseIntOrPercent reads, bounds aside.
var IntOrPercentPattern = regexp.MustCompile(`^\d+%?$`)

// AllPercent is the most of what may be unavailable: all.
const AllPercent = 100

// ParseIntOrPercent reads a number from least on, which is 0 or 1, or a percentage
// up to a bound: Kubernetes takes no 0 for pods that may be unavailable where none is
// made in advance (ValidateRollingUpdateDaemonSet in pkg/apis/apps/validation),
// and no more than all. What comes in addition may be more than all there is
// (ValidateRollingUpdateDeployment there).
func ParseIntOrPercent(s string, least, mostPercent int) (IntOrPercent, error) {
	if !IntOrPercentPattern.MatchString(s) {
		return IntOrPercent{}, fmt.Errorf("not a number of pods or a percentage of them: write 2 or 10%%%s", percentHint(s))
	}
	digits, percent := strings.CutSuffix(s, "%")
	n, err := strconv.Atoi(digits)
	switch most := MostPods; {
	case err == nil && n < least:
		return IntOrPercent{}, fmt.Errorf("%s lets nothing happen: at least 1 pod, or 1%%", s)
	case percent && (err != nil || n > mostPercent):
		return IntOrPercent{}, fmt.Errorf("%s is out of range: the most is %d%%", s, mostPercent)
	case err != nil || n > most:
		return IntOrPercent{}, fmt.Errorf("%s is out of range: the most is %d", s, most)
	}
	return IntOrPercent{n, percent}, nil
}

// percentHint turns a share, which this once was, into the percentage.
func percentHint(s string) string {
	share, err := strconv.ParseFloat(s, 64)
	if err != nil || share < 0.005 || share >= 1 {
		return ""
	}
	return fmt.Sprintf("; did you mean %.0f%%?", share*100)
}

// Up is how many of all pods that is, a percentage rounded up, as
// maxUnavailable of a DaemonSet is.
func (v IntOrPercent) Up(all int) int {
	if !v.Percent {
		return v.Number
	}
	return (v.Number*all + 99) / 100
}

// Down is how many of all pods that is, a percentage rounded down, as
// maxUnavailable of a Deployment is.
func (v IntOrPercent) Down(all int) int {
	if !v.Percent {
		return v.Number
	}
	return v.Number * all / 100
}

// String is the form that is read.
func (v IntOrPercent) String() string {
	if v.Percent {
		return strconv.Itoa(v.Number) + "%"
	}
	return strconv.Itoa(v.Number)
}

// Words is it before "pods": "10 % of its pods" or "2 of its pods".
func (v IntOrPercent) Words() string {
	if v.Percent {
		return strconv.Itoa(v.Number) + " %"
	}
	return strconv.Itoa(v.Number)
}

// MarshalYAML writes the form that is read: a number as a number.
func (v IntOrPercent) MarshalYAML() (any, error) {
	if v.Percent {
		return v.String(), nil
	}
	return v.Number, nil
}
