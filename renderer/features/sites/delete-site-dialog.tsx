import { Field, Text } from '@fluentui/react-components';
import { useState } from 'react';
import type { Site } from '../../../shared/contracts/sites-api.ts';
import { askAgain } from '../../api/answers.ts';
import { changeConsole } from '../../api/console-client.ts';
import { notifyChange } from '../../api/undo.ts';
import { FormDialog } from '../../components/form-dialog.tsx';
import { formatQuantity } from '../../components/format.ts';
import { SiteSelect } from '../../components/site-select.tsx';
import { replaceInFeed } from '../../stores/feed-store.ts';
import { navigate } from '../../stores/route-store.ts';
import { withAllBelow } from '../../stores/site-tree.ts';

interface DeleteSiteDialogProps {
  readonly sites: readonly Site[];
  readonly site: Site;
  readonly onClose: () => void;
}

/** Says what a deletion does, and asks where the sites below go; a refusal says who names the site. */
export function DeleteSiteDialog({ sites, site, onClose }: DeleteSiteDialogProps) {
  const children = sites.filter(({ parentId }) => parentId === site.id);
  const [moveTo, setMoveTo] = useState(site.parentId ?? '');
  const submit = async () => {
    const query = children.length === 0 ? {} : { moveChildrenTo: moveTo === '' ? 'top' : moveTo };
    const { changes } = await changeConsole('deleteSite', { params: { id: site.id }, query });
    const parentId = moveTo === '' ? null : moveTo;
    replaceInFeed('sites', (list) =>
      list
        .filter(({ id }) => id !== site.id)
        .map((other) => (other.parentId === site.id ? { ...other, parentId } : other)),
    );
    askAgain('unassignedSubnets', 'packageServers');
    notifyChange(`“${site.name}” is deleted.`, changes);
    navigate('/sites');
  };
  return (
    <FormDialog
      title={`Delete “${site.name}”?`}
      submitLabel="Delete site"
      typed={null}
      onCheck={() => true}
      onSubmit={submit}
      onClose={onClose}
    >
      <Text>
        {site.agents === 0
          ? 'No agent belongs to it.'
          : `${formatQuantity(site.agents, 'agent')} will belong to no site, and no WAN limit will hold for them.`}{' '}
        While a policy, site settings, a channel, a package, a Package Server or an unfinished delivery names the site,
        nothing is deleted and you are told which.
      </Text>
      {children.length > 0 && (
        <Field
          label={`Where do the sites below go? (${children
            .slice(0, 5)
            .map(({ name }) => name)
            .join(', ')}${children.length > 5 ? ` and ${children.length - 5} more` : ''})`}
        >
          <SiteSelect
            sites={sites}
            excluded={withAllBelow(sites, site.id)}
            topLabel="To the top"
            value={moveTo}
            onChange={setMoveTo}
          />
        </Field>
      )}
    </FormDialog>
  );
}
