// Package controller is one of kube-controller-manager's controllers as its
// client sees it: which requests it sends, in which order, and when.
//
// Each controller has a clientset of its own (cmd/kube-controller-manager/app),
// and a clientset one bucket for all that it sends (kubernetes.NewForConfig):
// pods that it creates, deletes or patches, updates of status, and events. So
// what is written about pods holds up the pods that are still to be made. What
// it reads comes from informers, which take no tokens.
//
// A Controller has a queue of objects and a few workers. A worker takes an
// object up, sends what its sync asks for, batch by batch, and lets go when all
// of that is answered. An object that changes meanwhile comes to the end of the
// queue then: changes of one object coalesce while it waits and while a worker
// is at it.
//
// Without a limit nobody needs any of this: see Controller.Unlimited.
package controller
