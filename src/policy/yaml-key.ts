import { UnreadableText } from './document-tree.ts';
import { goQuote } from './go-quote.ts';
import type { GoScalar } from './yaml-scalar.ts';

export interface YamlKey {
  /** What the key is in JSON. */
  name: string;
  /** Two keys of a Go map are one when these are equal; not-a-number equals nothing. */
  identity: string | symbol;
  /** As Go's `%#v` prints the key. */
  goSyntax: string;
}

/**
 * A scalar as a key: sigs.k8s.io/yaml turns numbers and booleans into strings on the way to JSON.
 *
 * @throws UnreadableText for null and for integers beyond int64, which it refuses.
 */
export function toYamlKey(scalar: GoScalar, start: number): YamlKey {
  switch (scalar.type) {
    case 'string':
      return { name: scalar.value, identity: `string:${scalar.value}`, goSyntax: goQuote(scalar.value) };
    case 'int': {
      const name = scalar.value.toString();
      return { name, identity: `int:${name}`, goSyntax: name };
    }
    case 'bool': {
      const name = String(scalar.value);
      return { name, identity: `bool:${name}`, goSyntax: name };
    }
    case 'float64': {
      const identity = Number.isNaN(scalar.value) ? Symbol('NaN') : `float64:${scalar.value}`;
      return { name: float32Name(scalar.value), identity, goSyntax: goFloat(String(scalar.value)) };
    }
    case 'nil':
      throw new UnreadableText('a key is null: write it in quotes', start);
    case 'uint64':
      throw new UnreadableText('a key is an integer beyond 64 bits: write it in quotes', start);
  }
}

/** strconv.FormatFloat(value, 'g', -1, 32): the shortest digits that name the same 32-bit float. */
function float32Name(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return rounded > 0 ? '.inf' : '-.inf';
  for (let digits = 1; digits < 9; digits++) {
    const shortest = rounded.toPrecision(digits);
    if (Math.fround(Number(shortest)) === rounded) return goFloat(String(Number(shortest)));
  }
  return goFloat(String(Number(rounded.toPrecision(9))));
}

/** JavaScript's shortest digits in the layout of Go's `%g`: an exponent of two digits below 1e-4 and from 1e21. */
function goFloat(javaScript: string): string {
  const [, sign = '', digits = '', exponent] = /^(-?)([0-9.]+)(?:e([-+][0-9]+))?$/.exec(javaScript) ?? [];
  if (digits === '') return javaScript;
  const [whole = '', fraction = ''] = digits.split('.');
  const significant = (whole + fraction).replace(/^0+/, '').replace(/(?<!0)0+$/, '');
  if (significant === '') return `${sign}0`;
  const leadingZeros = /^0*/.exec(whole + fraction)?.[0].length ?? 0;
  const power = Number(exponent ?? 0) + whole.length - 1 - leadingZeros;
  if (power >= -4 && power < 21) return javaScript;
  const mantissa = significant.length > 1 ? `${significant[0] ?? ''}.${significant.slice(1)}` : significant;
  return `${sign}${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
