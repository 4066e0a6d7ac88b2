import { Button, makeStyles, Text, tokens } from '@fluentui/react-components';
import {
  ArrowMoveRegular,
  BatteryCheckmarkRegular,
  DismissRegular,
  FlashRegular,
  LeafTwoRegular,
  PlayRegular,
  PlugConnectedRegular,
  PlugDisconnectedRegular,
  ShieldCheckmarkRegular,
  ShieldDismissRegular,
  StopRegular,
  TopSpeedRegular,
} from '@fluentui/react-icons';
import { type ReactElement, useState } from 'react';
import type { FleetAgentStatus } from '../../../shared/contracts/fleet.ts';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { formatQuantity } from '../../components/format.ts';
import { ConditionsDialog } from './conditions-dialog.tsx';
import { act } from './fleet-deeds.ts';
import { type ActionKind, concernedBy, questionOf } from './fleet-rules.ts';
import { MoveDialog } from './move-dialog.tsx';
import { SlowDownDialog } from './slow-down-dialog.tsx';

const useStyles = makeStyles({
  bar: {
    position: 'sticky',
    top: 0,
    zIndex: 2,
    display: 'flex',
    flexWrap: 'wrap',
    alignItems: 'center',
    gap: '6px',
    minHeight: '40px',
    padding: '4px 10px',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  words: { minWidth: '72px', marginRight: '4px' },
  quiet: { color: tokens.colorNeutralForeground2 },
});

interface ButtonWords {
  readonly label: string;
  readonly icon: ReactElement;
  /** It takes this one back: shown where it can be done, and that one where it still can be done. */
  readonly takesBack?: ActionKind;
}

/** What is asked for in a dialog of its own, because it has to be said how much or where. */
type FormKind = 'slow-down' | 'move';
type PlainKind = Exclude<ActionKind, FormKind>;

const buttons: readonly (readonly [ActionKind, ButtonWords])[] = [
  ['start', { label: 'Start', icon: <PlayRegular /> }],
  ['stop', { label: 'Stop', icon: <StopRegular /> }],
  ['kill', { label: 'Kill', icon: <FlashRegular /> }],
  ['slow-down', { label: 'Slow down', icon: <LeafTwoRegular /> }],
  ['full-speed', { label: 'Full speed', icon: <TopSpeedRegular />, takesBack: 'slow-down' }],
  ['corrupt', { label: 'Damage blocks', icon: <ShieldDismissRegular /> }],
  ['stop-corrupting', { label: 'Sound blocks', icon: <ShieldCheckmarkRegular />, takesBack: 'corrupt' }],
  ['unplug', { label: 'Unplug', icon: <PlugDisconnectedRegular /> }],
  ['move', { label: 'Move', icon: <ArrowMoveRegular /> }],
  ['plug-in', { label: 'Plug in', icon: <PlugConnectedRegular />, takesBack: 'unplug' }],
];

interface ActionBarProps {
  readonly chosen: readonly FleetAgentStatus[];
  readonly all: readonly FleetAgentStatus[];
  readonly subnets: readonly { readonly name: string; readonly subnet: string }[];
  readonly onClear: () => void;
}

/** What can be done to the chosen agents. What disturbs them is asked first, with what will happen. */
export function ActionBar({ chosen, all, subnets, onClear }: ActionBarProps) {
  const styles = useStyles();
  const [asked, setAsked] = useState<ActionKind | 'conditions' | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const close = () => setAsked(null);
  const carryOut = async (kind: PlainKind) => {
    setIsBusy(true);
    await act({ kind }, concernedBy(kind, chosen));
    setIsBusy(false);
    close();
  };
  const begin = (kind: ActionKind) => {
    if (isForm(kind) || questionOf(kind, concernedBy(kind, chosen), all) !== null) setAsked(kind);
    else void carryOut(kind);
  };
  const isOpen = (kind: ActionKind) => concernedBy(kind, chosen).length > 0;
  if (chosen.length === 0) {
    return (
      <div className={styles.bar}>
        <Text className={styles.quiet}>
          Choose agents to start, stop, kill, slow down, damage, unplug or move them.
        </Text>
      </div>
    );
  }
  const plain = asked === null || asked === 'conditions' || isForm(asked) ? null : asked;
  const question = plain === null ? null : questionOf(plain, concernedBy(plain, chosen), all);
  return (
    <div className={styles.bar} role="toolbar" aria-label="Actions for the chosen agents">
      <Text className={styles.words} weight="semibold">
        {formatQuantity(chosen.length, 'agent')}
      </Text>
      {buttons.map(([kind, { label, icon, takesBack }]) => {
        const isPossible = isOpen(kind);
        const isTakenBack = buttons.some(([other, words]) => words.takesBack === kind && isOpen(other));
        if (kind === 'move' && subnets.length < 2) return null;
        if (!isPossible && (takesBack !== undefined || isTakenBack)) return null;
        return (
          <Button key={kind} size="small" icon={icon} disabled={!isPossible || isBusy} onClick={() => begin(kind)}>
            {label}
          </Button>
        );
      })}
      <Button size="small" icon={<BatteryCheckmarkRegular />} onClick={() => setAsked('conditions')}>
        Conditions
      </Button>
      <Button size="small" appearance="subtle" icon={<DismissRegular />} onClick={onClear}>
        Clear
      </Button>
      {question !== null && plain !== null && (
        <ConfirmDialog
          open
          title={question.title}
          confirmLabel={question.confirmLabel}
          isBusy={isBusy}
          onConfirm={() => void carryOut(plain)}
          onCancel={close}
        >
          {question.text}
        </ConfirmDialog>
      )}
      {asked === 'slow-down' && <SlowDownDialog agents={chosen} onClose={close} />}
      {asked === 'move' && <MoveDialog agents={chosen} subnets={subnets} onClose={close} />}
      {asked === 'conditions' && <ConditionsDialog agents={chosen} onClose={close} />}
    </div>
  );
}

function isForm(kind: ActionKind): kind is FormKind {
  return kind === 'slow-down' || kind === 'move';
}
