import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { krewManifest } from '../../../tools/release/krew.ts';

const FOLDER = '.github/workflows';

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}
interface Job {
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  needs?: string | string[];
  steps: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: unknown;
  jobs: Record<string, Job>;
}

const workflows = readdirSync(FOLDER).map((file) => {
  const text = readFileSync(join(FOLDER, file), 'utf8');
  return { file, text, workflow: parse(text) as Workflow };
});
const jobs = workflows.flatMap(({ file, workflow }) =>
  Object.entries(workflow.jobs).map(([name, job]) => ({ at: `${file}: ${name}`, job })),
);
const steps = jobs.flatMap(({ at, job }) => job.steps.map((step) => ({ at, step })));
const jobOf = (file: string, name: string): Job => {
  const job = workflows.find((one) => one.file === file)?.workflow.jobs[name];
  if (job === undefined) throw new Error(`no job ${name} in ${file}`);
  return job;
};
const usesOf = (job: Job, action: string) => job.steps.filter(({ uses }) => uses?.startsWith(`${action}@`));
const runsOf = (job: Job) => job.steps.map(({ run }) => run ?? '').join('\n');

test('nothing is allowed unless a job asks for it', () => {
  expect(workflows.map(({ workflow }) => workflow.permissions)).toEqual(workflows.map(() => ({})));
  for (const { at, job } of jobs) expect([at, job.permissions]).toEqual([at, expect.any(Object)]);
});

test('only a release writes, and each of its jobs just what it publishes', () => {
  const writes = jobs
    .map(
      ({ at, job }) =>
        [at, Object.entries(job.permissions ?? {}).filter(([, to]) => to === 'write')] as const,
    )
    .filter(([, found]) => found.length > 0)
    .map(([at, found]) => `${at}: ${found.map(([what]) => what).join(' ')}`);
  expect(writes).toEqual([
    'release.yml: image: packages id-token attestations',
    'release.yml: chart: packages id-token attestations',
    'release.yml: cli: contents id-token attestations',
  ]);
  expect(jobs.flatMap(({ job }) => Object.keys(job.permissions ?? {}))).not.toContain('actions');
});

test('code of a pull request runs without secrets', () => {
  const events = workflows.flatMap(({ workflow }) => Object.keys(workflow.on));
  expect(events.toSorted()).toEqual(['pull_request', 'push', 'push']);
  const open = workflows.filter(({ workflow }) => 'pull_request' in workflow.on);
  expect(open.map(({ text }) => text).join()).not.toContain('secrets.');
});

test('no expression is pasted into a script: what comes from outside is a variable there', () => {
  const pasted = steps.filter(({ step }) => step.run?.includes('${{') === true);
  expect(pasted.map(({ at }) => at)).toEqual([]);
  expect(workflows.map(({ text }) => text).join()).not.toContain('github.event.');
});

test('every action is pinned by its full commit, with its version behind it, the same everywhere', () => {
  const versions = new Map<string, Set<string>>();
  for (const { text } of workflows) {
    for (const line of text.split('\n').filter((each) => /^\s*(- )?uses:/.test(each))) {
      const [, action = '', pin = ''] = /uses: ([\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$/.exec(line) ?? [];
      expect([line, action]).not.toEqual([line, '']);
      versions.set(action, (versions.get(action) ?? new Set()).add(pin));
    }
  }
  expect(steps.filter(({ step }) => step.uses !== undefined).length).toBeGreaterThan(10);
  expect([...versions].filter(([, pins]) => pins.size > 1)).toEqual([]);
});

test('no job runs for ever, and no checkout leaves its token behind', () => {
  for (const { at, job } of jobs) {
    expect([at, job['timeout-minutes']]).toEqual([at, expect.any(Number)]);
    for (const step of usesOf(job, 'actions/checkout'))
      expect([at, step.with?.['persist-credentials']]).toEqual([at, false]);
  }
});

describe('a release', () => {
  const image = jobOf('release.yml', 'image');
  const chart = jobOf('release.yml', 'chart');
  const cli = jobOf('release.yml', 'cli');

  test('comes after all tests', () => {
    expect(runsOf(jobOf('release.yml', 'check'))).toContain('.ci/run');
    for (const job of [image, chart, cli]) expect([job.needs].flat()).toContain('check');
  });

  test('builds the image for two platforms on pinned bases, with an SBOM', () => {
    const [build] = usesOf(image, 'docker/build-push-action');
    expect(build?.with).toMatchObject({
      platforms: 'linux/amd64,linux/arm64',
      sbom: true,
      provenance: 'mode=max',
    });
    const args = String(build?.with?.['build-args']).trim().split('\n');
    const declared = [...readFileSync('Dockerfile', 'utf8').matchAll(/^ARG (\w+)=/gm)].map(
      ([, name]) => name,
    );
    expect(args.map((text) => text.split('=')[0]).filter((name) => !declared.includes(name))).toEqual([]);
    expect(args).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^NODE_DIGEST=/),
        expect.stringMatching(/^BASE_DIGEST=/),
      ]),
    );
  });

  test.each([
    ['image', image],
    ['chart', chart],
    ['CLI', cli],
  ])('attests where the %s comes from, and signs it', (_, job) => {
    expect(usesOf(job, 'actions/attest-build-provenance')).toHaveLength(1);
    expect(runsOf(job)).toMatch(/cosign sign(-blob)? --yes/);
  });

  test('the CLI comes with an SBOM, sums and a krew manifest', () => {
    expect(runsOf(cli)).toContain('npm sbom --sbom-format spdx');
    expect(runsOf(cli)).toContain('SHA256SUMS');
    expect(runsOf(cli)).toContain('node tools/release/krew.ts');
  });

  test('krew finds the program in the bundle', () => {
    const sha256 = 'a'.repeat(64);
    const url = 'https://example.com/x.tar.gz';
    const manifest: unknown = parse(
      krewManifest({ version: '1.2.3', url, sha256, homepage: 'https://example.com' }),
    );
    expect(manifest).toMatchObject({
      kind: 'Plugin',
      metadata: { name: 'audit-policy' },
      spec: { version: 'v1.2.3', platforms: [{ uri: url, sha256, bin: 'bin/audit-policy-operator.mjs' }] },
    });
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
    expect(bin['kubectl-audit_policy']).toBe('bin/audit-policy-operator.mjs');
    expect(runsOf(cli)).toContain('-c bin dist/audit-policy-operator.mjs');
    expect(() => krewManifest({ version: '1', url, sha256: '', homepage: '' })).toThrow('not a sha256');
  });
});
