package calibration

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ipamsim/internal/words"
)

// profile writes what was fitted, each value with what it was fitted to.
func profile(r *Report) []byte {
	var b strings.Builder
	b.WriteString("# Measured, by ipamsim calibrate. A scenario takes it with\n#   profile: this-file.yaml\n# and what it says itself comes first. Intervals have the truth in 95 of 100 cases.\n")
	b.WriteString("apiVersion: ipamsim/v1\nkind: Profile\nmetadata:\n  source: " + words.Plural(len(r.Files), "file") + ", by ipamsim calibrate\n")
	var ec2 strings.Builder
	section(&ec2, "  latency:\n", r, "ec2.latency.", "    ")
	buckets(&ec2, r)
	section(&ec2, "  metadata:\n", r, "ec2.metadata.", "    ")
	background(&ec2, r)
	section(&ec2, "", r, "ec2.", "  ")
	if ec2.Len() > 0 {
		b.WriteString("ec2:\n" + ec2.String())
	}
	section(&b, "launch:\n", r, "launch.", "  ")
	images(&b, r)
	if len(r.Left) > 0 {
		b.WriteString("# Not fitted, and left to the scenario and the model:\n")
		for _, l := range r.Left {
			fmt.Fprintf(&b, "# - %s: %s\n", l.Key, l.Why)
		}
	}
	return []byte(b.String())
}

// section writes the latencies of a mapping.
func section(b *strings.Builder, head string, r *Report, prefix, indent string) {
	for i := range r.Latencies {
		l := &r.Latencies[i]
		name, ok := strings.CutPrefix(l.Key, prefix)
		if !ok || strings.Contains(name, ".") {
			continue
		}
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "%s# %s, %s in %s: mean %s, sigma %s", indent, l.Source, words.Plural(l.Draws, "duration"), words.Plural(l.Observations, "observation"), span(l.MeanSeconds, written), span(l.Sigma, figure))
		if l.Poor {
			fmt.Fprintf(b, "\n%s# a poor fit: distance %s, where %s is exceeded in 5 of 100 cases", indent, figure(l.Distance), figure(l.Critical))
		}
		fmt.Fprintf(b, "\n%s%s: {mean: %s, sigma: %s, max: %s}\n", indent, name, written(l.MeanSeconds.Value), figure(l.Sigma.Value), written(l.MaxSeconds))
	}
}

// images are of workloads, which a profile has not: they stand in it to be copied.
func images(b *strings.Builder, r *Report) {
	head := "# Of images. A profile has no workloads: to copy into those of a scenario that run them.\n"
	for i := range r.Latencies {
		l := &r.Latencies[i]
		image, ok := strings.CutPrefix(l.Key, imagePrefix)
		if !ok {
			continue
		}
		fmt.Fprintf(b, "%s# - %s, %s: mean %s, sigma %s\n#   imagePull: {mean: %s, sigma: %s, max: %s}\n", head, image, words.Plural(l.Draws, "pull"), span(l.MeanSeconds, written), span(l.Sigma, figure),
			written(l.MeanSeconds.Value), figure(l.Sigma.Value), written(l.MaxSeconds))
		head = ""
	}
}

func buckets(b *strings.Builder, r *Report) {
	head := "  throttle:\n"
	for i := range r.Buckets {
		k := &r.Buckets[i]
		if !k.InProfile {
			continue
		}
		b.WriteString(head)
		head = ""
		burst := "burst " + span(k.Burst, figure)
		if k.BurstIsUsual {
			burst = "burst at least " + figure(k.Burst.Low) + " and not known: the model's"
		}
		fmt.Fprintf(b, "    # CloudTrail, %s passed, %s refused: refill %s, %s\n    %s: {burst: %s, refillPerSecond: %s}\n",
			words.Count(k.Passed), words.Count(k.Refused), span(k.Refill, figure), burst, k.Action, figure(k.Burst.Value), figure(k.Refill.Value))
	}
}

func background(b *strings.Builder, r *Report) {
	head := "  background:\n"
	for _, k := range r.Background {
		b.WriteString(head)
		head = ""
		fmt.Fprintf(b, "    # CloudTrail, %s of others in %s: %s a second%s\n    - {action: %s, rate: %s}\n",
			words.Plural(k.Calls, "call"), written(k.Seconds), span(k.Rate, figure), strings.TrimSuffix("; "+k.Note, "; "), k.Action, figure(k.Rate.Value))
	}
}

// span is an interval in words.
func span(i Interval, write func(float64) string) string {
	if i.High == nil {
		return "at least " + write(i.Low)
	}
	return write(i.Low) + " to " + write(*i.High)
}

// figure writes a number as people do.
func figure(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// written writes seconds as the language does.
func written(seconds float64) string {
	d := time.Duration(seconds * 1e9)
	switch {
	case d < time.Second:
		d = d.Round(time.Microsecond)
	case d < time.Minute:
		d = d.Round(time.Millisecond)
	default:
		d = d.Round(time.Second)
	}
	text := d.String()
	text = strings.Replace(text, "m0s", "m", 1)
	return strings.Replace(text, "h0m", "h", 1)
}
