import { makeStyles, mergeClasses, tokens } from '@fluentui/react-components';
import {
  ArrowDownloadRegular,
  CheckmarkCircleFilled,
  CircleRegular,
  ClockRegular,
  DismissCircleFilled,
  ProhibitedRegular,
  SettingsRegular,
  WarningFilled,
} from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { PackageState } from '../../shared/contracts/package-state.ts';
import { stateWords } from './words.ts';

const useStyles = makeStyles({
  mark: {
    display: 'inline-flex',
    verticalAlign: 'bottom',
    alignItems: 'center',
    columnGap: '6px',
    whiteSpace: 'nowrap',
    '& svg': { flexShrink: 0, fontSize: '16px' },
  },
  good: { '& svg': { color: tokens.colorStatusSuccessForeground1 } },
  bad: { '& svg': { color: tokens.colorStatusDangerForeground1 } },
  warning: { '& svg': { color: tokens.colorStatusWarningForeground3 } },
  busy: { '& svg': { color: tokens.colorBrandForeground1 } },
  calm: { '& svg': { color: tokens.colorNeutralForeground3 } },
});

export type MarkTone = 'good' | 'bad' | 'warning' | 'busy' | 'calm';

const toneIcons: Record<MarkTone, ReactNode> = {
  good: <CheckmarkCircleFilled aria-hidden />,
  bad: <DismissCircleFilled aria-hidden />,
  warning: <WarningFilled aria-hidden />,
  busy: <ArrowDownloadRegular aria-hidden />,
  calm: <CircleRegular aria-hidden />,
};

/** A word with a sign of its own shape: never told by colour alone. */
export function Mark({ tone, icon, children }: { tone: MarkTone; icon?: ReactNode; children: ReactNode }) {
  const styles = useStyles();
  return (
    <span className={mergeClasses(styles.mark, styles[tone])}>
      {icon ?? toneIcons[tone]}
      {children}
    </span>
  );
}

const stateTones: Record<PackageState, { readonly tone: MarkTone; readonly icon?: ReactNode }> = {
  queued: { tone: 'calm', icon: <ClockRegular aria-hidden /> },
  downloading: { tone: 'busy' },
  ready: { tone: 'good' },
  failed: { tone: 'bad' },
  installing: { tone: 'busy', icon: <SettingsRegular aria-hidden /> },
  installed: { tone: 'good' },
  withdrawn: { tone: 'calm', icon: <ProhibitedRegular aria-hidden /> },
};

export function StateMark({ state }: { state: PackageState }) {
  return <Mark {...stateTones[state]}>{stateWords[state]}</Mark>;
}

export function OnlineMark({ isOnline, isRevoked = false }: { isOnline: boolean; isRevoked?: boolean }) {
  if (isRevoked) {
    return (
      <Mark tone="bad" icon={<ProhibitedRegular aria-hidden />}>
        Revoked
      </Mark>
    );
  }
  return <Mark tone={isOnline ? 'good' : 'calm'}>{isOnline ? 'Online' : 'Offline'}</Mark>;
}
