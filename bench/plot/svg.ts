/** SVG elements as text. Coordinates are in the drawing's units, y downwards. */

export function text(
  x: number,
  y: number,
  content: string,
  attributes: Readonly<Record<string, string>>,
): string {
  const more = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
  return `<text x="${x}" y="${y}"${more.join('')}>${escaped(content)}</text>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, className: string): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" class="${className}"/>`;
}

export function path(
  points: readonly { readonly x: number; readonly y: number }[],
  color: string,
  isDashed: boolean,
): string {
  const steps = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`).join('');
  return `<path d="${steps}" stroke="${color}"${isDashed ? ' stroke-dasharray="5 4"' : ''}/>`;
}

/** A point; a browser shows its title when the pointer is over it. */
export function circle(x: number, y: number, color: string, title: string): string {
  return `<circle cx="${x}" cy="${y}" r="3.5" fill="${color}"><title>${escaped(title)}</title></circle>`;
}

export function group(x: number, y: number, elements: readonly string[]): string {
  return `<g transform="translate(${x} ${y})">\n${elements.join('\n')}\n</g>`;
}

const STYLE = [
  'text { font: 12px sans-serif; fill: #333 }',
  '.title { font-weight: bold }',
  '.middle { text-anchor: middle }',
  '.end { text-anchor: end }',
  '.grid { stroke: #ddd }',
  'path { fill: none; stroke-width: 2 }',
].join('\n');

/** A whole drawing on a white ground, so that it reads on a dark page too. */
export function document(
  width: number,
  height: number,
  description: string,
  elements: readonly string[],
): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(description)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...elements,
    '</svg>',
    '',
  ].join('\n');
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
