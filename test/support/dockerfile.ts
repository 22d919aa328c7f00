import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path/posix';
import { asArray, asString } from './json.ts';

export interface Instruction {
  /** Upper case. */
  name: string;
  /** All behind the name, continued lines joined. */
  text: string;
}

/** What follows one FROM. */
export interface Stage {
  /** The FROM line's text. */
  from: string;
  instructions: Instruction[];
}

export interface Dockerfile {
  /** ARGs before the first FROM, with their defaults. */
  args: Map<string, string>;
  stages: Stage[];
}

/** Reads the repository's Dockerfile. @throws Error for an instruction before any FROM that is no ARG */
export function readDockerfile(path = 'Dockerfile'): Dockerfile {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*(#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n');
  const args = new Map<string, string>();
  const stages: Stage[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const stage = stages.at(-1);
    if (name === 'FROM') stages.push({ from: text, instructions: [] });
    else if (stage) stage.instructions.push({ name: name.toUpperCase(), text });
    else if (name === 'ARG') args.set(text.split('=')[0] ?? '', text.split('=').slice(1).join('='));
    else throw new Error(`before any FROM: ${line}`);
  }
  return { args, stages };
}

export function textsOf(stage: Stage | undefined, name: string): string[] {
  return (stage?.instructions ?? []).filter((one) => one.name === name).map(({ text }) => text);
}

/** The words of an instruction in its JSON form. */
export function wordsOf(stage: Stage | undefined, name: string): string[] {
  const [text = '[]'] = textsOf(stage, name);
  return asArray(JSON.parse(text), name).map((word) => asString(word, name));
}

/** A COPY of the last stage: absolute paths in the image, and where they come from in the repository. */
export interface Copied {
  source: string;
  target: string;
}

/** What the last stage copies; of the stage `build`, paths below its WORKDIR are those of the repository after a build. */
export function copied({ stages }: Dockerfile): Copied[] {
  const last = stages.at(-1);
  const [workdir = '/'] = textsOf(last, 'WORKDIR');
  const [buildDir = '/'] = textsOf(stages[0], 'WORKDIR');
  return textsOf(last, 'COPY').flatMap((text) => {
    const words = text.split(/\s+/);
    const sources = words.filter((word) => !word.startsWith('--')).slice(0, -1);
    const isBuilt = words.includes('--from=build');
    return sources.map((source) => ({
      source: isBuilt ? relative(buildDir, source) : source,
      target: join(resolve(workdir, words.at(-1) ?? ''), basename(source)),
    }));
  });
}

/**
 * Lays out below `root` what the image has beside Node.js.
 * @param dist folder that the program has been built into
 */
export function layOut(dockerfile: Dockerfile, root: string, dist: string): void {
  for (const { source, target } of copied(dockerfile)) {
    const from = source.startsWith('dist/') ? join(dist, relative('dist', source)) : source;
    mkdirSync(join(root, target, '..'), { recursive: true });
    cpSync(from, join(root, target), { recursive: true });
  }
}
