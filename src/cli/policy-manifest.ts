import { at, stringAt } from '../api/json.ts';
import { K0RDENT_API_VERSION } from '../api/names.ts';
import { readPolicySpec, type PolicyContent } from '../policy/content.ts';
import type { Problem } from '../policy/problem.ts';
import { textErrors, type TextObject } from './objects.ts';

/** The content of a ClusterAuditPolicy in a text, with the problems of the text and of the manifest around it first. */
export function readPolicyManifest(object: TextObject): PolicyContent {
  if (object.value === undefined) return { problems: object.problems };
  const content = readPolicySpec(at(object.value, 'spec'), (path, part) =>
    object.positionOf(['spec', ...path], part),
  );
  const around = apiVersionProblems(object);
  const problems = [...object.problems, ...around, ...content.problems];
  const isBroken = textErrors(object).length + around.length > 0;
  if (!isBroken || content.accepted === undefined) return { ...content, problems };
  const { accepted, ...refused } = content;
  return { ...refused, draft: accepted.policy, problems };
}

function apiVersionProblems({ value, positionOf }: TextObject): Problem[] {
  const found = stringAt(value, 'apiVersion') ?? '';
  if (found === K0RDENT_API_VERSION) return [];
  const position = positionOf(['apiVersion'], 'value');
  const what = found === '' ? 'apiVersion is missing' : `expected "${K0RDENT_API_VERSION}", found "${found}"`;
  return [
    {
      code: 'WrongApiVersion',
      severity: 'error',
      path: 'apiVersion',
      message: `${what}: write apiVersion: ${K0RDENT_API_VERSION}`,
      suggestion: K0RDENT_API_VERSION,
      ...(position === undefined ? {} : { position }),
    },
  ];
}
