import { nearest } from '../suggest.ts';
import { COMMANDS, SILENT } from './kubectl-commands.ts';
import { parseKubectl, type KubectlLine } from './kubectl-flags.ts';
import type { Step } from './kubectl-steps.ts';
import type { ManifestObject } from './kubectl-targets.ts';
import { unknownNote, UnclearRequest } from './request-spec.ts';
import { findResource } from './resource-name.ts';

/** What kubectl would ask of the API server. */
export interface KubectlRequests {
  steps: readonly Step[];
  notes: readonly string[];
}

const WRITES: readonly string[] = ['create', 'update', 'patch', 'delete'];

/**
 * The requests that kubectl 1.36 sends for a command line, without running anything.
 * @param objects those of the files that `-f` names; absent when nobody read them
 * @param apiGroup of a resource that the built-in table does not have
 * @throws UnclearRequest for what is no kubectl command, or none that sends requests of its own
 */
export function kubectlRequests(
  line: readonly string[],
  objects?: readonly ManifestObject[],
  apiGroup?: string,
): KubectlRequests {
  const parsed = parseKubectl(line);
  const { command, flags } = parsed;
  const build = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (build === undefined) throw new UnclearRequest(unknownCommand(command));
  const all = build({
    ...parsed,
    ...(objects === undefined ? {} : { objects }),
    ...(apiGroup === undefined ? {} : { apiGroup }),
  });
  const isRehearsal = flags.get('dry-run')?.at(-1) === 'client';
  const steps = all.filter(({ target }) => !isRehearsal || !WRITES.includes(target.verb));
  if (steps.length === 0) throw new UnclearRequest(`kubectl ${command} sends no request`);
  return { steps, notes: [...impersonation(parsed), ...unknownResources(steps, apiGroup)] };
}

/** The files that `-f` names, for a caller that can read them. */
export function filesOf(line: readonly string[]): readonly string[] {
  return parseKubectl(line).flags.get('filename') ?? [];
}

function unknownCommand(command: string): string {
  if (command === '') return 'give a kubectl command, such as: kubectl get secrets -n prod';
  if (SILENT.includes(command)) return `kubectl ${command} sends no request of its own`;
  const meant = nearest(command, Object.keys(COMMANDS));
  return `kubectl ${command} is not known here${meant === undefined ? '' : `; did you mean "${meant}"?`}`;
}

function impersonation({ flags }: KubectlLine): string[] {
  return flags.has('as') || flags.has('as-group')
    ? ['rules see the user who authenticates, not the one of --as: say who that is with --user']
    : [];
}

function unknownResources(steps: readonly Step[], apiGroup: string | undefined): string[] {
  const notes = steps.flatMap(({ target: { resource, apiGroup: group, isResourceRequest } }) =>
    isResourceRequest
      ? unknownNote(findResource(resource, group).isKnown, resource, group, apiGroup !== undefined)
      : [],
  );
  return [...new Set(notes)];
}
