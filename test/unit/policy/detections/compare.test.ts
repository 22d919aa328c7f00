import fc from 'fast-check';
import { compareDetections, type ChangeWitness } from '../../../../src/policy/detections/compare.ts';
import { FALCO_DETECTIONS } from '../../../../src/policy/detections/falco.ts';
import { judgeDetections } from '../../../../src/policy/detections/judge.ts';
import { compileDetection } from '../../../../src/policy/detections/matcher.ts';
import { seeingRules } from '../../../../src/policy/detections/sight.ts';
import { compilePolicy } from '../../../../src/policy/evaluate.ts';
import { describeRequest } from '../../../../src/policy/requests/describe.ts';
import type { AuditPolicy, PolicyRule } from '../../../../src/policy/types.ts';
import { everyRequest, smallPolicy } from './every-request.ts';

const rules = (...list: Partial<PolicyRule>[]): AuditPolicy => ({
  rules: list.map((rule) => ({ level: 'Metadata', ...rule })),
});
const text = (found: ChangeWitness | undefined | 'undecided'): string =>
  typeof found === 'object'
    ? `${describeRequest(found.request)}: ${found.before.level} by ${found.before.rule}, ${found.after.level} by ${found.after.rule}`
    : (found ?? 'none');

/** Of two policies, about one request. */
type Rules = readonly [before: number, after: number, isOfNobody: boolean];

const SERVICES = { resources: [{ resources: ['services'] }] };

test.each<[string, AuditPolicy, AuditPolicy, string, object]>([
  [
    'nothing changes',
    rules({}),
    rules({}),
    'K8s Service Deleted',
    { before: 'sees', after: 'sees', lost: 'none', gained: 'none' },
  ],
  [
    'goes blind',
    rules({}),
    rules({ level: 'None', ...SERVICES }, {}),
    'K8s Service Created',
    {
      before: 'sees',
      after: 'blind',
      lost: 'user=jane verb=create services namespace=default: Metadata by 0, None by 0',
      gained: 'none',
    },
  ],
  [
    'gains sight with the bodies',
    rules({}),
    rules({ level: 'Request', ...SERVICES }, {}),
    'Create NodePort Service',
    {
      before: 'blind',
      after: 'sees',
      lost: 'none',
      gained: 'user=jane verb=create services namespace=default: Metadata by 0, Request by 0',
    },
  ],
  [
    'sees other things than before',
    rules({ ...SERVICES, namespaces: ['red'] }),
    rules({ ...SERVICES, namespaces: ['blue'] }),
    'K8s Service Created',
    {
      before: 'partly',
      after: 'partly',
      lost: 'user=jane verb=create services namespace=red: Metadata by 0, None by -1',
      gained: 'user=jane verb=create services namespace=blue: None by -1, Metadata by 0',
    },
  ],
  [
    'loses failed logins',
    rules({}),
    rules({ userGroups: ['system:authenticated', 'system:unauthenticated'] }),
    'port-forward',
    {
      before: 'sees',
      after: 'partly',
      lost: 'no user (401) verb=create pods/portforward namespace=default name=example: Metadata by 0, None by -1',
      gained: 'none',
    },
  ],
  [
    'loses its stage',
    rules({}),
    { ...rules({}), omitStages: ['ResponseStarted'] },
    'Attach/Exec Pod',
    {
      before: 'sees',
      after: 'blind',
      lost: 'user=jane verb=create pods/exec namespace=default name=example: Metadata by 0, Metadata by 0',
      gained: 'none',
    },
  ],
])('%s', (_, before, after, name, expected) => {
  const [change] = compareDetections(
    before,
    after,
    FALCO_DETECTIONS.filter((one) => one.name === name),
  );
  expect({ ...change, detection: undefined, lost: text(change?.lost), gained: text(change?.gained) }).toEqual(
    expected,
  );
});

test('agrees with trying every request', () => {
  const all = everyRequest();
  const tried = FALCO_DETECTIONS.filter((one) =>
    one.asks.every((ask) => all.some(compileDetection({ ...one, asks: [ask] }))),
  ).map((detection) => [detection, all.filter(compileDetection(detection))] as const);
  fc.assert(
    fc.property(smallPolicy, smallPolicy, (before, after) => {
      const [decideBefore, decideAfter] = [compilePolicy(before), compilePolicy(after)];
      const decided = new Map(
        all.map((one) => [one, [decideBefore(one).rule, decideAfter(one).rule, one.user === null] as const]),
      );
      const changes = new Map(
        compareDetections(before, after, FALCO_DETECTIONS).map((one) => [one.detection, one]),
      );
      const [judgedBefore, judgedAfter] = [before, after].map((one) =>
        judgeDetections(one, FALCO_DETECTIONS),
      );
      expect([...changes.values()].map((one) => one.before)).toEqual(judgedBefore!.map(({ sight }) => sight));
      expect([...changes.values()].map((one) => one.after)).toEqual(judgedAfter!.map(({ sight }) => sight));
      for (const [detection, requests] of tried) {
        const [isSeen, isSeenAfter] = [seeingRules(before, detection), seeingRules(after, detection)];
        const isLost = ([one, other, isOfNobody]: Rules) =>
          isSeen(one, isOfNobody) && !isSeenAfter(other, isOfNobody);
        const isGained = ([one, other, isOfNobody]: Rules) =>
          !isSeen(one, isOfNobody) && isSeenAfter(other, isOfNobody);
        const change = changes.get(detection)!;
        const found = { lost: typeof change.lost, gained: typeof change.gained };
        const pairs = requests.map((one) => decided.get(one)!);
        expect([detection.name, found]).toEqual([
          detection.name,
          {
            lost: pairs.some(isLost) ? 'object' : 'undefined',
            gained: pairs.some(isGained) ? 'object' : 'undefined',
          },
        ]);
        for (const [witness, isIt] of [[change.lost, isLost] as const, [change.gained, isGained] as const]) {
          if (typeof witness !== 'object') continue;
          const { request } = witness;
          expect(compileDetection(detection)(request)).toBe(true);
          expect([decideBefore(request), decideAfter(request)]).toMatchObject([
            witness.before,
            witness.after,
          ]);
          expect(isIt([witness.before.rule, witness.after.rule, request.user === null])).toBe(true);
        }
      }
    }),
    { numRuns: 40 },
  );
});
