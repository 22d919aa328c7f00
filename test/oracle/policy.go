package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/validation/field"
	auditinternal "k8s.io/apiserver/pkg/apis/audit"
	auditv1 "k8s.io/apiserver/pkg/apis/audit/v1"
	"k8s.io/apiserver/pkg/apis/audit/validation"
	"k8s.io/apiserver/pkg/audit"
	"k8s.io/apiserver/pkg/audit/policy"
	"sigs.k8s.io/yaml"
)

// specPolicy is the value of spec.policy: a Policy without type meta and metadata.
type specPolicy struct {
	Rules             []auditv1.PolicyRule `json:"rules"`
	OmitStages        []auditv1.Stage      `json:"omitStages,omitempty"`
	OmitManagedFields bool                 `json:"omitManagedFields,omitempty"`
}

func readPolicy(raw json.RawMessage) (*auditv1.Policy, error) {
	var spec specPolicy
	if err := json.Unmarshal(raw, &spec); err != nil {
		return nil, err
	}
	typed := &auditv1.Policy{Rules: spec.Rules, OmitStages: spec.OmitStages, OmitManagedFields: spec.OmitManagedFields}
	typed.APIVersion = auditv1.SchemeGroupVersion.String()
	typed.Kind = "Policy"
	return typed, nil
}

func toInternal(typed *auditv1.Policy) (*auditinternal.Policy, error) {
	internal := &auditinternal.Policy{}
	return internal, audit.Scheme.Convert(typed.DeepCopy(), internal, nil)
}

func toSpec(internal *auditinternal.Policy) (*specPolicy, error) {
	typed := &auditv1.Policy{}
	if err := audit.Scheme.Convert(internal, typed, nil); err != nil {
		return nil, err
	}
	return &specPolicy{typed.Rules, typed.OmitStages, typed.OmitManagedFields}, nil
}

func answerRender(asked question) (any, error) {
	typed, err := readPolicy(asked.Policy)
	if err != nil {
		return nil, err
	}
	text, err := yaml.Marshal(typed)
	if err != nil {
		return map[string]string{"error": err.Error()}, nil
	}
	sum := sha256.Sum256(text)
	return map[string]string{"yaml": string(text), "hash": hex.EncodeToString(sum[:4])}, nil
}

type errorParts struct {
	Field  string `json:"field"`
	Type   string `json:"type"`
	Value  any    `json:"value"`
	Detail string `json:"detail"`
}

type policyAnswer struct {
	Errors    []string       `json:"errors"`
	Details   []errorParts   `json:"details"`
	Aggregate string         `json:"aggregate,omitempty"`
	Load      map[string]any `json:"load"`
}

func answerPolicy(asked question) (any, error) {
	typed, err := readPolicy(asked.Policy)
	if err != nil {
		return nil, err
	}
	internal, err := toInternal(typed)
	if err != nil {
		return nil, err
	}
	found := validation.ValidatePolicy(internal)
	answer := policyAnswer{Errors: []string{}, Details: []errorParts{}}
	for _, problem := range found {
		answer.Errors = append(answer.Errors, problem.Error())
		answer.Details = append(answer.Details, partsOf(problem))
	}
	if len(found) > 0 {
		answer.Aggregate = found.ToAggregate().Error()
	}
	text, err := yaml.Marshal(typed)
	if err != nil {
		answer.Load = map[string]any{"ok": false, "renderError": err.Error()}
		return answer, nil
	}
	if _, err := policy.LoadPolicyFromBytes(text); err != nil {
		answer.Load = map[string]any{"ok": false, "error": err.Error()}
	} else {
		answer.Load = map[string]any{"ok": true}
	}
	return answer, nil
}

func partsOf(problem *field.Error) errorParts {
	return errorParts{problem.Field, string(problem.Type), problem.BadValue, problem.Detail}
}

type readAnswer struct {
	OK         bool        `json:"ok"`
	GVK        string      `json:"gvk,omitempty"`
	Policy     *specPolicy `json:"policy,omitempty"`
	Error      string      `json:"error,omitempty"`
	StrictOnly *bool       `json:"strictOnly,omitempty"`
	Problems   []string    `json:"problems,omitempty"`
}

func answerDecode(asked question) (any, error) {
	if asked.Document == nil {
		return nil, errors.New("kind decode needs a document")
	}
	text := []byte(*asked.Document)
	strict, err := readStrict(text)
	if err != nil {
		return nil, err
	}
	load, err := readLoad(text)
	if err != nil {
		return nil, err
	}
	return map[string]*readAnswer{"strict": strict, "load": load, "yamlStrict": readYAMLStrict(text)}, nil
}

func readStrict(text []byte) (*readAnswer, error) {
	internal := &auditinternal.Policy{}
	decoder := serializer.NewCodecFactory(audit.Scheme, serializer.EnableStrict).UniversalDecoder()
	_, gvk, err := decoder.Decode(text, nil, internal)
	if err != nil {
		strictOnly := runtime.IsStrictDecodingError(err)
		answer := &readAnswer{Error: err.Error(), StrictOnly: &strictOnly}
		if strict, ok := runtime.AsStrictDecodingError(err); ok && strictOnly {
			for _, problem := range strict.Errors() {
				answer.Problems = append(answer.Problems, problem.Error())
			}
		}
		return answer, nil
	}
	spec, err := toSpec(internal)
	if err != nil {
		return nil, err
	}
	return &readAnswer{OK: true, GVK: gvk.GroupVersion().String() + " " + gvk.Kind, Policy: spec}, nil
}

func readLoad(text []byte) (*readAnswer, error) {
	internal, err := policy.LoadPolicyFromBytes(text)
	if err != nil {
		return &readAnswer{Error: err.Error()}, nil
	}
	spec, err := toSpec(internal)
	if err != nil {
		return nil, err
	}
	return &readAnswer{OK: true, Policy: spec}, nil
}

func readYAMLStrict(text []byte) *readAnswer {
	typed := &auditv1.Policy{}
	if err := yaml.UnmarshalStrict(text, typed); err != nil {
		return &readAnswer{Error: strings.TrimSpace(err.Error())}
	}
	return &readAnswer{OK: true, Policy: &specPolicy{typed.Rules, typed.OmitStages, typed.OmitManagedFields}}
}
