package scenarios
import ("testing";"path/filepath";"fmt")
func TestZZ(t *testing.T){
 files,_:=filepath.Glob("/tmp/bad/*.yaml")
 for _,p:=range files{ f,err:=LoadPath(p); fmt.Println("=====",filepath.Base(p)); fmt.Println(err); if f!=nil{for _,w:=range f.Warnings{fmt.Println("WARN",w)}}}
 _,err:=Open("helo"); fmt.Println(err)
 _,err=Open("x.yaml"); fmt.Println(err)
 f,_:=Open("latency-cliff")
 var s uint64=3; z:=0
 _,err=f.Variants(Options{Set:[]string{"a","nodeGroups.worker.count=3","nodeGroups.workers.count=x","nodeGroups.workers.cni.FOO=3","duration=5","vpc.cidrs=[","variants.x=1"},Variants:[]string{"prefix","default"},Seed:&s,Replications:&z}); fmt.Println(err)
 e,err:=f.Variants(Options{Set:[]string{"nodeGroups.workers.count=7","autoscaler=null"},Seed:&s}); fmt.Println(err)
 for _,x:=range e{fmt.Println(x.Name,x.Scenario.Seed,x.Scenario.NodeGroups[0].Count,x.Scenario.NodeGroups[0].CNI,x.Scenario.Autoscaler,x.Scenario.WarmUp)}
}
