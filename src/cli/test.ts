import { Option, type Command } from 'commander';
import type { FileKind } from './files.ts';
import { readInputs } from './inputs.ts';
import { EXIT, type Io } from './io.ts';
import { addInputOptions, pathsOf, type InputOptions } from './options.ts';
import { runTestFile, type RanFile } from './policy-test.ts';
import { testsJson, testsJunit, testsText } from './policy-test-text.ts';
import type { Finish } from './program.ts';
import { printableJson } from './terminal.ts';

interface Options extends InputOptions {
  output: 'text' | 'json' | 'junit';
}

const TEST_FILES: FileKind = { pattern: /\.audit-test\.ya?ml$/, what: '*.audit-test.yaml file' };

const help = (name: string) => `
Examples:
  $ ${name} test policies/
  $ ${name} test secrets.audit-test.yaml -o junit > report.xml

A file of expectations, found in folders by its name *.audit-test.yaml:
  apiVersion: cli.auditpolicy.dev/v1alpha1
  kind: PolicyTest
  metadata: {name: secrets}
  policy: policy.yaml                  # relative to this file
  kubernetesVersion: "1.34"            # optional
  tests:
    - name: who reads a secret is known, its content is not
      kubectl: kubectl get secret db -n prod
      expect: {level: Metadata}
    - name: a failed login is recorded by the last rule
      request: {noUser: true, verb: list, resource: pods}
      expect: {level: Metadata, rule: 7, stages: [ResponseStarted]}

A rule is its number, from 1, or "none", or words of the comment above it. See docs/policy-tests.md.
Exit code: 0 all pass, 1 some fail or their policy is refused, 2 usage or a file that cannot be used.`;

/** `test`: expectations of what policies decide, run offline. */
export function addTest(program: Command, io: Io, finish: Finish): void {
  addInputOptions(
    program
      .command('test')
      .description('Check what policies decide about requests against files of expectations.'),
  )
    .addOption(
      new Option('-o, --output <format>', 'how to print').choices(['text', 'json', 'junit']).default('text'),
    )
    .addHelpText('after', help(io.programName))
    .action(async (args: string[], options: Options) => {
      const inputs = await readInputs(pathsOf(options, args), io, TEST_FILES);
      const files: RanFile[] = [];
      for (const input of inputs) files.push(await runTestFile(input, io));
      io.out(print(files, options.output));
      const hasFailed = files.some(({ tests }) => tests.some(({ failures }) => failures.length > 0));
      finish(hasFailed ? EXIT.problems : EXIT.ok);
    });
}

function print(files: readonly RanFile[], format: Options['output']): string {
  if (format === 'text') return testsText(files);
  if (format === 'junit') return testsJunit(files);
  return `${printableJson(JSON.stringify(testsJson(files), null, 2))}\n`;
}
