package clusterimport

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"ipamsim/internal/input"
	"ipamsim/internal/words"
	"ipamsim/scenarios"
	"ipamsim/scenarios/awsnode"
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

// readSettings are those of a document; none where it says nothing of aws-node.
func readSettings(text []byte) (*settings, error) {
	s := newSettings()
	read, err := awsnode.Read(text, func(name string) bool {
		return slices.ContainsFunc(scenarios.CNIVariables, func(v scenarios.CNIVariable) bool { return v.Name == name })
	})
	var wrong *input.Error
	switch {
	case errors.As(err, &wrong):
		return nil, &input.Error{Message: wrong.Message} // its place is one in the document alone
	case err != nil:
		return nil, err
	case read == nil:
		return s, nil
	}
	s.version = read.Version
	for _, v := range read.Variables {
		s.put(v.Name, v.Value)
	}
	s.without = slices.DeleteFunc(slices.Clone(read.Elsewhere), func(name string) bool { return name == "MY_NODE_NAME" || name == "MY_POD_NAME" })
	return s, nil
}

// awsNode takes the settings of the DaemonSet aws-node.
func (f *file) awsNode(text []byte, daemon *controller) error {
	s, err := readSettings(text)
	if err != nil {
		return err
	}
	if d := daemon.Status; d.UpdatedNumberScheduled < d.DesiredNumberScheduled && d.UpdatedNumberScheduled > 0 {
		s.rolling = fmt.Sprintf("%d of %d pods of aws-node are of the present template", d.UpdatedNumberScheduled, d.DesiredNumberScheduled)
	}
	f.settings = s
	f.took = append(f.took, "the settings of aws-node "+s.version)
	return nil
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
	s, err := readSettings(text)
	if err != nil {
		return err
	}
	s.version = x.AddonVersion
	f.addOn = s
	f.took = append(f.took, "the settings of the add-on vpc-cni "+s.version)
	return nil
}

// configuration takes an add-on's configurationValues or the values of the Helm
// chart, which have the environment as a map.
func (f *file) configuration(text []byte) error {
	s, err := readSettings(text)
	if err != nil {
		return err
	}
	if len(s.env) == 0 {
		return &unknownError{&input.Error{Message: "an env in which no variable is one of aws-node's; " + commandHint}}
	}
	f.takenFor = "configuration of the VPC CNI, of its add-on or chart"
	f.addOn = s
	f.took = append(f.took, words.Plural(len(s.env), "variable")+" of aws-node")
	return nil
}

// release is the release that the language knows which is nearest to a version,
// and what to say of it.
func release(tag string) (known, why string) {
	switch best, exact := ipamd.NearestRelease(tag); {
	case best == "":
		return ipamd.Releases()[0], "the version of the VPC CNI is not known"
	case exact:
		return best, ""
	default:
		return best, nearest(tag, best)
	}
}

func nearest(tag, best string) string {
	return "the cluster has the VPC CNI " + words.Printable(tag) + ", and " + best + " is the nearest that is modelled"
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
