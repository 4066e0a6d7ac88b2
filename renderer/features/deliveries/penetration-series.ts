import { tokens } from '@fluentui/react-components';
import type { SeriesColours } from '../../app/theme.ts';

export interface PenetrationSeries {
  readonly key: 'ready' | 'installed' | 'failed';
  readonly label: string;
  /** Each line has its own dashes: told apart without colours. */
  readonly dashes: string;
  readonly colour: (colours: SeriesColours) => string;
}

const ready: PenetrationSeries = { key: 'ready', label: 'Ready', dashes: '0', colour: ({ peer }) => peer };
const installed: PenetrationSeries = {
  key: 'installed',
  label: 'Installed',
  dashes: '7 3',
  colour: () => tokens.colorStatusSuccessForeground1,
};
const failed: PenetrationSeries = { key: 'failed', label: 'Failed', dashes: '2 3', colour: ({ direct }) => direct };

/** Where nothing is installed there is no line of it. */
export function penetrationSeries(hasInstallation: boolean): readonly PenetrationSeries[] {
  return hasInstallation ? [ready, installed, failed] : [ready, failed];
}
