package ec2model_test

import (
	"testing"
	"time"
)

// A launch template may say that the first interface stays.
func TestAFirstInterfaceThatIsKeptStaysWithItsAddress(t *testing.T) {
	w := newWorld(t, 1, oneSubnet("10.0.0.0/24"))
	kept, goes := w.launch("m5.large", "a"), w.launch("m5.large", "a")
	first := w.primary(kept)
	if err := w.Keep(kept); err != nil {
		t.Fatal(err)
	}
	before, _ := w.Subnet("a")
	for _, id := range []string{kept, goes} {
		if err := w.Terminate(id); err != nil {
			t.Fatal(err)
		}
	}
	w.sleep(time.Minute) // both have shut down, the last one less than half a minute ago
	if e, ok := w.Interface(first); !ok || e.Attachment != nil || e.Status != "available" {
		t.Errorf("%+v, %v", e, ok)
	}
	if after, _ := w.Subnet("a"); after.Free != before.Free+1 {
		t.Errorf("%d addresses came back, want the other instance's", after.Free-before.Free)
	}
	if n := w.Kept(time.Minute); n != 0 {
		t.Errorf("%d are kept for a minute already", n)
	}
	w.sleep(2 * time.Minute)
	if n, leaked := w.Kept(time.Minute), w.Abandoned("any", time.Minute); n != 1 || leaked != 0 {
		t.Errorf("%d kept and %d leaked, want 1 and 0", n, leaked)
	}
	if err := w.Keep(kept); err == nil {
		t.Error("an instance that is gone keeps an interface")
	}
}
