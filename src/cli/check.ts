import { InvalidArgumentError, Option, type Command } from 'commander';
import { isObjectName } from '../api/names.ts';
import { stringAt } from '../api/json.ts';
import { isKubeError } from '../kube/errors.ts';
import { checkDefinitions } from './check/definitions.ts';
import { failed, findingLine, info, type Finding } from './check/finding.ts';
import { checkKcm } from './check/kcm.ts';
import { checkModes, type Modes } from './check/modes.ts';
import { checkOperator } from './check/operator.ts';
import { checkRights, ownAccount, type Account } from './check/rights.ts';
import { checkWebhook } from './check/webhook.ts';
import {
  addConnectionOptions,
  addOutputOption,
  type ConnectionOptions,
  type OutputFormat,
} from './connection-options.ts';
import { addOperatorOptions, placeOf, type OperatorOptions } from './fleet/operator.ts';
import { EXIT, type Io } from './io.ts';
import { MARKER } from './marks.ts';
import { parseDuration, parseNamespace, parseNamespaces } from './options.ts';
import type { Finish } from './program.ts';
import { withSession, type Session } from './session.ts';
import { printableJson, printableLine } from './terminal.ts';
import { toYaml } from './yaml-text.ts';

interface Options extends ConnectionOptions, OperatorOptions {
  namespace?: string[];
  allNamespaces?: boolean;
  output?: OutputFormat;
  wait: number;
  interval: number;
  requireWebhook: boolean;
  acceptOldKcm: boolean;
  webhookNamespace: string;
  serviceAccount?: Account;
}

const help = (name: string) => `
Examples:
  $ ${name} check
  $ ${name} check --wait 2m --require-webhook

Looks at the definitions and whose they are, the webhook (by dry runs of a bad and of a good policy), the rights of the
operator's ServiceAccount, KCM's version, who writes to which cluster (names with -o wide), and the operator itself.
Nothing is written. What you may not see is said at the end: nothing can be called fine without the operator's rights, the
modes, and either its Deployment or its Lease. Run as the operator's own ServiceAccount it needs no right to ask for its
rights.
Exit code: 0 all is fine, 1 something is wrong or too much could not be looked at, 2 usage or unusable kubeconfig.`;

/** Everything that was found; the shape of `-o json`. */
interface Report {
  /** Nothing is wrong, and enough could be looked at to say so. */
  ok: boolean;
  /** Everything could be looked at. */
  complete: boolean;
  findings: readonly Finding[];
  modes: Modes;
}

/** `check`: whether the operator can work on this management cluster. */
export function addCheck(program: Command, io: Io, finish: Finish): void {
  addOperatorOptions(
    addOutputOption(
      addConnectionOptions(
        program
          .command('check')
          .description('Check whether the operator can work here, and whether it does.'),
      ),
      ['wide', 'json', 'yaml'],
    ),
  )
    .addOption(
      new Option(
        '-n, --namespace <name>',
        'where the operator works (default: all namespaces); can be given more than once',
      ).argParser(parseNamespaces),
    )
    .option('-A, --all-namespaces', 'the default; wins over -n')
    .addOption(
      new Option('--wait <duration>', 'look again until all is fine; 0s: look once')
        .argParser(parseDuration)
        .default(0, '0s'),
    )
    .addOption(
      new Option('--interval <duration>', 'time between two looks')
        .argParser(parseDuration)
        .default(5000, '5s'),
    )
    .option('--require-webhook', 'without the webhook something is wrong', false)
    .option(
      '--accept-old-kcm',
      'KCM before 1.10 is told and not wrong: there the operator has nothing to do until KCM is upgraded',
      false,
    )
    .addOption(
      new Option(
        '--webhook-namespace <name>',
        "of the dry runs; the webhook does not look at the operator's own",
      )
        .argParser(parseNamespace)
        .default('default'),
    )
    .addOption(
      new Option(
        '--service-account <namespace/name>',
        "the operator's, whose rights are checked (default: by its name, in its namespace)",
      ).argParser(parseAccount),
    )
    .addHelpText('after', help(io.programName))
    .action(async (options: Options) => {
      const report = await withSession(options, io, (session) => untilFine(session, options, io));
      print(report, options, io);
      finish(report.ok ? EXIT.ok : EXIT.problems);
    });
}

async function untilFine(session: Session, options: Options, io: Io): Promise<Report> {
  const { clock } = session;
  const deadline = clock.monotonic() + options.wait;
  const stop = options.wait > 0 ? io.stopSignal() : new AbortController().signal;
  let said = '';
  for (;;) {
    const report = await look(session, options);
    const left = deadline - clock.monotonic();
    const wrong = report.findings.find(({ status }) => status === 'failed')?.message;
    // A right does not come by waiting.
    if (wrong === undefined || left <= 0 || stop.aborted) return report;
    if (wrong !== said) io.err(`${MARKER} waiting: ${printableLine(wrong)}\n`);
    said = wrong;
    await clock.sleep(Math.min(options.interval, left), stop).catch(() => undefined);
  }
}

async function look(session: Session, options: Options): Promise<Report> {
  const modes: Modes = { writer: [], observer: [], impossible: [] };
  try {
    return await lookAtAll(session, options);
  } catch (error) {
    // It may come up while this waits.
    if (!isKubeError(error)) throw error;
    return { ...NOTHING_SEEN, findings: [failed('server', `${session.address}: ${error.message}`)], modes };
  }
}

const NOTHING_SEEN = { ok: false, complete: false };

async function lookAtAll(session: Session, options: Options): Promise<Report> {
  const { client } = session;
  const namespaces = options.allNamespaces === true ? [] : (options.namespace ?? []);
  const server = await serverVersion(session);
  const definitions = await checkDefinitions(client, options.acceptOldKcm);
  const self = await ownAccount(client);
  const operator = placeOf(options, self?.namespace);
  const account = options.serviceAccount ?? operator;
  const [webhook, rights, kcm, { finding, modes }, running] = await Promise.all([
    definitions.hasPolicies
      ? checkWebhook(client, { namespace: options.webhookNamespace, requireWebhook: options.requireWebhook })
      : [],
    checkRights(client, { account, self, operator, namespaces }),
    checkKcm(client, definitions),
    checkModes(client, namespaces, definitions, options.acceptOldKcm),
    checkOperator(session, operator),
  ]);
  const findings = [server, ...definitions.findings, ...webhook, rights, kcm, finding, ...running];
  return {
    ok: findings.every(({ status, unseen }) => status !== 'failed' && unseen !== 'matters'),
    complete: findings.every(({ unseen }) => unseen === undefined),
    findings,
    modes,
  };
}

async function serverVersion({ client, address }: Session): Promise<Finding> {
  const { body } = await client.transport.request({ method: 'GET', path: '/version' });
  return info('server', `API server ${stringAt(body, 'gitVersion') ?? '(no version)'} at ${address}`);
}

function print(report: Report, { output }: Options, io: Io): void {
  if (output === 'json') {
    io.out(`${printableJson(JSON.stringify(report, null, 2))}\n`);
    return;
  }
  if (output === 'yaml') {
    io.out(toYaml([report]));
    return;
  }
  for (const finding of report.findings) {
    io.out(findingLine(finding));
    if (output !== 'wide' || finding.check !== 'modes') continue;
    for (const [mode, names] of Object.entries(report.modes)) {
      for (const name of names.sort()) io.out(`    ${mode} ${printableLine(name)}\n`);
    }
  }
  io.out(`${verdict(report)}\n`);
}

function verdict({ ok, complete, findings }: Report): string {
  const isWrong = findings.some(({ status }) => status === 'failed');
  const hidden = [...new Set(findings.filter(({ unseen }) => unseen).map(({ check }) => check))].join(', ');
  const said = isWrong ? 'Something is wrong: see the lines marked ✗.' : 'Nothing is wrong.';
  if (complete || hidden === '') return said;
  if (ok || isWrong) return `${said} Not looked at for want of rights: ${hidden}.`;
  return `Nothing wrong was found, but too much could not be looked at for want of rights: ${hidden}. Ask somebody who has them.`;
}

/** `audit-policy-system/audit-policy-operator` */
function parseAccount(text: string): Account {
  const [namespace = '', name = '', ...more] = text.split('/');
  if (!isObjectName(namespace) || !isObjectName(name) || more.length > 0)
    throw new InvalidArgumentError('Write it like audit-policy-system/audit-policy-operator.');
  return { namespace, name };
}
