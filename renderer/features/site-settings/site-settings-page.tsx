import { Button } from '@fluentui/react-components';
import { AddRegular } from '@fluentui/react-icons';
import { useMemo, useState } from 'react';
import type { SiteSettingsRule } from '../../../shared/contracts/site-settings.ts';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import type { PageProps } from '../../app/pages.tsx';
import { AnswerView } from '../../components/answer-view.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/empty-state.tsx';
import { formatCount } from '../../components/format.ts';
import { useTopic } from '../../components/hooks.ts';
import { ListWithPanel } from '../../components/list-with-panel.tsx';
import { Page } from '../../components/page.tsx';
import { RowLink } from '../../components/row-link.tsx';
import type { TableColumn } from '../../components/table-model.ts';
import { useAnswer, useMay } from '../../components/use-answer.ts';
import { navigate } from '../../stores/route-store.ts';
import { SiteSettingsDialog } from './site-settings-dialog.tsx';
import { outboundWords, preventedWords, siteTargetWords } from './site-settings-form.ts';
import { SiteSettingsPanel } from './site-settings-panel.tsx';
import { siteSettingsPage, siteSettingsPath } from './site-settings-paths.ts';

const refreshMs = 5000;

function columnsOf(sites: readonly Site[]): readonly TableColumn<SiteSettingsRule>[] {
  return [
    { id: 'priority', header: 'Priority', value: ({ priority }) => priority, width: 72, grow: 0, isNumeric: true },
    {
      id: 'name',
      header: 'Name',
      value: ({ name }) => name,
      cell: ({ id, name }) => <RowLink path={siteSettingsPath(id)}>{name}</RowLink>,
      width: 100,
      grow: 2,
    },
    { id: 'target', header: 'Holds for', value: ({ target }) => siteTargetWords(target, sites), width: 100, grow: 2 },
    {
      id: 'sites',
      header: 'Sites now',
      value: ({ appliesToSites }) => appliesToSites,
      cell: ({ appliesToSites }) => formatCount(appliesToSites),
      width: 80,
      grow: 0,
      isNumeric: true,
      isHiddenAtFirst: true,
    },
    { id: 'outbound', header: 'Sends out', value: ({ settings }) => outboundWords(settings), width: 96, grow: 0.5 },
    {
      id: 'prevented',
      header: 'Downloads not from',
      value: ({ settings }) => preventedWords(settings),
      width: 136,
      grow: 1,
    },
  ];
}

/** What holds for the Package Servers and downloads of sites: rules, the first that targets a site counts. */
export function SiteSettingsPage({ parameters }: PageProps) {
  const answer = useAnswer('siteSettings', {}, { everyMs: refreshMs });
  const sites = useTopic('sites');
  const mayAdd = useMay('createSiteSettings');
  const [isAdding, setIsAdding] = useState(false);
  const columns = useMemo(() => columnsOf(sites ?? []), [sites]);
  const id = parameters.id ?? '';
  const rules = answer.data ?? [];
  const add = mayAdd && (
    <Button appearance="primary" icon={<AddRegular />} onClick={() => setIsAdding(true)}>
      Add site settings
    </Button>
  );
  return (
    <Page
      title="Targeted site settings"
      description="What sites send out and from where they download. The first rule that targets a site holds for it."
      isFull
      actions={add}
    >
      <ListWithPanel
        panel={
          id !== '' &&
          answer.data !== null && (
            <SiteSettingsPanel
              key={id}
              rule={rules.find((rule) => rule.id === id)}
              rules={rules}
              onClose={() => navigate(siteSettingsPage)}
            />
          )
        }
      >
        <AnswerView answer={answer} label="Reading the site settings">
          {(list) =>
            list.length === 0 ? (
              <EmptyState title="There are no targeted site settings">
                Nothing is limited or prevented: Package Servers send out what the links of their sites carry, and
                computers download from wherever is nearest. Add a rule where a site shall send out less, or keep to its
                own Package Servers.
              </EmptyState>
            ) : (
              <DataTable
                label="Targeted site settings"
                noun="rule"
                columns={columns}
                rows={list}
                rowId={(rule) => rule.id}
                sortedBy={{ id: 'priority' }}
                onOpen={(rule) => navigate(siteSettingsPath(rule.id))}
                isFilling
                empty="No rule has these words."
              />
            )
          }
        </AnswerView>
      </ListWithPanel>
      {isAdding && <SiteSettingsDialog rule={null} onClose={() => setIsAdding(false)} />}
    </Page>
  );
}
