package awssdk_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ipamsim/sim/awssdk"
)

func TestMetadataThatAnswersTakesNoTime(t *testing.T) {
	w, _ := newWorld(t, awssdk.DefaultOptions())
	m := awssdk.NewMetadata(w.kernel, w.account, w.instance, nil)
	w.process(func() {
		start := w.kernel.Now()
		identity, err := m.Identity()
		list, err2 := m.Interfaces()
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
			"macs":               func() error { _, err := m.Interfaces(); return err },
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

// What was read stays as it was, whatever is asked and changed later.
func TestAnAnswerOfMetadataIsTheReadersOwn(t *testing.T) {
	w, c := newWorld(t, awssdk.DefaultOptions())
	m := awssdk.NewMetadata(w.kernel, w.account, w.instance, nil)
	w.process(func() {
		primary, _ := w.account.Primary(w.instance)
		for range 2 {
			if _, err := c.AssignPrivateIPAddresses(primary.Interface, 3); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.AssignIPv4Prefixes(primary.Interface, 1); err != nil {
			t.Fatal(err)
		}
		w.kernel.Current().Sleep(time.Minute)
		first, _ := m.Interfaces()
		ips, prefixes := slices.Clone(first[0].PrivateIPs), slices.Clone(first[0].IPv4Prefixes)
		if err := c.UnassignPrivateIPAddresses(primary.Interface, ips[1:]); err != nil {
			t.Fatal(err)
		}
		w.kernel.Current().Sleep(time.Minute)
		second, _ := m.Interfaces()
		if len(ips) != 7 || len(second[0].PrivateIPs) != 1 || !slices.Equal(first[0].PrivateIPs, ips) || !slices.Equal(first[0].IPv4Prefixes, prefixes) {
			t.Errorf("%v became %v; then %v", ips, first[0].PrivateIPs, second[0].PrivateIPs)
		}
		_ = append(first[0].PrivateIPs, ips[0]) // no room that others use
		if len(first[0].PrivateIPs) != cap(first[0].PrivateIPs) {
			t.Error("an interface's list goes on into the next one's")
		}
	})
}
