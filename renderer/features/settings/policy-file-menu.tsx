import { Menu, MenuItem, MenuList, MenuPopover, MenuTrigger, ToolbarButton } from '@fluentui/react-components';
import { MoreHorizontalRegular } from '@fluentui/react-icons';
import { useState } from 'react';
import type { Policy } from '../../../shared/contracts/console-api.ts';
import { callConsole, messageOf } from '../../api/console-client.ts';
import { saveFile } from '../../components/csv.ts';
import { useMay } from '../../components/use-answer.ts';
import { notify } from '../../stores/notice-store.ts';
import { ImportPoliciesDialog } from './import-policies-dialog.tsx';

/** Saves policies as a file, for another server or for the day after a mistake. */
async function exportPolicies(fileName: string, ids?: string): Promise<void> {
  try {
    const file = await callConsole('exportPolicies', { query: ids === undefined ? {} : { ids } });
    saveFile(fileName, new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' }));
  } catch (error) {
    notify('error', messageOf(error));
  }
}

export function PolicyFileMenu({ selected }: { selected: Policy }) {
  const mayImport = useMay('importPolicies');
  const [isImporting, setIsImporting] = useState(false);
  const ownName = `policy-${selected.name.replace(/[^\p{L}\p{N}-]+/gu, '-').toLowerCase()}.json`;
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <ToolbarButton aria-label="More about policies" icon={<MoreHorizontalRegular />} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => void exportPolicies(ownName, selected.id)}>Export “{selected.name}”</MenuItem>
            <MenuItem onClick={() => void exportPolicies('policies.json')}>Export all policies</MenuItem>
            {mayImport && <MenuItem onClick={() => setIsImporting(true)}>Import policies…</MenuItem>}
          </MenuList>
        </MenuPopover>
      </Menu>
      {isImporting && <ImportPoliciesDialog onClose={() => setIsImporting(false)} />}
    </>
  );
}
