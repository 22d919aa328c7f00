import { asRecord, dig } from '../json.ts';
import { createAuthority } from '../certificates.ts';
import { sendJson, startServer, type TestServer } from '../http-server.ts';

export const MUTATED_LABEL = 'mutated';

const PATCH = [{ op: 'add', path: '/metadata/annotations', value: { 'example.com/by': 'webhook <&>' } }];

/** A webhook that gives objects an annotation: kube-apiserver notes its patch in the event, at some levels. */
export async function startMutatingWebhook(): Promise<{ server: TestServer; configuration: object }> {
  const authority = createAuthority('webhooks');
  const server = await startServer(
    ({ body }, response) => {
      const review = asRecord(JSON.parse(body), 'review');
      sendJson(response, 200, {
        apiVersion: review.apiVersion,
        kind: review.kind,
        response: {
          uid: dig(review, 'request', 'uid'),
          allowed: true,
          patchType: 'JSONPatch',
          patch: Buffer.from(JSON.stringify(PATCH)).toString('base64'),
        },
      });
    },
    authority.issue('webhook', ['127.0.0.1']),
  );
  const configuration = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: 'day-of-work' },
    webhooks: [
      {
        name: 'annotate.example.com',
        clientConfig: {
          url: new URL('/mutate', server.url).href,
          caBundle: Buffer.from(authority.ca).toString('base64'),
        },
        rules: [
          {
            apiGroups: [''],
            apiVersions: ['v1'],
            resources: ['configmaps'],
            operations: ['CREATE', 'UPDATE'],
          },
        ],
        objectSelector: { matchLabels: { [MUTATED_LABEL]: 'yes' } },
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
      },
    ],
  };
  return { server, configuration };
}
