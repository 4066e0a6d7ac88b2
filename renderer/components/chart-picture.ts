/** A chart as a picture that tells by itself what it shows: title, words and legend stand in it. */

export interface LegendEntry {
  readonly label: string;
  /** As `#rrggbb`, or `currentColor` for the colour of the text. */
  readonly colour: string;
  /** Areas that are told apart without their colour; `line` and `dashed` stand for curves. */
  readonly look?: 'plain' | 'hatched' | 'line' | 'dashed' | 'dotted';
  /** What it is now; beside the chart only, in a place that does not move. */
  readonly now?: string;
}

interface PictureWords {
  readonly title: string;
  readonly words: string;
  readonly legend: readonly LegendEntry[];
}

/** Sharp on paper and on screens with small pixels. */
const scale = 2;
const paddingPx = 24;
const textHeightPx = 76;
const copied = [
  ...['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'opacity'],
  ...['font-family', 'font-size', 'font-weight', 'text-anchor'],
];

/** The chart inside `frame` as PNG, in the colours of the theme; null where it is not drawn yet. */
export async function chartPicture(frame: HTMLElement, picture: PictureWords): Promise<Blob | null> {
  const chart = frame.querySelector<SVGSVGElement>('svg.recharts-surface');
  if (chart === null) return null;
  const { width, height } = chart.getBoundingClientRect();
  const image = new Image();
  // A data address and not a blob: the console allows itself no other pictures.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(drawnAlone(chart, width, height))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = (width + 2 * paddingPx) * scale;
  canvas.height = (height + textHeightPx + 2 * paddingPx) * scale;
  const context = canvas.getContext('2d');
  if (context === null) return null;
  context.scale(scale, scale);
  const style = getComputedStyle(frame);
  context.fillStyle = backgroundOf(frame);
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawWords(context, picture, style, width);
  context.drawImage(image, paddingPx, paddingPx + textHeightPx, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** A picture sees no style sheet: what the page gives the chart is written into the copy. */
function drawnAlone(chart: SVGSVGElement, width: number, height: number): string {
  const copy = chart.cloneNode(true) as SVGSVGElement;
  const originals = [chart, ...chart.querySelectorAll('*')];
  for (const [index, element] of [copy, ...copy.querySelectorAll('*')].entries()) {
    const original = originals[index];
    if (original === undefined) continue;
    const style = getComputedStyle(original);
    for (const property of copied) element.setAttribute(property, style.getPropertyValue(property));
    element.removeAttribute('style');
    element.removeAttribute('class');
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return new XMLSerializer().serializeToString(copy);
}

function backgroundOf(element: HTMLElement): string {
  for (let at: HTMLElement | null = element; at !== null; at = at.parentElement) {
    const colour = getComputedStyle(at).backgroundColor;
    if (colour !== 'transparent' && colour !== 'rgba(0, 0, 0, 0)') return colour;
  }
  return '#ffffff';
}

function drawWords(
  context: CanvasRenderingContext2D,
  { title, words, legend }: PictureWords,
  style: CSSStyleDeclaration,
  width: number,
): void {
  context.fillStyle = style.color;
  context.textBaseline = 'top';
  context.font = `600 16px ${style.fontFamily}`;
  context.fillText(title, paddingPx, paddingPx, width);
  context.font = `13px ${style.fontFamily}`;
  context.fillText(words, paddingPx, paddingPx + 24, width);
  let left = paddingPx;
  for (const entry of legend) {
    const colour = entry.colour === 'currentColor' ? style.color : entry.colour;
    drawSign(context, { ...entry, colour }, left, paddingPx + 49);
    context.fillStyle = style.color;
    context.fillText(entry.label, left + 24, paddingPx + 48);
    left += 24 + context.measureText(entry.label).width + 24;
  }
}

function drawSign(context: CanvasRenderingContext2D, entry: LegendEntry, left: number, top: number): void {
  const { look = 'plain', colour } = entry;
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  if (look === 'plain') context.fillRect(left, top, 16, 12);
  else if (look === 'hatched') {
    context.beginPath();
    context.rect(left, top, 16, 12);
    context.stroke();
    context.clip();
    for (let at = -12; at < 16; at += 6) {
      context.moveTo(left + at, top + 12);
      context.lineTo(left + at + 12, top);
    }
    context.lineWidth = 2;
    context.stroke();
  } else {
    context.setLineDash(look === 'line' ? [] : look === 'dashed' ? [6, 3] : [2, 2]);
    context.lineWidth = 2.5;
    context.beginPath();
    context.moveTo(left, top + 6);
    context.lineTo(left + 18, top + 6);
    context.stroke();
  }
  context.restore();
}
