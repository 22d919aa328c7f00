import { existsSync, readFileSync } from 'node:fs';
import { copied, readDockerfile, textsOf, wordsOf } from '../../support/dockerfile.ts';

const dockerfile = readDockerfile();
const [build, image] = dockerfile.stages;

test('two stages: one that builds, and what is published', () => {
  expect(dockerfile.stages).toHaveLength(2);
  expect(build?.from).toMatch(/ AS build$/);
});

test('both base images can be pinned by digest, and a build without one takes a tag', () => {
  for (const [stage, name] of [
    [build, 'NODE'],
    [image, 'BASE'],
  ] as const) {
    expect(stage?.from).toContain(`:\${${name}_TAG}\${${name}_DIGEST:+@\${${name}_DIGEST}}`);
    expect(dockerfile.args.get(`${name}_TAG`)).not.toBe('');
    expect(dockerfile.args.get(`${name}_DIGEST`)).toBe('');
  }
});

test('the Node.js of the image is the one that everything was tested with', () => {
  const major = readFileSync('.nvmrc', 'utf8').trim().split('.')[0] ?? '';
  expect(image?.from).toMatch(new RegExp(`^gcr\\.io/distroless/nodejs${major}-`));
  expect(dockerfile.args.get('NODE_TAG')).toMatch(new RegExp(`^${major}-`));
});

test('it runs as a user that is not root, without a shell', () => {
  expect(textsOf(image, 'USER')).toEqual(['65532:65532']);
  expect(textsOf(image, 'RUN')).toEqual([]);
  expect(textsOf(image, 'ENTRYPOINT')[0]).toMatch(/^\[/);
  expect(wordsOf(image, 'CMD')).toEqual(['manager']);
});

test('it has one file to run, and the licences', () => {
  expect(copied(dockerfile)).toEqual([
    { source: 'LICENSE', target: '/app/LICENSE' },
    { source: 'dist/audit-policy-operator.mjs', target: '/app/audit-policy-operator.mjs' },
    { source: 'dist/THIRD_PARTY_LICENSES.txt', target: '/app/THIRD_PARTY_LICENSES.txt' },
  ]);
  expect(wordsOf(image, 'ENTRYPOINT')).toEqual(['/nodejs/bin/node', '/app/audit-policy-operator.mjs']);
});

test('all that is copied from the repository exists, and .dockerignore lets it through', () => {
  const sources = [build, image]
    .flatMap((stage) => textsOf(stage, 'COPY'))
    .filter((text) => !text.startsWith('--from'))
    .flatMap((text) => text.split(/\s+/).slice(0, -1));
  const [first, ...letThrough] = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(first).toBe('*');
  expect(letThrough.map((line) => line.replace('!', '')).toSorted()).toEqual(sources.toSorted());
  expect(sources.filter((source) => !existsSync(source))).toEqual([]);
});

test('it says what it is', () => {
  const [labels = ''] = textsOf(image, 'LABEL');
  for (const label of ['title', 'description', 'licenses', 'version', 'revision'])
    expect(labels).toContain(`org.opencontainers.image.${label}=`);
  const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as { license: string };
  expect(labels).toContain(`org.opencontainers.image.licenses="${manifest.license}"`);
});

test('nothing secret has a place in it', () => {
  const args = dockerfile.stages
    .flatMap((stage) => textsOf(stage, 'ARG'))
    .concat([...dockerfile.args.keys()]);
  expect(args.map((text) => text.split('=')[0])).toEqual([
    'VERSION',
    'REVISION',
    'NODE_TAG',
    'NODE_DIGEST',
    'BASE_TAG',
    'BASE_DIGEST',
  ]);
  expect(dockerfile.stages.flatMap((stage) => textsOf(stage, 'ENV'))).toEqual([]);
});
