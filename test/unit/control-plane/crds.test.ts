import { parseLock } from '../../control-plane/crds.ts';

const SUM = 'aa8638ac68465ceac1f93a617baf5be833c589c51fd78a7384a4a274c252becc';
const PATH = 'config/crd/bases/helm.toolkit.fluxcd.io_helmreleases.yaml';

test('reads a lock file', () => {
  expect(parseLock(`# comment\n\ngithub.com/fluxcd/helm-controller@v1.6.3 ${PATH} ${SUM}\n`)).toEqual([
    { module: 'github.com/fluxcd/helm-controller', version: 'v1.6.3', path: PATH, sha256: SUM },
  ]);
});

test.each([`module ${PATH} ${SUM}`, `module@v1.0.0 ${PATH}`, `module@v1.0.0 ${PATH} ${SUM.slice(1)}`])(
  'refuses the line %j',
  (line) => {
    expect(() => parseLock(line)).toThrow(`not MODULE@VERSION PATH SHA256: ${line}`);
  },
);
