/** Functions that run within the page; each is whole by itself, since only its own text gets there. */

export interface LowContrast {
  text: string;
  color: string;
  ground: string;
  ratio: number;
}

/** Texts that can be seen and have less contrast than WCAG's level AA asks for (4.5), and how many were looked at. */
export function lowContrasts(): { looked: number; low: LowContrast[] } {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no canvas');

  /** As the browser paints it on what is below: any notation, any transparency. */
  const painted = (colors: readonly string[]): [number, number, number] => {
    context.clearRect(0, 0, 1, 1);
    for (const color of ['#fff', ...colors]) {
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  const luminance = (rgb: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = rgb.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const grounds = (element: Element | null): string[] =>
    element ? [...grounds(element.parentElement), getComputedStyle(element).backgroundColor] : [];

  const low: LowContrast[] = [];
  let looked = 0;
  for (const element of document.querySelectorAll('body *')) {
    const own = Array.from(element.childNodes, (node) =>
      node.nodeType === Node.TEXT_NODE ? node.nodeValue : '',
    );
    const text = own.join('').trim();
    const isForReaders = element.closest('.hidden, thead') && getComputedStyle(element).clipPath !== 'none';
    if (text === '' || isForReaders || element.closest('script, style, title, desc')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    looked += 1;
    const below = grounds(element);
    const { color } = getComputedStyle(element);
    const [ground, ink] = [luminance(painted(below)), luminance(painted([...below, color]))];
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    if (ratio < 4.5)
      low.push({
        text: text.slice(0, 40),
        color,
        ground: below.join(' < '),
        ratio: Math.round(ratio * 100) / 100,
      });
  }
  return { looked, low };
}

/** The colours of the layers of a diagram, and the contrast of each with the ground that it stands on. */
export function seriesColors(): { name: string; ratio: number }[] {
  const surface = document.querySelector('.panel');
  const chart = document.querySelector('.plot svg');
  if (!surface || !chart) throw new Error('no diagram');
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (/rgb\((.*)\)/.exec(color)?.[1] ?? '')
      .split(',')
      .map((channel) => {
        const share = Number(channel) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = luminance(getComputedStyle(surface).backgroundColor);
  return ['s1', 's2', 's3', 's4', 's5', 'rest'].map((name) => {
    const mark = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    mark.setAttribute('class', name);
    chart.append(mark);
    const ink = luminance(getComputedStyle(mark).fill);
    mark.remove();
    return { name, ratio: (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05) };
  });
}

/** Elements that reach beyond the right edge of the window and do not scroll by themselves. */
export function overflowing(): string[] {
  const width = document.documentElement.clientWidth;
  const found = [...document.querySelectorAll('body *')].filter((element) => {
    if (element.closest('.hidden') || (element.closest('thead') && !element.closest('.scroll'))) return false;
    const scroller = element.parentElement?.closest('.scroll, pre');
    return !scroller && element.getBoundingClientRect().right > width + 1;
  });
  const page =
    document.documentElement.scrollWidth > width
      ? [`the page: ${String(document.documentElement.scrollWidth)}`]
      : [];
  return [
    ...page,
    ...found.map((element) => `${element.tagName} ${element.textContent.trim().slice(0, 40)}`),
  ];
}

/** Everything that the markup has and the reader does not get to see, but for what is of no use on paper. */
export function unseen(): string[] {
  return [
    ...document.querySelectorAll<HTMLElement>(
      'main [data-item], main .disclosed, main tr.more, main table, main li, main p, main pre',
    ),
  ]
    .filter((element) => !element.closest('.nothing, .pointed, .control'))
    .filter(
      (element) =>
        !element.checkVisibility({ visibilityProperty: true }) ||
        element.getBoundingClientRect().height === 0,
    )
    .map((element) => `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 40)}`);
}

/** What the focus is on, and whether one sees it. */
export function focused(): { name: string; index: number; isSeen: boolean } {
  const element = document.activeElement;
  const isNowhere = element === null || element === document.body;
  const style = isNowhere ? undefined : getComputedStyle(element);
  return {
    name: isNowhere
      ? ''
      : element.id !== ''
        ? element.id
        : `${element.tagName.toLowerCase()} ${(element.textContent || '').trim().slice(0, 30)}`,
    index: isNowhere ? -1 : [...document.querySelectorAll('*')].indexOf(element),
    isSeen: style !== undefined && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  };
}
