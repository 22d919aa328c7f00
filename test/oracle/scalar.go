package main

import (
	"errors"
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v2"
)

// answerScalar tells what an untagged plain scalar means: its Go type and value as yaml.v2 reads it.
func answerScalar(asked question) (any, error) {
	if asked.Document == nil {
		return nil, errors.New("kind scalar needs a document")
	}
	var value any
	if err := yaml.Unmarshal([]byte(*asked.Document), &value); err != nil {
		return map[string]string{"error": err.Error()}, nil
	}
	switch typed := value.(type) {
	case nil:
		return map[string]string{"kind": "null"}, nil
	case bool:
		return map[string]string{"kind": "bool", "value": strconv.FormatBool(typed)}, nil
	case int, int64, uint64:
		return map[string]string{"kind": "int", "value": fmt.Sprint(typed)}, nil
	case float64:
		return map[string]string{"kind": "float", "value": strconv.FormatFloat(typed, 'e', -1, 64)}, nil
	case string:
		return map[string]string{"kind": "str", "value": typed}, nil
	}
	return nil, fmt.Errorf("%q is no scalar but %T", *asked.Document, value)
}
