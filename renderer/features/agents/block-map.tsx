import { makeStyles, tokens } from '@fluentui/react-components';
import { useEffect, useRef, useState } from 'react';
import type { DiagnosticsPackage } from '../../../shared/contracts/diagnostics.ts';
import { useIsDark } from '../../app/theme.ts';
import { formatQuantity } from '../../components/format.ts';

const heightPx = 22;
/** Narrower, and lines between blocks would hide the blocks. */
const separatorFromPx = 5;

const useStyles = makeStyles({
  frame: { width: '100%', height: `${heightPx}px` },
  canvas: {
    display: 'block',
    width: '100%',
    height: `${heightPx}px`,
    borderRadius: tokens.borderRadiusSmall,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    boxSizing: 'border-box',
  },
  legend: {
    display: 'flex',
    flexWrap: 'wrap',
    gap: '2px 16px',
    marginTop: '4px',
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    fontVariantNumeric: 'tabular-nums',
  },
  entry: { display: 'inline-flex', alignItems: 'center', columnGap: '6px' },
});

interface Palette {
  readonly verified: string;
  readonly inFlight: string;
  readonly missing: string;
}
const lightPalette: Palette = { verified: '#0f639f', inFlight: '#b35900', missing: '#f0f0f0' };
const darkPalette: Palette = { verified: '#5aa9dd', inFlight: '#ffb84d', missing: '#2b2b2b' };

type BlockMapProps = Pick<DiagnosticsPackage, 'blockCount' | 'blocks' | 'inFlight'>;

/** Every block of a package in one strip: full = verified, striped = on its way, empty = missing. */
export function BlockMap({ blockCount, blocks, inFlight }: BlockMapProps) {
  const styles = useStyles();
  const canvas = useRef<HTMLCanvasElement>(null);
  const widthPx = useWidth(canvas);
  const palette = useIsDark() ? darkPalette : lightPalette;
  const verified = blocks.reduce((sum, [first, end]) => sum + end - first, 0);
  const missing = Math.max(0, blockCount - verified - inFlight.length);
  useEffect(() => {
    if (canvas.current !== null && widthPx > 0)
      paint(canvas.current, widthPx, palette, { blockCount, blocks, inFlight });
  }, [widthPx, palette, blockCount, blocks, inFlight]);
  return (
    <div>
      <div className={styles.frame}>
        <canvas
          ref={canvas}
          className={styles.canvas}
          role="img"
          aria-label={`Block map: ${verified} of ${formatQuantity(blockCount, 'block')} verified, ${inFlight.length} in flight, ${missing} missing`}
        />
      </div>
      <div className={styles.legend}>
        <Entry kind="verified" palette={palette} text={`${verified} of ${blockCount} verified`} />
        <Entry kind="inFlight" palette={palette} text={`${inFlight.length} in flight`} />
        <Entry kind="missing" palette={palette} text={`${missing} missing`} />
      </div>
    </div>
  );
}

function Entry({ kind, palette, text }: { kind: keyof Palette; palette: Palette; text: string }) {
  const styles = useStyles();
  return (
    <span className={styles.entry}>
      <svg width="12" height="12" aria-hidden="true">
        <rect
          x="0.5"
          y="0.5"
          width="11"
          height="11"
          rx="2"
          fill={kind === 'verified' ? palette.verified : palette.missing}
          stroke="currentColor"
          strokeOpacity="0.5"
        />
        {kind === 'inFlight' && <path d="M1 11 11 1M1 5 5 1M7 11 11 7" stroke={palette.inFlight} strokeWidth="2" />}
      </svg>
      {text}
    </span>
  );
}

function useWidth(canvas: React.RefObject<HTMLCanvasElement | null>): number {
  const [widthPx, setWidthPx] = useState(0);
  useEffect(() => {
    const element = canvas.current;
    if (element === null) return;
    const observer = new ResizeObserver(([entry]) => setWidthPx(Math.round(entry?.contentRect.width ?? 0)));
    observer.observe(element);
    return () => observer.disconnect();
  }, [canvas]);
  return widthPx;
}

function paint(canvas: HTMLCanvasElement, widthPx: number, palette: Palette, map: BlockMapProps): void {
  const scale = window.devicePixelRatio;
  canvas.width = Math.round(widthPx * scale);
  canvas.height = Math.round(heightPx * scale);
  const context = canvas.getContext('2d');
  if (context === null || map.blockCount === 0) return;
  context.scale(scale, scale);
  const blockPx = widthPx / map.blockCount;
  context.fillStyle = palette.missing;
  context.fillRect(0, 0, widthPx, heightPx);
  context.fillStyle = palette.verified;
  for (const [first, end] of map.blocks) context.fillRect(first * blockPx, 0, (end - first) * blockPx, heightPx);
  if (blockPx >= separatorFromPx) {
    context.fillStyle = palette.missing;
    for (let block = 1; block < map.blockCount; block++) context.fillRect(block * blockPx - 0.5, 0, 1, heightPx);
  }
  for (const { block } of map.inFlight) paintStripes(context, block * blockPx, Math.max(3, blockPx), palette);
}

function paintStripes(context: CanvasRenderingContext2D, leftPx: number, widthPx: number, palette: Palette): void {
  context.save();
  context.beginPath();
  context.rect(leftPx, 0, widthPx, heightPx);
  context.clip();
  context.fillStyle = palette.missing;
  context.fillRect(leftPx, 0, widthPx, heightPx);
  context.strokeStyle = palette.inFlight;
  context.lineWidth = 2.5;
  context.beginPath();
  for (let x = leftPx - heightPx; x < leftPx + widthPx; x += 6) {
    context.moveTo(x, heightPx);
    context.lineTo(x + heightPx, 0);
  }
  context.stroke();
  context.restore();
}
