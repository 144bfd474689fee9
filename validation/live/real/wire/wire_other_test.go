//go:build !linux

package wire

import (
	"testing"

	"ipamsim/validation/live"
)

func TestTheRealBinaryLivesInTheServedAccount(t *testing.T) { t.Skip(live.Missing()) }
