import { readPolicySpec } from '../../src/policy/content.ts';

type Rules = { level: string; users: string[] }[];

const LINE = 1000;

/** Rules whose rendered YAML has exactly `bytes` bytes (some thousand at least). */
export function rulesOfSize(bytes: number): Rules {
  return fill(bytes, 'a'.repeat(LINE), (yaml) => Buffer.byteLength(yaml));
}

/**
 * Rules whose rendered YAML has exactly `bytes` bytes as a JSON string, which is twice what it has by itself: quotation marks
 * within double quotes, as a tab forces them.
 */
export function rulesOfJsonSize(bytes: number): Rules {
  return fill(bytes, `\t${'"'.repeat(LINE)}`, (yaml) => Buffer.byteLength(JSON.stringify(yaml)));
}

function fill(bytes: number, line: string, measure: (yaml: string) => number): Rules {
  const make = (lines: number, rest: string): Rules => [
    { level: 'Metadata', users: [...Array<string>(lines).fill(line), rest] },
  ];
  const size = (lines: number): number => {
    const { accepted } = readPolicySpec({ policy: { rules: make(lines, 'a') } });
    return measure(accepted?.yaml ?? '');
  };
  const perLine = size(2) - size(1);
  const lines = Math.floor((bytes - size(0)) / perLine);
  return make(lines, `a${'u'.repeat(bytes - size(0) - lines * perLine)}`);
}
