package queryapi

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"ipamsim/ec2model"
)

// template is a launch template, of one version.
type template struct {
	id, name string
	launch   launch
	shape    types.LaunchTemplate
}

// The bounds of an account: our own.
const (
	mostTemplates = 5000 // EC2's quota per Region
	mostConfigs   = 50   // of a fleet request
	mostOverrides = 300  // of one of them
)

func createLaunchTemplate(s *Service, p *param) send {
	name := p.need("LaunchTemplateName")
	l := p.part("LaunchTemplateData").launch(launch{options: usualOptions})
	tags := p.newTags("launch-template")
	p.pass("ClientToken", "VersionDescription")
	check := func() *ec2model.Error {
		switch {
		case s.templateNamed(name) != nil:
			return ec2model.NewError("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
		case len(s.templates) >= mostTemplates:
			return ec2model.NewError("LaunchTemplateLimitExceeded", "The maximum number of launch templates was reached")
		}
		return nil
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.Ask(caller, ec2model.CreateLaunchTemplate, false, check, func(err error) {
			var b body
			if err == nil {
				b.add("launchTemplate", s.newTemplate(name, string(caller), l, tags).shape)
			}
			done(&b, err)
		})
	}
}

func (s *Service) newTemplate(name, by string, l launch, tags []types.Tag) *template {
	s.lastLaunch++
	t := &template{id: fmt.Sprintf("lt-%017x", s.lastLaunch), name: name, launch: l}
	t.shape = types.LaunchTemplate{
		LaunchTemplateId: &t.id, LaunchTemplateName: &t.name, CreateTime: new(s.date(s.clock.Now())), Tags: tags,
		CreatedBy: new("arn:aws:iam::" + s.options.Owner + ":user/" + by), DefaultVersionNumber: new(int64(1)), LatestVersionNumber: new(int64(1)),
	}
	s.templates[t.id] = t
	return t
}

func (s *Service) templateNamed(name string) *template {
	for _, id := range slices.Sorted(maps.Keys(s.templates)) {
		if s.templates[id].name == name {
			return s.templates[id]
		}
	}
	return nil
}

// template is the one of an ID or, without it, of a name.
func (s *Service) template(id, name string) (*template, *ec2model.Error) {
	if id != "" {
		if t := s.templates[id]; t != nil {
			return t, nil
		}
		return nil, ec2model.NewError("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID "+shortened(id)+", does not exist.")
	}
	if t := s.templateNamed(name); t != nil {
		return t, nil
	}
	return nil, ec2model.NewError("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name "+shortened(name)+", does not exist.")
}

// templateNames are the ID and the name that a request has, one of which it needs.
func (p *param) templateNames() (id, name string) {
	if id, name = p.text("LaunchTemplateId"), p.text("LaunchTemplateName"); id == "" && name == "" {
		p.fault.report(codeMissingParameter, "Either the launch template name or the launch template ID must be specified")
	}
	return id, name
}

// templateOf is what the template says that a request names.
func (s *Service) templateOf(p *param) launch {
	id, name := p.templateNames()
	version := p.text("Version")
	t, err := s.template(id, name)
	switch {
	case err != nil:
		p.fault.report(err.Code, "%s", err.Message) // unless a name is missing, which was reported
	case !slices.Contains([]string{"", "1", "$Default", "$Latest"}, version):
		p.fault.report("InvalidLaunchTemplateId.VersionNotFound", "Could not find the specified version %s for the launch template with ID %s.", shortened(version), t.id)
	default:
		return t.launch
	}
	return launch{options: usualOptions}
}

var launchTemplates = &describing[*template]{
	action: ec2model.DescribeLaunchTemplates, set: "launchTemplates", ids: "LaunchTemplateId", least: 1, most: 200,
	now: func(s *Service, ids []string) (list []*template, err error) {
		if len(ids) == 0 {
			ids = slices.Sorted(maps.Keys(s.templates))
		}
		for _, id := range ids {
			t, err := s.template(id, "")
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		return list, nil
	},
	key:  func(t *template) string { return t.id },
	tags: func(t *template) []types.Tag { return t.shape.Tags },
	values: map[string]func(*Service, *template) []string{
		"launch-template-name": func(_ *Service, t *template) []string { return []string{t.name} },
	},
	add: func(_ *Service, b *body, set string, list []*template) {
		shapes := make([]types.LaunchTemplate, len(list))
		for i := range list {
			shapes[i] = list[i].shape
		}
		b.add(set, shapes)
	},
}

func describeLaunchTemplates(s *Service, p *param) send {
	names := p.texts("LaunchTemplateName")
	if len(names) == 0 {
		return describe(s, p, launchTemplates)
	}
	byName := *launchTemplates
	byName.now = func(s *Service, _ []string) (list []*template, err error) {
		for _, name := range names {
			t, err := s.template("", name)
			if err != nil {
				return nil, err
			}
			list = append(list, t)
		}
		return list, nil
	}
	byName.always = true
	return describe(s, p, &byName)
}

func deleteLaunchTemplate(s *Service, p *param) send {
	id, name := p.templateNames()
	check := func() *ec2model.Error {
		_, err := s.template(id, name)
		return err
	}
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.Ask(caller, ec2model.DeleteLaunchTemplate, false, check, func(err error) {
			var b body
			if err == nil {
				t, _ := s.template(id, name)
				delete(s.templates, t.id)
				b.add("launchTemplate", t.shape)
			}
			done(&b, err)
		})
	}
}

// createFleet reads an instant fleet, as Karpenter asks for.
func createFleet(s *Service, p *param) send {
	if kind := p.oneOf("Type", "maintain", "instant", "request"); kind != "instant" {
		p.fault.report(ec2model.CodeUnsupportedOperation, "the modelled EC2 has fleets of type instant only")
	}
	target := p.part("TargetCapacitySpecification")
	target.need("TotalTargetCapacity")
	in := ec2model.CreateFleetInput{
		Count: target.number("TotalTargetCapacity", 1, mostInstances, 1), Spot: target.oneOf("DefaultTargetCapacityType", "on-demand", "spot") == "spot",
	}
	target.pass("OnDemandTargetCapacity", "SpotTargetCapacity", "TargetCapacityUnitType")
	pools, l := s.pools(p)
	in.Pools, in.Tags, in.Keep = pools, l.tags, l.keep
	if tags := p.newTags("instance", launchable...); len(tags) > 0 {
		in.Tags = tags
	}
	p.pass("ClientToken", "Context", "ExcessCapacityTerminationPolicy", "OnDemandOptions", "ReplaceUnhealthyInstances", "SpotOptions")
	return func(caller ec2model.Caller, done func(*body, error)) {
		s.account.CreateFleet(caller, in, func(out ec2model.CreateFleetOutput, err error) {
			var b body
			if err == nil {
				s.launched(out.InstanceIDs, l)
				s.fleetAnswer(&b, in, out)
			}
			done(&b, err)
		})
	}
}

// pools are the combinations of types and subnets of a fleet, and what the first
// of its templates says besides.
func (s *Service) pools(p *param) (pools []ec2model.Pool, first launch) {
	first.options = usualOptions
	configs := p.items("LaunchTemplateConfigs")
	if len(configs) == 0 || len(configs) > mostConfigs {
		p.fault.report(codeInvalidParameterValue, "A fleet has from 1 to %d launch template configurations", mostConfigs)
		return nil, first
	}
	for i, c := range configs {
		l := s.templateOf(c.part("LaunchTemplateSpecification"))
		if i == 0 {
			first = l
		}
		overrides := c.items("Overrides")
		if len(overrides) == 0 {
			pools = append(pools, ec2model.Pool{InstanceType: l.kind, SubnetID: l.subnet})
		}
		if len(overrides) > mostOverrides {
			p.fault.report(codeInvalidParameterValue, "A launch template configuration has up to %d overrides", mostOverrides)
			return nil, first
		}
		for _, o := range overrides {
			pools = append(pools, ec2model.Pool{InstanceType: or(o.text("InstanceType"), l.kind), SubnetID: or(o.text("SubnetId"), l.subnet)})
			o.pass("AvailabilityZone", "ImageId", "MaxPrice", "Placement", "Priority", "WeightedCapacity")
		}
	}
	for _, pool := range pools {
		if _, ok := s.account.Types().Limits(pool.InstanceType); !ok {
			p.fault.report(codeInvalidParameterValue, "Invalid value '%s' for InstanceType.", shortened(pool.InstanceType))
		}
		if pool.SubnetID == "" {
			p.fault.report(codeMissingParameter, "The request must contain the parameter SubnetId")
		}
	}
	return pools, first
}

// fleetAnswer is what a fleet has launched, a set for each pool, and why it has
// not launched more.
func (s *Service) fleetAnswer(b *body, in ec2model.CreateFleetInput, out ec2model.CreateFleetOutput) {
	s.fleets++
	b.add("fleetId", fmt.Sprintf("fleet-%08x-0000-4000-8000-%012x", s.fleets, s.fleets))
	lifecycle := types.InstanceLifecycleOnDemand
	if in.Spot {
		lifecycle = types.InstanceLifecycleSpot
	}
	errors := []types.CreateFleetError{}
	for _, e := range out.Errors {
		errors = append(errors, types.CreateFleetError{
			ErrorCode: &e.Err.Code, ErrorMessage: &e.Err.Message, Lifecycle: lifecycle, LaunchTemplateAndOverrides: overridesOf(e.Pool),
		})
	}
	b.add("errorSet", errors)
	sets := []types.CreateFleetInstance{}
	for _, id := range out.InstanceIDs {
		list, _ := s.account.InstancesNow([]string{id})
		pool := ec2model.Pool{InstanceType: string(list[0].InstanceType), SubnetID: *list[0].SubnetId}
		at := slices.IndexFunc(sets, func(c types.CreateFleetInstance) bool {
			return *c.LaunchTemplateAndOverrides.Overrides.SubnetId == pool.SubnetID && string(c.InstanceType) == pool.InstanceType
		})
		if at < 0 {
			at = len(sets)
			sets = append(sets, types.CreateFleetInstance{InstanceType: types.InstanceType(pool.InstanceType), Lifecycle: lifecycle, LaunchTemplateAndOverrides: overridesOf(pool)})
		}
		sets[at].InstanceIds = append(sets[at].InstanceIds, id)
	}
	b.add("fleetInstanceSet", sets)
}

func overridesOf(p ec2model.Pool) *types.LaunchTemplateAndOverridesResponse {
	return &types.LaunchTemplateAndOverridesResponse{Overrides: &types.FleetLaunchTemplateOverrides{InstanceType: types.InstanceType(p.InstanceType), SubnetId: &p.SubnetID}}
}
