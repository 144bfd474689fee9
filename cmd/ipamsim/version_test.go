package main

import (
	"runtime/debug"
	"testing"
)

func TestVersionIsTheModulesOrElseTheCommit(t *testing.T) {
	built := func(version string, settings ...string) *debug.BuildInfo {
		info := &debug.BuildInfo{Main: debug.Module{Version: version}}
		for i := 0; i < len(settings); i += 2 {
			info.Settings = append(info.Settings, debug.BuildSetting{Key: settings[i], Value: settings[i+1]})
		}
		return info
	}
	const commit = "0123456789abcdef0123456789abcdef01234567"
	for _, test := range []struct {
		info          *debug.BuildInfo
		version, line string // the line without Go and platform
	}{
		{built(""), "devel", "devel"},
		{built("(devel)"), "devel", "devel"},
		{built("(devel)", "vcs.revision", commit, "vcs.modified", "false"), "0123456789ab", "0123456789ab"},
		{built("", "vcs.revision", commit, "vcs.modified", "true"), "0123456789ab+", "0123456789ab+"},
		{built("v1.2.3", "vcs.revision", commit, "vcs.modified", "true"), "v1.2.3", "v1.2.3 (commit 0123456789ab, modified)"},
	} {
		b := describeBuild(test.info)
		if want := test.line + " " + b.Go + " " + b.Platform; b.Version != test.version || b.String() != want {
			t.Errorf("got %s, %q; want %s, %q", b.Version, b, test.version, want)
		}
	}
}
