package clusterimport

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/sim/ipamd"
)

// settings are those of the container aws-node, as far as the language knows the
// variables. Values of others are not kept.
type settings struct {
	version string // of the image, or nothing
	env     map[string]string
	unknown []string // variables by name that the language does not know
	without []string // variables whose value is elsewhere
	rolling string   // what says that a roll-out is under way
}

func newSettings() *settings { return &settings{env: map[string]string{}} }

// put enters a variable.
func (s *settings) put(name, value string) {
	if slices.ContainsFunc(scenarios.CNIVariables, func(v scenarios.CNIVariable) bool { return v.Name == name }) {
		s.env[name] = value
	} else {
		s.unknown = append(s.unknown, words.Printable(name))
	}
}

// awsNode takes the settings of the DaemonSet aws-node: of the container of that
// name alone, since the others have variables of the same names.
func (f *file) awsNode(p *passage, from int64, text []byte, daemon *controller) error {
	var x struct {
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						Name, Image string
						Env         []struct {
							Name      string
							Value     *string
							ValueFrom *skipped
						}
						EnvFrom []skipped
					}
				}
			}
		}
	}
	if err := decodeKube(p, from, text, &x); err != nil {
		return err
	}
	for _, c := range x.Spec.Template.Spec.Containers {
		if c.Name != "aws-node" {
			continue
		}
		s := newSettings()
		s.version = tagOfImage(c.Image)
		for _, e := range c.Env {
			switch {
			case e.ValueFrom != nil:
				if e.Name != "MY_NODE_NAME" && e.Name != "MY_POD_NAME" {
					s.without = append(s.without, words.Printable(e.Name))
				}
			case e.Value == nil:
				s.put(e.Name, "")
			default:
				s.put(e.Name, *e.Value)
			}
		}
		if len(c.EnvFrom) > 0 {
			s.without = append(s.without, "those of envFrom")
		}
		if d := daemon.Status; d.UpdatedNumberScheduled < d.DesiredNumberScheduled && d.UpdatedNumberScheduled > 0 {
			s.rolling = fmt.Sprintf("%d of %d pods of aws-node are of the present template", d.UpdatedNumberScheduled, d.DesiredNumberScheduled)
		}
		f.settings = s
		f.took = append(f.took, "the settings of aws-node "+s.version)
		return nil
	}
	return &input.Error{Message: "the DaemonSet aws-node has no container aws-node"}
}

// tagOfImage is the tag of an image's name.
func tagOfImage(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		return image[i+1:]
	}
	return ""
}

// addon takes what aws eks describe-addon prints.
func (f *file) addon(text []byte) error {
	var x struct{ AddonName, AddonVersion, ConfigurationValues string }
	if err := decode(nil, 0, text, &x); err != nil {
		return err
	}
	f.takenFor = "aws eks describe-addon, of " + words.Printable(x.AddonName)
	if x.AddonName != "vpc-cni" {
		f.note = "nothing is taken from it: the add-on vpc-cni has the settings of aws-node"
		return nil
	}
	s := newSettings()
	s.version = x.AddonVersion
	values, err := plainYAML([]byte(x.ConfigurationValues))
	if err != nil {
		return &input.Error{Message: "configurationValues: " + err.Error()}
	}
	s.take(values)
	f.addOn = s
	f.took = append(f.took, "the settings of the add-on vpc-cni "+s.version)
	return nil
}

// configuration takes an add-on's configurationValues or the values of the Helm
// chart, which have the environment as a map.
func (f *file) configuration(text []byte) error {
	var values map[string]any
	if err := json.Unmarshal(text, &values); err != nil {
		return &input.Error{Message: err.Error()}
	}
	s := newSettings()
	s.take(values)
	if len(s.env) == 0 {
		return &unknownError{&input.Error{Message: "an env in which no variable is one of aws-node's; " + commandHint}}
	}
	f.takenFor = "configuration of the VPC CNI, of its add-on or chart"
	if image, ok := values["image"].(map[string]any); ok {
		s.version = textOf(image["tag"])
	}
	f.addOn = s
	f.took = append(f.took, words.Plural(len(s.env), "variable")+" of aws-node")
	return nil
}

func (s *settings) take(values map[string]any) {
	env, _ := values["env"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(env)) {
		s.put(name, textOf(env[name]))
	}
}

// textOf is a value as the environment has it.
func textOf(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

var version = regexp.MustCompile(`^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?`)

// release is the release that the language knows which is nearest to a version,
// and what to say of it.
func release(tag string) (known, why string) {
	releases := ipamd.Releases()
	m := version.FindStringSubmatch(tag)
	if m == nil {
		return releases[0], "the version of the VPC CNI is not known"
	}
	at := ordinal(m)
	best, least := "", 0
	today := version.FindStringSubmatch(releases[0])
	for _, r := range releases { // the newest first: of two that are as near it wins
		its := version.FindStringSubmatch(r)
		d := ordinal(its) - at
		if d > 0 && its[1] == m[1] && its[2] == m[2] && (m[1] != today[1] || m[2] != today[2]) && least > 0 {
			return r, nearest(tag, r) // an old profile is of the last patch that it stands for
		}
		if d = max(d, -d); best == "" || d < least {
			best, least = r, d
		}
	}
	if least > 0 {
		return best, nearest(tag, best)
	}
	return best, ""
}

func nearest(tag, best string) string {
	return "the cluster has the VPC CNI " + words.Printable(tag) + ", and " + best + " is the nearest that is modelled"
}

// ordinal orders versions of the VPC CNI, all of which are v1.
func ordinal(m []string) int {
	n := 0
	for _, part := range m[1:] {
		k, _ := strconv.Atoi(part)
		n = n*10_000 + k
	}
	return n
}

// environment is what a group's cni has to say: what is set, and where nothing
// is set but the shipped manifest would, the daemon's own default.
func (s *settings) environment() map[string]string {
	env := map[string]string{}
	for name, value := range s.env { // any order: a map is filled
		v := variable(name)
		if v.Modelled || v.Addresses && !strings.EqualFold(value, v.Default) {
			env[name] = value
		}
	}
	for name := range (&scenarios.NodeGroup{}).Environment() { // any order: a map is filled
		if _, set := s.env[name]; !set {
			env[name] = variable(name).Default
		}
	}
	return env
}

func variable(name string) scenarios.CNIVariable {
	i := slices.IndexFunc(scenarios.CNIVariables, func(v scenarios.CNIVariable) bool { return v.Name == name })
	return scenarios.CNIVariables[i]
}
