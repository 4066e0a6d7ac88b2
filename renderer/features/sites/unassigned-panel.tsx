import { Button, makeStyles, mergeClasses, Text, tokens } from '@fluentui/react-components';
import { AddRegular, QuestionCircleRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Site, UnassignedSubnet } from '../../../shared/contracts/sites-api.ts';
import { changeConsole, messageOf } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { AnswerView } from '../../components/answer-view.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount, formatQuantity } from '../../components/format.ts';
import type { Answer } from '../../components/use-answer.ts';
import { useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { SiteDialog, takeSaved } from './site-dialog.tsx';
import { unchangedPart } from './site-form.ts';
import { sitePath, unassignedId } from './site-paths.ts';

const useStyles = makeStyles({
  link: {
    display: 'flex',
    alignItems: 'center',
    columnGap: '8px',
    padding: '8px 12px',
    borderTop: `1px solid ${tokens.colorNeutralStroke2}`,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: 'none',
    '& span': { flexGrow: 1 },
    ':hover': { backgroundColor: tokens.colorSubtleBackgroundHover },
  },
  current: { backgroundColor: tokens.colorNeutralBackground1Selected, fontWeight: tokens.fontWeightSemibold },
  panel: { minWidth: 0, overflowY: 'auto', padding: '12px 16px 16px' },
  title: { margin: '0 0 4px', fontSize: tokens.fontSizeBase500, fontWeight: tokens.fontWeightSemibold },
  hint: { color: tokens.colorNeutralForeground2 },
  table: { width: '100%', marginTop: '12px', borderCollapse: 'collapse' },
  head: {
    textAlign: 'left',
    padding: '4px 12px 4px 0',
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  cell: { padding: '6px 12px 6px 0', borderTop: `1px solid ${tokens.colorNeutralStroke3}` },
  actions: { display: 'flex', flexWrap: 'wrap', gap: '6px' },
});

type Subnets = Answer<readonly UnassignedSubnet[]>;

/** Below the tree: agents that no site contains are easy to forget. */
export function UnassignedLink({ answer, isCurrent }: { answer: Subnets; isCurrent: boolean }) {
  const styles = useStyles();
  return (
    <a
      href={`#${sitePath(unassignedId)}`}
      className={mergeClasses(styles.link, isCurrent && styles.current)}
      aria-current={isCurrent ? 'true' : undefined}
    >
      <QuestionCircleRegular aria-hidden />
      <span>Unassigned subnets</span>
      {answer.data !== null && formatCount(answer.data.length)}
    </a>
  );
}

interface Joining {
  readonly subnet: UnassignedSubnet;
  readonly site: Site;
}

export function UnassignedPanel({ answer, sites }: { answer: Subnets; sites: readonly Site[] }) {
  const styles = useStyles();
  const mayCreate = useMay('createSite');
  const mayUpdate = useMay('updateSite');
  const [newSubnet, setNewSubnet] = useState<string | null>(null);
  const [joining, setJoining] = useState<Joining | null>(null);
  return (
    <section className={styles.panel} aria-label="Unassigned subnets">
      <h2 className={styles.title}>Unassigned subnets</h2>
      <Text className={styles.hint}>
        Subnets with agents that no site contains. No WAN limit holds for them, and no Package Server is theirs.
      </Text>
      <AnswerView answer={answer} label="Looking for subnets without a site">
        {(subnets) =>
          subnets.length === 0 ? (
            <EmptyState title={sites.length === 0 ? 'There are no sites yet' : 'Every agent belongs to a site'}>
              {sites.length === 0
                ? 'Without sites downloads are not limited, and each subnet gets one copy. Add a site for each place.'
                : 'Subnets appear here as soon as an agent comes from an address that no site contains.'}
            </EmptyState>
          ) : (
            <table className={styles.table} aria-label="Unassigned subnets">
              <thead>
                <tr>
                  <th className={styles.head}>Subnet</th>
                  <th className={styles.head}>Agents</th>
                  <th className={styles.head}>Sites close by in number</th>
                  {mayCreate && <th className={styles.head}>Or</th>}
                </tr>
              </thead>
              <tbody>
                {subnets.map((subnet) => (
                  <tr key={subnet.subnet}>
                    <td className={styles.cell}>{subnet.subnet}</td>
                    <td className={styles.cell}>{formatCount(subnet.agents)}</td>
                    <td className={styles.cell}>
                      <div className={styles.actions}>
                        {subnet.suggestions.length === 0 && '–'}
                        {subnet.suggestions.map(({ siteId, siteName, nearSubnet }) => {
                          const site = sites.find(({ id }) => id === siteId);
                          return mayUpdate && site !== undefined ? (
                            <Button
                              key={siteId}
                              size="small"
                              title={`It has ${nearSubnet}`}
                              onClick={() => setJoining({ subnet, site })}
                            >
                              Add to {siteName}
                            </Button>
                          ) : (
                            <Text key={siteId}>
                              {siteName} ({nearSubnet})
                            </Text>
                          );
                        })}
                      </div>
                    </td>
                    {mayCreate && (
                      <td className={styles.cell}>
                        <Button size="small" icon={<AddRegular />} onClick={() => setNewSubnet(subnet.subnet)}>
                          Make a site of it
                        </Button>
                      </td>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          )
        }
      </AnswerView>
      {newSubnet !== null && (
        <SiteDialog sites={sites} site={null} subnets={[newSubnet]} onClose={() => setNewSubnet(null)} />
      )}
      {joining !== null && <JoinDialog {...joining} onClose={() => setJoining(null)} />}
    </section>
  );
}

function JoinDialog({ subnet, site, onClose }: Joining & { onClose: () => void }) {
  const [isBusy, setIsBusy] = useState(false);
  const join = async () => {
    setIsBusy(true);
    try {
      const body = { ...unchangedPart(site), subnets: [...site.subnets, subnet.subnet] };
      const { answer, changes } = await changeConsole('updateSite', { params: { id: site.id }, body });
      takeSaved(answer);
      notifyChange(`${subnet.subnet} belongs to “${site.name}”.`, changes);
    } catch (error) {
      notify('error', messageOf(error));
    } finally {
      onClose();
    }
  };
  return (
    <ConfirmDialog
      open
      title={`Add ${subnet.subnet} to “${site.name}”?`}
      confirmLabel="Add subnet"
      isBusy={isBusy}
      onConfirm={() => void join()}
      onCancel={onClose}
    >
      {formatQuantity(subnet.agents, 'agent')} will belong to “{site.name}”: its WAN link, hours and Package Servers
      hold for them, and policies that target the site reach them.
    </ConfirmDialog>
  );
}
