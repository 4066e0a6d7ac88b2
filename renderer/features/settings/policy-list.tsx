import { makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { ReOrderDotsVerticalRegular } from '@fluentui/react-icons';
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { narrow } from '../../app/layout.ts';
import { formatQuantity } from '../../components/format.ts';
import { useMay } from '../../components/use-answer.ts';
import { targetWords } from '../../components/words.ts';
import { orderOf, placeAt } from './policy-order.ts';
import { PolicyTools } from './policy-tools.tsx';
import { policyPath } from './settings-paths.ts';
import { usePolicyOrder } from './use-policy-order.ts';

const useStyles = makeStyles({
  panel: {
    display: 'flex',
    flexDirection: 'column',
    minHeight: 0,
    borderRight: `1px solid ${tokens.colorNeutralStroke2}`,
    [narrow]: { borderRight: 'none', borderBottom: `1px solid ${tokens.colorNeutralStroke2}` },
  },
  list: { listStyle: 'none', margin: 0, padding: '8px', overflowY: 'auto', flexGrow: 1 },
  item: {
    display: 'flex',
    alignItems: 'stretch',
    borderTop: '2px solid transparent',
    borderBottom: '2px solid transparent',
    borderRadius: tokens.borderRadiusMedium,
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  current: {
    backgroundColor: tokens.colorNeutralBackground1Selected,
    boxShadow: `inset 3px 0 0 ${tokens.colorCompoundBrandBackground}`,
    '@media (forced-colors: active)': { outline: '2px solid Highlight', outlineOffset: '-2px' },
  },
  dragged: { opacity: 0.5 },
  above: { borderTopColor: tokens.colorCompoundBrandStroke },
  below: { borderBottomColor: tokens.colorCompoundBrandStroke },
  handle: {
    flexShrink: 0,
    display: 'grid',
    placeItems: 'center',
    width: '20px',
    fontSize: '16px',
    color: tokens.colorNeutralForeground3,
    cursor: 'grab',
    touchAction: 'none',
  },
  link: {
    flexGrow: 1,
    minWidth: 0,
    display: 'grid',
    gridTemplateColumns: '16px minmax(0, 1fr)',
    columnGap: '8px',
    padding: '6px 8px 6px 4px',
    borderRadius: tokens.borderRadiusMedium,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
  },
  order: { color: tokens.colorNeutralForeground3, fontVariantNumeric: 'tabular-nums', textAlign: 'right' },
  name: { display: 'block', fontWeight: tokens.fontWeightSemibold, overflow: 'hidden', textOverflow: 'ellipsis' },
  detail: { display: 'block', color: tokens.colorNeutralForeground2, overflow: 'hidden', textOverflow: 'ellipsis' },
  hint: { padding: '8px 16px 12px', color: tokens.colorNeutralForeground2 },
  spoken: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
});

interface PolicyListProps {
  readonly policies: readonly Policy[];
  readonly sites: readonly Site[];
  readonly selected: Policy;
}

interface Drag {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** The policies by priority. Administrators order them: by dragging, by Alt and the arrow keys, by the buttons above. */
export function PolicyList({ policies: stored, sites, selected }: PolicyListProps) {
  const styles = useStyles();
  const mayOrder = useMay('orderPolicies');
  const ordering = usePolicyOrder(stored);
  const { policies } = ordering;
  const movable = orderOf(policies).length;
  const list = useRef<HTMLOListElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const isDragging = drag !== null;
  useEffect(() => {
    if (!isDragging) return;
    const giveUp = (event: globalThis.KeyboardEvent) => event.key === 'Escape' && setDrag(null);
    window.addEventListener('keydown', giveUp);
    return () => window.removeEventListener('keydown', giveUp);
  }, [isDragging]);

  const onKey = (event: KeyboardEvent, id: string) => {
    if (!mayOrder || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    ordering.moveBy(id, event.key === 'ArrowUp' ? -1 : 1);
  };
  const placeOf = (event: PointerEvent, from: number) => {
    const rows = [...(list.current?.children ?? [])].slice(0, movable);
    const middles = rows.map((row) => {
      const { top, height } = row.getBoundingClientRect();
      return top + height / 2;
    });
    return placeAt(middles, from, event.clientY);
  };
  const handleOf = (id: string, index: number) => ({
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (event.button !== 0) return;
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      setDrag({ id, from: index, to: index });
    },
    onPointerMove: (event: PointerEvent) => {
      if (drag !== null) setDrag({ ...drag, to: placeOf(event, drag.from) });
    },
    onPointerUp: () => {
      if (drag !== null) ordering.moveTo(drag.id, drag.to);
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
  });
  return (
    <div className={styles.panel}>
      {mayOrder && <PolicyTools policies={policies} selected={selected} ordering={ordering} />}
      <ol ref={list} className={styles.list} aria-label="Policies by priority">
        {policies.map((policy, index) => (
          <li
            key={policy.id}
            className={mergeClasses(
              styles.item,
              policy.id === selected.id && styles.current,
              drag?.id === policy.id && styles.dragged,
              drag !== null && drag.to === index && drag.to < drag.from && styles.above,
              drag !== null && drag.to === index && drag.to > drag.from && styles.below,
            )}
          >
            {mayOrder && (
              <span
                aria-hidden
                className={styles.handle}
                {...(policy.isGlobal ? { style: { visibility: 'hidden' as const } } : handleOf(policy.id, index))}
                data-handle={policy.name}
              >
                <ReOrderDotsVerticalRegular />
              </span>
            )}
            <a
              href={`#${policyPath(policy.id)}`}
              className={styles.link}
              draggable={false}
              aria-current={policy.id === selected.id ? 'true' : undefined}
              {...(mayOrder && !policy.isGlobal ? { 'aria-keyshortcuts': 'Alt+ArrowUp Alt+ArrowDown' } : {})}
              onKeyDown={(event) => onKey(event, policy.id)}
            >
              <span className={styles.order}>{index + 1}</span>
              <span>
                <Text className={styles.name} wrap={false}>
                  {policy.name}
                </Text>
                <Text size={200} className={styles.detail} wrap={false}>
                  {targetWords(policy.target, (id) => sites.find((site) => site.id === id)?.name)} ·{' '}
                  {formatQuantity(policy.appliesToAgents, 'agent')}
                </Text>
              </span>
            </a>
          </li>
        ))}
      </ol>
      <Text size={200} className={styles.hint}>
        The first policy whose target matches an agent is its policy.
        {mayOrder && movable > 1 && ' Drag one, or press Alt with the up and down arrows on it, to change the order.'}
      </Text>
      <div role="status" className={styles.spoken}>
        {ordering.announcement}
      </div>
    </div>
  );
}
