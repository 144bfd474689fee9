package oracle

import (
	"flag"
	"io"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) {
	// A file of random bytes would reproduce a sequence and not what the real
	// datastore picked. The seed does as much.
	_ = flag.Set("rapid.nofailfile", "true")
	logrus.SetOutput(io.Discard) // where the real one complains of IP_COOLDOWN_PERIOD
	os.Exit(m.Run())
}

// Once a sequence has failed, each is played this often while it is shrunk:
// the failure may hang on what the real datastore picks.
const replays = 30

// fullRun is how many sequences must have met everything that is required.
const fullRun = 10_000

func TestBookAgreesWithTheRealDatastore(t *testing.T) {
	tries, played, counts := 1, 0, tally{}
	var shortest *divergence
	defer func() {
		if shortest != nil {
			t.Log(shortest)
		}
	}()
	rapid.Check(t, func(r *rapid.T) {
		s := sequences().Draw(r, "sequence")
		for range tries {
			if d := play(t, &s, s.cooldown, counts); d != nil {
				if tries = replays; shortest == nil || len(d.transcript) <= len(shortest.transcript) {
					shortest = d
				}
				r.Fatal("the books differ") // the same text for all, or rapid would not shrink
			}
		}
		played++
	})
	t.Logf("%d sequences agree; after each operation all that can be seen was compared:\n%v", played, counts)
	if missing := counts.missing(); played >= fullRun && len(missing) > 0 {
		t.Errorf("never met: %q", missing)
	}
}

// The comparison must be able to fail.
func TestOracleNoticesACooldownOneSecondLonger(t *testing.T) {
	const most = 1000
	for seed := range most {
		s := sequences().Example(seed)
		if d := play(t, &s, strconv.Itoa(int(period(s.cooldown)/time.Second)+1), tally{}); d != nil {
			t.Logf("noticed in sequence %d: %q", seed+1, d.what)
			return
		}
	}
	t.Errorf("not noticed in %d sequences", most)
}
