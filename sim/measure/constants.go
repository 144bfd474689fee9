package measure

import "ipamsim/internal/source"

// Constants are the bounds of what is measured.
func Constants() []source.Constant {
	return []source.Constant{
		source.Number("leaked.after", LeakedAfter.Seconds(), "s", source.Assumption, "how long an interface of the VPC CNI is attached to nothing until it counts as leaked: longer than creating, attaching and deleting take"),
		source.Number("samples.most", samplesPerRun, "per run", source.Assumption, "of who holds which address, at least a second apart; extremes are exact whatever this is"),
	}
}
