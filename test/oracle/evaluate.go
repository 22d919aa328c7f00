package main

import (
	"errors"
	"slices"

	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
)

type request struct {
	User              *string  `json:"user"`
	Groups            []string `json:"groups"`
	Verb              string   `json:"verb"`
	Namespace         string   `json:"namespace"`
	APIGroup          string   `json:"apiGroup"`
	APIVersion        string   `json:"apiVersion"`
	Resource          string   `json:"resource"`
	Subresource       string   `json:"subresource"`
	Name              string   `json:"name"`
	Path              string   `json:"path"`
	IsResourceRequest bool     `json:"isResourceRequest"`
}

func (r *request) attributes() authorizer.Attributes {
	attributes := authorizer.AttributesRecord{
		Verb: r.Verb, Namespace: r.Namespace, APIGroup: r.APIGroup, APIVersion: r.APIVersion, Resource: r.Resource,
		Subresource: r.Subresource, Name: r.Name, Path: r.Path, ResourceRequest: r.IsResourceRequest,
	}
	if r.User != nil {
		attributes.User = &user.DefaultInfo{Name: *r.User, Groups: r.Groups}
	}
	return attributes
}

type decision struct {
	Rule              int      `json:"rule"`
	Level             string   `json:"level"`
	OmitStages        []string `json:"omitStages"`
	OmitManagedFields bool     `json:"omitManagedFields"`
}

func answerEvaluate(asked question) (any, error) {
	if asked.Request == nil {
		return nil, errors.New("kind evaluate needs a request")
	}
	typed, err := readPolicy(asked.Policy)
	if err != nil {
		return nil, err
	}
	internal, err := toInternal(typed)
	if err != nil {
		return nil, err
	}
	attributes := asked.Request.attributes()
	rule := firstMatch(internal, attributes)
	got := policy.NewPolicyRuleEvaluator(internal.DeepCopy()).EvaluatePolicyRule(attributes)
	stages := []string{}
	for _, stage := range got.OmitStages {
		stages = append(stages, string(stage))
	}
	slices.Sort(stages)
	return decision{rule, string(got.Level), slices.Compact(stages), got.OmitManagedFields}, nil
}

// firstMatch finds which rule upstream took, which its evaluator does not tell: the first that matches when it stands
// alone, seen by a level that nothing else has.
func firstMatch(whole *auditinternal.Policy, attributes authorizer.Attributes) int {
	const mark auditinternal.Level = "\x00this one"
	for i := range whole.Rules {
		single := &auditinternal.Policy{Rules: []auditinternal.PolicyRule{*whole.Rules[i].DeepCopy()}}
		single.Rules[0].Level = mark
		if policy.NewPolicyRuleEvaluator(single).EvaluatePolicyRule(attributes).Level == mark {
			return i
		}
	}
	return -1
}
