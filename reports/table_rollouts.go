package reports

import (
	"ipamsim/internal/words"
	"ipamsim/sim/result"
)

// rollouts shows how rolling updates went, if there were any.
func rollouts(p *printer, r *result.Result) {
	g := grid{fold: true, labels: 2, columns: []column{{head: "WHAT", left: true}, {head: "VARIANT", left: true}, {head: "AT"}, {head: "REPLACED"}, {head: "OF"}, {head: "TOOK"},
		{head: "EVICTIONS REFUSED"}, {head: "RESULT", left: true}}}
	most := 0
	for i := range r.Variants {
		most = max(most, len(r.Variants[i].Rollouts))
	}
	if most == 0 {
		return
	}
	for k := range most {
		label := ""
		for i := range r.Variants {
			v := &r.Variants[i]
			if k >= len(v.Rollouts) {
				continue
			}
			u := &v.Rollouts[k]
			what := map[string]string{"roll-nodes": "nodes of ", "roll-deployment": "pods of "}[u.Kind] + u.Of
			shown := what
			if what == label {
				shown = ""
			}
			label = what
			took, how := none, cell{"under way", warning}
			switch {
			case u.Failure != "":
				how = cell{u.Failure, bad}
			case u.TookSeconds != nil:
				took, how = moment(*u.TookSeconds), text("done")
			}
			refused := text("")
			if k == 0 {
				refused = telling(v.Pods.RefusedEvictions, warning)
			}
			g.add(text(shown), text(v.Name), text(moment(u.AtSeconds)), text(words.Count(u.Done)), text(words.Count(u.Total)), text(took), refused, how)
		}
	}
	p.heading("ROLLING UPDATES", "refused evictions: all of a run, by disruption budgets")
	if len(r.Variants) == 1 {
		g.dropColumn(1)
		g.labels = 1
	}
	g.write(p)
}
