import { makeStyles, tokens } from '@fluentui/react-components';
import { useEffect } from 'react';
import { narrow } from '../../app/layout.ts';
import type { PageProps } from '../../app/pages.tsx';
import { useTopic } from '../../components/hooks.ts';
import { Page } from '../../components/page.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { replacePath } from '../../stores/route-store.ts';
import { PolicyEditor } from './policy-editor.tsx';
import { PolicyList } from './policy-list.tsx';
import { policyPath } from './settings-paths.ts';

const useStyles = makeStyles({
  columns: {
    flexGrow: 1,
    minHeight: 0,
    display: 'grid',
    gridTemplateColumns: 'minmax(220px, 260px) minmax(0, 1fr)',
    gridTemplateRows: 'minmax(0, 1fr)',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusLarge,
    overflow: 'hidden',
    // The list above the editor, which keeps enough to work in; the page scrolls.
    [narrow]: {
      gridTemplateColumns: 'minmax(0, 1fr)',
      gridTemplateRows: '240px minmax(560px, 1fr)',
      flexShrink: 0,
    },
  },
});

export function SettingsPage({ parameters }: PageProps) {
  const styles = useStyles();
  const policies = useTopic('policies');
  const sites = useTopic('sites');
  const wanted = parameters.policyId ?? '';
  const selected = policies?.find((policy) => policy.id === wanted) ?? policies?.[0];
  // The address names what is shown, so that it can be sent to a colleague.
  useEffect(() => {
    if (selected !== undefined && selected.id !== wanted) replacePath(policyPath(selected.id));
  }, [selected, wanted]);
  return (
    <Page
      title="Targeted Agent Settings"
      description="Policies by priority, and the settings that each gives to its target."
      isFull
    >
      {policies === null || selected === undefined ? (
        <Waiting label="Waiting for the policies" />
      ) : (
        <div className={styles.columns}>
          <PolicyList policies={policies} sites={sites ?? []} selected={selected} />
          <PolicyEditor key={selected.id} policy={selected} sites={sites ?? []} tab={parameters.tab ?? ''} />
        </div>
      )}
    </Page>
  );
}
