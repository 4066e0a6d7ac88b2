import type { StageStart } from '../../../shared/contracts/deliveries.ts';
import type { DeliveryDraft } from '../../../shared/contracts/deliveries-api.ts';
import type { Target } from '../../../shared/contracts/targets.ts';
import { formatQuantity } from '../../components/format.ts';
import { targetWords } from '../../components/words.ts';
import { commandWords, momentWords, scheduleWords, windowsWords } from './delivery-words.ts';

export interface SentenceFacts {
  readonly packageName: string;
  readonly siteName: (id: string) => string | undefined;
  /** Agents of each stage now; null while nobody knows. */
  readonly members: readonly number[] | null;
}

/** What a delivery will do, in the order in which it happens: one sentence each. */
export function deliverySentences(draft: DeliveryDraft, facts: SentenceFacts): readonly string[] {
  const { installation, deadlineMs } = draft;
  return [
    ...reachSentences(draft, facts),
    beginSentence(draft),
    ...draft.laterStages.map(
      ({ target, start }, index) =>
        `Stage ${index + 2} brings it to ${whom(target, index + 1, facts)} ${startWords(start, index + 1)}.`,
    ),
    downloadSentence(draft),
    ...(installation === null
      ? ['Nothing is installed: the package is only brought to the computers.']
      : installationSentences(installation)),
    deadlineMs === null
      ? 'There is no deadline.'
      : `From ${momentWords(deadlineMs)} on, windows, installation times and postponements hold nothing up.`,
  ];
}

function whom(target: Target, stage: number, { siteName, members }: SentenceFacts): string {
  const words = targetWords(target, siteName);
  const said = target.kind === 'all' ? 'all agents' : words;
  const count = members?.[stage];
  if (count === undefined) return said;
  return `${said} (${formatQuantity(count, 'agent')} now${stage > 0 ? ', without those of earlier stages' : ''})`;
}

function reachSentences(draft: DeliveryDraft, facts: SentenceFacts): readonly string[] {
  const name = `“${facts.packageName}” ${draft.version}`;
  const isStaged = draft.laterStages.length > 0;
  const first = `${name} is brought to ${whom(draft.target, 0, facts)}${isStaged ? ' in stage 1' : ''}.`;
  switch (draft.priority) {
    case 'normal':
      return [first];
    case 'background':
      return [first, 'It goes in the background: other downloads go first.'];
    case 'emergency':
      return [
        first,
        'It is an emergency: it goes before all other downloads, and no throttling or blockout of downloads holds it up.',
        ...(draft.ignoresTotalBlockouts ? ['It gets through blockouts of all communication, too.'] : []),
        ...(draft.ignoresSiteLimits ? ['Its bytes do not count against the limits of sites.'] : []),
      ];
  }
}

function beginSentence({ availableFromMs }: DeliveryDraft): string {
  return availableFromMs === null
    ? 'It begins as soon as you deliver it.'
    : `Nothing begins before ${momentWords(availableFromMs)}.`;
}

/** When a later stage begins; `previous` counts from one. */
export function startWords(start: StageStart, previous: number): string {
  if (start.kind === 'by-hand') return 'when somebody begins it by hand';
  const { installedPercent, failedPercent, hours } = start;
  const held = hours === 0 ? '' : `, for ${formatQuantity(hours, 'hour')} without a break`;
  return `once ${installedPercent} % of stage ${previous} have done their part and at most ${failedPercent} % have failed${held}`;
}

function downloadSentence({ downloadWindows, priority }: DeliveryDraft): string {
  if (downloadWindows.length === 0) return 'Computers download at any time that their policy allows.';
  const windows = `Computers download only ${windowsWords(downloadWindows)}, by their own clocks`;
  return priority === 'emergency' ? `${windows}; but an emergency waits for no window.` : `${windows}.`;
}

function installationSentences({
  schedule,
  command,
  durationSeconds,
  tries,
}: NonNullable<DeliveryDraft['installation']>): readonly string[] {
  const when = `${scheduleWords(schedule)}, by their own clocks`;
  if (command === null) {
    return [
      `Computers install ${when}: without a command they only count as installing, for ${formatQuantity(durationSeconds, 'second')}.`,
    ];
  }
  const again = tries === 1 ? 'it is not tried again' : `it is tried up to ${tries} times`;
  return [
    `Computers install ${when}: they run “${commandWords(command)}” from the folder of the package. Where it fails ${again}.`,
    'Agents that were not started with --allow-execute run no command and fail.',
  ];
}
