import { SETTINGS, TYPOS, type Caught, type TypoRow } from '../../test/typos/rows.ts';
import { code, page, table } from './markdown.ts';

const WORDS: Record<Caught, string> = {
  webhook: 'webhook',
  'API server': 'API server',
  'nobody asked': 'unasked',
  operator: 'operator',
  dropped: '**dropped**',
};

const MEANINGS: Record<Caught, string> = {
  webhook: 'Refused by the webhook, which names the field and what was probably meant.',
  'API server':
    'Refused by the API server itself, which names the field: by the schema of the CRD, or by strict field validation.',
  'nobody asked':
    'Refused as every policy is while the webhook cannot be asked (`failurePolicy: Fail`); the message is about the webhook.',
  operator:
    'Taken. The operator names the mistake in its condition and delivers the policy nowhere; clusters keep the last good one.',
  dropped:
    'Taken without it, with a warning that names it and that few tools show. The policy then says something else than was written: nobody can tell any more.',
};

/** docs/reference/typos.md */
export function typosPage(): string {
  return page(
    'Which mistake is caught where',
    'test/typos/rows.ts, each cell of which an integration test plays on a real API server',
    'A mistake in a ClusterAuditPolicy meets up to four readers: strict field validation of the API server, the schema of the CRD, the [webhook](../webhook.md), the operator. Who comes to see it depends on whose CRD is installed, what is with the webhook, and who writes.',
    [
      `- **kubectl** asks for strict field validation (${code('fieldValidation: Strict')}, its default ${code('--validate=true')}). That is what the test sends; kubectl itself is not run.`,
      `- **client**: everybody who asks for nothing, such as client-go and most GitOps tools; the API server then only warns (${code('Warn')}).`,
      '- A cell with one entry is true for both.',
      "- _Ours_ keeps what it does not know below `spec`, so that it can be named. Without the webhook the chart installs the _strict_ one, which has types and lists of values. _KCM's_ has types only.",
    ].join('\n'),
    table(
      ['In the table', 'What becomes of the policy'],
      (Object.keys(WORDS) as Caught[]).map((caught) => [WORDS[caught], MEANINGS[caught]]),
    ),
    table(
      ['Mistake', ...SETTINGS.map(({ id }) => id)],
      TYPOS.map((row) => [row.what, ...SETTINGS.map(({ id }) => cell(row.caught[id]))]),
    ),
    'A field that is given twice reaches webhook and operator once: only strict validation can refuse it.',
  );
}

function cell({ kubectl, client }: TypoRow['caught'][keyof TypoRow['caught']]): string {
  return kubectl === client ? WORDS[kubectl] : `kubectl: ${WORDS[kubectl]}; client: ${WORDS[client]}`;
}
