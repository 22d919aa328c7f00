// Command oracle answers questions about audit policies with the upstream code that kube-apiserver runs.
//
// It reads JSON lines on standard input and writes each back with `expect` filled in, in the format of
// test/vectors/README.md. The tests compare the TypeScript code with it.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"k8s.io/klog/v2"
)

// question is one line of input; which fields count depends on its kind.
type question struct {
	Kind     string          `json:"kind"`
	Policy   json.RawMessage `json:"policy,omitempty"`
	Request  *request        `json:"request,omitempty"`
	Document *string         `json:"document,omitempty"`
}

var answers = map[string]func(question) (any, error){
	"render":    answerRender,
	"policy":    answerPolicy,
	"decode":    answerDecode,
	"evaluate":  answerEvaluate,
	"printable": answerPrintable,
	"scalar":    answerScalar,
}

func main() {
	klog.SetLogger(klog.Logger{})
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer) error {
	reader := bufio.NewReaderSize(in, 1<<20)
	writer := bufio.NewWriter(out)
	for number := 1; ; number++ {
		line, err := reader.ReadBytes('\n')
		if err != nil && err != io.EOF {
			return err
		}
		if len(line) > 1 {
			if err := answerLine(line, writer); err != nil {
				return fmt.Errorf("line %d: %w", number, err)
			}
		}
		if err == io.EOF {
			return writer.Flush()
		}
	}
}

func answerLine(line []byte, writer *bufio.Writer) error {
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		return err
	}
	answer, known := answers[asked.Kind]
	if !known {
		return fmt.Errorf("unknown kind %q", asked.Kind)
	}
	expect, err := answer(asked)
	if err != nil {
		return err
	}
	var whole map[string]json.RawMessage
	if err := json.Unmarshal(line, &whole); err != nil {
		return err
	}
	if whole["expect"], err = json.Marshal(expect); err != nil {
		return err
	}
	answered, err := json.Marshal(whole)
	if err != nil {
		return err
	}
	_, err = writer.Write(append(answered, '\n'))
	return err
}
