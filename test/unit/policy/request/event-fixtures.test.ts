import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, listAt } from '../../../../src/api/json.ts';
import { eventsIn, readEvent } from '../../../../src/policy/request/audit-event.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/events');

interface Expected {
  requests: readonly object[];
  malformed?: readonly { line: number; why: string }[];
  /** Where the events lie, when they lie inside something else. */
  within?: string;
  isConcatenated?: boolean;
  /** A text that is to be read as a whole, and cannot be. */
  isWhole?: boolean;
  /** Nothing that could be read as an audit event. */
  isForeign?: boolean;
}

const text = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const expected = JSON.parse(text('expected.json')) as Record<string, Expected>;
const ofKind = (isIt: (one: Expected) => boolean) => Object.entries(expected).filter(([, one]) => isIt(one));

function parsed(json: string): unknown {
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

interface Read {
  values: unknown[];
  malformed: number[];
}

/** A JSON value, or one a line. */
function read(file: string): Read {
  const whole = parsed(text(file));
  if (whole !== undefined) return { values: [whole], malformed: [] };
  const rows = text(file).trimEnd().split('\n').map(parsed);
  return {
    values: rows.filter((row) => row !== undefined),
    malformed: rows.flatMap((row, i) => (row === undefined ? [i + 1] : [])),
  };
}

/** A request in the few words of expected.json. */
function decoded(event: unknown): object | undefined {
  const found = readEvent(event);
  if (found === undefined) return undefined;
  const { user, verb, apiGroup, resource, subresource, namespace, name, path, isResourceRequest } =
    found.request;
  return {
    user,
    verb,
    ...(isResourceRequest ? { group: apiGroup, resource, subresource, namespace, name } : { url: path }),
    ...(found.isAmbiguous ? { isAmbiguous: true } : {}),
  };
}

const textsOf = (list: readonly unknown[], ...path: string[]): unknown[] =>
  list.map((item) => parsed(at(item, ...path) as string));
const UNWRAPPED: Readonly<Record<string, (value: unknown) => unknown[]>> = {
  'logEvents[].message, each a JSON text': (value) => textsOf(listAt(value, 'logEvents'), 'message'),
  'records[].properties.log, each a JSON text': (value) =>
    textsOf(listAt(value, 'records'), 'properties', 'log'),
  'kubernetes.audit': (value) => [at(value, 'kubernetes', 'audit')],
};

test('every file has its row in README.md and its expectation', () => {
  const files = readdirSync(FOLDER).filter((file) => !['README.md', 'expected.json'].includes(file));
  const rows = [...text('README.md').matchAll(/^\| `([\w.-]+)`/gm)].map(([, file]) => file);
  expect(files.sort()).toEqual(Object.keys(expected).sort());
  expect(rows.sort()).toEqual(files);
});

test.each(ofKind((one) => one.within === undefined && !one.isConcatenated && !one.isWhole && !one.isForeign))(
  '%s: the requests, and what is malformed',
  (file, { requests, malformed = [] }) => {
    const found = read(file);
    expect(found.values.flatMap(eventsIn).map(decoded)).toEqual(requests);
    expect(found.malformed).toEqual(malformed.map(({ line }) => line));
  },
);

test.each(ofKind((one) => one.isConcatenated === true))(
  '%s: one event after another',
  (file, { requests }) => {
    expect(parsed(text(file))).toBeUndefined();
    const events = text(file).split(/\n(?=\{)/);
    expect(events.map(parsed).map(decoded)).toEqual(requests);
  },
);

test.each(ofKind((one) => one.isWhole === true))('%s: cannot be read', (file, { malformed = [] }) => {
  const [{ line } = { line: 0 }] = malformed;
  expect(() => JSON.parse(text(file)) as unknown).toThrow(new RegExp(`line ${line}\\b`));
});

test.each(ofKind((one) => one.within !== undefined))(
  '%s: what is inside is read, and nothing else',
  (file, one) => {
    const outer = read(file).values;
    expect(outer.flatMap(eventsIn).map(decoded)).toEqual(outer.map(() => undefined));
    expect(outer.flatMap(UNWRAPPED[one.within ?? '']!).map(decoded)).toEqual(one.requests);
  },
);

test.each(ofKind((one) => one.isForeign === true))('%s is no audit event', (file) => {
  expect(read(file).values.flatMap(eventsIn).map(decoded)).toEqual([undefined]);
});
