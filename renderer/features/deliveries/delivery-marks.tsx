import { CalendarClockRegular, PauseCircleRegular, ProhibitedRegular } from '@fluentui/react-icons';
import type { ReactNode } from 'react';
import type { DeliveryStatus } from '../../../shared/contracts/deliveries-api.ts';
import { Mark, type MarkTone } from '../../components/state-mark.tsx';
import { statusWords } from './delivery-words.ts';

const tones: Record<DeliveryStatus, { readonly tone: MarkTone; readonly icon?: ReactNode }> = {
  scheduled: { tone: 'calm', icon: <CalendarClockRegular aria-hidden /> },
  running: { tone: 'busy' },
  paused: { tone: 'warning', icon: <PauseCircleRegular aria-hidden /> },
  finished: { tone: 'good' },
  cancelled: { tone: 'calm', icon: <ProhibitedRegular aria-hidden /> },
};

export function StatusMark({ status }: { status: DeliveryStatus }) {
  return <Mark {...tones[status]}>{statusWords[status]}</Mark>;
}
