package main

import (
	"context"
	"strconv"

	"github.com/aws/amazon-vpc-cni-k8s/pkg/apis/crd/v1alpha1"
	rcv1alpha1 "github.com/aws/amazon-vpc-resource-controller-k8s/apis/vpcresources/v1alpha1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/managedfields"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"ipamsim/validation"
)

// nodeName is the Node's; the daemon reads it from MY_NODE_NAME.
const nodeName = "node"

// cluster is an API server that answers at once, with the Node in it.
func cluster(stage *validation.Stage) (client.Client, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, v1alpha1.AddToScheme, rcv1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	objects := []client.Object{&corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: nodeName},
		Spec:       corev1.NodeSpec{ProviderID: "aws:///zone-a/" + stage.Instance()},
		Status: corev1.NodeStatus{Capacity: corev1.ResourceList{
			corev1.ResourcePods: resource.MustParse(strconv.Itoa(stage.Scenario().MaxPods)),
		}},
	}}
	if subnet := stage.Scenario().ENIConfig; subnet > 0 {
		objects[0].SetLabels(map[string]string{"k8s.amazonaws.com/eniConfig": "pods"})
		objects = append(objects, &v1alpha1.ENIConfig{
			ObjectMeta: metav1.ObjectMeta{Name: "pods"},
			Spec:       v1alpha1.ENIConfigSpec{Subnet: stage.Subnets()[subnet], SecurityGroups: []string{stage.Account().SecurityGroupID()}},
		})
	}
	// Without converters of its own it parses the types of all of Kubernetes, half of
	// what a process takes to start; they are for server-side apply, which nobody asks for.
	deduced := managedfields.NewDeducedTypeConverter()
	return fake.NewClientBuilder().WithScheme(scheme).WithTypeConverters(deduced).WithObjects(objects...).Build(), nil
}

// unschedulable is the taint of a cordoned Node.
var unschedulable = corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule}

// cordon makes the Node what the stage says.
func (n *node) cordon() error {
	ctx := context.Background()
	var object corev1.Node
	if err := n.kube.Get(ctx, client.ObjectKey{Name: nodeName}, &object); err != nil {
		return err
	}
	object.Spec.Unschedulable, object.Spec.Taints = n.stage.Cordoned(), nil
	if n.stage.Cordoned() {
		object.Spec.Taints = []corev1.Taint{unschedulable}
	}
	return n.kube.Update(ctx, &object)
}
