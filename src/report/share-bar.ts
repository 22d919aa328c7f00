import { html, type Html } from './html.ts';

/** A share as a bar, the part that is estimated hatched; the figure stands beside it. */
export function shareBar(certain: number, estimated: number, whole: number): Html {
  const width = (part: number): string => (whole > 0 ? Math.min(100, (part / whole) * 100).toFixed(2) : '0');
  const at = width(certain);
  return html`<svg class="bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
    <rect class="track" width="100" height="6" />
    <rect class="fill" width="${at}" height="6" />
    ${estimated > 0 && html`<rect class="guess" x="${at}" width="${width(estimated)}" height="6" />`}
  </svg>`;
}
