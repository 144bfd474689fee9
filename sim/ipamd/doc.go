// Package ipamd is the logic of the Amazon VPC CNI's address daemon, as
// v1.23.1 has it, for IPv4 on network card 0.
//
// It is blocking code, written so that a reviewer can hold it beside the real
// daemon step by step: Init is nodeInit, RunPool is the pool manager's loop,
// AddNetwork and DelNetwork are what the CNI plugin calls. It knows no clock,
// no API client and no kernel: everything outside it is an interface of Host.
//
// What an engineer sees of the real daemon can be seen here: its log lines
// (Host.Log), its document of interfaces (Introspect) and its counters
// (Metrics). Nothing depends on them.
//
// Where the real daemon ranges over a Go map, and so leaves a choice to
// chance, this package asks a Picker.
package ipamd
