import { sharedApi } from '../support/api.ts';
import type { Api } from '../support/api.ts';
import { namespaces } from '../support/kinds.ts';

let api: Api;
beforeAll(async () => {
  api = await sharedApi();
});
afterAll(() => {
  api.close();
});

test('the server answers and serves the CRDs', async () => {
  expect((await api.raw('GET', '/readyz')).text).toBe('ok');
  expect((await api.list(namespaces())).map(({ metadata }) => metadata.name)).toContain('kube-system');
});
