package measure

// PhasesOf is where a pod's time went.
var PhasesOf = phasesOf
