package scrape

import (
	"context"

	"ipamsim/sim/fleet"
)

// From scrapes a fleet that the test looks at afterwards.
func From(ctx context.Context, w *fleet.Fleet, o Options) (*Scrapes, error) {
	return from(ctx, w, "test", o)
}
