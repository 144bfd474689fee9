package sensitivity

import (
	"fmt"
	"math"
	"strings"
	"time"

	"ipamsim/ec2model"
	"ipamsim/internal/portable"
	"ipamsim/scenarios"
)

// AttachLatency makes AttachNetworkInterface so many times as long, as --set takes it.
func AttachLatency(e *scenarios.EC2, by float64) []string {
	l := ec2model.DefaultProfile().Latency[ec2model.AttachNetworkInterface]
	if given, is := e.Latency[ec2model.AttachNetworkInterface.String()]; is {
		return []string{"ec2.latency.AttachNetworkInterface=" + scaledGiven(&given, by)}
	}
	return []string{"ec2.latency.AttachNetworkInterface=" + scaled(l, by)}
}

// MetadataLag makes changes show in instance metadata so many times as late, as
// --set takes it.
func MetadataLag(e *scenarios.EC2, by float64) []string {
	p := ec2model.DefaultProfile()
	if e.Metadata.Profile == "tail" {
		p.InterfaceLag = ec2model.TailInterfaceLag()
	}
	iface, addresses := scaled(p.InterfaceLag, by), scaled(p.AddressLag, by)
	if given := e.Metadata.Interface; given != nil {
		iface = scaledGiven(given, by)
	}
	if given := e.Metadata.Addresses; given != nil {
		addresses = scaledGiven(given, by)
	}
	return []string{"ec2.metadata.interface=" + iface, "ec2.metadata.addresses=" + addresses}
}

// scaled is a latency so many times as long, as the language has it.
func scaled(l ec2model.Latency, by float64) string {
	least, mean, most, sigma := l.Parts()
	switch {
	case sigma > 0 && most > 0:
		return fmt.Sprintf("{mean: %v, sigma: %v, max: %v}", times(mean, by), sigma, times(most, by))
	case sigma > 0:
		return fmt.Sprintf("{mean: %v, sigma: %v}", times(mean, by), sigma)
	case most > 0:
		return fmt.Sprintf("{min: %v, max: %v}", times(least, by), times(most, by))
	}
	return fmt.Sprintf("{constant: %v}", times(mean, by))
}

// scaledGiven is the same of one that the scenario gives.
func scaledGiven(l *scenarios.Latency, by float64) string {
	var parts []string
	add := func(key string, d *scenarios.Duration) {
		if d != nil {
			parts = append(parts, fmt.Sprintf("%s: %v", key, times(time.Duration(*d), by)))
		}
	}
	add("constant", l.Constant)
	add("mean", l.Mean)
	if l.Sigma != nil {
		parts = append(parts, fmt.Sprintf("sigma: %v", *l.Sigma))
	}
	add("min", l.Min)
	add("max", l.Max)
	return "{" + strings.Join(parts, ", ") + "}"
}

func times(d time.Duration, by float64) time.Duration {
	return portable.Microseconds(math.Round(float64(float64(d) * by / 1000)))
}
