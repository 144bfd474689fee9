package clusterimport

// LessDetail makes an import count pods, or all addresses of nodes, although it
// could name them.
func LessDetail(o Options, pods, all bool) Options {
	switch {
	case all:
		o.least = allCount
	case pods:
		o.least = podsCount
	}
	return o
}
