import { Document, visit } from 'yaml';
import { isPrintable, printableYaml } from './terminal.ts';

/**
 * Objects as YAML documents, one way to write each. Texts with characters that a terminal would obey come in double
 * quotes, escaped, so that the values are whole and the output is harmless.
 */
export function toYaml(objects: readonly object[]): string {
  return objects.map(documentText).join('---\n');
}

function documentText(object: object): string {
  // As YAML 1.1, which kubectl reads: a hash such as 0b110101 needs its quotes there.
  const document = new Document(object, { version: '1.1' });
  visit(document, {
    Scalar(_, scalar) {
      if (typeof scalar.value === 'string' && !isPrintable(scalar.value)) scalar.type = 'QUOTE_DOUBLE';
    },
  });
  return printableYaml(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Infinity }));
}
