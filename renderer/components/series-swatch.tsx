import type { SeriesColours } from '../app/theme.ts';

/** Direct is plain, peer is hatched: the same in the chart and its legend. */
export function SeriesSwatch({ kind, colours }: { kind: keyof SeriesColours; colours: SeriesColours }) {
  const fill = kind === 'peer' ? 'url(#legend-hatching)' : colours.direct;
  return (
    <svg width="16" height="12" aria-hidden="true">
      {kind === 'peer' && (
        <defs>
          <Hatching id="legend-hatching" colour={colours.peer} />
        </defs>
      )}
      <rect width="16" height="12" rx="2" fill={fill} stroke={colours[kind]} />
    </svg>
  );
}

export function Hatching({ id, colour }: { id: string; colour: string }) {
  return (
    <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="6" fill={colour} fillOpacity="0.28" />
      <rect width="2.4" height="6" fill={colour} fillOpacity="0.85" />
    </pattern>
  );
}
