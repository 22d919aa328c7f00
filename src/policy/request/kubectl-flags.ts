import { UnclearRequest } from './request-spec.ts';

/** A kubectl command line, taken apart. */
export interface KubectlLine {
  command: string;
  /** What follows the command and is no flag; nothing of what stands behind `--`. */
  args: readonly string[];
  /** By long name; a switch has the value "true". */
  flags: ReadonlyMap<string, readonly string[]>;
}

const words = (text: string): string[] => text.split(/\s+/);

/** Flags with a value of their own. */
const WITH_VALUE = new Set(
  words(
    `namespace selector output filename kustomize container field-selector as as-group as-uid context cluster kubeconfig user token server
     request-timeout v cache-dir certificate-authority client-certificate client-key tls-server-name replicas current-replicas
     resource-version image type patch patch-file subresource to-revision revision timeout grace-period for tail since since-time port
     target-port name from-literal from-file from-env-file from field-manager sort-by label-columns raw chunk-size audience duration
     env labels verb resource resource-name clusterrole role serviceaccount group max min cpu cpu-percent limits requests protocol
     external-ip hard scopes schedule restart profile copy-to target custom pod-selector skip-wait-for-delete-timeout retries
     max-log-requests limit-bytes bound-object-kind bound-object-name bound-object-uid rule class default-backend annotation
     api-group categories address pod-running-timeout username password cert value docker-server docker-username docker-password
     docker-email overrides applyset prune-allowlist template api-version`,
  ),
);

const SWITCHES = new Set(
  words(
    `all-namespaces watch watch-only all force now wait recursive show-labels no-headers stdin tty quiet follow previous timestamps
     all-containers server-side force-conflicts prune overwrite local list dry-run ignore-not-found save-config edit record rm expose
     attach interactive show-events show-managed-fields show-kind insecure-skip-tls-verify client output-watch-events
     windows-line-endings no-preserve share-processes ignore-daemonsets delete-emptydir-data disable-eviction containers sum prefix
     warnings-as-errors match-server-version disable-compression namespaced validate cascade keep-liveness create-annotation
     leave-stdin-open replace append-hash help no-prune`,
  ),
);

/** Letters that mean the same with every command, and those that do not. */
const SHORT: Readonly<Record<string, string>> = {
  n: 'namespace',
  l: 'selector',
  o: 'output',
  f: 'filename',
  k: 'kustomize',
  c: 'container',
  s: 'server',
  v: 'v',
  p: 'patch',
  L: 'label-columns',
  A: 'all-namespaces',
  w: 'watch',
  R: 'recursive',
  i: 'stdin',
  t: 'tty',
  q: 'quiet',
  h: 'help',
};
const SHORT_OF_LOGS: Readonly<Record<string, string>> = { ...SHORT, f: 'follow', p: 'previous' };

/**
 * Takes a kubectl command line apart; the first word may be `kubectl`.
 * @throws UnclearRequest for a flag that is not known, since it might take the word after it
 */
export function parseKubectl(line: readonly string[]): KubectlLine {
  const all = [...line];
  if (/(?:^|\/)(?:kubectl|oc|k)$/.test(all[0] ?? '')) all.shift();
  const end = all.indexOf('--');
  const rest = end < 0 ? all : all.slice(0, end);
  const flags = new Map<string, string[]>();
  const args: string[] = [];
  const add = (name: string, value: string): void => {
    flags.set(name, [...(flags.get(name) ?? []), value]);
  };
  while (rest.length > 0) {
    const word = rest.shift() ?? '';
    if (word === '-' || !word.startsWith('-')) args.push(word);
    else if (word.startsWith('--')) readLong(word.slice(2), rest, add);
    else readShort(word.slice(1), args[0] === 'logs' ? SHORT_OF_LOGS : SHORT, rest, add);
  }
  const [command = '', ...others] = args;
  return { command, args: others, flags };
}

type Add = (name: string, value: string) => void;

function readLong(text: string, rest: string[], add: Add): void {
  const equals = text.indexOf('=');
  if (equals >= 0) add(text.slice(0, equals), text.slice(equals + 1));
  else if (WITH_VALUE.has(text)) add(text, valueOf(`--${text}`, rest));
  else if (SWITCHES.has(text)) add(text, 'true');
  else
    throw new UnclearRequest(`the flag --${text} is not known here: write --${text}=VALUE if it takes one`);
}

/** `-n prod`, `-nprod`, `-it`. */
function readShort(letters: string, names: Readonly<Record<string, string>>, rest: string[], add: Add): void {
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charAt(i);
    const name = Object.hasOwn(names, letter) ? names[letter] : undefined;
    if (name === undefined)
      throw new UnclearRequest(`the flag -${letter} is not known here: write its long form`);
    if (!WITH_VALUE.has(name)) add(name, 'true');
    else {
      const attached = letters.slice(i + 1).replace(/^=/, '');
      add(name, attached === '' ? valueOf(`-${letter}`, rest) : attached);
      return;
    }
  }
}

function valueOf(flag: string, rest: string[]): string {
  const value = rest.shift();
  if (value === undefined) throw new UnclearRequest(`the flag ${flag} lacks its value`);
  return value;
}
