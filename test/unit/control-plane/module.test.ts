import { goModFor } from '../../control-plane/module.ts';
import { normalizeVersion } from '../../control-plane/build.ts';

const UPSTREAM = `module k8s.io/kubernetes

go 1.24.0

godebug default=go1.24

require (
	go.etcd.io/etcd/client/v3 v3.6.4
	k8s.io/api v0.0.0
)

require (
	go.etcd.io/etcd/server/v3 v3.6.4 // indirect
)

replace (
	k8s.io/api => ./staging/src/k8s.io/api
	k8s.io/component-base => ./staging/src/k8s.io/component-base
)
`;

describe('goModFor', () => {
  test('replaces the staging folders by the published modules of the same release', () => {
    expect(goModFor('v1.34.4', UPSTREAM)).toBe(`module control-plane

go 1.24.0

godebug default=go1.24

require (
	go.etcd.io/etcd/server/v3 v3.6.4
	k8s.io/component-base v0.34.4
	k8s.io/kubernetes v1.34.4
)

replace (
	k8s.io/api => k8s.io/api v0.34.4
	k8s.io/component-base => k8s.io/component-base v0.34.4
)
`);
  });

  test('refuses a go.mod that is laid out otherwise', () => {
    expect(() => goModFor('v1.34.4', 'module k8s.io/kubernetes\n\ngo 1.24.0\n')).toThrow(
      /laid out in a new way/,
    );
  });
});

describe('normalizeVersion', () => {
  test.each(['1.36.3', 'v1.36.3'])('%s', (version) => {
    expect(normalizeVersion(version)).toBe('v1.36.3');
  });

  test.each(['', '1.36', 'latest', 'v1.36.3/../..', '2.0.0', 'v1.36.3+k0s.0'])('refuses %j', (version) => {
    expect(() => normalizeVersion(version)).toThrow(/not a Kubernetes version/);
  });
});
