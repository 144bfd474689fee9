package awssdk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/awssdk"
	"ipamsim/sim/ipamd"
)

func TestMetadataThatAnswersTakesNoTime(t *testing.T) {
	w, _ := newWorld(t, awssdk.DefaultOptions())
	m := awssdk.NewMetadata(w.kernel, w.account, w.instance, nil)
	w.process(func() {
		start := w.kernel.Now()
		identity, err := m.Identity()
		list, err2 := sweep(m)
		groups, err3 := m.SecurityGroups()
		blocks, err4 := m.VPCCIDRs()
		if err := errors.Join(err, err2, err3, err4); err != nil || w.kernel.Now() != start {
			t.Errorf("error %v after %v", err, w.kernel.Now()-start)
		}
		if identity.InstanceID != w.instance || len(list) != 1 || list[0].ID != identity.PrimaryENI || !list[0].Primary || len(groups) != 1 || len(blocks) != 1 {
			t.Errorf("%+v, %+v, %v, %v", identity, list, groups, blocks)
		}
		if !m.Settled() {
			t.Error("a change is to come")
		}
	})
}

// A read of a silent service is three connections of 250 ms, 1 s apart; the
// read of an ADD fails at once.
func TestAReadOfASilentServiceFailsAfterItsTries(t *testing.T) {
	w, _ := newWorld(t, awssdk.DefaultOptions())
	down := true
	m := awssdk.NewMetadata(w.kernel, w.account, w.instance, func() bool { return down })
	w.process(func() {
		for name, read := range map[string]func() error{
			"document":           func() error { _, err := m.Identity(); return err },
			"macs":               func() error { _, err := sweep(m); return err },
			"security-group-ids": func() error { _, err := m.SecurityGroups(); return err },
		} {
			start := w.kernel.Now()
			err := read()
			if took := w.kernel.Now() - start; took != 3*250*time.Millisecond+2*time.Second || !errors.Is(err, awssdk.ErrSilent) || !strings.Contains(err.Error(), name) {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		}
		start := w.kernel.Now()
		if _, err := m.VPCCIDRs(); !errors.Is(err, awssdk.ErrSilent) || w.kernel.Now() != start {
			t.Errorf("an ADD's read: %v after %v", err, w.kernel.Now()-start)
		}
		if m.Settled() {
			t.Error("nothing is to come from a service that will answer")
		}
		w.kernel.After(300*time.Millisecond, func() { down = false })
		start = w.kernel.Now()
		if _, err := m.Identity(); err != nil || w.kernel.Now()-start != 1250*time.Millisecond {
			t.Errorf("the second try: %v after %v", err, w.kernel.Now()-start)
		}
	})
}

// sweep reads all interfaces.
func sweep(m *awssdk.Metadata) (list []ipamd.Interface, err error) {
	err = m.Interfaces(func(i ipamd.Interface) { list = append(list, i) })
	return list, err
}
